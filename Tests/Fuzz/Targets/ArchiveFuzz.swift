import Glibc
import OfficeArchive
import OfficeModel
import TestSupport

/// Reads bytes as a user's archive, and as whatever they may be.
enum ArchiveFuzz {
  private static let scratch = "/dev/shm"

  static func contradiction(_ bytes: [UInt8]) -> String? {
    do throws(OfficeError) {
      let file = try UnnamedFile.make(in: scratch)
      defer { close(file) }
      let archive = summed(bytes)
      let written = archive.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard written == archive.count else { return nil }
      let whole = ArchiveFile(file: file, limits: Limits())
      let shape = whole.incompleteness()
      if let shape, let found = FuzzTarget.unexpected(shape) { return found }
      let alice = ArchiveIntake.Purpose.user(try UserID("alice"))
      let strict = try attempt(whole, for: alice, leavingOut: false)
      let lenient = try attempt(whole, for: alice, leavingOut: true)
      _ = try attempt(whole, for: .any, leavingOut: false)
      if strict && shape != nil { return "taken in, though it looks incomplete" }
      if strict && !lenient { return "refused only where broken objects may be left out" }
      return nil
    } catch {
      return FuzzTarget.unexpected(error)
    }
  }

  /// Whether it is taken in.
  private static func attempt(
    _ archive: ArchiveFile, for purpose: ArchiveIntake.Purpose, leavingOut: Bool
  ) throws(OfficeError) -> Bool {
    do throws(OfficeError) {
      let never = { false }
      return try archive.withPlain(scratch: scratch, isCancelled: never) {
        (plain) throws(OfficeError) in
        var intake = ArchiveIntake(
          file: plain, for: purpose, limits: Limits(),
          leavingOut: leavingOut ? { (_, _) in } : nil)
        _ = try intake.read(
          into: ArchiveIntake.Receiver(open: { _, _, _ in CollectingSink() }, finish: { _, _ in }),
          isCancelled: never)
        return true
      }
    } catch {
      guard FuzzTarget.unexpected(error) == nil else { throw error }
      return false
    }
  }

  /// With right sums in all that is a header by its magic (ustar: a sum of the 512 bytes, the field itself as spaces):
  /// with a wrong one nothing behind would ever be read.
  private static func summed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for start in stride(from: 0, to: bytes.count - 511, by: 512)
    where bytes[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
      let sum = (0..<512).reduce(0) { sum, index in
        sum + ((148..<156).contains(index) ? 32 : Int(bytes[start + index]))
      }
      let digits = String(sum, radix: 8)
      let field = String(repeating: "0", count: 6 - digits.utf8.count) + digits
      bytes.replaceSubrange((start + 148)..<(start + 156), with: Array(field.utf8) + [0, 32])
    }
    return bytes
  }
}
