import CXXHash
import Glibc
import OfficeModel

/// XXH3 over what a row says, kept in the row and compared at each read: finds what the disk changed.
///
/// XXH3 (64 bits) is for damage, not for identity; that is SHA-256. The result does not depend on the machine.
public struct RowCheck {
  private var state: UInt64

  /// Begins the check of a row of this table; kinds differ so that no row passes for another table's.
  public init(_ kind: UInt64) { state = 0x6F66_6669_6365_6673 &+ kind &* 0x9E37_79B9_7F4A_7C15 }

  /// Adds a number.
  public mutating func add(_ value: Int64) {
    state ^= UInt64(bitPattern: value)
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 31
    state = state &* 5 &+ 0x2545_F491_4F6C_DD1D
  }

  /// Adds bytes and their count.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    state = RowCheck.hash(bytes, seed: state &+ UInt64(bytes.count))
  }

  /// Adds bytes and their count.
  public mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  /// Adds text.
  public mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// What is kept in the row.
  public var value: Int64 { Int64(bitPattern: state) }

  /// What is kept in rows of which there is one for every item: half of the bits take half of the space.
  var short: Int64 { Int64(Int32(truncatingIfNeeded: value)) }

  /// Whether a row that keeps `mark` says what was added. Rows used to keep all bits.
  func agrees(with mark: Int64) -> Bool { mark == short || mark == value || RowCheck.isOff }

  /// What an item's row keeps of each stretch of its content: the lower half of XXH3.
  static func content(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: hash(bytes))
  }

  /// Whether content is what its item's row vouches for.
  static func vouches(_ mark: UInt32, for bytes: UnsafeRawBufferPointer) -> Bool {
    content(bytes) == mark || isOff
  }

  #if DEBUG
    /// Set by `scripts/torture --self-test`, which has to find what no check finds any more. In no release build.
    private static let isOff = getenv("OFFICEFS_UNCHECKED") != nil
  #else
    private static var isOff: Bool { false }
  #endif

  /// XXH3 of bytes.
  public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    XXH3_64bits_withSeed(bytes.baseAddress, bytes.count, seed)
  }
}

/// Damage that was found in a row.
public enum Damage {
  /// The error a reader gets: never wrong bytes. `row` names the row, not its content.
  public static func found(_ row: String) -> OfficeError {
    OfficeError(
      .inputOutput, "the stored data is damaged", item: row,
      remedy: "run officefs verify; what it names can be put back from undo/ or a backup")
  }
}
