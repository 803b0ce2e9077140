import TestSupport
import Testing

extension RealMount {
  @Suite("Calendars and cards of other systems")
  struct ForeignCalendars {
    @Test(
      "Rows 52, 61, 62: refused at the tool with its errno; the log names file and line, the old data stay",
      arguments: [
        (
          "Row 61", "scheduler.ics", "seq 100000 | sed 's/.*/BEGIN:X/'", "File too large",
          "scheduler.ics line 65"
        ),
        (
          "Row 62", "scheduler.ics",
          #"printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR\n'"#, "Bad message",
          "scheduler.ics line 4"
        ),
        (
          "Row 62", "addresses.vcf", #"printf 'BEGIN:VCARD\nFN:x\nBEGIN:VCARD\nEND:VCARD\n'"#,
          "Bad message", "addresses.vcf line 1"
        ),
        (
          "Row 52", "addresses.vcf", #"head -c 40M /dev/zero | tr '\0' a"#, "File too large",
          "addresses.vcf line 1"
        ),
      ])
    func refused(
      _ row: (name: String, cell: String, make: String, error: String, place: String)
    ) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        let outcome = try office.attempt(
          """
          cp "$U/$USER.udb" before.udb
          \(row.make) >bad
          "$PACKAGE/scripts/pack-user" $USER bad.udb \(row.cell)=bad
          not cp bad.udb "$U/$USER.udb"
          cmp before.udb "$U/$USER.udb"
          """, ["USER": user])
        #expect(outcome.status == 0, "\(row.name): \(outcome.errors)")
        #expect(outcome.errors.contains(row.error), "\(row.name): \(outcome.errors)")
        let log = try office.errorLog().last ?? ""
        #expect(log.contains("/\(row.place)"), "\(row.name): \(log)")
      }
    }

    @Test("Row 69: ATTACH of a local file comes back as it is, and the file is never opened")
    func attachment() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.sh(
          """
          echo secret >secret
          mkdir empty; mkfifo empty/pipe
          printf 'BEGIN:VCALENDAR\\r\\nBEGIN:VEVENT\\r\\nUID:1\\r\\nATTACH:file://%s\\r\\nATTACH:file://%s\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR\\r\\n' \
            "$PWD/secret" "$PWD/empty/pipe" >given
          "$PACKAGE/scripts/pack-user" ann ann.udb scheduler.ics=given
          cp ann.udb "$U/"
          tar -xOf "$U/ann.udb" ann/scheduler.ics | cmp - given
          """, timeout: 60)
      }
    }
  }
}
