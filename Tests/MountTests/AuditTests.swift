import TestSupport
import Testing

extension RealMount {
  @Suite("The audit log")
  struct Audit {
    @Test("names who read an export to its end or may have; looks into heads do not flood it")
    func exports() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let users = try office.ids()
        try office.sh(
          """
          log="$M/status/audit.log"
          for round in 1 2 3; do for user in "$U"/*.udb; do head -c 4096 "$user" >/dev/null; done; done
          not grep -q 'exported\\|may have read' "$log"
          cat "$U/$X.udb" >/dev/null
          # The kernel tells of the last close a moment after it.
          line="^2.* cat\\[[0-9]*\\] uid 0 exported users/$X.udb$"
          for _ in {1..50}; do ! grep -q "$line" "$log" || break; sleep 0.1; done
          grep -q "$line" "$log"
          setpriv --reuid 0 cat "$U/$X.udb" >/dev/null
          for round in 1 2 3; do for user in "$U"/*.udb; do head -c 4096 "$user" >/dev/null; done; done
          test "$(grep -c 'exported\\|may have read' "$log")" -le 2
          rm "$U/$Y.udb"
          grep -q "^2.* rm\\[[0-9]*\\] uid 0 deleted $Y$" "$log"
          """, ["X": users[0], "Y": users[1]])
      }
    }
  }
}
