import TestSupport
import Testing

extension RealMount {
  @Suite("What ls and stat show")
  struct Shape {
    @Test("each folder holds what the contract says")
    func names() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.sh(
          """
          test "$(ls -A "$M" | tr '\\n' ' ')" = \
            'README.txt archives areas backup groups import reminders restore sessions settings status \
          undo users '
          test "$(ls -A "$M/areas" | tr '\\n' ' ')" = 'addresses.odb directory.odb messages.odb \
          scheduler.odb timesheet.odb todo.odb user.odb webmail.odb whereabouts.odb '
          test "$(ls -A "$M/status" | tr '\\n' ' ')" = \
            'activity.txt audit.log errors.log health.txt jobs users.txt version.txt '
          test "$(ls -A "$M/import" | tr '\\n' ' ')" = 'merge preview reports skip '
          test -z "$(ls -A "$U" | grep -v '^[A-Za-z0-9][A-Za-z0-9._@-]*\\.udb$')"
          test "$(cut -c 1-2 "$M/status/health.txt" | head -n 1)" = OK
          for user in "$U"/*.udb; do grep -q "$(basename "$user" .udb)" "$M/status/users.txt"; done
          test -s "$M/README.txt"; test -s "$M/status/version.txt"
          find "$M" -ls >/dev/null; du -s "$M" >/dev/null
          """)
      }
    }

    @Test("sizes, blocks, links, times and inodes are those of real files")
    func attributes() throws {
      try MountedOffice.with(.demo(users: 5)) { office in
        try office.python(
          """
          import os, sys
          mount, inodes = sys.argv[1], set()
          for folder, folders, files in os.walk(mount):
              for name in files:
                  path = os.path.join(folder, name)
                  s = os.lstat(path)
                  assert s.st_size == len(open(path, 'rb').read()), path
                  assert s.st_blocks == (s.st_size + 511) // 512, (path, s)
                  assert s.st_blksize == 1 << 20, (path, s)
                  assert s.st_nlink == 1, (path, s)
                  assert s.st_ino > 1 and s.st_ino not in inodes, path
                  inodes.add(s.st_ino)
              for name in folders:
                  assert os.lstat(os.path.join(folder, name)).st_nlink >= 1
          users = [os.lstat(e.path) for e in os.scandir(mount + '/users')]
          assert len({s.st_mtime_ns for s in users}) == len(users), 'two versions of one time'
          for entry in os.scandir(mount + '/users'):
              assert entry.inode() == entry.stat().st_ino and entry.is_file()
          v = os.statvfs(mount)
          assert v.f_blocks > 0 and v.f_bavail <= v.f_bfree <= v.f_blocks and v.f_namemax == 255, v
          """, [office.mountPoint])
      }
    }

    @Test("inodes and times are the same after a restart, and a new version has a new one")
    func inodes() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let users = try office.ids()
        let variables = ["X": users[0], "Y": users[1]]
        try office.sh("ls -li --full-time \"$U\" \"$M/areas\" >before")
        try office.stop()
        try office.start()
        try office.sh(
          """
          ls -li --full-time "$U" "$M/areas" | diff before -
          old=$(stat -c %i "$U/$X.udb")
          cp "$U/$Y.udb" y.udb; cp y.udb "$U/$X.udb"
          test "$(stat -c %i "$U/$X.udb")" != "$old"
          """, variables)
      }
    }

    @Test("modes and owners: users/ 0711, a user 0600, columns and logs the owner's only")
    func modes() throws {
      try MountedOffice.with(.demo(users: 2), options: ["allow_other"]) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          test "$(stat -c '%a %u' "$U")" = '711 0'
          test "$(stat -c '%a %u %h' "$U/$USER.udb")" = '600 0 1'
          test "$(stat -c '%a %u' "$M/areas/user.odb")" = '400 0'
          rm "$U/$USER.udb"
          stat -c '%a %n' "$M"/undo "$M"/status/*.log "$M"/areas/*.odb | not grep -v '^[4-7]00 '
          findmnt -n -o OPTIONS "$M" | grep nosuid.*nodev.*noexec >/dev/null
          chmod 711 "$M/.."
          """, ["USER": user])
        let other = try office.ids()[0]
        try office.sh(
          """
          nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
          nobody stat "$U/$USER.udb" >/dev/null
          for path in "$U/$USER.udb" "$M/areas/user.odb" "$M/status/audit.log"; do
            not nobody cat "$path" 2>error; grep -q 'Permission denied' error
            not nobody dd of="$path" conv=notrunc </dev/null 2>error; grep -q 'Permission denied' error
          done
          for folder in "$U" "$M/undo"; do
            not nobody ls "$folder" 2>error; grep -q 'Permission denied' error
          done
          not nobody touch "$U/mine.udb" 2>error; grep -q 'Permission denied' error
          not nobody rm -f "$U/$USER.udb" 2>error; grep -q 'Permission denied' error
          test -s "$U/$USER.udb"
          """, ["USER": other])
      }
    }

    @Test("without allow_other the mount is private to who mounted it")
    func isPrivate() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let outcome = try office.attempt(
          "chmod 711 \"$M/..\"; setpriv --reuid 65534 --regid 65534 --clear-groups ls \"$M\"")
        #expect(outcome.errors.contains("Permission denied"))
      }
    }
  }
}
