import TestSupport
import Testing

extension RealMount {
  @Suite("Calendars and cards of other systems")
  struct ForeignCalendars {
    @Test(
      "Rows 51, 52, 61, 62, 68, 74, 76, 78: refused at the tool with its errno; the log names file and line, the old data stay",
      arguments: [
        (
          "Row 51: a line folded a million times", "scheduler.ics",
          #"printf 'BEGIN:VCALENDAR\r\nX:'; yes $'\r\n a' | head -n 2000002 | tr -d '\n' | tr '\r' '\n'"#,
          "File too large", "scheduler.ics line 2"
        ),
        (
          "Row 52: a line over the limit", "addresses.vcf", #"head -c 40M /dev/zero | tr '\0' a"#,
          "File too large", "addresses.vcf line 1"
        ),
        (
          "Row 61: 100,000 nested components", "scheduler.ics", "seq 100000 | sed 's/.*/BEGIN:X/'",
          "File too large", "scheduler.ics line 65"
        ),
        (
          "Row 62: an unclosed BEGIN", "scheduler.ics",
          #"printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR\n'"#, "Bad message",
          "scheduler.ics line 4"
        ),
        (
          "Row 62: an unclosed BEGIN of a card", "addresses.vcf",
          #"printf 'BEGIN:VCARD\nFN:x\nBEGIN:VCARD\nEND:VCARD\n'"#, "Bad message",
          "addresses.vcf line 1"
        ),
        (
          "Row 68: a PHOTO over the limit", "addresses.vcf",
          #"printf 'BEGIN:VCARD\r\nPHOTO:\r\n'; yes " $(printf 'A%.0s' {1..72})" | head -c 50M; printf '\nEND:VCARD\r\n'"#,
          "File too large", "addresses.vcf line 2"
        ),
        (
          "Row 74: a refusal that shows line ends and an escape sequence", "scheduler.ics",
          #"printf 'BEGIN:VCALENDAR\r\nEND:VEVENT \033[2J\v\tX\r\n'"#, "Bad message",
          "scheduler.ics line 2"
        ),
        (
          "Row 76: an open quote", "timesheet.csv",
          #"printf 'date,note\r\n1,"a\r\nb"\r\n2,"never\r\nclosed\r\n'"#, "Bad message",
          "timesheet.csv line 4"
        ),
        (
          "Row 78: 100,000 columns", "timesheet.csv",
          #"printf 'date,x\n1,2\n'; head -c 100000 /dev/zero | tr '\0' ,"#, "File too large",
          "timesheet.csv line 3"
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
          { \(row.make); } >bad || [ $? -eq 141 ]
          "$PACKAGE/scripts/pack-user" $USER bad.udb \(row.cell)=bad
          not cp bad.udb "$U/$USER.udb"
          cmp before.udb "$U/$USER.udb"
          """, ["USER": user])
        #expect(outcome.status == 0, "\(row.name): \(outcome.errors)")
        #expect(outcome.errors.contains(row.error), "\(row.name): \(outcome.errors)")
        let log = try office.errorLog().last ?? ""
        #expect(log.contains("/\(row.place)"), "\(row.name): \(log)")
        #expect(log.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
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
