import OfficeModel
import TestSupport
import Testing

@Suite("Names and keys")
struct NamesAndKeysTests {
  @Test("Ids are 1 to 64 of the allowed characters and begin with a letter or digit")
  func ids() throws {
    for good in ["a", "alice", "Y.Tanaka-2", "x@y.de", "0_0", String(repeating: "a", count: 64)] {
      #expect(try UserID(good).text == good)
    }
    for bad in ["", ".a", "-a", "a b", "ä", "a/b", "a\n", String(repeating: "a", count: 65)] {
      #expect(throws: OfficeError.self) { try UserID(bad) }
    }
    #expect(throws: OfficeError.self) { try UserID([0x61, 0xFF]) }
    #expect(throws: OfficeError.self) { try UserID([0x61, 0x00]) }
  }

  @Test(
    "Encoded keys sort as order, natural key, occurrence, and decode to themselves",
    arguments: 1...5)
  func keys(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var keys: [(ItemKey, UInt32)] = []
    for _ in 0..<300 {
      keys.append(
        (
          ItemKey(order: Self.short(&random), natural: Self.short(&random)),
          UInt32.random(in: 0...300, using: &random)
        ))
    }
    let byBytes = keys.sorted {
      $0.0.encoded(occurrence: $0.1).lexicographicallyPrecedes($1.0.encoded(occurrence: $1.1))
    }
    for (left, right) in zip(byBytes, byBytes.dropFirst()) {
      let ascends =
        left.0.order != right.0.order
        ? left.0.order.lexicographicallyPrecedes(right.0.order)
        : left.0.natural != right.0.natural
          ? left.0.natural.lexicographicallyPrecedes(right.0.natural) : left.1 <= right.1
      #expect(ascends, "seed \(seed)")
    }
    for (key, occurrence) in keys {
      let decoded = try #require(ItemKey.decode(key.encoded(occurrence: occurrence)))
      #expect(decoded.key == key && decoded.occurrence == occurrence, "seed \(seed)")
    }
  }

  private static func short(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      bytes.append([0, 1, 0x61, 0xFE, 0xFF].randomElement(using: &random) ?? 0)
    }
    return bytes
  }

  @Test(
    "Rows 48 and 80: bidirectional marks and control characters are escaped where they are shown")
  func escapes() {
    #expect(Escaped.line("a\u{202E}b\u{1B}[0m\nc") == "a\\u{202e}b\\u{1b}[0m\\u{a}c")
    #expect(Escaped.line([0x61, 0xFF]) == "a\\xFF")
    #expect(Escaped.line("Ünïcode 日本") == "Ünïcode 日本")
  }

  @Test("Digests read back what they write, and refuse capitals")
  func digests() {
    let digest = Digest(of: Array("abc".utf8))
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(digest.description == text)
    #expect(Digest(hexadecimal: Array(text.utf8)) == digest)
    #expect(Digest(hexadecimal: Array(text.uppercased().utf8)) == nil)
    #expect(Digest(bytes: digest.bytes) == digest)
  }

  @Test("Stamps are right on leap days and before 1970")
  func stamps() {
    #expect(Stamp.text(seconds: 0) == "1970-01-01T000000Z")
    #expect(Stamp.text(seconds: 1_835_481_599) == "2028-02-29T235959Z")
    #expect(Stamp.text(seconds: -1) == "1969-12-31T235959Z")
    #expect(Stamp.text(seconds: -62_135_596_800) == "0001-01-01T000000Z")
    #expect(Stamp.text(seconds: 253_402_300_800) == "10000-01-01T000000Z")
    #expect(Stamp.text(seconds: .min) == "-292277022657-01-27T082952Z")
  }
}
