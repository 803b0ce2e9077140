import Foundation
import TarArchive
import Testing

/// Rows of bad-inputs.md as far as the container sees them.
@Suite struct BadTarTests {
  @Test(
    "Row 1: a name that leads out of the archive is refused",
    arguments: [
      "../a", "a/../b", "a/..", "..", "./../a", "a/./b", "a//b", "a/", ".", "./", "./.", ".//a",
    ])
  func traversal(name: String) throws {
    var tar = ForgedTar()
    tar.add(name, "x")
    #expect(isUnsupported(try refusal(of: tar.finished)))
  }

  @Test("Row 1: the same in a pax header, a GNU long name and a ustar prefix")
  func traversalElsewhere() throws {
    var pax = ForgedTar()
    pax.pax([("path", Array("../a".utf8))])
    pax.add("a", "x")
    #expect(isUnsupported(try refusal(of: pax.finished)))
    var long = ForgedTar()
    long.add(ForgedHeader("././@LongLink", kind: "L", size: 5), data: Array("../a\u{0}".utf8))
    long.add("a", "x")
    #expect(isUnsupported(try refusal(of: long.finished)))
    var header = ForgedHeader("a")
    header.prefix = Array("b/..".utf8)
    var prefix = ForgedTar()
    prefix.add(header)
    #expect(isUnsupported(try refusal(of: prefix.finished)))
  }

  @Test("Row 2: an absolute name is refused", arguments: ["/etc/passwd", ".//etc/passwd", "/"])
  func absolute(name: String) throws {
    var tar = ForgedTar()
    tar.add(name, "x")
    #expect(isUnsupported(try refusal(of: tar.finished)))
  }

  @Test(
    "Row 3-5: links, devices, FIFOs and unknown kinds are refused",
    arguments: ["1", "2", "3", "4", "6", "7", "D", "M", "N", "V", "A", "X", "z"] as [Character])
  func kinds(kind: Character) throws {
    var header = ForgedHeader("alice/todo.ics", kind: kind)
    header.link = Array("office.json".utf8)
    var tar = ForgedTar()
    tar.add("office.json", "{}")
    tar.add(header)
    let error = try #require(try refusal(of: tar.finished))
    #expect(isUnsupported(error))
    #expect(error.place?.entry == 2)
    #expect(error.place?.path == header.name)
  }

  @Test("Row 6: a file beneath an earlier link is refused at the link")
  func beneathLink() throws {
    var link = ForgedHeader("alice", kind: "2")
    link.link = Array("/etc".utf8)
    var tar = ForgedTar()
    tar.add(link)
    tar.add("alice/passwd", "x")
    let error = try #require(try refusal(of: tar.finished))
    #expect(isUnsupported(error))
    #expect(error.place?.entry == 1)
  }

  @Test("Row 7: sparse entries are refused, in GNU's old form and in pax")
  func sparse() throws {
    var header = ForgedHeader("a", kind: "S", size: 0)
    header.magic = Array("ustar  \u{0}".utf8)
    var tar = ForgedTar()
    tar.add(header)
    #expect(isUnsupported(try refusal(of: tar.finished)))
    let keys = ["GNU.sparse.major", "GNU.sparse.map", "SCHILY.realsize", "SUN.holesdata"]
    for key in keys {
      var pax = ForgedTar()
      pax.pax([(key, Array("1".utf8))])
      pax.add("a", "x")
      #expect(isUnsupported(try refusal(of: pax.finished)), "\(key)")
    }
  }

  @Test(
    "Row 8: sizes up to 2^63-1 and beyond are refused without overflow",
    arguments: [
      "9223372036854775807", "9223372036854775808", "99999999999999999999999", "8589934592",
      "9223372036854775296",
    ])
  func hugeSize(size: String) throws {
    var tar = ForgedTar()
    tar.pax([("size", Array(size.utf8))])
    tar.add("a", "x")
    #expect(isDamaged(try refusal(of: tar.finished)))
    var header = ForgedHeader("a")
    header.size = Array("777777777777".utf8)
    var octal = ForgedTar()
    octal.add(header)
    #expect(isDamaged(try refusal(of: octal.finished)))
  }

