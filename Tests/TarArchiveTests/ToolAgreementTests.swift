import Foundation
import Glibc
import TarArchive
import Testing

/// What other programs read of ours, and we of theirs.
@Suite struct ToolAgreementTests {
  static let list = """
    import sys, tarfile
    with tarfile.open(sys.argv[1]) as t:
      for m in t:
        print(m.size, m.mtime, m.name, oct(m.mode), m.uid, m.gid, repr(m.uname), m.isreg())
    """

  @Test("GNU tar lists ours", .enabled(if: Tool.isInstalled("tar"), "tar is not installed"))
  func gnuLists() throws {
    let file = try ScratchFile(written(sample))
    let lines = try Tool.run("tar", ["--full-time", "-tvf", file.url.path]).split(separator: "\n")
    let fields = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(fields.map(\.last) == sample.map(\.path))
    #expect(fields.map { $0[2] } == sample.map { "\($0.bytes.count)" })
    #expect(fields.allSatisfy { $0[0] == "-rw-------" && $0[1] == "0/0" })
    #expect(fields[1][3...4] == ["2025-12-29", "09:20:00"])
  }

  @Test("bsdtar lists ours", .enabled(if: Tool.isInstalled("bsdtar"), "bsdtar is not installed"))
  func bsdLists() throws {
    let file = try ScratchFile(written(sample))
    let lines = try Tool.run("bsdtar", ["-tvf", file.url.path]).split(separator: "\n")
    let fields = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(fields.map(\.last) == sample.map(\.path))
    #expect(fields.map { $0[4] } == sample.map { "\($0.bytes.count)" })
    #expect(fields.allSatisfy { $0[0] == "-rw-------" })
  }

