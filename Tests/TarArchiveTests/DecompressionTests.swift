import Foundation
import TarArchive
import TestSupport
import Testing

@Suite struct DecompressionTests {
  static let tools = ["gzip", "zstd", "xz"]

  /// What one of the tools makes of some bytes.
  static func compressed(_ bytes: [UInt8], _ tool: String, _ options: [String] = []) throws
    -> ScratchFile?
  {
    guard Tool.isInstalled(tool) else { return nil }
    let plain = try ScratchFile(bytes)
    _ = try Tool.run(
      "sh", ["-c", "\(([tool] + options).joined(separator: " ")) -c scratch.tar > out"],
      in: plain.folder)
    return try ScratchFile([UInt8](try Data(contentsOf: plain.folder.appending(path: "out"))))
  }

  func expand(_ file: ScratchFile, limits: TarLimits = TarLimits()) throws -> [UInt8]? {
    let output = try ScratchFile()
    let isCompressed = try Decompression.plain(
      file: file.descriptor, into: output.descriptor, limits: limits, cancelled: { false })
    let bytes = try output.bytes
    if !isCompressed { #expect(bytes.isEmpty) }
    return isCompressed ? bytes : nil
  }

  @Test("What gzip, zstd and xz write is expanded", arguments: tools)
  func expands(tool: String) throws {
    var random = SeededGenerator(seed: 1)
    let archive = written(sample + [Content(path: "random", bytes: random.bytes(700_000))])
    guard let file = try Self.compressed(archive, tool) else { return }
    lseek(file.descriptor, 5, SEEK_SET)
    #expect(try expand(file) == archive)
  }

  @Test("Compressed files put one behind the other are expanded to all of it", arguments: tools)
  func concatenated(tool: String) throws {
    let archive = written(sample)
    let halves = [Array(archive[..<1000]), Array(archive[1000...])]
    let parts = try halves.compactMap { try Self.compressed($0, tool)?.bytes }
    guard parts.count == 2 else { return }
    #expect(try expand(try ScratchFile(parts[0] + parts[1])) == archive)
  }

  @Test("A file that is not compressed is left alone")
  func plain() throws {
    for bytes in [[], [0x1F], [0x28, 0xB5, 0x2F], written(sample)] as [[UInt8]] {
      #expect(try expand(try ScratchFile(bytes)) == nil)
    }
  }

  @Test("Row 25: a bomb is refused by its growth", arguments: tools)
  func bomb(tool: String) throws {
    let zeros = [UInt8](repeating: 0, count: 64 << 20)
    guard let file = try Self.compressed(zeros, tool) else { return }
    #expect { try expand(file) } throws: { isLimit($0 as? TarError) }
    var limits = TarLimits(expansion: .max)
    #expect(try expand(file, limits: limits)?.count == 64 << 20)
    limits.archiveBytes = (64 << 20) - 1
    #expect { try expand(file, limits: limits) } throws: { isLimit($0 as? TarError) }
  }

  @Test("Row 25: a bomb within a bomb is expanded once and not looked into", arguments: tools)
  func oneLayer(tool: String) throws {
    guard let inner = try Self.compressed(written(sample), tool),
      let outer = try Self.compressed(try inner.bytes, tool)
    else { return }
    let bytes = try expand(outer)
    #expect(bytes == (try inner.bytes))
    #expect(isDamaged(try refusal(of: bytes ?? [])))
  }

  @Test("Row 25: an .xz that asks for a huge dictionary is refused before it is allocated")
  func dictionary() throws {
    let option = ["--lzma2=dict=1GiB"]
    guard let file = try Self.compressed(written(sample), "xz", option) else { return }
    #expect { try expand(file) } throws: { isLimit($0 as? TarError) }
    guard
      let best = try Self.compressed(written(sample), "xz", ["-9", "--x86", "--lzma2=preset=9"])
    else { return }
    #expect(try expand(best) == written(sample))
  }

  @Test("Row 20: a compressed archive cut at any place is refused", arguments: tools)
  func cut(tool: String) throws {
    var random = SeededGenerator(seed: 2)
    guard let file = try Self.compressed(random.bytes(3000), tool) else { return }
    let bytes = try file.bytes
    for length in stride(from: bytes.count - 1, to: 8, by: -13) {
      file.resize(to: Int64(length))
      #expect(throws: TarError.self, "\(length) of \(bytes.count)") { try expand(file) }
    }
  }

  @Test("Row 22: bytes behind a compressed archive are refused", arguments: tools)
  func garbage(tool: String) throws {
    guard let file = try Self.compressed(written(sample), tool) else { return }
    let garbage = Array("something else stands here".utf8)
    #expect(throws: TarError.self) { try expand(try ScratchFile(try file.bytes + garbage)) }
  }

  @Test(
    "Row 28: random bytes behind a compressor's mark are refused",
    arguments: 0..<30 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let marks: [[UInt8]] = [
      [0x1F, 0x8B, 8, 0], [0x28, 0xB5, 0x2F, 0xFD], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0],
    ]
    for mark in marks {
      let file = try ScratchFile(mark + random.bytes(Int.random(in: 0...4000, using: &random)))
      #expect(throws: TarError.self, "seed \(seed)") { try expand(file) }
    }
  }

  @Test("Expanding ends when it is cancelled", arguments: tools)
  func cancellation(tool: String) throws {
    var random = SeededGenerator(seed: 3)
    guard let file = try Self.compressed(random.bytes(4 << 20), tool) else { return }
    let output = try ScratchFile()
    var asked = 0
    #expect(throws: TarError.cancelled) {
      try Decompression.plain(
        file: file.descriptor, into: output.descriptor, limits: TarLimits(),
        cancelled: {
          asked += 1
          return asked > 3
        })
    }
    #expect(asked == 4)
    #expect(try output.bytes.count < 4 << 20)
  }

  @Test("A disk that is full is told apart from damage")
  func fullDisk() throws {
    guard let file = try Self.compressed(written(sample), "gzip") else { return }
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    try #require(full >= 0)
    defer { close(full) }
    #expect {
      try Decompression.plain(
        file: file.descriptor, into: full, limits: TarLimits(), cancelled: { false })
    } throws: {
      guard case .inputOutput(let code, _) = $0 as? TarError else { return false }
      return code == ENOSPC
    }
  }
}
