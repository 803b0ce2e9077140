import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("Real files of other systems")
  struct Corpus {
    /// A folder of the corpus, the cell its files go to, and how they are compared.
    static let folders = [
      ("ics", "scheduler.ics", "ics"), ("vcf", "addresses.vcf", "vcf"),
      ("mail", "messages.mbox", "mail"),
    ]

    /// The names that `MALFORMED.md` lists: the first cell of its tables, in back-quotes.
    private static func malformed(in corpus: String) throws -> Set<String> {
      let text = try String(contentsOfFile: corpus + "/MALFORMED.md", encoding: .utf8)
      let names = text.split(separator: "\n").compactMap { line -> String? in
        guard line.hasPrefix("| `") else { return nil }
        return line.dropFirst(3).split(separator: "`").first.map(String.init)
      }
      return Set(names)
    }

    @Test(
      "every well-formed one, packed with tar and sha256sum, comes back with every object and property line",
      .enabled(if: Officefs.corpus != nil, "needs the corpus in OFFICEFS_CORPUS"))
    func comesBack() throws {
      let corpus = try #require(Officefs.corpus)
      let listed = try Corpus.malformed(in: corpus)
      #expect(listed.count > 200)
      var count = 0
      try MountedOffice.with(.empty) { office in
        for (folder, cell, kind) in Corpus.folders {
          let names = try FileManager.default.contentsOfDirectory(atPath: "\(corpus)/\(folder)")
          for name in names.sorted() where !listed.contains(name) {
            count += 1
            let outcome = try office.attempt(
              """
              "$PACKAGE/scripts/pack-user" u\(count) u.udb \(cell)="$FILE"
              cp u.udb "$U/u\(count).udb"
              tar -xOf "$U/u\(count).udb" u\(count)/\(cell) >back
              "$PACKAGE/scripts/compare-objects" \(kind) "$FILE" back
              """, ["FILE": "\(corpus)/\(folder)/\(name)"])
            let log = outcome.status == 0 ? "" : try office.errorLog().last ?? ""
            #expect(outcome.status == 0, "\(name): \(outcome.text)\(outcome.errors)\(log)")
          }
        }
        try office.sh(
          """
          mkdir again; cp "$U"/*.udb again/; rm "$U"/*.udb; cp again/*.udb "$U/"; diff -r again "$U"
          officefs verify "$DATA"
          """, timeout: 120)
      }
      #expect(count > 100)
    }
  }
}
