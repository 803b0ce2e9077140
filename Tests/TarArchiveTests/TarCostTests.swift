import Foundation
import Glibc
import TarArchive
import Testing

/// Bounds so wide that they only fail where the way of working is wrong, even on a busy machine.
@Suite(.serialized) struct TarSpeedTests {
  static func large(_ size: Int64) throws -> ScratchFile {
    let header = TarLayout.header(path: [97], size: size, mtime: 0)
    let file = try ScratchFile(header)
    file.resize(to: Int64(header.count) + size + TarLayout.padding(size: size) + 1024)
    return file
  }

  @Test("Checking an archive of 2 GiB with few entries reads next to nothing")
  func check() throws {
    let file = try Self.large(2 << 30)
    let started = ContinuousClock.now
    _ = try TarStructure.check(file: file.descriptor, limits: TarLimits())
    #expect(started.duration(to: .now) < .milliseconds(100))
  }

  @Test("Reading a large entry runs at more than 100 MB/s")
  func read() throws {
    let size = 1 << 29
    let file = try Self.large(Int64(size))
    let reader = try TarReader(file: file.descriptor, limits: TarLimits())
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    _ = try reader.next()
    var total = 0
    let started = ContinuousClock.now
    while case let count = try reader.read(into: buffer), count > 0 { total += count }
    let taken = started.duration(to: .now)
    #expect(total == size)
    #expect(taken < .seconds(5), "\(taken)")
    if ProcessInfo.processInfo.environment["OFFICEFS_SHOW_SPEED"] != nil {
      print("read \(size >> 20) MiB in \(taken)")
    }
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
