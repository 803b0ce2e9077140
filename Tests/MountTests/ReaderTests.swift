import TestSupport
import Testing

extension RealMount {
  @Suite("Readers")
  struct Readers {
    /// Opens `old`, reads a little, lets `change` happen, and reads on to the end.
    private static let program = """
      import os, shutil, subprocess, sys
      path, change = sys.argv[1:]
      old = open(path, 'rb').read()
      with open(path, 'rb', buffering=0) as reader, open(path, 'rb', buffering=0) as late:
          start = reader.read(3000)
          subprocess.run(['bash', '-euc', change], check=True)
          rest = b''
          while part := reader.read(1 << 16):
              rest += part
          assert start + rest == old, 'the reader saw another version'
          assert os.fstat(late.fileno()).st_size == len(old)
          assert late.read() == old, 'a reader that had read nothing saw another version'
      print(open(path, 'rb').read() == old if os.path.exists(path) else 'gone')
      """

    @Test(
      "a file opened before a change is read to its end as it was",
      arguments: [
        ("an import", "cp other.udb $U/$X.udb", "$U/$X.udb", "False"),
        (
          "a commit by rename", "cp other.udb $U/.o.part; mv $U/.o.part $U/$X.udb", "$U/$X.udb",
          "False"
        ),
        ("a delete", "rm $U/$X.udb", "$U/$X.udb", "gone"),
        ("a rename", "mv $U/$X.udb $U/renamed.udb", "$U/$X.udb", "gone"),
        ("an import, in a column", "cp other.udb $U/$X.udb", "$M/areas/messages.odb", "False"),
        ("a delete, in a column", "rm $U/$X.udb", "$M/areas/scheduler.odb", "False"),
      ])
    func keepVersion(_ change: (name: String, command: String, path: String, after: String)) throws
    {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        let variables = ["X": users[0], "Y": users[1]]
        try office.sh("cp \"$U/$Y.udb\" other.udb", variables)
        let outcome = try office.sh(
          "python3 -c \"$PROGRAM\" \(change.path) '\(change.command)'",
          variables.merging(["PROGRAM": Readers.program]) { _, program in program })
        #expect(outcome.trimmed == change.after)
      }
    }

    @Test("promised size = delivered size, and any range = that slice of the whole")
    func ranges() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.python(
          """
          import glob, os, random, sys
          random.seed(1)
          for path in glob.glob(sys.argv[1] + '/users/*') + glob.glob(sys.argv[1] + '/areas/*'):
              size = os.stat(path).st_size
              fd = os.open(path, os.O_RDONLY)
              whole = b''
              while part := os.read(fd, 1 << 20):
                  whole += part
              assert len(whole) == size, (path, len(whole), size)
              os.close(fd)
              for _ in range(40):
                  fd = os.open(path, os.O_RDONLY)
                  os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                  offset, count = random.randrange(size), random.randrange(1, 100_000)
                  assert os.pread(fd, count, offset) == whole[offset:offset + count], (path, offset)
                  os.close(fd)
              assert os.stat(path).st_size == size
          """, [office.mountPoint])
      }
    }

    @Test(
      "the very next look from another process sees the new version, and a column changes with it")
    func seesAtOnce() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        try office.sh(
          """
          cp "$U/$X.udb" x.udb; cp "$U/$Y.udb" y.udb; cp y.udb "$U/z.udb"; cp "$U/z.udb" z.udb
          rm "$U/z.udb"
          for round in $(seq 20); do
            cp x.udb "$U/$X.udb"; cmp x.udb "$U/$X.udb"
            cp y.udb "$U/$X.udb"; not cmp -s x.udb "$U/$X.udb"
            cp z.udb "$U/.z.part"; mv "$U/.z.part" "$U/z.udb"; cmp z.udb "$U/z.udb"
            rm "$U/z.udb"; test ! -e "$U/z.udb"
            mv "$U/$X.udb" "$U/q.udb"; test ! -e "$U/$X.udb"; test -s "$U/q.udb"
            mv "$U/q.udb" "$U/$X.udb"; test -s "$U/$X.udb"
          done
          sleep 1.2
          tar -tf "$M/areas/user.odb" | grep -c user.json | grep -qx 2
          """, ["X": users[0], "Y": users[1]], timeout: 120)
      }
    }
  }
}
