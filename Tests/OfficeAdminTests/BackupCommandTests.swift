import Foundation
import TestSupport
import Testing

@Suite("officefs backup, init --repository, verify")
struct BackupCommandTests {
  private static func run(_ arguments: String...) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: Officefs.path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test("A demo office is backed up into its own folder, verified; a lost one is never replaced")
  func commands() throws {
    let scratch = try ScratchDirectory()
    let data = scratch.path + "/data"
    let folder = scratch.path + "/backups"
    #expect(try Self.run("demo", data, "--users", "2", "--messages", "3").code == 0)
    #expect(try Self.run("init", data, "--repository", folder).code == 0)
    let first = try Self.run("backup", data)
    #expect(first.code == 0 && first.text.contains("2 users"), "\(first.text)")
    let area = try Self.run("backup", data, "--area", "scheduler")
    #expect(area.code == 0 && area.text.contains(" 0 changed items"), "\(area.text)")
    let full = try Self.run("backup", data, "--full")
    #expect(full.code == 0 && !full.text.contains("DEFECT"), "\(full.text)")
    #expect(try Self.run("backup", data, "--area", "nonsense").code == 64)
    let verified = try Self.run("verify", data)
    #expect(verified.code == 0 && verified.text.contains("3 backup sets"), "\(verified.text)")
    try FileManager.default.moveItem(atPath: folder, toPath: folder + "-gone")
    let gone = try Self.run("backup", data)
    #expect(gone.code == 1 && gone.text.contains("is gone"), "\(gone.text)")
    #expect(!FileManager.default.fileExists(atPath: folder))
  }
}
