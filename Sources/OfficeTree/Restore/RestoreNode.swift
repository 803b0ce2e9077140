import OfficeModel

/// What a node of `restore/` is. Stagings live in memory, so their numbers begin anew with each mount.
enum RestoreNode: Hashable, Sendable {
  case root
  /// A staging's folder.
  case staging(UInt64)
  /// A file or folder in it.
  case item(UInt64, Item)
  case area(UInt64, Area)
  /// A user of the archive, by their place in it.
  case user(UInt64, Int)
  /// `confirm-<code>` while a run is under way.
  case confirm(UInt64)

  /// What stands in a staging.
  enum Item: UInt64, CaseIterable, Sendable {
    case planText
    case planJSON
    case resultText
    case resultJSON
    case areas
    case users
    case groups
    case settings
    case removeOthers
    case quiet

    var name: [UInt8] {
      switch self {
      case .planText: Array("plan.txt".utf8)
      case .planJSON: Array("plan.json".utf8)
      case .resultText: Array("result.txt".utf8)
      case .resultJSON: Array("result.json".utf8)
      case .areas: Array("areas".utf8)
      case .users: Array("users".utf8)
      case .groups: Array("groups".utf8)
      case .settings: Array("settings".utf8)
      case .removeOthers: Array("remove-others".utf8)
      case .quiet: Array("quiet".utf8)
      }
    }

    var isFolder: Bool { self == .areas || self == .users }

    init?(_ name: [UInt8]) {
      guard let item = Item.allCases.first(where: { $0.name == name }) else { return nil }
      self = item
    }
  }

  private enum Kind: UInt64 {
    case staging = 0
    case item, area, user, confirm
  }

  /// Nil for a number that no node has.
  init?(_ node: NodeID) {
    let number = node.row >> 36
    let index = node.row & 0xFFFF_FFFF
    guard number > 0 else {
      guard node.row == 0 else { return nil }
      self = .root
      return
    }
    switch Kind(rawValue: node.row >> 32 & 15) {
    case .staging: self = .staging(number)
    case .item:
      guard let item = Item(rawValue: index) else { return nil }
      self = .item(number, item)
    case .area:
      guard let area = Area(rawValue: UInt8(truncatingIfNeeded: index)) else { return nil }
      self = .area(number, area)
    case .user: self = .user(number, Int(index))
    case .confirm: self = .confirm(number)
    case nil: return nil
    }
  }

  var id: NodeID {
    switch self {
    case .root: RestoreBranch.root
    case .staging(let number): node(number, .staging)
    case .item(let number, let item): node(number, .item, item.rawValue)
    case .area(let number, let area): node(number, .area, UInt64(area.rawValue))
    case .user(let number, let index): node(number, .user, UInt64(index))
    case .confirm(let number): node(number, .confirm)
    }
  }

  /// The staging it belongs to; nil for the root.
  var staging: UInt64? {
    switch self {
    case .root: nil
    case .staging(let number), .item(let number, _), .area(let number, _), .user(let number, _),
      .confirm(let number):
      number
    }
  }

  private func node(_ number: UInt64, _ kind: Kind, _ index: UInt64 = 0) -> NodeID {
    RestoreBranch.node(row: number << 36 | kind.rawValue << 32 | index)
  }
}
