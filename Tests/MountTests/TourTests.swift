import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("README")
  struct Tour {
    /// Runs in a folder where `office` is the sample office of `scripts/demo` and `other` an empty one.
    @Test("the tour's commands show what it shows")
    func shows() throws {
      let readme = Officefs.package + "/README.md"
      let text = (try? String(contentsOfFile: readme, encoding: .utf8)) ?? ""
      let steps = TourStep.all(in: text)
      guard !steps.isEmpty else { return }
      try MountedOffice.with(.demo(users: 25)) { office in
        try MountedOffice.with(.empty) { other in
          let places = [
            "office": office.mountPoint, "other": other.mountPoint, "data": office.data,
          ]
          for (name, place) in places { try office.sh("ln -s \(place) \(name)") }
          try office.sh("mkdir -p scripts; ln -s \"$PACKAGE\"/scripts/* scripts/")
          let script = steps.enumerated().map { number, step in
            "\(step.command)\nprintf '\\n@@%d\\n' \(number)"
          }
          let outcome = try office.attempt(
            "set +eu; exec 2>&1; " + script.joined(separator: "\n"), timeout: 300)
          var rest = outcome.text[...]
          for (number, step) in steps.enumerated() {
            let mark = try #require(
              rest.range(of: "\n@@\(number)\n"), "\(step.command) did not end")
            let shown = String(rest[..<mark.lowerBound])
            #expect(step.isShown(by: shown), "$ \(step.command)\n\(shown)")
            rest = rest[mark.upperBound...]
          }
        }
      }
    }

    @Test("patterns of the tour: … stands for anything")
    func patterns() {
      let steps = TourStep.all(
        in: """
          <!-- tested -->
          ```console
          $ ls \\
              -l
          total …
          …
          -rw alice.udb
          $ true
          ```
          """)
      #expect(steps.map(\.command) == ["ls \\\n    -l", "true"])
      #expect(steps[0].isShown(by: "total 12\na\nb\n-rw alice.udb\n"))
      #expect(!steps[0].isShown(by: "total 12\n-rw bob.udb\n"))
      #expect(steps[1].isShown(by: ""))
    }
  }
}
