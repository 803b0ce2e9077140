import AreaCodecs
import DemoOffice
import OfficeModel
import Testing

/// Keeps the items of a document in the order of arrival.
private final class ItemList: ItemSink {
  private(set) var items: [(key: [UInt8], content: [UInt8])] = []
  private var content: [UInt8] = []
  private var counts: [ItemKey: UInt32] = [:]

  func write(_ bytes: UnsafeRawBufferPointer) { content.append(contentsOf: bytes) }

  func cut() {}

  func end(_ key: ItemKey) {
    let occurrence = counts[key, default: 0]
    counts[key] = occurrence + 1
    items.append((key.encoded(occurrence: occurrence), content))
    content = []
  }

  func abandon() { content = [] }
}

@Suite struct CanonicalFormTests {
  @Test("Every document is canonical: decoded without a note, its sorted items are its bytes")
  func canonical() throws {
    let office = DemoOffice(DemoSettings(users: 26, seed: 5))
    for index in 0..<26 {
      let user = office.user(at: index).id
      for area in Area.allCases {
        let bytes = try OfficeText.document(office, area, index)
        let list = ItemList()
        var decoder = DocumentCodec.decoder(for: area, user: user, limits: Limits(), into: list)
        try decoder.feed(bytes)
        let report = try decoder.finish()
        #expect(report.notes.isEmpty, "\(user) \(area.fileName): \(report.notes)")
        let sorted = list.items.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        #expect(sorted.flatMap(\.content) == bytes, "\(user) \(area.fileName)")
        if area != .scheduler && area != .todo {
          // A calendar's order is that of its wrapper's digest; the members come as they are sorted.
          #expect(sorted.map(\.key) == list.items.map(\.key), "\(user) \(area.fileName)")
        }
        #expect(report.objects >= 1)
      }
    }
  }
}
