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
          grep -q "$line" "$log" || { cat "$log"; ls -l "$U"; exit 1; } >&2
          setpriv --reuid 0 cat "$U/$X.udb" >/dev/null
          for round in 1 2 3; do for user in "$U"/*.udb; do head -c 4096 "$user" >/dev/null; done; done
          test "$(grep -c 'exported\\|may have read' "$log")" = 1
          rm "$U/$Y.udb"
          grep -q "^2.* rm\\[[0-9]*\\] uid 0 deleted $Y$" "$log"
          """, ["X": users[0], "Y": users[1]])
      }
    }

    @Test("names whom the kernel may have given an export that it kept, once an hour")
    func cached() throws {
      try MountedOffice.with(.demo(users: 2), options: ["allow_other"]) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          chmod 711 ..
          echo "$X = 65501" >"$M/settings/owners.toml"
          log="$M/status/audit.log"
          waits_for() { for _ in {1..50}; do ! grep -q "$1" "$log" || return 0; sleep 0.1; done; return 1; }
          cat "$U/$X.udb" >copy
          waits_for " uid 0 exported users/$X.udb$"
          for round in 1 2 3; do
            setpriv --reuid 65501 --regid 65501 --clear-groups cat "$U/$X.udb" | cmp - copy
          done
          waits_for "^2.* cat\\[[0-9]*\\] uid 65501 \\(exported\\|may have read\\) users/$X.udb"
          test "$(grep -c 'uid 65501 may have read' "$log")" = 1
          """, ["X": user])
      }
    }
  }
}
