/// A command of the README's tour and what it says the command shows.
///
/// Fenced blocks marked `console` after a comment `<!-- tested -->` hold them: `$ ` before a command, its output below.
/// `…` stands for anything in a line, a line of `…` alone for any number of lines.
struct TourStep {
  var command: String
  var output: [String]

  /// All steps of a Markdown text, in order.
  static func all(in text: String) -> [TourStep] {
    var steps: [TourStep] = []
    var isMarked = false
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if isInside {
        if line == "```" {
          isInside = false
        } else if line.hasPrefix("$ ") {
          steps.append(TourStep(command: String(line.dropFirst(2)), output: []))
        } else if let last = steps.indices.last {
          let continues = steps[last].output.isEmpty && steps[last].command.hasSuffix("\\")
          if continues {
            steps[last].command += "\n" + line
          } else {
            steps[last].output.append(line)
          }
        }
      } else if line == "```console" && isMarked {
        isInside = true
      }
      if !line.isEmpty { isMarked = line == "<!-- tested -->" }
    }
    return steps
  }

  /// Whether that is what the command was to show.
  func isShown(by shown: String) -> Bool {
    let lines = TourStep.trimmed(
      shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    return TourStep.matches(TourStep.trimmed(output), lines, any: "…") { pattern, line in
      TourStep.matches(Array(pattern), Array(line), any: "…", one: ==)
    }
  }

  private static func trimmed(_ lines: [String]) -> [String] {
    Array(lines.reversed().drop { $0.isEmpty }.reversed().drop { $0.isEmpty })
  }

  /// Whether the values match the pattern, in which some elements stand for any number of them.
  private static func matches<Element: Equatable>(
    _ pattern: [Element], _ values: [Element], any: Element, one: (Element, Element) -> Bool
  ) -> Bool {
    var (place, value) = (0, 0)
    var retry: (place: Int, value: Int)?
    while value < values.count {
      if place < pattern.count, pattern[place] == any {
        place += 1
        retry = (place, value)
      } else if place < pattern.count, one(pattern[place], values[value]) {
        place += 1
        value += 1
      } else if let last = retry {
        (place, value) = (last.place, last.value + 1)
        retry = (last.place, last.value + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == any }
  }
}
