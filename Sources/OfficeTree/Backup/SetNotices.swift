import BackupRepository
import OfficeModel

extension SetList {
  /// The office's own, in the order of their numbers.
  var sets: [BackupSet] { own.map(\.set) }

  var latest: BackupSet? { inSlot(Rotation.latest)?.set }

  /// The names that stand for something else since `older`.
  func notices(since older: SetList?) -> [KernelNotice] {
    // Their times.
    var notices: [KernelNotice] = [.root, .byDate, .hold].map { (node: BackupNode) in
      .inode(node.id)
    }
    func add(_ node: BackupNode, _ names: [String]) {
      for name in names { notices.append(.entry(parent: node.id, name: Array(name.utf8))) }
    }
    add(.byDate, differences(since: older, by: \.byDate))
    add(.hold, differences(since: older, by: \.byHold))
    let slots = differences(since: older, by: \.bySlot).filter { $0 != Rotation.latest }
    add(.root, slots.map { "\($0)" })
    if older?.latest?.number != latest?.number {
      for name in [SetEntry.users.name, SetEntry.record.name] + Area.allCases.map(\.columnName) {
        notices.append(.entry(parent: BackupNode.root.id, name: name))
      }
    }
    return notices
  }

  /// The names that stand for another set than in `older`, or for none in one of the two, in their order.
  func differences<Key: Hashable & Comparable>(
    since older: SetList?, by names: KeyPath<SetList, [Key: Int64]>
  ) -> [Key] {
    let (before, after) = (older?[keyPath: names] ?? [:], self[keyPath: names])
    let came = after.filter { before[$0.key] != $0.value }.map(\.key)
    let went = before.keys.filter { after[$0] == nil }
    return (came + went).sorted()
  }
}

/// What a set's folder holds.
enum SetEntry: Equatable {
  case users
  case record
  case column(Area)

  init?(_ name: [UInt8]) {
    if name == SetEntry.users.name {
      self = .users
    } else if name == SetEntry.record.name {
      self = .record
    } else if let area = Area.allCases.first(where: { $0.columnName == name }) {
      self = .column(area)
    } else {
      return nil
    }
  }

  var name: [UInt8] {
    switch self {
    case .users: Array("users".utf8)
    case .record: Array("office.json".utf8)
    case .column(let area): area.columnName
    }
  }

  /// All that stand behind a door.
  static func all(through door: Door) -> [SetEntry] {
    (door.showsColumns ? Area.allCases.map { .column($0) } : []) + [.record, .users]
  }
}
