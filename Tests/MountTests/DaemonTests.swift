import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("The daemon")
  struct Daemon {
    @Test(
      "unmounts cleanly on SIGTERM and SIGINT, also while files are open",
      arguments: [SIGTERM, SIGINT])
    func ends(_ signal: Int32) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let reader = try office.begin(
          "cd \"$U\"; exec 3<\"$(ls | head -n 1)\"; echo ready; sleep 60")
        Waiting.pause(milliseconds: 300)
        #expect(office.end(with: signal) == 0)
        #expect(!MountTable.points().contains(office.mountPoint))
        reader.kill(SIGKILL)
        try office.start()
        #expect(try office.ids().count == 2)
      }
    }

    @Test(
      "ends with exit code 0 when it is unmounted from outside",
      arguments: ["umount", "fusermount3 -u"])
    func unmountedOutside(_ tool: String) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.sh("cd /; \(tool) \"$M\"")
        let isOver = Waiting.until(10) { !office.isRunning }
        #expect(isOver && office.end(with: 0) == 0)
      }
    }

    @Test("starts again after kill -9 and clears the dead mount")
    func killed() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try office.sh("cp -a \"$U\" before")
        #expect(office.end(with: SIGKILL) == 128 + SIGKILL)
        #expect(try office.attempt("ls \"$M\"").status != 0)
        try office.start()
        #expect(MountTable.points().filter { $0 == office.mountPoint }.count == 1)
        try office.sh("diff -r before \"$U\"; officefs verify \"$DATA\"")
      }
    }

    @Test(
      "starts again after kill -9 while a notice and a rename wait for each other",
      .enabled(if: Subprocess.has("strace"), "strace is not installed"))
    func killedInNotice() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try office.sh("cp \"$U/$(ls \"$U\" | head -n 1)\" kept.udb; cp -a \"$U\" before")
        for _ in 0..<3 {
          let writers = try (0..<4).map { number in
            try office.begin(
              """
              cd "$U"
              import() {
                if [ \(number) -lt 2 ]; then cp ../../work/kept.udb user\(number).udb; return; fi
                cp ../../work/kept.udb .\(number).part && mv .\(number).part user\(number).udb
              }
              while import && rm user\(number).udb; do :; done 2>/dev/null
              """)
          }
          // A slow disk: a rename holds the folder long enough to be met.
          let disk = try office.begin(
            """
            exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter=200ms \
              -p \(office.pid)
            """)
          // Until it waits for the folder, which proc(5) shows as D.
          let notifier = try #require(office.thread("notifier"))
          for _ in 0..<200_000 where notifier.state != UInt8(ascii: "D") {}
          kill(office.pid, SIGKILL)
          Waiting.pause(milliseconds: 300)
          try office.start()
          _ = disk.wait(timeout: 20)
          for writer in writers { #expect(!writer.wait(timeout: 20).isTimedOut) }
          try office.sh("for user in before/*; do cmp $user \"$U/${user#*/}\"; done")
        }
      }
    }

    @Test("Row 84: a second daemon on one data directory is refused with the first one's pid")
    func second() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let outcome = try office.attempt(
          "mkdir second; timeout 20 officefs mount \"$DATA\" \"$PWD/second\" -f")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(office.pid)"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        try office.sh("test -s \"$U\"/*.udb")
      }
    }

    @Test("mounts in the background, as mount(8) calls it, and reports success once it answers")
    func background() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.stop()
        for command in [
          "officefs mount \"$DATA\" \"$M\"",
          "env -i PATH=/usr/bin:/bin $(command -v officefs) \"$DATA\" \"$M\" -o rw,relatime,nodev,nosuid",
        ] {
          try office.sh("\(command); test -s \"$M/README.txt\"; officefs unmount \"$M\"")
          #expect(!MountTable.points().contains(office.mountPoint))
        }
        try office.start()
      }
    }

    @Test("Row 88: a database that is missing is never replaced by an empty one")
    func missingDatabase() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        try office.stop()
        let outcome = try office.attempt(
          "mv \"$DATA/office.db\" kept; timeout 20 officefs mount \"$DATA\" \"$M\" -f")
        #expect(outcome.status == 1)
        try office.sh("test ! -e \"$DATA/office.db\"; mv kept \"$DATA/office.db\"")
        try office.start()
        #expect(try office.ids().count == 1)
      }
    }

    @Test("says what is wrong in one line: 1 refused, 64 usage")
    func exitCodes() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        for (command, status) in [
          ("officefs export $DATA nobody -o x.udb", 1), ("officefs export $PWD/none alice", 1),
          ("officefs init $DATA", 1), ("officefs verify $PWD/none.udb", 1),
          ("officefs import $DATA /dev/null --as x", 1), ("officefs unmount $PWD", 1),
          ("officefs fly", 64), ("officefs mount", 64), ("officefs demo x --users many", 64),
        ] as [(String, Int32)] {
          let outcome = try office.attempt(command)
          #expect(outcome.status == status, "\(command): \(outcome.status) \(outcome.errors)")
          let lines = outcome.errors.split(separator: "\n").count
          #expect(status == 64 ? lines >= 1 : lines == 1, "\(command): \(outcome.errors)")
        }
        #expect(try office.ids().count == 1)
      }
    }
  }
}
