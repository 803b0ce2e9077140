import TestSupport
import Testing

extension RealMount {
  @Suite("Names")
  struct Names {
    private static let create = "os.close(os.open(p, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))"

    /// Names in users/ that no user can have. `\x` and `\n` are Python's.
    static let refused = [
      ("Row 41: a newline", "a\\nb.udb"), ("Row 41: a control character", "a\\x07b.udb"),
      ("Row 42: an escape sequence", "a\\x1b[31mb.udb"), ("Row 42: DEL", "a\\x7fb.udb"),
      ("Row 43: invalid UTF-8", "a\\xff\\xfeb.udb"), ("Row 43: a cut sequence", "a\\xc3.udb"),
      ("Row 44: overlong UTF-8", "a\\xc0\\xafb.udb"),
      ("Row 44: a surrogate", "a\\xed\\xa0\\x80.udb"),
      ("Row 45: an umlaut", "m\\xc3\\xbcller.udb"),
      ("Row 45: a decomposed umlaut", "mu\\xcc\\x88ller.udb"),
      ("Row 48: a bidirectional override", "a\\xe2\\x80\\xaebdu.udb"),
      ("Row 49: a leading -", "-rf.udb"),
      ("an id of 65 bytes", String(repeating: "a", count: 65) + ".udb"),
      ("a blank", "a b.udb"), ("no extension", "alice"), ("another extension", "alice.txt"),
      ("a slash's look-alike", "a\\\\b.udb"),
      ("Row 45: an umlaut in a temporary name", ".m\\xc3\\xbcller.udb.Ab12Cd"),
      ("Row 49: a leading - in a temporary name", ".-rf.udb.Ab12Cd"),
    ]

    @Test("that no user can have are EINVAL, with the reason and no raw bytes in errors.log")
    func areRefused() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        for (reason, name) in Names.refused {
          let before = try office.errorLog().count
          let code = try office.errno(of: Names.create, at: office.users + "/" + name)
          #expect(code == "EINVAL", "\(reason)")
          let news = try office.errorLog().dropFirst(before)
          #expect(news.count == 1, "\(reason): \(news)")
          let isPlain = news.joined().unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7f && $0.value != 0x202e || $0 == "\t"
          }
          #expect(isPlain, "\(reason): \(news)")
        }
        #expect(try office.sh("ls -A \"$U\"").lines.count == 1)
      }
    }

    @Test("Row 46: two ids that differ in case only are EEXIST")
    func differInCase() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh("touch \"$U/Alice.udb\"")
        for name in ["alice", "ALICE"] {
          #expect(try office.errno(of: Names.create, at: office.users + "/\(name).udb") == "EEXIST")
        }
        try office.sh("touch \"$U/bob.udb\"; cp \"$U/bob.udb\" bob.udb")
        #expect(try office.attempt("cp bob.udb \"$U/aLICE.udb\"").status != 0)
        let rename = "os.rename(p, p.replace(b'bob', b'alice'))"
        #expect(try office.errno(of: rename, at: office.users + "/bob.udb") == "EEXIST")
        #expect(try office.ids().sorted() == ["Alice", "bob"])
      }
    }

    @Test("Row 47: a name of 256 bytes is ENAMETOOLONG")
    func tooLong() throws {
      try MountedOffice.with(.empty) { office in
        for length in [256, 1000] {
          let path = office.users + "/" + String(repeating: "a", count: length)
          for call in [Names.create, "os.stat(p)"] {
            let code = try office.errno(of: call, at: path)
            #expect(code == "ENAMETOOLONG")
          }
        }
      }
    }

    /// Temporary names of known tools.
    static let scratch = [
      "new.udb~", ".new.udb.swp", "new.udb.part", "new.udb.filepart", "new.udb.tmp",
      ".new.udb.Ab12Cd", ".goutputstream-ABCDEF", "sedAbCdEf", "4913",
    ]

    @Test(
      "Row 50: temporary names of tools are scratch, never an import by themselves",
      arguments: scratch)
    func areScratch(_ name: String) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" good.udb
          cp good.udb "$U/$NAME"
          cmp good.udb "$U/$NAME"
          echo 'no archive' >"$U/$NAME"
          test "$(cat "$U/$NAME")" = 'no archive'
          ls -A "$U" >/dev/null
          test "$(tar -tf "$M/areas/user.odb" | grep -c user.json)" -eq 1
          rm "$U/$NAME"
          test ! -e "$U/$NAME"
          not ls "$M"/undo/*_delete 2>/dev/null
          """, ["USER": user, "NAME": name])
        try office.sh("cp good.udb \"$U/$NAME\"; mv \"$U/$NAME\" \"$U/moved.udb\"", ["NAME": name])
        #expect(try office.ids().count == 2)
      }
    }

    @Test("a user moved onto a scratch name stays: cp -b and rsync -b are EINVAL")
    func backupNames() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh("cp \"$U/$USER.udb\" good.udb", ["USER": user])
        for tool in ["cp -b good.udb $U/$USER.udb", "mv $U/$USER.udb $U/$USER.udb~"] {
          let outcome = try office.attempt(tool, ["USER": user])
          #expect(outcome.status != 0, "\(tool)")
          try office.sh("cmp good.udb \"$U/$USER.udb\"", ["USER": user])
        }
      }
    }

    @Test("what file managers probe for is ENOENT, and a trash folder is refused")
    func probes() throws {
      try MountedOffice.with(.empty) { office in
        for folder in ["", "/users"] {
          for name in [".Trash", ".Trash-0", ".hidden", ".directory", "autorun.inf"] {
            let path = office.mountPoint + folder + "/" + name
            let look = try office.errno(of: "os.stat(p)", at: path)
            let make = try office.errno(of: "os.mkdir(p)", at: path)
            #expect(look == "ENOENT" && make != "OK", "\(path)")
          }
        }
      }
    }
  }
}
