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
          try office.sh(Tour.exports)
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

    /// What the users alice and bob of another groupware were exported to.
    private static let exports = """
      mkdir -p exports/bob/Maildir/{cur,new,tmp}; cd exports
      calendar() { printf 'BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\nPRODID:x\\r\\n'; cat; printf 'END:VCALENDAR\\r\\n'; }
      object() { printf 'BEGIN:%s\\r\\nUID:%s\\r\\nSUMMARY:%s\\r\\nEND:%s\\r\\n' "$1" "$2" "$3" "$1"; }
      object VEVENT 1 lunch | calendar >alice.ics
      printf 'From a@b Mon Jan  5 10:15:00 2026\\nSubject: s\\n\\nb\\n' >alice.mbox
      printf 'BEGIN:VCARD\\nVERSION:3.0\\nFN:Ann\\nEND:VCARD\\n' >alice.vcf
      printf 'Datum;von\\n2026-01-05;08:00\\n' >alice.csv
      { object VEVENT 2 'at work'; object VTODO 3 'to do'; } | calendar >bob/work.ics
      object VEVENT 4 'at home' | calendar >bob/home.ics
      printf 'BEGIN:VCARD\\nVERSION:3.0\\nFN:Zo\\303\\253\\nEND:VCARD\\n' >bob/contacts.vcf
      printf 'Subject: hello\\n\\nFrom me\\n' >bob/Maildir/cur/1767608100.1.host:2,S
      """

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
