import TestSupport
import Testing

extension RealMount {
  @Suite("Read-only places")
  struct ReadOnly {
    /// What root tries; `m` is the mount, `u` a user's id.
    static let attempts = [
      "open(m + '/new', 'w')", "os.mkdir(m + '/new')", "os.rmdir(m + '/users')",
      "os.rmdir(m + '/undo')", "os.unlink(m + '/README.txt')", "open(m + '/README.txt', 'r+')",
      "os.rename(m + '/README.txt', m + '/other')", "os.rename(m + '/users', m + '/other')",
      "open(m + '/areas/user.odb', 'r+b')", "open(m + '/areas/user.odb', 'wb')",
      "os.truncate(m + '/areas/user.odb', 0)", "os.unlink(m + '/areas/user.odb')",
      "open(m + '/areas/new.odb', 'w')", "os.mkdir(m + '/areas/new')",
      "os.rename(m + '/areas/user.odb', m + '/areas/todo.odb')",
      "open(m + '/status/errors.log', 'w')", "open(m + '/status/audit.log', 'a')",
      "os.unlink(m + '/status/audit.log')", "os.truncate(m + '/status/errors.log', 0)",
      "os.mkdir(m + '/undo/new')", "open(m + '/undo/new.udb', 'w')",
      "os.rmdir(undo)", "os.rename(undo, m + '/undo/other')", "open(undo + '/new.udb', 'w')",
      "os.unlink(undo + '/' + u + '.udb')", "open(undo + '/' + u + '.udb', 'r+b')",
      "os.truncate(undo + '/' + u + '.udb', 0)",
    ]

    @Test("answer EROFS to root, and nothing changes")
    func refuse() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          "rm \"$U/$USER.udb\"; find \"$M\" -printf '%P %m %i\\n' | sort >before", ["USER": user])
        for attempt in ReadOnly.attempts {
          let outcome = try office.python(
            """
            import errno, glob, os, sys
            m, u = sys.argv[1:]
            undo = glob.glob(m + '/undo/*_delete')[0]
            try:
                \(attempt)
                print('OK')
            except OSError as e:
                print(errno.errorcode[e.errno])
            """, [office.mountPoint, user])
          #expect(outcome.trimmed == "EROFS", "\(attempt)")
        }
        try office.sh("find \"$M\" -printf '%P %m %i\\n' | sort | diff before -")
      }
    }
  }
}
