import TestSupport
import Testing

extension RealMount {
  @Suite("Damaged archives")
  struct Refusals {
    /// What is done to a good archive.
    static let damages = [
      ("Row 29: a flipped byte", "flip"), ("Row 20: a cut archive", "cut"),
      ("Row 21: an archive without its end blocks", "unended"),
      ("Row 22: an archive with bytes after its end", "longer"),
      ("Row 28: random bytes", "random"), ("Row 28: a text", "text"),
    ]

    /// How it is brought in; `$F` is the file, `$T` the target. A rename keeps its source too.
    /// rsync with -I: a flipped byte keeps the size, and both may have been written within one second.
    static let tools = [
      "cp $F $T", "mv $F $T", "rsync -I $F $T", "rsync -I --inplace $F $T",
      "dd if=$F of=$T bs=64k status=none", "cat $F >$T", "install -m 640 $F $T",
      "python3 -c 'import shutil, sys; shutil.copy2(sys.argv[1], sys.argv[2])' $F $T",
      "cp $F $U/.part.udb.tmp && mv -T $U/.part.udb.tmp $T",
    ]

    private static let damage = """
      import random, sys
      what, good, bad = sys.argv[1:]
      data = bytearray(open(good, 'rb').read())
      random.seed(what)
      if what == 'flip':
          data[random.randrange(len(data) - 1024)] ^= 1 << random.randrange(8)
      elif what == 'cut':
          del data[len(data) * 2 // 3:]
      elif what == 'unended':
          del data[-1024:]
      elif what == 'longer':
          data += b'more'
      elif what == 'random':
          data = random.randbytes(300_000)
      elif what == 'text':
          data = b'Not an archive.' * 1000
      open(bad, 'wb').write(data)
      """

    @Test(
      "is refused at the tool, the old data and the source stay, errors.log says why",
      arguments: damages)
    func isRefused(_ damage: (name: String, kind: String)) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh("cp \"$U/$USER.udb\" good.udb", ["USER": user])
        try office.python(Refusals.damage, [damage.kind, "good.udb", "bad.udb"])
        for tool in Refusals.tools where Subprocess.has("rsync") || !tool.contains("rsync") {
          for target in [user, "newcomer"] {
            let before = try office.errorLog().count
            let variables = ["F": "here.udb", "T": "\(office.users)/\(target).udb", "USER": user]
            let outcome = try office.attempt("cp bad.udb here.udb\n" + tool, variables)
            #expect(outcome.status != 0 && !outcome.isTimedOut, "\(tool): \(damage.name) came in")
            try office.sh("cmp good.udb \"$U/$USER.udb\"", variables)
            #expect(try office.ids().contains("newcomer") == false, "\(tool)")
            if !tool.contains("&&") { try office.sh("cmp bad.udb here.udb") }
            let news = try office.errorLog().dropFirst(before)
            #expect(
              news.contains { $0.contains("\(target).udb") || tool.contains("rsync") }, "\(tool)")
            let saysWhatToDo = news.allSatisfy { $0.contains(" - ") }
            #expect(!news.isEmpty && saysWhatToDo, "\(tool): \(news)")
          }
        }
      }
    }

    @Test("Row 29: any single byte flipped is refused, at offsets all over the archive")
    func everyFlip() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.python(
          """
          import os, random, subprocess, sys
          target, good = sys.argv[1], open(sys.argv[1], 'rb').read()
          random.seed(1)
          edges = [0, 100, 148, 156, 257, 512, len(good) - 1, len(good) - 1024, len(good) - 1600]
          for offset in edges + random.sample(range(len(good)), 60):
              bad = bytearray(good)
              bad[offset] ^= 1 << random.randrange(8)
              fd = os.open(target, os.O_WRONLY | os.O_TRUNC)
              os.write(fd, bad)
              try:
                  os.close(fd)
                  sys.exit(f'a flip at {offset} of {len(good)} came in')
              except OSError:
                  pass
              assert open(target, 'rb').read() == good, offset
          """, [office.users + "/\(user).udb"], timeout: 120)
      }
    }

    @Test("Row 27: an empty file where an archive is due is refused and leaves the user as it was")
    func empty() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        let variables = ["USER": user]
        try office.sh("cp \"$U/$USER.udb\" good.udb; : >empty.udb", variables)
        for tool in [
          "cp empty.udb $U/$USER.udb", "cp -p empty.udb $U/$USER.udb", "mv empty.udb $U/$USER.udb",
          "truncate -s 0 $U/$USER.udb", "dd if=empty.udb of=$U/$USER.udb status=none",
          "cat empty.udb >$U/$USER.udb", "python3 -c 'open(\"'$U/$USER.udb'\", \"w\").close()'",
          ": >$U/$USER.udb",
        ] {
          // bash drops what close says of its own redirections.
          let outcome = try office.attempt(tool, variables)
          #expect(outcome.status != 0 || tool.hasPrefix(":"), "\(tool)")
          let isBack = try Waiting.until(2) {
            try office.attempt("cmp good.udb \"$U/$USER.udb\"", variables).status == 0
          }
          #expect(isBack, "\(tool)")
        }
        let rename = ": >$U/.x.udb.part; mv -T $U/.x.udb.part $U/$USER.udb"
        #expect(try office.attempt(rename, variables).status != 0)
        try office.sh("cmp good.udb \"$U/$USER.udb\"", variables)
        #expect(try office.errorLog().contains { $0.contains("\(user).udb") })
      }
    }
  }
}
