import OfficeModel

/// One component directly in a VCALENDAR: where it stands in the text, and what it is known by.
struct CalendarComponent {
  var name: [UInt8] = []
  var start = 0
  var end = 0
  var uid: [UInt8]?
  var isOverride = false

  init() {}

  init(name: [UInt8], start: Int) {
    self.name = name
    self.start = start
  }

  var range: Range<Int> { start..<end }

  /// Takes what a property directly in the component says about its place; the first UID counts.
  mutating func look(at line: ContentLine) {
    switch line.bytes.first {
    case UInt8(ascii: "U"), UInt8(ascii: "u"):
      if uid == nil, let value = line.value(of: "UID") { uid = Bytes.trimmed(value) }
    case UInt8(ascii: "R"), UInt8(ascii: "r"):
      if !isOverride { isOverride = line.value(of: "RECURRENCE-ID") != nil }
    default: break
    }
  }
}

/// One VCALENDAR as it was read.
struct CalendarPart {
  var properties: [UInt8] = []
  var zones: [CalendarComponent] = []
  var components: [CalendarComponent] = []

  var isEmpty: Bool { zones.isEmpty && components.isEmpty }

  mutating func add(_ component: CalendarComponent) {
    if component.name == CalendarGroups.zoneName {
      zones.append(component)
    } else {
      components.append(component)
    }
  }
}

/// Components under equal heads, and how they become items.
///
/// INVARIANT: what is an item follows from the group's components in the order of the document, and a group's items in the
/// order of their keys give the same items again.
struct CalendarGroups {
  static let calendarName = Array("VCALENDAR".utf8)
  static let zoneName = Array("VTIMEZONE".utf8)
  static let begin = Array("BEGIN:VCALENDAR\r\n".utf8)
  static let end = Array("END:VCALENDAR\r\n".utf8)
  /// What a calendar without a VCALENDAR is given: the properties that RFC 5545 requires.
  static let wrapperProperties = Array("VERSION:2.0\r\nPRODID:-//officefs//EN\r\n".utf8)

  private struct Group {
    var key: [UInt8]
    var head: [UInt8]
    var components: [CalendarComponent] = []
  }

  private struct Item {
    var natural: [UInt8]
    var range: Range<Int>
    /// The series' further components: apart, since hardly any item has some.
    var more: [Range<Int>] = []
  }

  private var groups: [Group] = []
  private var known: [[UInt8]: Int] = [:]

  /// Adds a VCALENDAR's components to the group of its head.
  mutating func add(_ part: CalendarPart, properties: [UInt8], text: ByteBuffer) {
    var head = CalendarGroups.begin + properties
    for zone in part.zones { head.append(contentsOf: text.bytes(zone.range)) }
    let key = Array(Digest(of: head).bytes.prefix(16))
    if let index = known[key] {
      groups[index].components += part.components
    } else {
      known[key] = groups.count
      groups.append(Group(key: key, head: head, components: part.components))
    }
  }

  /// Gives every item in the order of its key, frames included; the count is without frames.
  func emit(_ text: ByteBuffer, to sink: any ItemSink) throws(OfficeError) -> Int {
    var objects = 0
    for group in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try sink.write(group.head)
      try sink.end(ItemKey(order: group.key + [0], natural: []))
      for item in items(of: group, text) {
        try sink.write(text.bytes(item.range))
        for range in item.more { try sink.write(text.bytes(range)) }
        try sink.end(ItemKey(order: group.key + [1], natural: item.natural))
        objects += 1
      }
      try sink.write(CalendarGroups.end)
      try sink.end(ItemKey(order: group.key + [2], natural: []))
    }
    return objects
  }

  /// A component without RECURRENCE-ID begins an item, one with it joins the latest of its type and UID; those before any
  /// join the first, behind it.
  private func items(of group: Group, _ text: ByteBuffer) -> [Item] {
    var items: [Item] = []
    var latest: [[UInt8]: Int] = [:]
    var orphans: Set<Int> = []
    for component in group.components {
      guard let uid = component.uid, !uid.isEmpty else {
        var digest = DigestStream()
        digest.update(text.bytes(component.range))
        let natural = component.name + [Byte.colon] + Bytes.contentKey(digest.finish())
        items.append(Item(natural: natural, range: component.range))
        continue
      }
      let natural = component.name + [Byte.colon] + uid
      guard let index = latest[natural] else {
        latest[natural] = items.count
        if component.isOverride { orphans.insert(items.count) }
        items.append(Item(natural: natural, range: component.range))
        continue
      }
      if component.isOverride {
        items[index].more.append(component.range)
      } else if orphans.remove(index) != nil {
        items[index].more.insert(items[index].range, at: 0)
        items[index].range = component.range
      } else {
        latest[natural] = items.count
        items.append(Item(natural: natural, range: component.range))
      }
    }
    return sorted(items)
  }

  private func sorted(_ items: [Item]) -> [Item] {
    let keys = items.map { ItemKey(natural: $0.natural).natural }
    let order = items.indices.sorted {
      if keys[$0] == keys[$1] { return $0 < $1 }
      return keys[$0].lexicographicallyPrecedes(keys[$1])
    }
    return order.map { items[$0] }
  }
}
