import TestSupport
import Testing

extension RealMount {
  @Suite("officefs restore")
  struct RestoreCommand {
    /// Runs a command on a terminal of its own, gives each answer when its prompt stands there, prints all that was shown
    /// and exits as the command does.
    private static let terminal = """
      import os, pty, select, sys, time
      pid, fd = pty.fork()
      if pid == 0:
          os.execvp(sys.argv[1], sys.argv[1].split() + sys.argv[2:sys.argv.index('--')])
      steps, seen, shown = sys.argv[sys.argv.index('--') + 1:], b'', b''
      end = time.time() + 60
      while time.time() < end:
          if not select.select([fd], [], [], 0.2)[0]: continue
          try: data = os.read(fd, 4096)
          except OSError: break
          if not data: break
          seen += data; shown += data
          if steps and steps[0].encode() in seen:
              seen = b''
              os.write(fd, b'\\x03' if steps[1] == '^C' else steps[1].encode() + b'\\n')
              steps = steps[2:]
      else:
          os.kill(pid, 9)
      sys.stdout.buffer.write(shown.replace(b'\\r\\n', b'\\n')); sys.stdout.flush()
      assert not steps, steps
      status = os.waitpid(pid, 0)[1]
      sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 99)
      """

    private static func prepare(_ office: MountedOffice) throws -> [String: String] {
      let users = try office.ids()
      let variables = ["X": users[0], "Y": users[1], "PTY": terminal]
      try office.sh(
        """
        touch "$M/backup/update/all"; sleep 1.1; touch "$M/backup/update/all"
        cp -a "$U" was; rm "$U/$X.udb" "$U/$Y.udb"; touch "$U/new.udb"
        printf '%s' "$PTY" >terminal.py
        """, variables)
      return variables
    }

    @Test("On a terminal: the list newest first with the newest chosen, areas, users, plan, yes")
    func dialogue() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.prepare(office)
        let script = """
          newest=$(ls "$M/backup/by-date" 2>/dev/null | tail -n 1 || true)
          test -n "$newest" || newest=$(cat newest); echo "$newest" >newest
          ask() { python3 terminal.py officefs restore "$DATA" -- "$@"; }
          ask 'Which archive? [' '' 'Which areas? [all] ' '' 'Which users? [all] ' "eve" \
            'Which users? [all] ' "$X" 'The groups too? ' '' 'The settings too? ' no \
            'Delete users who' '' 'Type yes to go on: ' no >shown && exit 1
          grep -q "^\\* [0-9]*  ${newest}_manual.sar" shown
          sed -n 's/^[* ] [0-9]*  \\(2.*Z_.*\\)\\.sar.*/\\1/p' shown >listed
          test "$(wc -l <listed)" -ge 2; LC_ALL=C sort -rc listed
          grep -q 'The archive has no eve' shown
          grep -q "^$X .*a new user" shown
          grep -q 'nothing was restored' shown
          ask 'Which archive? [' '' 'Which areas? [all] ' 'todo scheduler' 'Which users? ' "$X" \
            'groups too? ' '' 'settings too? ' '' 'Type yes to go on: ' yes >shown
          grep -q 'done at' shown; grep -q "^added: $X" shown
          ask 'Which archive? [' '' 'Which areas? [all] ' '' 'Which users? ' "" \
            'groups too? ' '' 'settings too? ' '' 'Delete users who' yes 'Type yes to go on: ' yes >shown
          grep -q 'done at' shown; grep -q '^removed: new' shown
          """
        try office.sh(script + "\ndiff -r was \"$U\"; test -z \"$(ls \"$M/restore\")\"", variables)
        // The same of an office that is not mounted.
        try office.sh("rm \"$U/$X.udb\" \"$U/$Y.udb\"; touch \"$U/new.udb\"", variables)
        try office.stop()
        try office.sh(script, variables)
        try office.start()
        try office.sh("diff -r was \"$U\"")
      }
    }

    @Test("Ctrl-C at a question takes the staging away, and nothing has changed")
    func interrupted() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let variables = try Self.prepare(office)
        try office.sh(
          """
          not python3 terminal.py officefs restore "$DATA" latest -- 'Type yes to go on: ' '^C' >shown
          grep -q "^$X .*a new user" shown
          test -z "$(ls "$M/restore")"; test "$(ls "$U")" = new.udb
          """, variables)
      }
    }

    @Test("For scripts: flags, --dry-run, --json, --yes; exit codes 0, 1 and 64; mounted or not")
    func flags() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.prepare(office)
        let script = """
          restore() { officefs restore "$DATA" "$@" </dev/null; }
          exits() { local code=0; restore "${@:2}" >out 2>errors || code=$?; test $code = "$1"; }
          exits 64; exits 64 latest --area music
          exits 1 nothing; grep -q 'no such archive' errors; test "$(wc -l <errors)" = 1
          exits 1 latest --user eve; grep -q 'no such user' errors
          exits 1 latest; grep -q 'nothing was restored' errors
          exits 1 latest --area todo --remove-others --yes; grep -q 'all nine areas' errors
          exits 0 latest --dry-run; grep -q "^$X .*a new user" out
          exits 0 latest --dry-run --json --user "$X" --area todo --area user
          python3 -c 'if True:
            import json, sys
            o = json.load(open("out")); p = o["plan"]
            assert "result" not in o and len(p["code"]) == 8, o
            assert [a["area"] for a in p["areas"]] == ["user", "todo"], p
            assert [(u["user"], u["fate"]) for u in p["users"]] == [(sys.argv[1], "added"), ("new", "stays")], p
            assert set(p) == {"archive", "areas", "at_work", "code", "format", "groups", "logged_in", "office",
              "planned", "process", "reads_up_to", "refusals", "remove_others", "sessions", "settings", "space",
              "stamp", "users"}, sorted(p)
            assert set(p["space"]) == {"needed", "free", "repository_free"}
            assert set(p["users"][0]["objects"]) == {"added", "changed", "removed", "same"}' "$X"
          exits 0 latest --json --yes --user "$X"
          python3 -c 'if True:
            import json, sys
            r = json.load(open("out"))["result"]
            assert r["result"] == "done" and r["added"] == [sys.argv[1]] and r["removed"] == [], r
            assert set(r) <= {"added", "archive", "before", "changed", "ended", "office", "reason", "removed",
              "result", "sessions", "undo"}, sorted(r)' "$X"
          exits 0 latest --yes --remove-others; grep -q '^removed: new' out
          exits 0 latest --yes --groups
          """
        try office.sh(script + "\ndiff -r was \"$U\"; test -z \"$(ls \"$M/restore\")\"", variables)
        try office.sh("rm \"$U/$X.udb\" \"$U/$Y.udb\"; touch \"$U/new.udb\"", variables)
        try office.stop()
        try office.sh(script, variables)
        try office.start()
        try office.sh("diff -r was \"$U\"")
      }
    }
  }
}
