import ItemStore
import OfficeModel
import TestSupport

/// A cell as a plain list, and what merging means, written down once more without a store.
struct MergeModel: Equatable {
  struct Item: Hashable {
    var order: [UInt8]
    var natural: [UInt8]
    var content: [UInt8]

    var isFrame: Bool { natural.isEmpty }
    var group: [UInt8] { Array(order.dropLast()) }
    var place: [[UInt8]] { [order, natural] }
  }

  /// In the order of the document.
  private(set) var items: [Item] = []

  init(_ items: [Item]) {
    self.items = items.enumerated().sorted { left, right in
      let (one, other) = (
        ItemKey(order: left.element.order, natural: left.element.natural),
        ItemKey(order: right.element.order, natural: right.element.natural)
      )
      if one == other { return left.offset < right.offset }
      return one.encoded(occurrence: 0).lexicographicallyPrecedes(other.encoded(occurrence: 0))
    }.map(\.element)
  }

  var document: [UInt8] { items.flatMap(\.content) }
  var objects: [Item] { items.filter { !$0.isFrame } }

  /// A calendar of some groups, with few keys and contents, so that twins, moves and conflicts are common.
  static func random(using random: inout SeededGenerator) -> MergeModel {
    var items: [Item] = []
    for group in UInt8(0)..<3 where Bool.random(using: &random) {
      items.append(Item(order: [group, 0], natural: [], content: [0x28, 0x30 + group]))
      items.append(Item(order: [group, 2], natural: [], content: [0x29, 0x30 + group]))
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let key = UInt8.random(in: 0..<5, using: &random)
        let size = Bool.random(using: &random) ? 3 : 150
        let content = [UInt8](repeating: .random(in: 65..<68, using: &random), count: size)
        items.append(Item(order: [group, 1], natural: [0, key], content: content + [key]))
      }
    }
    return MergeModel(items)
  }

  /// Indices of pairs of objects: what is equal in its place first, then equal content, then the same place, then any.
  func pairs(with other: MergeModel) -> [(mine: Int, theirs: Int)] {
    let rules: [(Item, Item) -> Bool] = [
      { $0.place == $1.place && $0.content == $1.content },
      { $0.natural == $1.natural && $0.content == $1.content },
      { $0.place == $1.place },
      { $0.natural == $1.natural },
    ]
    var pairs: [(mine: Int, theirs: Int)] = []
    for rule in rules {
      for mine in items.indices where !items[mine].isFrame {
        guard !pairs.contains(where: { $0.mine == mine }) else { continue }
        let partner = other.items.indices.first { theirs in
          !other.items[theirs].isFrame && rule(items[mine], other.items[theirs])
            && !pairs.contains { $0.theirs == theirs }
        }
        if let partner { pairs.append((mine, partner)) }
      }
    }
    return pairs
  }

  /// Everything of both, the winner's where both have an object.
  func merged(with other: MergeModel, winner: CellSide) -> MergeModel {
    let pairs = pairs(with: other)
    var mine = items.map { Optional($0) }
    var arriving = Set(other.items.indices.filter { !other.items[$0].isFrame })
    for pair in pairs {
      arriving.remove(pair.theirs)
      let (one, two) = (items[pair.mine], other.items[pair.theirs])
      guard winner == .staged, one != two else { continue }
      if one.place == two.place {
        mine[pair.mine] = two
      } else {
        mine[pair.mine] = nil
        arriving.insert(pair.theirs)
      }
    }
    for index in items.indices where items[index].isFrame && !other.items.contains(items[index]) {
      let group = items[index].group
      let isMember: (Item?) -> Bool = { $0.map { !$0.isFrame && $0.group == group } ?? false }
      if items.contains(where: isMember), !mine.contains(where: isMember) { mine[index] = nil }
    }
    var result = mine.compactMap(\.self)
    for index in other.items.indices {
      let item = other.items[index]
      if item.isFrame {
        guard !items.contains(item) else { continue }
        let isMember: (Int) -> Bool = {
          !other.items[$0].isFrame && other.items[$0].group == item.group
        }
        if other.items.indices.contains(where: isMember), !arriving.contains(where: isMember) {
          continue
        }
        result.append(item)
      } else if arriving.contains(index) {
        result.append(item)
      }
    }
    return MergeModel(result)
  }
}
