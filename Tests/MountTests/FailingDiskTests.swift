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
        cat >shim.py <<'END'
        import pathlib, sys
        sys.path.insert(0, sys.argv[3])
        import torture_shim
        shim = torture_shim.Shim(pathlib.Path.cwd(), sys.argv[2])
        if sys.argv[1] == "fail":
            shim.arm(torture_shim.WRITE, torture_shim.FAIL, lasts=True)
        END
        python3 shim.py work "$DATA" "$PACKAGE/scripts"
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
          python3 shim.py fail "$DATA" "$PACKAGE/scripts"
          \(order) 2>errors
          python3 shim.py work "$DATA" "$PACKAGE/scripts"
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
