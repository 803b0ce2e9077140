import Foundation

/// A program of the machine that reads or writes archives.
struct Tool {
  let path: String

  /// Nil where it is not installed.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(
      separator: ":")
    let paths = folders.map { "\($0)/\(name)" }
    guard let found = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { return nil }
    path = found
  }

  static func isInstalled(_ name: String) -> Bool { Tool(name) != nil }

  /// What the program wrote to its standard output; throws if it failed or could not be started.
  static func run(_ name: String, _ arguments: [String], in folder: URL? = nil) throws -> String {
    guard let tool = Tool(name) else { throw ToolFailure(text: "\(name) is not installed") }
    let process = Process()
    process.executableURL = URL(filePath: tool.path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["LC_ALL"] = "C.UTF-8"
    environment["TZ"] = "UTC"
    process.environment = environment
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ToolFailure(
        text: "\(name) ended with \(process.terminationStatus): "
          + String(decoding: complaint, as: UTF8.self))
    }
    return String(decoding: text, as: UTF8.self)
  }
}

struct ToolFailure: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}
