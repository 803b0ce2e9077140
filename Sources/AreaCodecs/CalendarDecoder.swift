import OfficeModel

/// iCalendar (RFC 5545) and vCalendar 1.0, framed as a whole.
///
/// Each VCALENDAR's properties and time zones are its head. Components under equal heads form one group, between one head
/// and one tail, so that no event ever meets another file's zone of the same name. A VCALENDAR within another is put beside
/// it. Where the file ends at the end of a line and nothing but END:VCALENDAR is missing, that is added.
final class CalendarDecoder: DocumentDecoder {
  private struct Open {
    var name: [UInt8]
    var line: Int
  }

  private let limits: Limits
  private let sink: any ItemSink
  private let lines: ContentLines
  private let sieve: ObjectSieve?
  private let text = ByteBuffer()
  private var report = DocumentReport()
  private var groups = CalendarGroups()
  /// What stands outside of any VCALENDAR.
  private var bare: CalendarPart?
  private var calendars: [CalendarPart] = []
  /// The calendar that was closed last, as long as nothing else began.
  private var closed: CalendarPart?
  /// Components that are open within the innermost calendar.
  private var open: [Open] = []
  private var component = OpenComponent()
  private var isBehindMarker = false
  private var size = 0

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    var limits = limits
    limits.calendarBytes = min(limits.calendarBytes, CalendarGroups.mostText)
    self.limits = limits
    self.sink = sink
    let lines = ContentLines(limits: limits, keepsRaw: leavingOut != nil)
    self.lines = lines
    sieve = leavingOut.map { ObjectSieve(.calendar, limits: limits, lines: lines, hand: $0) }
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try lines.feed(bytes) { line throws(OfficeError) in try pass(line) }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try lines.finish { line throws(OfficeError) in try pass(line) }
    try sieve?.finish { line throws(OfficeError) in try take(line) }
    if let last = open.last {
      throw Refusal.unframed(
        "a component is not closed", line: last.line, "BEGIN:\(Escaped.line(last.name))")
    }
    try complete()
    if let bare {
      groups.close(bare, properties: CalendarGroups.wrapperProperties, text: text)
    }
    let objects = try groups.emit(text, to: sink)
    var report = lines.report
    report.notes += self.report.notes
    report.objects = objects
    report.leftOut = sieve?.leftOut ?? 0
    return report
  }

  private func pass(_ line: ContentLine) throws(OfficeError) {
    guard let sieve else { return try take(line) }
    try sieve.take(line) { line throws(OfficeError) in try take(line) }
  }

  private func take(_ line: ContentLine) throws(OfficeError) {
    size += line.bytes.count
    guard size <= limits.calendarBytes else {
      throw Refusal.tooLarge(
        "a calendar is larger than \(limits.calendarBytes) bytes", line: line.number)
    }
    let marker = line.marker
    isBehindMarker = marker != nil
    guard let marker else { return try property(line) }
    if marker.isBegin {
      try begin(marker.name, line)
    } else {
      try end(marker.name, line)
    }
  }

  private func begin(_ name: [UInt8], _ line: ContentLine) throws(OfficeError) {
    guard calendars.count + open.count < limits.depth else {
      throw Refusal.tooLarge(
        "components nested deeper than \(limits.depth)", line: line.number)
    }
    guard !name.isEmpty else {
      throw Refusal.unframed("a BEGIN without a name", line: line.number)
    }
    addClosed()
    if open.isEmpty, name == CalendarGroups.calendarName {
      if !line.bytes.elementsEqual(CalendarGroups.begin) {
        report.note(.wrapper, line: line.number)
      }
      if let outer = calendars.indices.last {
        report.note(.unwrapped, line: line.number)
        calendars[outer].isWrapper = true
      }
      calendars.append(CalendarPart(number: groups.newPart(), line: line.number))
      return
    }
    open.append(Open(name: name, line: line.number))
    if open.count == 1 {
      if calendars.isEmpty {
        report.note(.wrapped, line: line.number)
        if bare == nil { bare = CalendarPart(number: groups.newPart(), line: line.number) }
      }
      component = OpenComponent(
        start: text.count, part: calendars.last?.number ?? bare?.number ?? 0)
    }
    text.append(line.bytes)
  }

  private func end(_ name: [UInt8], _ line: ContentLine) throws(OfficeError) {
    guard let last = open.last else { return try endCalendar(name, line) }
    guard last.name == name else {
      throw Refusal.unframed(
        "an END that does not match BEGIN:\(Escaped.line(last.name.prefix(40)))"
          + " of line \(last.line)",
        line: line.number, "END:\(Escaped.line(name.prefix(40)))")
    }
    open.removeLast()
    text.append(line.bytes)
    guard open.isEmpty else { return }
    let range = component.start..<text.count
    guard range.count <= limits.itemBytes else {
      throw Refusal.tooLarge(
        "a component is larger than \(limits.itemBytes) bytes", line: last.line)
    }
    if let index = calendars.indices.last { calendars[index].hasComponents = true }
    if name != CalendarGroups.zoneName {
      groups.add(component, name: name, text: text)
    } else if let index = calendars.indices.last {
      calendars[index].zones.append(range)
    } else {
      bare?.zones.append(range)
    }
  }

  private func endCalendar(_ name: [UInt8], _ line: ContentLine) throws(OfficeError) {
    guard name == CalendarGroups.calendarName, let calendar = calendars.popLast() else {
      throw Refusal.unframed(
        "an END without its BEGIN", line: line.number, "END:\(Escaped.line(name.prefix(40)))")
    }
    if !line.bytes.elementsEqual(CalendarGroups.end) {
      report.note(.wrapper, line: line.number)
    }
    addClosed()
    closed = calendar
  }

  private func property(_ line: ContentLine) throws(OfficeError) {
    if !open.isEmpty {
      if open.count == 1 { component.look(at: line) }
      text.append(line.bytes)
    } else if let index = calendars.indices.last {
      calendars[index].properties.append(contentsOf: line.bytes)
    } else if closed != nil, line.isProperty() {
      // What programs write behind the end (X-COMMENT and the like) is a property of that calendar.
      closed?.properties.append(contentsOf: line.bytes)
      report.note(.moved, line: line.number)
    } else {
      throw Refusal.unframed("a line outside a component", line: line.number, line.excerpt)
    }
  }

  /// Closes the calendars that the document left open.
  private func complete() throws(OfficeError) {
    if let last = calendars.last {
      // Within a line, more may have followed.
      guard lines.endsWhole || isBehindMarker || sieve != nil else {
        throw Refusal.unframed("a calendar is not closed", line: last.line, "BEGIN:VCALENDAR")
      }
      while let calendar = calendars.popLast() {
        report.note(.endAdded, line: calendar.line)
        addClosed()
        closed = calendar
      }
    }
    addClosed()
  }

  private func addClosed() {
    guard let calendar = closed else { return }
    closed = nil
    // What only wraps other calendars holds nothing that could be lost.
    if calendar.isWrapper, calendar.properties.isEmpty, !calendar.hasComponents { return }
    groups.close(calendar, properties: calendar.properties, text: text)
  }
}
