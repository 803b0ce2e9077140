/// Lines that calendars are made of (RFC 5545).
extension ByteWriter {
  /// The calendar's own lines and its time zones, each once and sorted by name.
  mutating func calendarHead(zones: [Zone]) {
    content("BEGIN", "VCALENDAR")
    content("VERSION", "2.0")
    content("PRODID", "-//officefs//sample office//EN")
    content("CALSCALE", "GREGORIAN")
    var last = ""
    for zone in zones.sorted(by: { $0.name < $1.name }) where zone.name != last {
      zone.write(to: &self)
      last = zone.name
    }
  }

  /// `BEGIN` and the properties that each component has. `made` is a moment.
  mutating func beginComponent(_ name: String, _ identifier: UInt64, made: Int) {
    content("BEGIN", name)
    put("UID:")
    put(hexadecimal: identifier)
    put("@")
    line(Person.domain)
    moment("DTSTAMP", made)
    moment("CREATED", made)
    moment("LAST-MODIFIED", made)
  }

  /// A moment in UTC.
  mutating func moment(_ name: String, _ moment: Int) {
    put(name)
    put(":")
    put(moment: moment)
    end()
  }

  /// A moment by the clock of a zone; `local` is seconds since 1970 by that clock. Without a zone it floats.
  mutating func moment(_ name: String, local: Int, in zone: Zone?) {
    put(name)
    if let zone {
      put(";TZID=")
      put(zone.name)
    }
    put(":")
    put(moment: local, isUTC: false)
    end()
  }

  /// A whole day.
  mutating func day(_ name: String, _ day: Int) {
    put(name)
    put(";VALUE=DATE:")
    put(day: day)
    end()
  }

  /// A calendar user with a display name.
  mutating func participant(_ name: String, _ person: Person, state: String) {
    let start = bytes.count
    put(name)
    put(";CN=\"")
    put(person.name)
    put("\"")
    put(state)
    put(":mailto:")
    put(person.email)
    endFolded(from: start)
  }

  /// A reminder.
  mutating func alarm(minutesBefore: Int, _ text: String) {
    content("BEGIN", "VALARM")
    content("ACTION", "DISPLAY")
    content("DESCRIPTION", text: text)
    content("TRIGGER", "-PT\(minutesBefore)M")
    content("END", "VALARM")
  }
}
