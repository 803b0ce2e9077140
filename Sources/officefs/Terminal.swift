import ArgumentParser
import Foundation
import Glibc
import OfficeModel

/// What commands say on a terminal.
enum Terminal {
  /// Runs a command's work; a refusal becomes one line on stderr and exit code 1.
  static func run(_ body: () throws(OfficeError) -> Void) throws {
    do throws(OfficeError) {
      try body()
    } catch {
      complain("\(error)")
      throw ExitCode(1)
    }
  }

  static func complain(_ text: String) {
    FileHandle.standardError.write(Data("officefs: \(text)\n".utf8))
  }

  static func say(_ text: String) { write("\(text)\n") }

  /// To standard output, as it is.
  static func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// What a dialogue says, beside the output.
  static func ask(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// Asks for a typed `yes`. False where nobody can answer.
  static func confirms(_ question: String) -> Bool {
    ask("\(question) Type yes to go on: ")
    return readLine() == "yes"
  }
}

/// A line of progress on a terminal, none elsewhere.
struct Progress {
  private let label: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private var shown = -1

  init(_ label: String) { self.label = label }

  mutating func show(_ done: Int64, of total: Int64) {
    let percent = total > 0 ? Int(done * 100 / total) : 100
    guard isShown, percent != shown else { return }
    shown = percent
    FileHandle.standardError.write(Data("\r\(label) \(percent) %".utf8))
  }

  func end() {
    if isShown, shown >= 0 { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
