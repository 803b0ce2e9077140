import TestSupport
import Testing

extension RealMount {
  @Suite("Times as far off as there are")
  struct FarTimes {
    @Test(
      "touch -d with any year harms nothing: users, sessions, members, what is being written",
      arguments: ["0001-01-01", "1600-01-01", "1969-12-31T23:59:59", "2261-01-01", "9999-12-31"])
    func touch(_ day: String) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try office.sh(
          """
          cp "$U/$X.udb" x.udb; mkdir "$M/groups/sales"
          touch "$M/sessions/$X.web" "$M/groups/sales/$X"
          for file in "$U/$X.udb" "$M/sessions/$X.web" "$M/groups/sales/$X"; do
            touch -d "$DAY" "$file"; stat "$file" >/dev/null; cat "$file" >/dev/null
          done
          touch -d "$DAY" y.udb; cp -p y.udb "$U/.y.udb"; cp x.udb "$U/.y.udb"; touch -d "$DAY" "$U/.y.udb"
          mv "$U/.y.udb" "$U/new.udb"; touch -d "$DAY" "$U/new.udb"
          touch "$M/backup/update/all"; ls -lR "$M" >/dev/null
          cp "$U/$Y.udb" "$U/$X.udb"; cp "$U/$Y.udb" "$U/new.udb"; rm "$U/$X.udb"; cp x.udb "$U/$X.udb"
          touch "$M/backup/update/all"; ls -lR "$M" >/dev/null
          cmp x.udb "$U/$X.udb"
          """, ["DAY": day, "X": office.ids()[0], "Y": office.ids()[1]])
      }
    }
  }
}
