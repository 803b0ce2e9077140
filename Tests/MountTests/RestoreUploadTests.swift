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
  }
}
