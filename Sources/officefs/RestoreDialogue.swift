import Glibc
import OfficeModel

/// Asks on a terminal what to restore.
struct RestoreDialogue {
  /// Whether there is someone to ask.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The archive that was chosen by its number; Enter takes the one that is preselected.
  func archive(of archives: [ArchiveChoice]) throws(OfficeError) -> String {
    guard let first = archives.firstIndex(where: \.isPreselected) ?? archives.indices.first else {
      throw OfficeError(
        .notFound, "there is no archive", remedy: "back up first, or copy a .sar to archives/")
    }
    for (index, archive) in archives.enumerated() {
      let mark = index == first ? "*" : " "
      let size = archive.size.map { "  \($0) bytes" } ?? ""
      Terminal.ask("\(mark) \(index + 1)  \(archive.name)\(size)\n")
    }
    while true {
      let answer = try line("Which archive? [\(first + 1)] ")
      if answer.isEmpty { return archives[first].name }
      if let number = Int(answer), archives.indices.contains(number - 1) {
        return archives[number - 1].name
      }
      if archives.contains(where: { $0.name == answer }) { return answer }
      Terminal.ask("Give a number from 1 to \(archives.count).\n")
    }
  }

  /// Asks for what was not said by flags.
  func complete(
    _ wish: inout RestoreWish, areas: [String], users: [String]
  ) throws(OfficeError) {
    if wish.areas.isEmpty {
      Terminal.ask("Areas: \(areas.joined(separator: " "))\n")
      wish.areas = try words("Which areas? [all] ", of: areas)
    }
    if wish.users.isEmpty {
      Terminal.ask("Users: \(users.joined(separator: " "))\n")
      wish.users = try words("Which users? [all] ", of: users)
    }
    if !wish.groups { wish.groups = try isWanted("The groups too?") }
    if !wish.settings { wish.settings = try isWanted("The settings too?") }
    wish.takesUsers = true
    if !wish.removesOthers, wish.areas.isEmpty {
      wish.removesOthers = try isWanted("Delete users who are not in the archive?")
    }
  }

  private func isWanted(_ question: String) throws(OfficeError) -> Bool {
    while true {
      switch try line("\(question) yes or no [no] ").lowercased() {
      case "yes", "y": return true
      case "no", "n", "": return false
      default: continue
      }
    }
  }

  /// Some of the names, apart by blanks or commas; none for all.
  private func words(_ question: String, of names: [String]) throws(OfficeError) -> Set<String> {
    while true {
      let words = try line(question).split { $0 == " " || $0 == "," }.map(String.init)
      if words == ["all"] { return [] }
      guard let unknown = words.first(where: { !names.contains($0) }) else { return Set(words) }
      Terminal.ask("The archive has no \(Escaped.line(unknown)).\n")
    }
  }

  /// Throws `.interrupted` where nobody answers any more.
  private func line(_ question: String) throws(OfficeError) -> String {
    Terminal.ask(question)
    guard let line = readLine() else {
      throw OfficeError(.interrupted, "nothing was restored")
    }
    return line
  }
}
