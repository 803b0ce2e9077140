import OfficeModel

/// A component directly in a VCALENDAR, while it is read.
struct OpenComponent {
  var start = 0
  /// Which VCALENDAR it stands in.
  var part = 0
  private(set) var uid: [UInt8]?
  private(set) var isOverride = false

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
  /// Which one of the document.
  let number: Int
  /// Where it begins.
  let line: Int
  var properties: [UInt8] = []
  /// Where its VTIMEZONEs stand in the text.
  var zones: [Range<Int>] = []
  /// Whether there was another VCALENDAR in it.
  var isWrapper = false
  var hasComponents = false

  init(number: Int, line: Int) {
    self.number = number
    self.line = line
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
  /// The most bytes of text whose places 32 bits hold, keys included.
  static let mostText = 1 << 30

  /// A component as it waits for its place: calendars of millions are held, so it is small and owns nothing.
  private struct Component {
    /// Where it stands in the text; the order of the document.
    var start: UInt32
    var end: UInt32
    var part: UInt32
    var keyStart: UInt32
    var keyCount: UInt16
    var hasUID: Bool
    var isOverride: Bool

    var range: Range<Int> { Int(start)..<Int(end) }
    var key: Range<Int> { Int(keyStart)..<Int(keyStart) + Int(keyCount) }
  }

  private struct Group {
    var key: [UInt8]
    var head: [UInt8]
  }

  private var groups: [Group] = []
  private var known: [[UInt8]: Int] = [:]
  /// The group of each part; -1 as long as it has none.
  private var groupOfPart: [Int] = []
  private var components: [Component] = []
  private let keys = ByteBuffer()

  /// The number of another VCALENDAR.
  mutating func newPart() -> Int {
    groupOfPart.append(-1)
    return groupOfPart.count - 1
  }

  /// Adds a component, which ends where the text does.
  mutating func add(_ component: OpenComponent, name: [UInt8], text: ByteBuffer) {
    var natural = name + [Byte.colon]
    let uid = component.uid ?? []
    if uid.isEmpty {
      var digest = DigestStream()
      digest.update(text.bytes(component.start..<text.count))
      natural += Bytes.contentKey(digest.finish())
    } else {
      natural += uid
    }
    let key = ItemKey(natural: natural).natural
    components.append(
      Component(
        start: UInt32(component.start), end: UInt32(text.count), part: UInt32(component.part),
        keyStart: UInt32(keys.count), keyCount: UInt16(key.count), hasUID: !uid.isEmpty,
        isOverride: component.isOverride))
    keys.append(key)
  }

  /// Puts a VCALENDAR's components into the group of its head.
  mutating func close(_ part: CalendarPart, properties: [UInt8], text: ByteBuffer) {
    var head = CalendarGroups.begin + properties
    for zone in part.zones { head.append(contentsOf: text.bytes(zone)) }
    let key = Array(Digest(of: head).bytes.prefix(16))
    if let index = known[key] {
      groupOfPart[part.number] = index
    } else {
      known[key] = groups.count
      groupOfPart[part.number] = groups.count
      groups.append(Group(key: key, head: head))
    }
  }

  /// Gives every item in the order of its key, frames included; the count is without frames.
  mutating func emit(_ text: ByteBuffer, to sink: any ItemSink) throws(OfficeError) -> Int {
    let order = groups.indices.sorted { groups[$0].key.lexicographicallyPrecedes(groups[$1].key) }
    sort(order)
    var objects = 0
    var index = 0
    for group in order {
      let key = groups[group].key
      try sink.write(groups[group].head)
      try sink.end(ItemKey(order: key + [0], natural: []))
      while index < components.count, groupOfPart[Int(components[index].part)] == group {
        var end = index + 1
        while end < components.count, isSame(index, end) { end += 1 }
        objects += try emit(index..<end, order: key + [1], text, to: sink)
        index = end
      }
      try sink.write(CalendarGroups.end)
      try sink.end(ItemKey(order: key + [2], natural: []))
    }
    return objects
  }

  /// Sorts by group, key and place.
  private mutating func sort(_ order: [Int]) {
    var rankOfGroup = [Int](repeating: 0, count: groups.count)
    for (rank, group) in order.enumerated() { rankOfGroup[group] = rank }
    let rank = groupOfPart.map { $0 < 0 ? 0 : rankOfGroup[$0] }
    let keys = keys.bytes
    components.sort { left, right in
      let (leftRank, rightRank) = (rank[Int(left.part)], rank[Int(right.part)])
      if leftRank != rightRank { return leftRank < rightRank }
      let difference = keys.slice(left.key).compared(to: keys.slice(right.key))
      return difference == 0 ? left.start < right.start : difference < 0
    }
  }

  private func isSame(_ left: Int, _ right: Int) -> Bool {
    let (left, right) = (components[left], components[right])
    return groupOfPart[Int(left.part)] == groupOfPart[Int(right.part)]
      && keys.bytes(left.key).compared(to: keys.bytes(right.key)) == 0
  }

  /// Gives the items of one type and UID. One without RECURRENCE-ID begins an item, one with it joins the latest; those
  /// before any join the first, behind it. What has no UID is an item of its own.
  private func emit(
    _ run: Range<Int>, order: [UInt8], _ text: ByteBuffer, to sink: any ItemSink
  ) throws(OfficeError) -> Int {
    var objects = 0
    func end() throws(OfficeError) {
      let natural = Array(keys.bytes(components[run.lowerBound].key))
      try sink.end(ItemKey(order: order, natural: natural))
      objects += 1
    }
    for index in run where !components[index].hasUID {
      try sink.write(text.bytes(components[index].range))
      try end()
    }
    let master = run.first { components[$0].hasUID && !components[$0].isOverride }
    if let master { try sink.write(text.bytes(components[master].range)) }
    var isOpen = master != nil
    for index in run where components[index].hasUID && index != master {
      if !components[index].isOverride, isOpen { try end() }
      try sink.write(text.bytes(components[index].range))
      isOpen = true
    }
    if isOpen { try end() }
    return objects
  }
}
