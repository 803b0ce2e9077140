import TestSupport
import Testing

extension RealMount {
  @Suite("undo/")
  struct Undo {
    @Test("rm -rf of users/* and a copy from undo/ give every file back equal")
    func bringsBack() throws {
      try MountedOffice.with(.demo(users: 12)) { office in
        try office.sh(
          """
          cp -a "$U" before
          rm -rf "$U"/*
          test -z "$(ls -A "$U")"
          ls "$M/undo" | grep '_delete$' >/dev/null
          cp "$M"/undo/*_delete/*.udb "$U/"
          diff -r before "$U"
          """)
      }
    }

    @Test("Row 95: rm -rf of the whole mount: users, groups and settings come back from undo/")
    func survivesAll() throws {
      try MountedOffice.with(.demo(users: 5)) { office in
        try office.sh(
          """
          mkdir "$M/groups/sales" "$M/groups/empty"; touch "$M/groups/sales/"{alice,bob}
          cp "$M/groups/sales/"* "$M/settings/backup-group/"
          printf '[undo]\\ndays = 40\\n' >"$M/settings/office.toml"
          cp -r "$U" "$M/groups" "$M/settings" .
          """)
        #expect(try office.attempt("rm -rf \"$M\"").status != 0)
        try office.sh(
          """
          test "$(ls "$M" | tr '\\n' ' ')" = 'README.txt archives areas backup groups import reminders restore sessions settings status undo users '
          test -z "$(ls "$U" "$M/groups" | grep -v :)"
          test "$(ls -R "$M/settings" | grep -c toml)" = 0
          cp "$M"/undo/*_delete/*.udb "$U/"
          newest() { ls -d "$M"/undo/*_$1* | sort -V | tail -n 1; }
          cp -r "$(newest groups)/groups/." "$M/groups/"
          cp -r "$(newest settings)/settings/." "$M/settings/"
          diff -r users "$U"; diff -r groups "$M/groups"; diff -r settings "$M/settings"
          """)
      }
    }

    @Test("the user before an import, a rename and a delete is there, also after a restart")
    func eachKind() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        let variables = ["X": users[0], "Y": users[1]]
        try office.sh(
          """
          cp "$U/$X.udb" x.udb; cp "$U/$Y.udb" y.udb
          cp y.udb "$U/$X.udb"
          cmp "$M"/undo/*_import/$X.udb x.udb
          mv "$U/$Y.udb" "$U/renamed.udb"
          cmp "$M"/undo/*_rename/$Y.udb y.udb
          cp "$U/renamed.udb" renamed.udb
          rm "$U/renamed.udb"
          cmp "$M"/undo/*_delete/renamed.udb renamed.udb
          ls -li "$M"/undo/* >before
          """, variables)
        try office.stop()
        try office.start()
        try office.sh(
          """
          ls -li "$M"/undo/* | diff before -
          cmp "$M"/undo/*_import/$X.udb x.udb
          cp "$M"/undo/*_import/$X.udb "$U/"
          cmp "$U/$X.udb" x.udb
          """, variables)
      }
    }

    @Test("is read-only, rm included")
    func isReadOnly() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.sh("rm \"$U\"/*.udb")
        let outcome = try office.attempt("rm -rf \"$M\"/undo/*")
        #expect(outcome.status != 0 && outcome.errors.contains("Read-only file system"))
        try office.sh("test -s \"$M\"/undo/*_delete/*.udb")
      }
    }

    @Test("purge erases, after a typed yes only")
    func purges() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        let variables = ["USER": user]
        try office.sh("rm \"$U/$USER.udb\"", variables)
        try office.stop()
        #expect(try office.attempt("officefs purge $DATA --user $USER", variables).status == 1)
        try office.sh(
          "echo yes | officefs purge $DATA --user $USER; officefs verify $DATA", variables)
        try office.start()
        #expect(try office.attempt("ls \"$M\"/undo/*/$USER.udb", variables).status != 0)
        #expect(try office.ids().count == 1)
      }
    }
  }
}
