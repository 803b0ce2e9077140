import TestSupport
import Testing

extension RealMount {
  @Suite("rsync", .enabled(if: Subprocess.has("rsync"), "needs rsync"))
  struct Rsync {
    /// What an itemized run sends; nothing else may stand in its list.
    private func sent(_ office: MountedOffice, _ flags: String, to b: MountedOffice) throws
      -> [String]
    {
      try office.sh("rsync -i \(flags) \"$U/\" \"$B/users/\"", ["B": b.mountPoint], timeout: 120)
        .lines.filter { $0.hasPrefix("<") || $0.hasPrefix(">") || $0.hasPrefix("c") }
    }

    @Test(
      "a second run sends nothing, nor with --checksum; one changed event sends that user's file only"
    )
    func sendsWhatChanged() throws {
      try MountedOffice.with(.demo(users: 6)) { a in
        try MountedOffice.with(.empty) { b in
          #expect(try sent(a, "-a", to: b).count == 6)
          try a.sh("diff -r \"$U\" \"$B/users\"", ["B": b.mountPoint])
          #expect(try sent(a, "-a", to: b) == [])
          #expect(try sent(a, "-a --checksum", to: b) == [])

          let user = try a.ids()[2]
          try a.changeOneEvent(of: user)
          let again = try sent(a, "-a", to: b)
          #expect(again.count == 1 && again.allSatisfy { $0.hasSuffix(" \(user).udb") }, "\(again)")
          try a.sh("diff -r \"$U\" \"$B/users\"", ["B": b.mountPoint])
          #expect(try sent(a, "-a --checksum", to: b) == [])
        }
      }
    }

    @Test("nothing is sent after both offices were mounted anew")
    func remembersTimes() throws {
      try MountedOffice.with(.demo(users: 3)) { a in
        try MountedOffice.with(.empty) { b in
          #expect(try sent(a, "-a", to: b).count == 3)
          for office in [a, b] {
            try office.stop()
            try office.start()
          }
          #expect(try sent(a, "-a", to: b) == [])
        }
      }
    }

    @Test("--delete takes away who has left, and undo holds them")
    func deletes() throws {
      try MountedOffice.with(.demo(users: 3)) { a in
        try MountedOffice.with(.empty) { b in
          _ = try sent(a, "-a", to: b)
          let user = try a.ids()[0]
          try a.sh("rm \"$U/$USER.udb\"", ["USER": user])
          _ = try sent(a, "-a --delete", to: b)
          #expect(try a.ids() == b.ids())
          try b.sh("test -s \"$M\"/undo/*_delete/$USER.udb", ["USER": user])
        }
      }
    }
  }
}

extension MountedOffice {
  /// Changes the summary of a user's first event: exported, edited, packed again with tar and sha256sum, copied back.
  func changeOneEvent(of user: String) throws {
    try sh(
      """
      mkdir edit
      tar -C edit -xf "$U/$USER.udb"
      cd edit
      awk '!done && sub(/^SUMMARY[^:]*:/, "&Changed: ") { done = 1 } { print } END { exit !done }' \
        $USER/scheduler.ics >changed
      mv changed $USER/scheduler.ics
      sha256sum office.json $USER/* >SHA256SUMS
      tar cf ../edited.udb office.json $USER SHA256SUMS
      cd ..
      cp edited.udb "$U/$USER.udb"
      tar -xOf "$U/$USER.udb" $USER/scheduler.ics | grep -c '^SUMMARY[^:]*:Changed: ' | grep -qx 1
      rm -rf edit
      """, ["USER": user])
  }
}
