import OfficeModel

/// iCalendar (RFC 5545) and vCalendar 1.0, framed as a whole.
///
/// Each VCALENDAR's properties and time zones are its head. Components under equal heads form one group, between one head
/// and one tail, so that no event ever meets another file's zone of the same name.
final class CalendarDecoder: DocumentDecoder {
  private struct Open {
    var name: [UInt8]
    var line: Int
  }

  private let limits: Limits
  private let sink: any ItemSink
  private let leavingOut: BrokenObjectReceiver?
  private let lines: ContentLines
  private let text = ByteBuffer()
  private var report = DocumentReport()
  private var groups = CalendarGroups()
  private var bare = CalendarPart()
  private var calendar: CalendarPart?
  /// The calendar that was closed last, as long as nothing else began.
  private var closed: CalendarPart?
  private var open: [Open] = []
  private var component = CalendarComponent()
  private var names: Set<[UInt8]> = []
  private var size = 0

  init(limits: Limits, sink: any ItemSink, leavingOut: BrokenObjectReceiver? = nil) {
    self.limits = limits
    self.sink = sink
    self.leavingOut = leavingOut
    lines = ContentLines(limits: limits)
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError) {
    try lines.feed(bytes) { line throws(OfficeError) in try take(line) }
  }

  func finish() throws(OfficeError) -> DocumentReport {
    try lines.finish { line throws(OfficeError) in try take(line) }
    if let last = open.last {
      throw Refusal.unframed(
        "a component is not closed", line: last.line, "BEGIN:\(Escaped.line(last.name))")
    }
    addClosed()
    if !bare.isEmpty {
      groups.add(bare, properties: CalendarGroups.wrapperProperties, text: text)
    }
    let objects = try groups.emit(text, to: sink)
    var report = lines.report
    report.notes += self.report.notes
    report.objects = objects
    return report
  }

  /// How many components stand around the next line, the VCALENDAR not counted.
  private var level: Int { calendar == nil ? open.count : open.count - 1 }

  private func take(_ line: ContentLine) throws(OfficeError) {
    size += line.bytes.count
    guard size <= limits.calendarBytes else {
      throw Refusal.tooLarge(
        "a calendar is larger than \(limits.calendarBytes) bytes", line: line.number)
    }
    guard let marker = line.marker else { return try property(line) }
    if marker.isBegin {
      try begin(marker.name, line)
    } else {
      try end(marker.name, line)
    }
  }

  private func begin(_ name: [UInt8], _ line: ContentLine) throws(OfficeError) {
    guard open.count < limits.depth else {
      throw Refusal.tooLarge(
        "components nested deeper than \(limits.depth)", line: line.number)
    }
    guard !name.isEmpty else {
      throw Refusal.unframed("a BEGIN without a name", line: line.number)
    }
    addClosed()
    open.append(Open(name: name, line: line.number))
    if open.count == 1, name == CalendarGroups.calendarName {
      calendar = CalendarPart()
      if !line.bytes.elementsEqual(CalendarGroups.begin) {
        report.note(.wrapper, line: line.number)
      }
      return
    }
    if level == 1 {
      // One array for all components of a name.
      component = CalendarComponent(name: names.insert(name).memberAfterInsert, start: text.count)
      if calendar == nil { report.note(.wrapped, line: line.number) }
    }
    text.append(line.bytes)
  }

  private func end(_ name: [UInt8], _ line: ContentLine) throws(OfficeError) {
    guard let last = open.last else {
      throw Refusal.unframed(
        "an END without its BEGIN", line: line.number, "END:\(Escaped.line(name.prefix(40)))")
    }
    guard last.name == name else {
      throw Refusal.unframed(
        "an END that does not match BEGIN:\(Escaped.line(last.name.prefix(40)))"
          + " of line \(last.line)",
        line: line.number, "END:\(Escaped.line(name.prefix(40)))")
    }
    let wasLevel = level
    open.removeLast()
    if wasLevel == 0, let calendar {
      if !line.bytes.elementsEqual(CalendarGroups.end) {
        report.note(.wrapper, line: line.number)
      }
      closed = calendar
      self.calendar = nil
      return
    }
    text.append(line.bytes)
    guard wasLevel == 1 else { return }
    component.end = text.count
    guard component.end - component.start <= limits.itemBytes else {
      throw Refusal.tooLarge(
        "a component is larger than \(limits.itemBytes) bytes", line: last.line)
    }
    if calendar == nil { bare.add(component) } else { calendar?.add(component) }
  }

  private func property(_ line: ContentLine) throws(OfficeError) {
    guard !open.isEmpty else {
      // What programs write behind the end (X-COMMENT and the like) is a property of that calendar.
      guard closed != nil, line.isProperty else {
        throw Refusal.unframed("a line outside a component", line: line.number, line.excerpt)
      }
      closed?.properties.append(contentsOf: line.bytes)
      report.note(.moved, line: line.number)
      return
    }
    if level == 0 {
      calendar?.properties.append(contentsOf: line.bytes)
      return
    }
    if level == 1 { component.look(at: line) }
    text.append(line.bytes)
  }

  private func addClosed() {
    guard let calendar = closed else { return }
    groups.add(calendar, properties: calendar.properties, text: text)
    closed = nil
  }
}
