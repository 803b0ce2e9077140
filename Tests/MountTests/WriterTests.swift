import TestSupport
import Testing

extension RealMount {
  @Suite("Writing in users/")
  struct Writers {
    @Test("touch of a new name adds an empty user; rm deletes; mv renames")
    func touches() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          touch "$U/newcomer.udb"
          test "$(tar -tf "$U/newcomer.udb" | wc -l)" -eq 11
          test "$(tar -xOf "$U/newcomer.udb" newcomer/messages.mbox | wc -c)" -eq 0
          grep -q newcomer "$M/status/users.txt"
          rm "$U/newcomer.udb"
          test ! -e "$U/newcomer.udb"

          cp "$U/$USER.udb" before.udb
          inode=$(stat -c %i "$U/$USER.udb")
          mv "$U/$USER.udb" "$U/renamed.udb"
          test ! -e "$U/$USER.udb"
          tar -tf "$U/renamed.udb" | grep -x renamed/user.json >/dev/null
          tar -xOf "$U/renamed.udb" renamed/user.json | grep '"renamed"' >/dev/null
          mv "$U/renamed.udb" "$U/$USER.udb"
          cmp before.udb "$U/$USER.udb"
          """, ["USER": user])
      }
    }

    @Test("a second writer on one name gets EBUSY, and the first one's import is right")
    func secondWriter() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        try office.python(
          """
          import errno, os, sys
          users, x, y = sys.argv[1:]
          good = open(f'{users}/{y}.udb', 'rb').read()
          old = open(f'{users}/{x}.udb', 'rb').read()
          for target in (f'{users}/{x}.udb', f'{users}/new.udb'):
              first = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
              os.write(first, good[:5000])
              try:
                  os.open(target, os.O_WRONLY | os.O_TRUNC)
                  sys.exit('a second writer came in')
              except OSError as e:
                  assert e.errno == errno.EBUSY, e
              os.write(first, good[5000:])
              os.close(first)
              assert os.stat(target).st_size == os.stat(f'{users}/new.udb' if 'new' in target else target).st_size
          again = os.open(f'{users}/{x}.udb', os.O_WRONLY | os.O_TRUNC)
          os.write(again, old)
          os.close(again)
          assert open(f'{users}/{x}.udb', 'rb').read() == old
          """, [office.users] + users)
      }
    }

    @Test("a file that one process opens and another writes comes in, whoever closes it first")
    func handsOver() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        try office.sh(
          """
          cp "$U/$Y.udb" "$U/$X.udb"; cp "$U/$X.udb" one.udb; rm "$U/$X.udb"
          for old in yes no; do
            [ $old = yes ] || rm "$U/$X.udb"
            { sleep 0.3; cat one.udb; } >"$U/$X.udb"
            cmp one.udb "$U/$X.udb"
            python3 -c '
          import subprocess, sys
          target = open(sys.argv[1], "wb")
          child = subprocess.Popen(["sh", "-c", "sleep 0.3; cat one.udb"], stdout=target)
          target.close()
          sys.exit(child.wait())
          ' "$U/$X.udb"
            cmp one.udb "$U/$X.udb"
            exec 7>"$U/$X.udb"
            sleep 0.3
            cat one.udb >&7
            exec 7>&-
            cmp one.udb "$U/$X.udb"
          done
          not grep -c EBADMSG "$M/status/errors.log"
          """, ["X": users[0], "Y": users[1]])
      }
    }

    @Test("the time that cp -p and touch -d set is kept and shown, also after a restart")
    func keepsTimes() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" copy.udb
          touch -d '2020-02-02 02:02:02.123456789Z' copy.udb
          cp -p copy.udb "$U/kept.udb"
          test "$(stat -c %.9Y "$U/kept.udb")" = 1580608922.123456789
          inode=$(stat -c %i "$U/$USER.udb")
          touch -d '2021-03-04 05:06:07.000000089Z' "$U/$USER.udb"
          test "$(stat -c %.9Y "$U/$USER.udb")" = 1614834367.000000089
          test "$(stat -c %i "$U/$USER.udb")" = "$inode"
          cmp copy.udb "$U/$USER.udb"
          ls -li --full-time "$U" >before
          """, ["USER": user])
        try office.stop()
        try office.start()
        try office.sh(
          "ls -li --full-time \"$U\" | diff before -; cmp copy.udb \"$U/$USER.udb\"", ["USER": user]
        )
      }
    }

    @Test("Row 37: the same file imported twice changes nothing")
    func twice() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" copy.udb
          ls -li --full-time "$U" "$M/areas" >before
          ls "$M/undo" >undo-before
          cp copy.udb "$U/$USER.udb"
          cat copy.udb >"$U/$USER.udb"
          ls -li --full-time "$U" "$M/areas" | diff before -
          ls "$M/undo" | diff undo-before -
          cmp copy.udb "$U/$USER.udb"
          """, ["USER": user])
      }
    }

    @Test("chmod, chown and extended attributes do no harm: cp -a and install need them")
    func metadata() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" before.udb
          chmod 640 "$U/$USER.udb"
          chown 0:0 "$U/$USER.udb"
          if command -v setfattr >/dev/null; then
            cp before.udb marked.udb; setfattr -n user.mark -v 1 marked.udb || true
            cp -a marked.udb "$U/marked.udb"
          fi
          cmp before.udb "$U/$USER.udb"
          """, ["USER": user])
        let huge = "os.truncate(p, 999999999999999)"
        #expect(try office.errno(of: huge, at: office.users + "/\(user).udb") == "EFBIG")
        try office.sh("cmp before.udb \"$U/$USER.udb\"", ["USER": user])
      }
    }
  }
}
