import Glibc
import OfficeModel
import Synchronization

/// An item that does not stand with equal content at the same key of the other cell.
struct LooseItem {
  var key: [UInt8]
  /// The natural part of the key, as it is encoded.
  var natural: [UInt8]
  /// Equal only where the bytes are.
  var content: [UInt8]
  /// What a rule of pairing wants equal beside the natural key.
  var part: [UInt8]

  /// Order and natural key: where the item stands but for its twins.
  var place: ArraySlice<UInt8> { key.dropLast(4) }
}

/// Loose items of two cells in a database of its own on the disk, so that memory does not grow with them, and what
/// merging the cells comes to.
///
/// The file is gone with this object; a start of the office removes what a crash left. Tables in memory are used again,
/// since making them costs more than a small comparison.
final class LooseItems {
  let connection: Connection
  private var count = 0
  private let isInMemory: Bool

  private static let opened = Atomic<Int>(0)
  /// Empty tables in memory.
  private static let spare = Mutex<[Connection]>([])
  private static let mostSpare = 4
  /// Tables that held more are not kept: their memory is not given back.
  private static let mostKept = 1_000

  /// Makes it in `folder`; in memory if that is nil, for cells that are small.
  init(in folder: String?) throws(OfficeError) {
    isInMemory = folder == nil
    if isInMemory, let known = LooseItems.spare.withLock({ $0.popLast() }) {
      connection = known
      return
    }
    if let folder {
      let number = LooseItems.opened.wrappingAdd(1, ordering: .relaxed).newValue
      let path = "\(folder)/merge-\(number)"
      connection = try Connection(path: path, isWriter: true, create: true)
      unlink(path)
    } else {
      connection = try Connection(path: ":memory:", isWriter: true, create: true)
    }
    try connection.execute(
      """
      PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;
      PRAGMA cache_size=-8192; BEGIN;
      """)
    for rule in PairingRule.allCases {
      try connection.execute(
        """
        CREATE TABLE loose\(rule.rawValue)(side INTEGER, natural BLOB, part BLOB, key BLOB,
          content BLOB, PRIMARY KEY(side, natural, part, key)) WITHOUT ROWID;
        """)
    }
    try connection.execute(MergeTables.schema)
  }

  deinit {
    guard isInMemory, count <= LooseItems.mostKept, (try? empty()) != nil else { return }
    LooseItems.spare.withLock { spare in
      if spare.count < LooseItems.mostSpare { spare.append(connection) }
    }
  }

  private func empty() throws(OfficeError) {
    connection.resetStatements()
    for rule in PairingRule.allCases { try connection.statement(rule.deletion).run() }
    for table in MergeTables.deletions { try connection.statement(table).run() }
  }

  /// Adds an item to those that a rule is to pair.
  func add(
    _ item: LooseItem, of side: CellSide, for rule: PairingRule
  ) throws(OfficeError) {
    let insert = try connection.statement(rule.insertion)
    insert.bind(1, side.rawValue)
    insert.bind(2, item.natural)
    insert.bind(3, rule.part(of: item))
    insert.bind(4, item.key)
    insert.bind(5, item.content)
    try insert.run()
    count += 1
  }

