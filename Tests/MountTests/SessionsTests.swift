import TestSupport
import Testing

extension RealMount {
  @Suite("sessions/")
  struct Sessions {
    @Test("Front ends of any account make, touch and remove their own; strangers' they leave alone")
    func accounts() throws {
      try MountedOffice.with(.demo(users: 2), options: ["allow_other"]) { office in
        let users = try office.ids()
        try office.sh(
          """
          chmod 711 ..
          as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
          cd "$M/sessions"
          as 4711 touch "$X.web" && as 4712 touch "$X.phone" "$Y.web"
          test "$(ls)" = "$(printf '%s\\n' "$X.phone" "$X.web" "$Y.web")"
          test "$(stat -c '%u %a' "$X.web")" = '4711 600'
          as 4711 grep -q '^active since .*, last seen ' "$X.web"
          not as 4712 cat "$X.web" 2>/dev/null
          not as 4712 touch "$X.web" 2>/dev/null
          not as 4712 rm -f "$X.web" 2>/dev/null
          as 4711 touch -d '2 hours ago' "$X.web"
          as 4711 grep -q '^stale, last seen ' "$X.web"
          as 4711 touch "$X.web"
          as 4711 grep -q '^active' "$X.web"
          as 4711 rm "$X.web" && test ! -e "$X.web"
          as 4712 sh -c 'echo alive >"$1"' sh "$Y.web"
          rm "$X.phone" "$Y.web"
          test -z "$(ls)"
          """, ["X": users[0], "Y": users[1]])
      }
    }

    @Test("What is no session is EINVAL, and errors.log says what to do")
    func refusals() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.sh(
          """
          refused() {
            { not touch "$M/sessions/$1"; } 2>&1 | grep -q 'Invalid argument'
            tail -n 1 "$M/status/errors.log" | grep -q "sessions/$1 EINVAL create by touch.*$2"
          }
          refused nobody.web 'there is no such user in nobody'
          refused "$X" 'use <id>.<service>'
          touch "$M/sessions/$X.web"
          not mv "$M/sessions/$X.web" "$M/sessions/$X.phone" 2>/dev/null
          not mkdir "$M/sessions/folder" 2>/dev/null
          """, ["X": try office.ids()[0]])
      }
    }

    @Test("status/activity.txt lists copies in and out by path, user and process")
    func activity() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.sh(
          """
          exec 3<"$U/$X.udb"; head -c 1 <&3 >/dev/null
          exec 4>"$U/new.udb"; head -c 512 "$U/$X.udb" >&4
          grep -q "^reads users/$X.udb uid $(id -u) bash\\[$$\\] since 2" "$M/status/activity.txt"
          grep -q "^writes users/new.udb uid $(id -u) bash\\[$$\\] since 2" "$M/status/activity.txt"
          exec 3<&- 4>&-
          sleep 0.2
          test -z "$(cat "$M/status/activity.txt")"
          touch "$M/backup/update/all"
          grep -qx 'what manual backup of everything' "$M/status/jobs/1.txt"
          grep -q '^who touch' "$M/status/jobs/1.txt"
          grep -q '^result done, set ' "$M/status/jobs/1.txt"
          """, ["X": try office.ids()[0]])
      }
    }
  }
}
