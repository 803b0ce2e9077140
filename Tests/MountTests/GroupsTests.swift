import Glibc
import TestSupport
import Testing

extension RealMount {
  @Suite("groups/ and settings/")
  struct Groups {
    @Test("mkdir -p, touch, cp, cp -r, mv, rsync -r and rm -r make and change groups")
    func tools() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let users = try office.ids()
        try office.sh(
          """
          cd "$M/groups"
          mkdir -p sales/ && mkdir support
          touch "sales/$X" "sales/$Y" sales/gone
          test "$(ls sales | wc -l)" = 3
          cp sales/* support/
          diff <(ls sales) <(ls support)
          cp -r sales marketing && diff -r sales marketing
          mv marketing verkauf && test ! -e marketing && diff -r sales verkauf
          mv "verkauf/$X" support/ && test ! -e "verkauf/$X"
          cp sales/* ../settings/backup-group/
          diff -r sales ../settings/backup-group
          mkdir "$OLDPWD/src" "$OLDPWD/src/team"; touch "$OLDPWD/src/team/anna" "$OLDPWD/src/team/ben"
          rsync -r "$OLDPWD/src/" "$M/groups/"
          test "$(ls team | tr '\\n' ' ')" = 'anna ben '
          rsync -a "$M/groups/" "$OLDPWD/copy/" && diff -r "$M/groups" "$OLDPWD/copy"
          test "$(rsync -a --stats "$M/groups/" "$OLDPWD/copy/" | grep -c 'files transferred: 0')" = 1
          touch -d 2020-02-03T04:05:06Z "$OLDPWD/src/team/anna"; cp -p "$OLDPWD/src/team/anna" sales/gone
          test "$(stat -c %Y sales/gone)" = 1580702706
          rsync -a "$OLDPWD/src/team/" team/ && test "$(stat -c %Y team/anna)" = 1580702706
          test "$(rsync -a --stats "$OLDPWD/src/team/" team/ | grep -c 'files transferred: 0')" = 1
          touch -d 2021-02-03T04:05:06Z "sales/$X"; touch "sales/$Y"
          test "$(stat -c %Y "sales/$X")" = 1612325106
          not rmdir team 2>/dev/null
          rm -r team && test ! -e team
          rm "sales/gone" && not rm "sales/gone" 2>/dev/null
          touch sales/"$X"
          grep -P "^$X\\t.*\\tsales,support" "$M/status/users.txt"
          test -z "$(cat "$M/status/errors.log")"
          """, ["X": users[0], "Y": users[1]])
        try office.stop()
        try office.start()
        try office.sh("test \"$(ls \"$M/groups\" | tr '\\n' ' ')\" = 'sales support verkauf '")
        try office.stop()
        try office.command("verify", office.data)
        try office.start()
      }
    }

    @Test("What is no group and no member is refused, and errors.log says why")
    func refusals() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh("mkdir \"$M/groups/Sales\"; touch \"$M/groups/Sales/alice\"")
        let refused = [
          "os.mkdir(p + b'/groups/sales')": "EEXIST",
          "os.mkdir(p + b'/groups/-x')": "EINVAL",
          "os.mkdir(p + b'/groups/a b')": "EINVAL",
          "os.mkdir(p + b'/groups/Sales/inner')": "EINVAL",
          "os.rmdir(p + b'/groups/Sales')": "ENOTEMPTY",
          "os.unlink(p + b'/groups/Sales')": "EISDIR",
          "open(p + b'/groups/file', 'x')": "EINVAL",
          "open(p + b'/groups/Sales/ALICE', 'x')": "EEXIST",
          "open(p + b'/groups/Sales/b b', 'x')": "EINVAL",
          "os.rename(p + b'/groups/Sales/alice', p + b'/users/alice.udb')": "EXDEV",
          "os.rename(p + b'/groups/Sales/alice', p + b'/settings/alice')": "EXDEV",
          "os.truncate(p + b'/groups/Sales/alice', 5)": "EINVAL",
          "os.rmdir(p + b'/groups')": "EROFS",
          "os.mkdir(p + b'/settings/x')": "EINVAL",
          "open(p + b'/settings/notes.txt', 'x')": "EINVAL",
          "os.rmdir(p + b'/settings/backup-group')": "EROFS",
          "os.truncate(p + b'/settings/office.toml', 1 << 40)": "EFBIG",
        ]
        for (expression, errno) in refused {
          #expect(try office.errno(of: expression, at: office.mountPoint) == errno, "\(expression)")
        }
        let copied = try office.attempt("echo x >x; cp x \"$M/groups/Sales/bob\"")
        #expect(copied.status != 0)
        try office.sh("test \"$(ls \"$M/groups/Sales\")\" = alice")
        let log = try office.errorLog()
        #expect(
          log.contains { $0.contains("groups/Sales/bob EINVAL") && $0.contains("empty") }, "\(log)")
      }
    }

    @Test(
      "office.toml is edited with cp, mv, vim, sed -i, rsync, install and a shell, and checked each time"
    )
    func editors() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          S="$M/settings/office.toml"
          holds() { grep -qx "days = $1" "$S" && grep -q "for $1 days" "$M/README.txt"; }
          grep -q '# days = 30' "$S" && grep -q 'for 30 days' "$M/README.txt"
          printf '[undo]\\ndays = 31\\n' >new.toml
          cp new.toml "$S"; holds 31
          sed -i 's/31/32/' "$S"; holds 32
          sed -i 's/31/33/' new.toml; rsync -I new.toml "$S"; holds 33
          sed -i 's/33/34/' new.toml; rsync -I --inplace new.toml "$S"; holds 34
          sed -i 's/34/35/' new.toml; install -m 600 new.toml "$S"; holds 35
          sed -i 's/35/36/' new.toml; cp new.toml moved; mv moved "$S"; holds 36
          printf '[undo]\\ndays = 37\\n' >"$S"; holds 37
          { echo '[undo]'; cat <<<'days = 38'; } >"$S"; holds 38
          echo '# end' >>"$S"; holds 38; test "$(tail -n 1 "$S")" = '# end'
          sed -i 's/36/39/' new.toml; cp -a new.toml "$S"; holds 39
          test -z "$(cat "$M/status/errors.log")"
          rm "$S"; test ! -e "$S"; grep -q 'for 30 days' "$M/README.txt"
          cp "$(ls -d "$M"/undo/*_settings* | sort -V | tail -n 1)/settings/office.toml" "$S"; holds 39
          """)
        if try office.attempt("command -v vim").status == 0 {
          try office.sh(
            """
            S="$M/settings/office.toml"
            vim -es -c '%s/39/40/' -c wq "$S" </dev/null
            vim -es -u NONE -c 'set nocompatible backupcopy=no' -c '%s/40/41/' -c wq "$S" </dev/null
            grep -qx 'days = 41' "$S"; test "$(ls -A "$M/settings" | tr '\\n' ' ')" = 'backup-group office.toml '
            """)
        }
        for wrong in [
          "[undo", "[undo]\\ndays = 1", "[undo]\\nday = 40", "[limits]\\nline-bytes = 0",
        ] {
          for write in [
            "cp wrong \"$S\"", "mv wrong \"$S\"", "rsync -I wrong \"$S\"", "install wrong \"$S\"",
            "rsync -I --inplace wrong \"$S\"",
          ] {
            let outcome = try office.attempt(
              "S=\"$M/settings/office.toml\"; cp \"$S\" old; printf '\(wrong)\\n' >wrong; \(write)")
            #expect(outcome.status != 0, "\(write) \(wrong)")
            try office.sh("cmp old \"$M/settings/office.toml\"")
            let last = try office.errorLog().last ?? ""
            #expect(last.contains("EINVAL") && last.contains(" line "), "\(last)")
          }
        }
      }
    }

    @Test("limits of office.toml hold from when it is closed")
    func limits() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try office.ids()[0]
        try office.sh(
          """
          cp "$U/$X.udb" x.udb
          printf '[limits]\\narchive-bytes = 4096\\n' >"$M/settings/office.toml"
          not cp x.udb "$U/y.udb" 2>err; grep -q 'File too large' err
          rm "$M/settings/office.toml"
          cp x.udb "$U/y.udb"
          """, ["X": user])
      }
    }

    @Test("owners.toml gives a user's file to a Unix user, who may read it and no other")
    func owners() throws {
      guard geteuid() == 0 else { return }
      try MountedOffice.with(.demo(users: 2), options: ["allow_other"]) { office in
        let users = try office.ids()
        try office.sh(
          """
          chmod 711 "$M/.." "$M/../.." 2>/dev/null || true
          printf '"%s" = "nobody"\\n' "$X" >"$M/settings/owners.toml"
          test "$(stat -c '%U %a' "$U/$X.udb" "$U/$Y.udb" | tr '\\n' ' ')" = 'nobody 400 root 600 '
          run() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
          run cat "$U/$X.udb" >x.udb; cmp x.udb "$U/$X.udb"
          not run cat "$U/$Y.udb" 2>/dev/null; not run rm -f "$U/$X.udb" 2>/dev/null
          not run ls "$M/groups" 2>/dev/null; not run ls "$M/settings" 2>/dev/null
          cp "$U/$Y.udb" "$U/$X.udb"
          rm "$M/settings/owners.toml"; test "$(stat -c '%U %a' "$U/$X.udb")" = 'root 600'
          tar xOf "$U/$X.udb" office.json | not grep -q nobody
          """, ["X": users[0], "Y": users[1]])
      }
    }
  }
}
