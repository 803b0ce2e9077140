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
    func compare(_ node: BackupNode, _ name: (BackupSet) -> String?) {
      var numbers: [String: Set<Int64>] = [:]
      for set in (older?.sets ?? []) + sets {
        if let name = name(set) { numbers[name, default: []].insert(set.number) }
      }
      let before = Set(older?.sets.compactMap(name) ?? [])
      let after = Set(sets.compactMap(name))
      for (name, numbers) in numbers.sorted(by: { $0.key < $1.key })
      where numbers.count > 1 || before.contains(name) != after.contains(name) {
        notices.append(.entry(parent: node.id, name: Array(name.utf8)))
      }
    }
    compare(.byDate) { $0.name }
    compare(.hold) { $0.hold }
    compare(.root) { set in set.slot.flatMap { $0 == Rotation.latest ? nil : "\($0)" } }
    if older?.latest?.number != latest?.number {
      for name in [SetEntry.users.name, SetEntry.record.name] + Area.allCases.map(\.columnName) {
        notices.append(.entry(parent: BackupNode.root.id, name: name))
      }
    }
    return notices
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
