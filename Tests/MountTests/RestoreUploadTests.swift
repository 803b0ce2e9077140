import TestSupport
import Testing

extension RealMount {
  @Suite("Restores of uploaded columns")
  struct RestoreUpload {
    @Test(
      "From an uploaded .odb one area of all users comes back, and only that area can be chosen")
    func column() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.sh(
          """
          cp -a "$U" was; cp "$M/areas/todo.odb" todo.odb
          ids=$(ls "$U"); one=$(head -n 1 <<<"$ids"); two=$(tail -n 1 <<<"$ids")
          cp "was/$two" "$M/import/merge/$one"; cp -a "$U" now
          cp todo.odb "$M/archives/todo-before.odb"
          mkdir "$M/restore/todo-before"; cd "$M/restore/todo-before"
          test "$(ls areas)" = todo
          { not touch areas/messages; } 2>&1 | grep -q 'Invalid argument'
          tail -n 1 "$M/status/errors.log" | grep -q 'areas/messages EINVAL create by touch.*no such area.*it has todo'
          touch "$(tail -n 1 plan.txt | sed 's/.*touch //')"; cd - >/dev/null
          cmp todo.odb "$M/areas/todo.odb"
          id=${one%.udb}
          tar xOf "$U/$one" "$id/messages.mbox" | cmp - <(tar xOf "now/$one" "$id/messages.mbox")
          """)
      }
    }

    @Test(
      "Row 32: an archive of an older format is restored, one of a newer is refused with the reason and what to do"
    )
    func formats() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          old="$PACKAGE/Tests/OfficeArchiveTests/Golden/format-0.sar"; R="$M/restore"
          cp "$old" "$M/archives/old.sar"; mkdir "$R/old"
          touch "$R/old/groups"; grep -q 'no groups and settings' "$R/old/plan.txt"
          not grep -q 'touch confirm-' "$R/old/plan.txt"
          rm "$R/old/groups"; touch "$R/old/plan.txt"
          touch "$R/old/$(tail -n 1 "$R/old/plan.txt" | sed -n 's/^To carry it out: touch //p')"
          test "$(ls "$U")" = "$(printf 'alice.udb\nbob.udb')"
          cmp <(tar xOf "$old" alice/status.json) <(tar xOf "$U/alice.udb" alice/whereabouts.json)
          for file in user.json scheduler.ics messages.mbox timesheet.csv; do
            cmp <(tar xOf "$old" alice/$file) <(tar xOf "$U/alice.udb" alice/$file)
          done
          printf '{"format":2,"kind":"office"}' >office.json; sha256sum office.json >SHA256SUMS
          tar cf newer.sar office.json SHA256SUMS
          not cp newer.sar "$M/archives/" 2>said; grep -q 'not supported' said
          tail -n 1 "$M/status/errors.log" | grep -q 'archives/newer.sar EOPNOTSUPP close by cp.*format 2.*reads up to 1.*update officefs'
          not mkdir "$R/newer" 2>said; grep -q 'No such file' said
          """)
      }
    }
  }
}
