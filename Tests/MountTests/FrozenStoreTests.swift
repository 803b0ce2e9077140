import Foundation
import TestSupport
import Testing

extension RealMount {
  /// A disk that hangs: whatever the daemon wants to make durable takes 20 seconds, until it is thawed.
  @Suite(
    "While the store is frozen", .enabled(if: Subprocess.has("strace"), "strace is not installed"))
  struct FrozenStore {
    private func prepare(_ office: MountedOffice) throws {
      try office.sh(
        """
        user=$(ls "$U" | head -n 1)
        cp "$U/$user" new.udb
        cp new.udb "$U/victim.udb"
        cp -a "$U" before
        ls -l "$U" >listed
        """)
    }

    private static func freeze(_ office: MountedOffice) throws -> Child {
      let ice = try office.begin(
        """
        exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync \
          -e inject=fsync,fdatasync:delay_enter=20s -p \(office.pid)
        """)
      let isFrozen = try Waiting.until(10) {
        try office.attempt("! grep -q 'TracerPid:.0$' /proc/$PID/task/*/status").status == 0
      }
      guard isFrozen else { throw ToolFailure("strace does not attach: \(ice.errors)") }
      return ice
    }

    private static func thaw(_ ice: Child) {
      ice.signal(15)
      _ = ice.wait(timeout: 10)
    }

    /// A cp that waits for its close.
    private static func waitingCopy(_ office: MountedOffice, to name: String) throws -> Child {
      let copy = try office.begin("exec cp new.udb \"$U/\(name).udb\"")
      let line = "writes users/\(name).udb"
      let waits = try Waiting.until(10) {
        try office.attempt("grep -q '\(line)' \"$M/status/activity.txt\"").status == 0
      }
      guard waits else { throw ToolFailure("cp ended with \(copy.wait(timeout: 0).status)") }
      Waiting.pause(milliseconds: 500)
      return copy
    }

    @Test("what is there is listed and read, a waiting cp can be killed, and the mount goes away")
    func listKillUnmount() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try prepare(office)
        let ice = try Self.freeze(office)
        let copy = try Self.waitingCopy(office, to: "newcomer")
        try office.sh(
          """
          ls -l "$U" | grep -v newcomer | diff <(grep -v total listed) <(cat | grep -v total)
          for user in before/*; do cmp $user "$U/${user#*/}"; done
          stat "$U/victim.udb" >/dev/null
          """, timeout: 15)
        #expect(copy.isRunning, "cp did not wait, so nothing was frozen")
        copy.signal(9)
        let outcome = copy.wait(timeout: 10)
        #expect(outcome.status == 128 + 9 && !outcome.isTimedOut, "cp could not be killed")
        try office.sh("ls -l \"$U\" >/dev/null; cd /; umount \"$M\"", timeout: 15)
        #expect(!MountTable.points().contains(office.mountPoint))
        Self.thaw(ice)
        #expect(office.end(with: 0) == 0)
        try office.start()
        try office.sh(
          """
          for user in before/*; do cmp $user "$U/${user#*/}"; done
          test ! -e "$U/newcomer.udb" || tar -tf "$U/newcomer.udb" >/dev/null
          """)
        try office.stop()
        try office.sh("officefs verify \"$DATA\"", timeout: 120)
        try office.start()
      }
    }

    @Test("SIGTERM takes the mount away from under a waiting cp and rm, and the daemon ends")
    func terminate() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try prepare(office)
        let ice = try Self.freeze(office)
        let copy = try Self.waitingCopy(office, to: "newcomer")
        let remover = try office.begin("exec rm \"$U/victim.udb\"")
        Waiting.pause(milliseconds: 500)
        #expect(copy.isRunning && remover.isRunning, "nothing was frozen")
        kill(office.pid, SIGTERM)
        let isGone = Waiting.until(30) { !MountTable.points().contains(office.mountPoint) }
        #expect(isGone, "the mount stayed")
        #expect(office.isRunning, "the store was not frozen any more")
        for tool in [copy, remover] {
          let outcome = tool.wait(timeout: 10)
          #expect(outcome.status == 1 && !outcome.isTimedOut, "\(outcome.status) \(outcome.errors)")
        }
        try office.sh("ls \"$M\" >empty; test ! -s empty", timeout: 10)
        Self.thaw(ice)
        #expect(office.end(with: 0) == 0)
        try office.start()
        try office.sh(
          """
          cp -a "$U" after
          rm -f after/newcomer.udb
          cp -n before/victim.udb after/
          diff -r before after
          """)
      }
    }
  }
}