  /// Pairs the items by natural key. Memory does not grow with their number, nor with that of one key's twins.
  func pair(
    single: (LooseItem, CellSide) throws(OfficeError) -> Void,
    pair: (_ current: LooseItem, _ staged: LooseItem) throws(OfficeError) -> Void
  ) throws(OfficeError) {
    guard count > 0 else { return }
    for rule in PairingRule.allCases {
      var current = try LooseCursor(rule, .current, in: connection)
      var staged = try LooseCursor(rule, .staged, in: connection)
      let next = PairingRule(rawValue: rule.rawValue + 1)
      while let natural = LooseItems.first(current.item?.natural, staged.item?.natural) {
        if current.isOnly(natural), staged.isOnly(natural) {
          // Each side has one: no rule decides.
          if let one = current.item, let other = staged.item { try pair(one, other) }
          try current.advance()
          try staged.advance()
          continue
        }
        let isOneSided = current.item?.natural != natural || staged.item?.natural != natural
        // A side that has run out of this key leaves the rest to the next rule: that may know others of it.
        while true {
          let left = current.item.flatMap { $0.natural == natural ? $0 : nil }
          let right = staged.item.flatMap { $0.natural == natural ? $0 : nil }
          if let left, let right, left.part == right.part {
            try pair(left, right)
            try current.advance()
            try staged.advance()
          } else if let left,
            right.map({ left.part.lexicographicallyPrecedes($0.part) }) ?? true
          {
            if let next, !isOneSided {
              try add(left, of: .current, for: next)
            } else {
              try single(left, .current)
            }
            try current.advance()
          } else if let right {
            if let next, !isOneSided {
              try add(right, of: .staged, for: next)
            } else {
              try single(right, .staged)
            }
            try staged.advance()
          } else {
            break
          }
        }
      }
    }
  }

  private static func first(_ left: [UInt8]?, _ right: [UInt8]?) -> [UInt8]? {
    guard let left, let right else { return left ?? right }
    return right.lexicographicallyPrecedes(left) ? right : left
  }
}

/// What makes two items of one natural key a pair, the best first: nobody's twin is taken for another while its own is there.
enum PairingRule: Int, CaseIterable {
  case placeAndContent, content, place
  /// In order, whatever they hold.
  case any

  func part(of item: LooseItem) -> [UInt8] {
    switch self {
    case .placeAndContent: item.place + item.content
    case .content: item.content
    case .place: Array(item.place)
    case .any: []
    }
  }

  fileprivate var deletion: StaticString {
    switch self {
    case .placeAndContent: "DELETE FROM loose0"
    case .content: "DELETE FROM loose1"
    case .place: "DELETE FROM loose2"
    case .any: "DELETE FROM loose3"
    }
  }

  fileprivate var selection: StaticString {
    switch self {
    case .placeAndContent:
      "SELECT natural, part, key, content FROM loose0 WHERE side = ?1 ORDER BY natural, part, key"
    case .content:
      "SELECT natural, part, key, content FROM loose1 WHERE side = ?1 ORDER BY natural, part, key"
    case .place:
      "SELECT natural, part, key, content FROM loose2 WHERE side = ?1 ORDER BY natural, part, key"
    case .any:
      "SELECT natural, part, key, content FROM loose3 WHERE side = ?1 ORDER BY natural, part, key"
    }
  }

  fileprivate var insertion: StaticString {
    switch self {
    case .placeAndContent: "INSERT INTO loose0 VALUES(?1, ?2, ?3, ?4, ?5)"
    case .content: "INSERT INTO loose1 VALUES(?1, ?2, ?3, ?4, ?5)"
    case .place: "INSERT INTO loose2 VALUES(?1, ?2, ?3, ?4, ?5)"
    case .any: "INSERT INTO loose3 VALUES(?1, ?2, ?3, ?4, ?5)"
    }
  }
}

/// Walks the loose items of one side in the order of natural key and part, one ahead.
private struct LooseCursor {
  private let statement: Statement
  private(set) var item: LooseItem?
  private var following: LooseItem?

  init(_ rule: PairingRule, _ side: CellSide, in connection: Connection) throws(OfficeError) {
    statement = try connection.statement(rule.selection, lane: Int(side.rawValue))
    statement.reset()
    statement.bind(1, side.rawValue)
    item = try read()
    following = item == nil ? nil : try read()
  }

  /// Whether the item at hand is the one of this natural key.
  func isOnly(_ natural: [UInt8]) -> Bool {
    item?.natural == natural && following?.natural != natural
  }

  mutating func advance() throws(OfficeError) {
    item = following
    following = item == nil ? nil : try read()
  }

  private func read() throws(OfficeError) -> LooseItem? {
    guard try statement.step() else { return nil }
    return LooseItem(
      key: statement.array(2), natural: statement.array(0), content: statement.array(3),
      part: statement.array(1))
  }
}
