import Foundation
import Glibc
import TarArchive
import TestSupport
import Testing

@Suite struct TarStructureTests {
  @Test("The shape says how many files there are and where they end")
  func shape() throws {
    let file = try ScratchFile(written(sample))
    let shape = try TarStructure.check(file: file.descriptor, limits: TarLimits())
    #expect(shape.entries == sample.count)
    #expect(shape.dataBytes == sample.reduce(0) { $0 + Int64($1.bytes.count) })
    #expect(shape.end == Int64(try file.bytes.count) - TarLayout.endSize)
  }

  @Test("The file's own offset does not matter and is left where it was")
  func offsetIsIndependent() throws {
    let file = try ScratchFile(written(sample))
    lseek(file.descriptor, 777, SEEK_SET)
    _ = try TarStructure.check(file: file.descriptor, limits: TarLimits())
    #expect(try contents(of: file.descriptor) == sample)
    #expect(lseek(file.descriptor, 0, SEEK_CUR) == 777)
  }

  @Test(
    "Entries that are not read, or read in part, do not disturb the next one", arguments: [0, 1, 7])
  func partialReads(count: Int) throws {
    let file = try ScratchFile(written(sample))
    let reader = try TarReader(file: file.descriptor, limits: TarLimits())
    var piece = [UInt8](repeating: 0, count: count)
    var paths: [String] = []
    while let entry = try reader.next() {
      paths.append(String(decoding: entry.path, as: UTF8.self))
      let got = try piece.withUnsafeMutableBytes { try reader.read(into: $0) }
      #expect(got == min(count, Int(entry.size)))
    }
    #expect(paths == sample.map(\.path))
    #expect(try piece.withUnsafeMutableBytes { try reader.read(into: $0) } == 0)
  }

  @Test("Row 29: any single byte flipped outside of the data is refused, each offset and bit")
  func flippedBytes() throws {
    let archive = written(sample)
    var data = Set<Int>()
    var offset = 0
    for entry in sample {
      let start = offset + 512
      data.formUnion(start..<start + entry.bytes.count)
      offset = start + entry.bytes.count + Int(TarLayout.padding(size: Int64(entry.bytes.count)))
    }
    let file = try ScratchFile(archive)
    var accepted: [String] = []
    for index in archive.indices {
      for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8] {
        file.patch([archive[index] ^ mask], at: Int64(index))
        do throws(TarError) {
          _ = try TarStructure.check(file: file.descriptor, limits: TarLimits())
          if !data.contains(index) { accepted.append("\(index)^\(mask)") }
        } catch {
          #expect(!data.contains(index), "data byte \(index): \(error)")
        }
      }
      file.patch([archive[index]], at: Int64(index))
    }
    #expect(accepted.isEmpty)
  }

  @Test("Row 20: an archive cut at any place is refused, and so is row 21, one without end blocks")
  func cuts() throws {
    let archive = written(sample)
    let file = try ScratchFile(archive)
    for length in stride(from: archive.count - 1, through: 0, by: -1) {
      file.resize(to: Int64(length))
      #expect(throws: TarError.self, "cut to \(length)") {
        try TarStructure.check(file: file.descriptor, limits: TarLimits())
      }
      if length % 97 == 0 {
        #expect(throws: TarError.self) { try contents(of: file.descriptor) }
      }
    }
  }

  @Test("Row 21: missing end blocks are refused in words that say so")
  func missingEnd() throws {
    let archive = Array(written(sample).dropLast(1024))
    let error = try #require(try refusal(of: archive))
    #expect(isDamaged(error))
    #expect(error.reason.contains("end blocks"))
    #expect(error.place?.entry == sample.count + 1)
    #expect(isDamaged(try refusal(of: archive + [UInt8](repeating: 0, count: 512))))
  }

  @Test("Row 22: bytes after the end are refused, zeros to the end of a record are not")
  func afterTheEnd() throws {
    let archive = written(sample)
    #expect(isDamaged(try refusal(of: archive + [0x41])))
    #expect(isDamaged(try refusal(of: archive + [UInt8](repeating: 0, count: 511) + [1])))
    #expect(isDamaged(try refusal(of: archive + archive)))
    let far = archive + [UInt8](repeating: 0, count: 511 + 512 * 100) + [1]
    #expect(isDamaged(try refusal(of: far)))
    #expect(try contents(of: archive + [UInt8](repeating: 0, count: 9728)) == sample)
  }

  @Test("Row 27: an empty file is refused")
  func emptyFile() throws {
    #expect(isDamaged(try refusal(of: [])))
  }

  @Test("Row 28: random bytes are refused", arguments: 0..<40 as Range<UInt64>)
  func randomBytes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = random.bytes(Int.random(in: 1...20_000, using: &random))
    #expect(isDamaged(try refusal(of: bytes)), "seed \(seed)")
  }

  @Test(
    "Archives with random changes are refused or read, and never crash",
    arguments: 0..<300 as Range<UInt64>)
  func mutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var tar = ForgedTar()
    tar.pax([("path", Array("alice/täst".utf8)), ("mtime", Array("5.25".utf8))])
    tar.add("x", "content")
    tar.add(ForgedHeader("././@LongLink", kind: "L", size: 4), data: Array("bob\u{0}".utf8))
    tar.add("y", "more")
    var bytes = tar.finished
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
      // Makes the sums right again, so that what stands behind them is reached.
      for start in stride(from: 0, to: bytes.count, by: 512) where bytes[start + 257] == 0x75 {
        bytes.replaceSubrange(start + 148..<start + 156, with: Array("        ".utf8))
        let sum = bytes[start..<start + 512].reduce(0) { $0 + Int64($1) }
        bytes.replaceSubrange(start + 148..<start + 155, with: ForgedHeader.octal(sum, digits: 6))
      }
    }
    if try refusal(of: bytes) == nil { _ = try contents(of: bytes) }
  }
}