  @Test("Row 9: negative and base-256 sizes are refused, and so is what is no number")
  func oddSizes() throws {
    let fields: [[UInt8]] = [
      Array("-0000000001\u{0}".utf8), [0xFF] + [UInt8](repeating: 0xFF, count: 11),
      [0x80] + [UInt8](repeating: 0, count: 10) + [1], [0x80] + [UInt8](repeating: 0xFF, count: 11),
      Array("0x000000001\u{0}".utf8), Array("00000000009\u{0}".utf8),
      Array("1 1        \u{0}".utf8),
    ]
    for field in fields {
      for kind in ["0", "x", "L", "5"] as [Character] {
        var header = ForgedHeader("a", kind: kind)
        header.size = field
        var tar = ForgedTar()
        tar.add(header, data: [1])
        let error = try refusal(of: tar.finished)
        #expect(isDamaged(error) || isUnsupported(error), "\(kind) \(field)")
      }
    }
    for value in ["-1", "", " 1", "1 ", "+1", "0x1", "01", "1.0"] {
      var tar = ForgedTar()
      tar.pax([("size", Array(value.utf8))])
      tar.add("a", "x")
      #expect(isDamaged(try refusal(of: tar.finished)), "pax size \(value)")
    }
  }

  @Test("Row 9: a pax size that contradicts the header's is refused")
  func contradictingSizes() throws {
    var tar = ForgedTar()
    tar.pax([("size", Array("3".utf8))])
    tar.add(ForgedHeader("a", size: 5), data: Array("12345".utf8))
    #expect(isDamaged(try refusal(of: tar.finished)))
  }

  @Test("Row 10: a wrong header checksum is refused", arguments: [-1, 1, 64, 100])
  func checksum(error: Int) throws {
    var header = ForgedHeader("b")
    header.sumError = error
    var tar = ForgedTar()
    tar.add("a", "x")
    tar.add(header)
    let refused = try #require(try refusal(of: tar.finished))
    #expect(isDamaged(refused))
    #expect(refused.place?.entry == 2)
  }

  @Test("Row 11: a name that comes twice is refused")
  func twice() throws {
    for second in ["alice/todo.ics", "./alice/todo.ics"] {
      var tar = ForgedTar()
      tar.add("alice/todo.ics", "x")
      tar.add("bob/todo.ics", "x")
      tar.add(second, "y")
      let error = try #require(try refusal(of: tar.finished))
      #expect(isDamaged(error))
      #expect(error.place?.entry == 3)
    }
  }

  @Test("Row 12: a name that comes twice, composed and decomposed, is refused")
  func twiceByNormalForm() throws {
    var tar = ForgedTar()
    tar.add("m\u{FC}ller/todo.ics", "x")
    tar.add("mu\u{308}ller/todo.ics", "y")
    #expect(isDamaged(try refusal(of: tar.finished)))
    var other = ForgedTar()
    other.add("m\u{FC}ller/todo.ics", "x")
    other.add("muller/todo.ics", "y")
    #expect(try contents(of: other.finished).count == 2)
  }

