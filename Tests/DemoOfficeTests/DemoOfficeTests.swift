import DemoOffice
import OfficeModel
import TestSupport
import Testing

@Suite struct DemoOfficeTests {
  @Test("The same settings give the same bytes, on every machine and in every version")
  func golden() throws {
    let settings = DemoSettings(users: 10, seed: 1, messages: 20, messageBytes: 2_000)
    #expect(
      try OfficeText.digest(DemoOffice(settings))
        == "a867422ebed84486f304d5d8586b1bc22968ccb2c362e811a63f94db618a6c27")
  }

  @Test("A document is the same whatever was generated before it")
  func anyOrder() throws {
    let settings = DemoSettings(users: 20, seed: 3, messages: 16)
    let office = DemoOffice(settings)
    for index in (0..<20).reversed() {
      for area in Area.allCases.reversed() {
        let alone = try OfficeText.document(DemoOffice(settings), area, index)
        #expect(try OfficeText.document(office, area, index) == alone)
      }
    }
  }

  @Test("Another seed gives another office") func seeds() throws {
    let first = DemoOffice(DemoSettings(users: 12, seed: 1, messages: 8))
    let second = DemoOffice(DemoSettings(users: 12, seed: 2, messages: 8))
    for area in Area.allCases where area.format != .json {
      #expect(
        try OfficeText.document(first, area, 5) != OfficeText.document(second, area, 5))
    }
  }

  @Test("Ids are allowed and unique regardless of case, and alice and bob come first")
  func ids() {
    for seed in [UInt64(1), 7] {
      let office = DemoOffice(DemoSettings(users: 20_000, seed: seed))
      var folded: Set<String> = []
      for index in 0..<office.userCount { folded.insert(office.user(at: index).id.folded) }
      #expect(folded.count == office.userCount)
      #expect(office.user(at: 0).id.text == "alice")
      #expect(office.user(at: 1).id.text == "bob")
    }
  }

  @Test("Users are in groups that the office has") func groups() {
    let office = DemoOffice(DemoSettings(users: 300))
    let groups = Set(office.groups)
    #expect(groups.count == office.groups.count)
    for index in 0..<300 {
      let user = office.user(at: index)
      #expect(user.groups.count >= 2)
      #expect(Set(user.groups).isSubset(of: groups))
    }
  }

  @Test("A group event is the same in the calendar of each who takes part")
  func groupEvents() throws {
    let office = DemoOffice(DemoSettings(users: 25))
    var calendars: [String: [String: String]] = [:]
    for index in 0..<25 {
      calendars["\(office.user(at: index).id)"] = OfficeText.events(
        try OfficeText.text(office, .scheduler, index))
    }
    var shared = 0
    for (owner, events) in calendars {
      for (uid, event) in events {
        let attendees = Set(
          event.split(separator: "\n").filter { $0.hasPrefix("ATTENDEE") }
            .compactMap {
              $0.split(separator: ":").last?.split(separator: "@").first.map(String.init)
            })
        if attendees.isEmpty { continue }
        #expect(attendees.contains(owner))
        for attendee in attendees {
          let isEqual = calendars[attendee]?[uid] == event
          #expect(isEqual, "\(uid) of \(owner) and \(attendee)")
          shared += 1
        }
      }
    }
    #expect(shared > 500)
  }

  @Test("A message that several users hold is the same below its head, and its thread is there")
  func threads() throws {
    let office = DemoOffice(DemoSettings(users: 24))
    var all: [String: String] = [:]
    var twice = 0
    for index in 0..<24 {
      let messages = OfficeText.messages(try OfficeText.text(office, .messages, index))
      #expect(messages.count == 40)
      for (identifier, body) in messages {
        if let other = all.updateValue(body, forKey: identifier) {
          let isEqual = other == body
          #expect(isEqual, "\(identifier)")
          twice += 1
        }
        for line in body.split(separator: "\n") where line.hasPrefix("In-Reply-To: ") {
          #expect(messages[String(line.dropFirst(13))] != nil)
        }
      }
    }
    #expect(twice > 300)
  }

  @Test(
    "Messages are as large as asked, within three percent in the mean",
    arguments: [1_500, 3_000, 20_000, 100_000])
  func sizes(mean: Int) throws {
    let settings = DemoSettings(users: 6, messages: 48, messageBytes: mean)
    let office = DemoOffice(settings)
    for area in [Area.messages, .webmail] {
      var bytes = 0
      for index in 0..<6 {
        try office.write(area, at: index) { piece throws(OfficeError) in bytes += piece.count }
      }
      let messages = area == .messages ? 48 * 6 : 12 * 6
      let share = Double(bytes) / Double(messages * mean)
      #expect(abs(share - 1) < 0.03, "\(area) \(share)")
    }
  }

  @Test("A large mailbox comes in pieces of bounded size") func pieces() throws {
    let office = DemoOffice(DemoSettings(users: 1, messages: 32, messageBytes: 1 << 20))
    var largest = 0
    try office.write(.messages, at: 0) { piece throws(OfficeError) in
      largest = max(largest, piece.count)
    }
    #expect(largest < 512 << 10)
  }

  @Test("What a sink throws ends the writing") func refusal() {
    let office = DemoOffice()
    var calls = 0
    #expect(throws: OfficeError.self) {
      try office.write(.messages, at: 0) { _ throws(OfficeError) in
        calls += 1
        throw OfficeError(.noSpace, "full")
      }
    }
    #expect(calls == 1)
  }
}
