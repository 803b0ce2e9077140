import FuzzTargets
import OfficeModel
import TestSupport
import Testing

@testable import AreaCodecs

@Suite struct ObjectTests {
  @Test("a canonical user.json comes back byte for byte")
  func canonical() throws {
    let text = "{\n\"id\":\"alice\",\n\"name\":\"Ali\\u0063e\",\n\"n\":[1.50,{\"a\":null}]\n}\n"
    let decoded = try decode(.user, text)
    #expect(decoded.text == text)
    #expect(decoded.report == DocumentReport(objects: 1))
    #expect(decoded.naturals == ["user"])
  }

  @Test("white space goes, strings and numbers stay as they were written")
  func verbatim() throws {
    let decoded = try decode(
      .whereabouts,
      " { \"status\" : \"aus \\u00fc\\/ \\\"x\\\"\" ,\r\n\t\"u\" : [ 1e+02 , -0.10 ] } ")
    #expect(
      decoded.text == "{\n\"status\":\"aus \\u00fc\\/ \\\"x\\\"\",\n\"u\":[1e+02,-0.10]\n}\n")
    #expect(decoded.kinds == [.layout])
  }

  @Test("Row 33: the id inside becomes the user's, or is put first where it is missing")
  func identity() throws {
    let other = try decode(.user, "{\n\"name\":\"x\",\n\"id\":\"bob\"\n}\n")
    #expect(other.text == "{\n\"name\":\"x\",\n\"id\":\"alice\"\n}\n")
    #expect(other.report.notes == [DocumentNote(kind: .idRewritten, count: 1, firstLine: 3)])
    let missing = try decode(.user, "{\"x\":1}")
    #expect(missing.text == "{\n\"id\":\"alice\",\n\"x\":1\n}\n")
    #expect(missing.kinds == [.idAdded])
    #expect(try decode(.user, "{}").text == "{\n\"id\":\"alice\"\n}\n")
    #expect(try decode(.whereabouts, "{}").text == "{}\n")
  }

  @Test("Row 36: a privilege or password inside user.json is dropped and reported")
  func secrets() throws {
    let decoded = try decode(
      .user,
      """
      {"id":"alice","Password":"hunter2","keyboard":"de",
       "deep":[{"api_key":{"x":["hunter2"]},"a":1,"ROLES":["admin"],"b":2}],
       "acc\\u0065ss_token":"hunter2","groups":["staff"]}
      """)
    #expect(
      decoded.text
        == "{\n\"id\":\"alice\",\n\"keyboard\":\"de\",\n\"deep\":[{\"a\":1,\"b\":2}],\n\"groups\":[\"staff\"]\n}\n"
    )
    #expect(
      decoded.report.notes == [
        DocumentNote(kind: .secretDropped, count: 4, firstLine: 1, subject: "Password")
      ])
  }

  @Test("Row 81: a password never appears in what is reported")
  func secretsInReports() throws {
    let decoded = try decode(.user, "{\"password\":\"hunter2\"}")
    #expect(!"\(decoded.report)".contains("hunter2"))
    let error = refusal(.addresses, "BEGIN:VCARD\nEND:VCARD\nX-PASSWORD:hunter2\n")
    #expect(error.map { !"\($0)".contains("hunter2") } == true)
  }

  @Test(
    "Row 17: a JSON key that stands twice is refused with its line",
    arguments: [
      "{\"a\":1,\n\"a\":2}", "{\"a\":1,\n\"\\u0061\":2}", "{\"x\":[{\"k\":1,\n\"k\":1}]}",
    ])
  func twice(_ text: String) {
    let error = refusal(.user, text)
    #expect(error?.code == .badArchive)
    #expect(error?.item?.hasPrefix("line 2: ") == true)
  }

  @Test("Row 18: JSON 100,000 deep is refused at once")
  func deep() {
    let text = String(repeating: "[", count: 100_000)
    #expect(refusal(.user, "{\"a\":" + text)?.code == .tooLarge)
    #expect(refusal(.user, "{\"a\":" + String(repeating: "{\"a\":", count: 100_000)) != nil)
    let fits = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
    #expect(refusal(.user, "{\"a\":\(fits)}") == nil)
    #expect(refusal(.user, "{\"a\":[\(fits)]}")?.code == .tooLarge)
  }

  @Test(
    "what is no JSON object is refused",
    arguments: [
      " ", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{\"a\":1.}",
      "{\"a\":+1}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
      "{\"a\":\"\t\"}", "{\"a\":\"x}", "{\"a\":1}}", "{\"a\":[1 2]}", "{\"a\":1}\u{0}", "{,}",
      "{\"a\":[1}", "{\"a\":-}",
    ])
  func malformed(_ text: String) {
    let error = refusal(.user, text)
    #expect(error?.code == .badArchive)
    #expect(error?.item == "line 1" || error?.item?.hasPrefix("line 1:") == true)
  }

  @Test("bytes that are not UTF-8 are refused with their line, a byte order mark is removed")
  func encoding() throws {
    let error = #expect(throws: OfficeError.self) {
      try decode(.user, Array("{\"a\":\n\"".utf8) + [0xE4] + Array("\"}".utf8))
    }
    #expect(error?.item == "line 2")
    #expect(try decode(.whereabouts, "\u{FEFF}{}").kinds == [.byteOrderMark])
    #expect(refusal(.user, "{\"a\":\"" + String(repeating: "x", count: 1 << 20))?.code == .tooLarge)
  }

  @Test("JSONDocument gives members, elements, strings and integers")
  func document() throws {
    let text =
      "{\"format\":1,\"k\\u0069nd\":\"us\\u00e9r\\ud83d\\ude00\",\"a\":[true,-2.0],\"h\":\"\\ud800\"}"
    let root = try JSONDocument(Array(text.utf8), limits: Limits()).root
    #expect(root.isObject)
    #expect(root["format"]?.integer == 1)
    #expect(root["kind"]?.string == "usér😀")
    #expect(root["h"]?.string == nil)
    #expect(root["x"] == nil)
    #expect(root.members?.count == 4)
    let elements = root["a"]?.elements ?? []
    #expect(elements.map { String(decoding: $0.raw, as: UTF8.self) } == ["true", "-2.0"])
    #expect(elements.map(\.integer) == [nil, nil])
    #expect(root["a"].map { String(decoding: $0.raw, as: UTF8.self) } == "[true,-2.0]")
  }

  @Test("many secrets take no longer than their bytes")
  func manySecrets() throws {
    let members = (0..<60_000).map { "\"token\($0)\":1" }.joined(separator: ",\n")
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try decode(.user, "{\(members)}") }
    #expect(time < .seconds(10))
  }
}