  @Test(
    "Row 23: a pax header or long name that claims 1 GB is refused before anything is read",
    arguments: ["x", "g", "L", "K"] as [Character])
  func hugeHeader(kind: Character) throws {
    let file = try ScratchFile(ForgedHeader("a", kind: kind, size: 1 << 30).bytes)
    file.resize(to: (1 << 30) + 4096)
    let (_, cost) = try ReadCost.of {
      #expect {
        try TarStructure.check(file: file.descriptor, limits: TarLimits())
      } throws: { isLimit($0 as? TarError) }
      #expect { try contents(of: file.descriptor) } throws: { isLimit($0 as? TarError) }
    }
    #expect(cost.bytes < 8 << 20, "\(cost)")
  }

  @Test("Row 23: extended headers one after the other are refused")
  func repeatedHeaders() throws {
    for kind in ["x", "L", "K"] as [Character] {
      var tar = ForgedTar()
      for _ in 0..<2 {
        let record = kind == "x" ? ForgedTar.record("comment", [65]) : [65, 0]
        tar.add(ForgedHeader("h", kind: kind, size: Int64(record.count)), data: record)
      }
      tar.add("a", "x")
      #expect(isDamaged(try refusal(of: tar.finished)), "\(kind)")
    }
  }

  @Test("Row 24: more entries than the limit are refused, global headers and directories counted")
  func manyEntries() throws {
    var limits = TarLimits()
    limits.entries = 1000
    for kind in ["0", "5", "g"] as [Character] {
      var tar = ForgedTar()
      for index in 0..<1000 { tar.add(ForgedHeader("e\(index)", kind: kind)) }
      #expect(try refusal(of: tar.finished, limits: limits) == nil)
      tar.add(ForgedHeader("last", kind: kind))
      #expect(isLimit(try refusal(of: tar.finished, limits: limits)), "\(kind)")
    }
  }

  @Test("Row 24: a million entries are over the default limit, and 100,001 over one of 100,000")
  func manyRealEntries() throws {
    #expect(TarLimits().entries < 1_000_000)
    let limits = TarLimits(entries: 100_000)
    // Directories may come again, so that they can all be one block.
    let block = ForgedHeader("alice/", kind: "5").bytes
    let file = try ScratchFile()
    let thousand = Array(repeatElement(block, count: 1000).joined())
    for index in 0..<100 as Range<Int64> { file.patch(thousand, at: index * 512_000) }
    file.resize(to: 51_200_000 + 1024)
    _ = try TarStructure.check(file: file.descriptor, limits: limits)
    file.patch(block, at: 51_200_000)
    #expect {
      try TarStructure.check(file: file.descriptor, limits: limits)
    } throws: { isLimit($0 as? TarError) }
  }

  @Test("An archive larger than the limit is refused")
  func tooLarge() throws {
    var limits = TarLimits()
    limits.archiveBytes = 2048
    #expect(isLimit(try refusal(of: written(sample), limits: limits)))
  }

  @Test("Row 26: an archive inside an archive is a file like any other")
  func nested() throws {
    let inner = written(sample)
    let outer = [
      Content(path: "inner.tar", bytes: inner), Content(path: "z.gz", bytes: [0x1F, 0x8B]),
    ]
    #expect(try contents(of: written(outer)) == outer)
  }

  @Test("Row 41: a NUL in a name is refused, wherever the name stands")
  func nul() throws {
    var ustar = ForgedTar()
    ustar.add("a\u{0}b", "x")
    #expect(isUnsupported(try refusal(of: ustar.finished)))
    var pax = ForgedTar()
    pax.pax([("path", [97, 0, 98])])
    pax.add("a", "x")
    #expect(isUnsupported(try refusal(of: pax.finished)))
    var long = ForgedTar()
    long.add(ForgedHeader("././@LongLink", kind: "L", size: 4), data: [97, 0, 98, 0])
    long.add("a", "x")
    #expect(isUnsupported(try refusal(of: long.finished)))
    var empty = ForgedTar()
    empty.add("", "x")
    #expect(isUnsupported(try refusal(of: empty.finished)))
  }

  @Test(
    "Row 42: line ends and control characters in a name are refused, and escaped in the reason",
    arguments: ["a\nb", "a\rb", "\u{1B}[31m", "a\u{7F}", "a\u{85}b", "\t"])
  func control(name: String) throws {
    var tar = ForgedTar()
    tar.add(name, "x")
    let error = try #require(try refusal(of: tar.finished))
    #expect(isUnsupported(error))
    #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
  }

  @Test(
    "Row 43-44: invalid and overlong UTF-8 in a name is refused",
    arguments: [
      [0xFF], [0x61, 0xC3], [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF],
      [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAE, 0xC0, 0xAE, 0x2F, 0x61],
    ] as [[UInt8]])
  func encoding(name: [UInt8]) throws {
    var tar = ForgedTar()
    tar.add(name, "x")
    #expect(isUnsupported(try refusal(of: tar.finished)))
    var pax = ForgedTar()
    pax.pax([("path", name)])
    pax.add("a", "x")
    #expect(isUnsupported(try refusal(of: pax.finished)))
  }

  @Test(
    "Pax records that are malformed are refused",
    arguments: [
      "0 a=b\n", "7 a=b\n", "6 a=b\n1", "6 ab\nx", "6 a=bc", "-6 a=b\n",
      "006 a=b\n", "99999999999999999999 a=b\n", "a=b\n", " 6 a=b\n", "20 mtime=yesterday\n",
      "9 path=a\n9 path=b\n", "9 size=1\n9 size=1\n",
    ])
  func malformedPax(text: String) throws {
    var tar = ForgedTar()
    let data = Array(text.utf8)
    tar.add(ForgedHeader("h", kind: "x", size: Int64(data.count)), data: data)
    tar.add("a", "x")
    #expect(isDamaged(try refusal(of: tar.finished)))
  }

  @Test(
    "A pax header that nothing follows, one that names a name twice, and a global name are refused")
  func misplacedHeaders() throws {
    var alone = ForgedTar()
    alone.pax([("path", [97])])
    #expect(isDamaged(try refusal(of: alone.finished)))
    var double = ForgedTar()
    double.pax([("path", [97])])
    double.add(ForgedHeader("././@LongLink", kind: "L", size: 2), data: [98, 0])
    double.add("a", "x")
    #expect(isDamaged(try refusal(of: double.finished)))
    var global = ForgedTar()
    global.pax([("path", [97])], kind: "g")
    global.add("a", "x")
    #expect(isUnsupported(try refusal(of: global.finished)))
    var folder = ForgedTar()
    folder.add(ForgedHeader("alice/", kind: "5", size: 3), data: [1, 2, 3])
    #expect(isDamaged(try refusal(of: folder.finished)))
  }
}
