import Foundation
import Glibc
import TarArchive
import Testing

@Suite(.serialized) struct TarCostTests {
  static func large(_ size: Int64) throws -> ScratchFile {
    let header = TarLayout.header(path: [97], size: size, mtime: 0)
    let file = try ScratchFile(header)
    file.resize(to: Int64(header.count) + size + TarLayout.padding(size: size) + 1024)
    return file
  }

  @Test("Checking an archive of 2 GiB with few entries reads next to nothing")
  func check() throws {
    let file = try Self.large(2 << 30)
    let (_, cost) = try ReadCost.of {
      try TarStructure.check(file: file.descriptor, limits: TarLimits())
    }
    #expect(cost.bytes < 1 << 16, "\(cost)")
  }

  @Test("Reading a large entry reads every byte once, in large steps")
  func read() throws {
    let size = 1 << 29
    let file = try Self.large(Int64(size))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    let (total, cost) = try ReadCost.of {
      let reader = try TarReader(file: file.descriptor, limits: TarLimits())
      _ = try reader.next()
      var total = 0
      while case let count = try reader.read(into: buffer), count > 0 { total += count }
      return total
    }
    #expect(total == size)
    #expect(cost.bytes < size + size >> 8, "\(cost)")
    #expect(cost.calls < size >> 16, "\(cost)")
  }

  @Test("Reading many archives leaves no memory or descriptors behind")
  func leaks() throws {
    let good = try ScratchFile(written(sample))
    let bad = try ScratchFile(Array(written(sample).dropLast(700)))
    func once() {
      _ = try? contents(of: good.descriptor)
      _ = try? contents(of: bad.descriptor)
    }
    for _ in 0..<50 { once() }
    let before = try resident()
    for _ in 0..<1500 { once() }
    // Each reader has more than 256 KiB of buffers: were they kept, it would be some 800 MB.
    #expect(try resident() < before + 200 << 20)
  }

  private func resident() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Int(text.split(separator: " ")[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
