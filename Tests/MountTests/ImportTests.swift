import TestSupport
import Testing

extension RealMount {
  @Suite("Importing archives made elsewhere")
  struct Imports {
    private static let pack = """
      import hashlib, io, sys, tarfile
      target, head, *cells = sys.argv[1:]
      sums = ''
      with tarfile.open(target, 'w') as tar:
          def add(name, data):
              entry = tarfile.TarInfo(name)
              entry.size = len(data)
              tar.addfile(entry, io.BytesIO(data))
          for name, data in [('office.json', head)] + [c.split('=', 1) for c in cells]:
              add(name, data.encode())
              sums += hashlib.sha256(data.encode()).hexdigest() + '  ' + name + chr(10)
          add('SHA256SUMS', sums.encode())
      """

    @Test(
      "Rows 30-31: a newer format is EOPNOTSUPP; a missing or absurd one EBADMSG",
      arguments: [
        ("Row 30: newer", #"{"format":2,"kind":"user","user":"ann"}"#, "Operation not supported"),
        ("Row 31: missing", #"{"kind":"user","user":"ann"}"#, "Bad message"),
        ("Row 31: negative", #"{"format":-1,"kind":"user","user":"ann"}"#, "Bad message"),
        ("Row 31: a text", #"{"format":"1","kind":"user","user":"ann"}"#, "Bad message"),
        ("Row 31: beyond 64 bits", #"{"format":1e99,"kind":"user","user":"ann"}"#, "Bad message"),
      ])
    func formats(_ row: (name: String, head: String, error: String)) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.python(Imports.pack, ["ann.udb", row.head, #"ann/user.json={"id":"ann"}"#])
        let outcome = try office.attempt("cp ann.udb \"$U/\"")
        #expect(outcome.status != 0 && outcome.errors.contains(row.error), "\(outcome.errors)")
        #expect(try office.ids().count == 1)
        #expect(try office.errorLog().last?.contains("ann.udb") == true)
      }
    }

    @Test(
      "Rows 33 and 35: another user's archive comes in as the name copied to; an unknown user is added"
    )
    func otherName() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        try office.sh(
          """
          cp "$U/$X.udb" "$U/$Y.udb"
          cp "$U/$X.udb" "$U/unknown.udb"
          for id in $Y unknown; do
            test "$(tar -tf "$U/$id.udb" | grep -c "^$id/")" -eq 9
            tar -xOf "$U/$id.udb" office.json | grep "\\"$id\\"" >/dev/null
            tar -xOf "$U/$id.udb" $id/user.json | grep "\\"$id\\"" >/dev/null
            tar -xOf "$U/$id.udb" $id/messages.mbox | cmp - <(tar -xOf "$U/$X.udb" $X/messages.mbox)
          done
          """, ["X": users[0], "Y": users[1]])
        #expect(try office.ids().count == 3)
      }
    }

    @Test("Row 34: a column renamed to a user's file is refused")
    func column() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        let outcome = try office.attempt(
          """
          cp "$U/$USER.udb" good.udb
          not cp "$M/areas/scheduler.odb" "$U/$USER.udb"
          cmp good.udb "$U/$USER.udb"
          cp "$M/areas/scheduler.odb" "$U/column.udb"
          """, ["USER": user])
        #expect(outcome.status != 0 && outcome.errors.contains("Bad message"))
        #expect(try office.ids().count == 2)
      }
    }

    @Test("Row 36: a password inside user.json is dropped and reported, its value nowhere")
    func password() throws {
      try MountedOffice.with(.empty) { office in
        let cell =
          #"ann/user.json={"id":"ann","password":"hunter2","more":{"Role":"hunter2"},"name":"Ann"}"#
        try office.python(
          Imports.pack, ["ann.udb", #"{"format":1,"kind":"user","user":"ann"}"#, cell])
        try office.sh(
          """
          cp ann.udb "$U/"
          tar -xOf "$U/ann.udb" ann/user.json | grep '"Ann"' >/dev/null
          not grep -rq hunter2 "$U" "$M/areas" "$M/status"
          grep -qi password "$M/status/audit.log"
          """)
      }
    }

    @Test("Row 38: a group event that is there already stays one item")
    func groupEvent() throws {
      try MountedOffice.with(.empty) { office in
        let event =
          "BEGIN:VEVENT\r\nUID:group@x\r\nDTSTART:20260101T100000Z\r\nSUMMARY:All\r\nEND:VEVENT\r\n"
        let calendar = "scheduler.ics=BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\(event)END:VCALENDAR\r\n"
        for id in ["ann", "ben"] {
          try office.python(
            Imports.pack,
            ["\(id).udb", #"{"format":1,"kind":"user","user":"\#(id)"}"#, "\(id)/\(calendar)"])
        }
        try office.sh(
          """
          cp ann.udb ben.udb "$U/"
          cp ann.udb "$U/ben.udb"
          tar -xOf "$U/ben.udb" ben/scheduler.ics | grep -c UID:group@x | grep -qx 1
          tar -xOf "$M/areas/scheduler.odb" | grep -c UID:group@x | grep -qx 2
          """)
      }
    }

    @Test("an archive with some cells replaces those and leaves the others as they are")
    func someCells() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          mkdir before after
          tar -C before -xf "$U/$USER.udb"
          printf 'BEGIN:VCARD\\r\\nVERSION:4.0\\r\\nUID:1\\r\\nFN:One\\r\\nEND:VCARD\\r\\n' >one.vcf
          "$PACKAGE/scripts/pack-user" $USER part.udb addresses.vcf=one.vcf
          cp part.udb "$U/$USER.udb"
          tar -C after -xf "$U/$USER.udb"
          cmp one.vcf after/$USER/addresses.vcf
          rm {before,after}/$USER/addresses.vcf
          diff -r before/$USER after/$USER
          """, ["USER": user])
      }
    }

    @Test("compressed archives come in", arguments: ["gzip", "xz", "zstd"].filter(Subprocess.has))
    func compressed(_ tool: String) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" good.udb
          rm "$U/$USER.udb"
          \(tool) -c good.udb >small
          cp small "$U/$USER.udb"
          cmp good.udb "$U/$USER.udb"
          """, ["USER": user])
      }
    }
  }
}
