import OfficeModel

/// One of two cells that are compared.
public enum CellSide: Int64, Sendable {
  /// What the office holds.
  case current = 0
  /// What came in.
  case staged = 1
}

/// How two cells differ, object by object. Frames (a calendar's wrapper, a table's header) are no objects.
///
/// Objects are matched by their natural key, wherever they stand: the same UID under another calendar's head and the same
/// Message-ID under another From_ time are the same object.
public struct CellComparison: Sendable, Equatable {
  /// What an object on the staged side is to the current one.
  public enum Kind: Int, Sendable, CaseIterable {
    /// Only staged.
    case added
    /// On both sides, with another content or in another place.
    case changed
    /// Only current.
    case removed
  }

  /// An object that is not the same on both sides.
  public struct Name: Sendable, Equatable {
    public var kind: Kind
    /// The natural key as the codec gave it.
    public var natural: [UInt8]
  }

  /// On both sides, with equal content in the same place.
  public var same = 0
  public var added = 0
  public var changed = 0
  public var removed = 0
  /// The first of those that are not the same.
  public var names: [Name] = []

  /// More names than this are not kept, whatever the cells' size.
  public static let mostNames = 1_000

  public init() {}

  /// How many objects are not the same.
  public var different: Int { added + changed + removed }

  mutating func note(_ kind: Kind, _ natural: [UInt8]?) {
    switch kind {
    case .added: added += 1
    case .changed: changed += 1
    case .removed: removed += 1
    }
    guard let natural, names.count < CellComparison.mostNames else { return }
    names.append(Name(kind: kind, natural: natural))
  }
}