  @Test("Python lists ours", .enabled(if: Tool.isInstalled("python3"), "python3 is not installed"))
  func pythonLists() throws {
    let file = try ScratchFile(written(sample))
    let lines = try Tool.run("python3", ["-c", Self.list, file.url.path]).split(separator: "\n")
    #expect(
      lines.map(String.init)
        == sample.map { "\($0.bytes.count) \($0.mtime) \($0.path) 0o600 0 0 '' True" })
  }

  @Test("An entry of 8 GiB and more is listed alike by all, and checked without reading it")
  func largeEntry() throws {
    let size = TarLayout.largeSize + 1000
    let header = TarLayout.header(path: Array("alice/messages.mbox".utf8), size: size, mtime: 7)
    let file = try ScratchFile(header)
    let end = Int64(header.count) + size + TarLayout.padding(size: size)
    let last = TarLayout.header(path: Array("SHA256SUMS".utf8), size: 0, mtime: 0)
    file.resize(to: end)
    file.patch(last, at: end)
    file.resize(to: end + 512 + TarLayout.endSize)
    let (shape, cost) = try ReadCost.of {
      try TarStructure.check(file: file.descriptor, limits: TarLimits())
    }
    #expect(cost.bytes < 1 << 16, "\(cost)")
    #expect(shape.entries == 2)
    #expect(shape.dataBytes == size)
    let reader = try TarReader(file: file.descriptor, limits: TarLimits())
    #expect(try reader.next()?.size == size)
    #expect(try reader.next()?.path == Array("SHA256SUMS".utf8))
    #expect(try reader.next() == nil)
    for (tool, arguments) in [
      ("tar", ["-tvf", file.url.path]), ("bsdtar", ["-tvf", file.url.path]),
      ("python3", ["-c", Self.list, file.url.path]),
    ] where Tool.isInstalled(tool) {
      let text = try Tool.run(tool, arguments)
      #expect(text.contains("\(size)"), "\(tool): \(text)")
      #expect(text.split(separator: "\n").count == 2, "\(tool): \(text)")
    }
    // A damaged pax size is refused, or the entries behind it are not those that were there.
    for digit in 0..<10 where header[512 + 8 + digit] != UInt8(ascii: "9") {
      file.patch([UInt8(ascii: "9")], at: 512 + 8 + Int64(digit))
      let found = try? TarStructure.check(file: file.descriptor, limits: TarLimits())
      #expect(found != shape, "digit \(digit)")
      file.patch([header[512 + 8 + digit]], at: 512 + 8 + Int64(digit))
    }
  }

  /// A folder with names of every kind, as an administrator might pack it.
  static func folder() throws -> (scratch: ScratchFile, files: [String: [UInt8]]) {
    let scratch = try ScratchFile(name: "out.tar")
    let long = String(repeating: "long-", count: 30)
    let files: [String: [UInt8]] = [
      "office.json": Array("{}".utf8), "alice/user.json": [], "alice/mu\u{308}ller.vcf": [1, 2],
      "alice/漢字.ics": [UInt8](repeating: 7, count: 1_500), "alice/\(long).txt": [3],
      "alice/\(String(long.prefix(90)))/x.txt": [4], "SHA256SUMS": [5],
    ]
    for (name, bytes) in files {
      let url = scratch.folder.appending(path: "in/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000.75)], ofItemAtPath: url.path)
    }
    return (scratch, files)
  }

  @Test(
    "What GNU tar, bsdtar and Python pack of a folder is read, long and foreign names included",
    arguments: [
      "tar cf out.tar -C in .", "tar --format=gnu -cf out.tar -C in .",
      "tar --format=pax -cf out.tar -C in .", "tar --format=oldgnu -cf out.tar -C in .",
      "tar cf out.tar -C in office.json alice SHA256SUMS", "tar -b 1 -cf out.tar -C in .",
      "bsdtar cf out.tar -C in .", "bsdtar --format=pax -cf out.tar -C in .",
      "bsdtar --format=gnutar -cf out.tar -C in .",
      "python3 -m tarfile -c out.tar in/office.json in/alice in/SHA256SUMS",
      "python3 -c 'import tarfile as t\nwith t.open(\"out.tar\", \"w\", format=t.GNU_FORMAT) as f: f.add(\"in\", \".\")'",
    ])
  func foreignArchives(command: String) throws {
    guard let tool = command.split(separator: " ").first.map(String.init),
      Tool.isInstalled(tool)
    else { return }
    let (scratch, files) = try Self.folder()
    _ = try Tool.run("sh", ["-c", command], in: scratch.folder)
    let file = try ScratchFile(try scratch.bytes)
    let shape = try TarStructure.check(file: file.descriptor, limits: TarLimits())
    #expect(shape.entries == files.count)
    let read = try contents(of: file.descriptor)
    let inner = command.contains("-m tarfile") ? "in/" : ""
    #expect(
      read.allSatisfy { $0.mtime == 1_700_000_000 || $0.mtime == 1_700_000_001 },
      "\(read.map(\.mtime))")
    let found = Dictionary(uniqueKeysWithValues: read.map { (Array($0.path.utf8), $0.bytes) })
    #expect(
      found
        == Dictionary(
          uniqueKeysWithValues: files.map { (Array((inner + $0.key).utf8), $0.value) }))
  }

  @Test(
    "What they pack in ustar is read",
    arguments: ["tar --format=ustar", "bsdtar --format=ustar"])
  func foreignUstar(command: String) throws {
    guard let tool = command.split(separator: " ").first.map(String.init),
      Tool.isInstalled(tool)
    else { return }
    let (scratch, files) = try Self.folder()
    let names = files.keys.filter { !$0.contains(".txt") || $0.hasSuffix("x.txt") }.sorted()
    let list = names.map { "'\($0)'" }.joined(separator: " ")
    _ = try Tool.run("sh", ["-c", "\(command) -cf out.tar -C in \(list)"], in: scratch.folder)
    let read = try contents(of: try scratch.bytes)
    #expect(read.map { Array($0.path.utf8) } == names.map { Array($0.utf8) })
    #expect(read.map(\.bytes) == names.map { files[$0] })
  }
}
