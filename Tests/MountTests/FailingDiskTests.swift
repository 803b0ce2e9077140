import Foundation
import TestSupport
import Testing

extension RealMount {
  /// A disk that fails at writes of one file or folder of the data directory, by the library that torture preloads.
  @Suite("On a failing disk", .enabled(if: Subprocess.has("cc"), "cc is not installed"))
  struct FailingDisks {
    /// Starts the daemon with the library; `fail` lets each write fail from then on, `work` none.
    private static func prepare(_ office: MountedOffice, under path: String) throws {
      try office.stop()
      try office.sh(
        """
        cc -O2 -shared -fPIC -o shim.so "$PACKAGE/Tests/Torture/shim.c"
        cat >shim.py <<'END'
        import errno, struct, sys
        write, fail = 1, 2
        nth = 1 if sys.argv[1] == "fail" else -1
        with open("control", "r+b" if sys.argv[1] != "make" else "wb") as file:
            file.write(struct.pack("<qIIIIIIqq", nth, write, fail, errno.EIO, 1, 0, 0, 0, 0))
        END
        python3 shim.py make
        """, timeout: 60)
      let preloaded = [
        ProcessInfo.processInfo.environment["LD_PRELOAD"], office.work + "/shim.so",
      ]
      office.environment = [
        "LD_PRELOAD": preloaded.compactMap { $0 }.joined(separator: " "),
        "TORTURE_CONTROL": office.work + "/control", "TORTURE_UNDER": "\(office.data)/\(path)",
      ]
      try office.start()
    }

    @Test(
      "a write that fails under an upload or a log ends all writing; what is there is read, and a restart heals",
      arguments: [
        ("spool", "not cp new.udb \"$U/newcomer.udb\"", false),
        ("audit.log", "cp new.udb \"$U/newcomer.udb\"", true),
      ])
    func ends(path: String, order: String, isTaken: Bool) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try Self.prepare(office, under: path)
        try office.sh(
          """
          cp "$U/$X.udb" new.udb
          cp -a "$U" before
          python3 shim.py fail
          \(order) 2>errors
          python3 shim.py work
          not cp new.udb "$U/another.udb" 2>errors
          grep -q "Read-only file system" errors
          not rm "$U/$X.udb"
          grep -q FAIL "$M/status/health.txt"
          for user in before/*; do cmp $user "$U/${user#*/}"; done
          """, ["X": user])
        try office.stop()
        try office.start()
        #expect(try office.ids().contains("newcomer") == isTaken)
        try office.sh(
          """
          for user in before/*; do cmp $user "$U/${user#*/}"; done
          cp new.udb "$U/another.udb"
          """)
      }
    }
  }
}
