import TestSupport
import Testing

extension RealMount {
  @Suite("Interrupted writers")
  struct Interruptions {
    /// `$FIFO` gives the archive slowly, `$F` is it as a file; each ends long before the archive does.
    static let writers = [
      "timeout -s INT 0.7 cp $FIFO $T", "timeout -s KILL 0.7 cp $FIFO $T",
      "timeout -s INT 0.7 dd if=$FIFO of=$T bs=16k", "timeout -s KILL 0.7 dd if=$FIFO of=$T bs=16k",
      "timeout -s KILL 0.7 cat $FIFO >$T",
      "timeout -s INT 1.5 rsync -P --bwlimit=200 $F $T",
      "timeout -s KILL 1.5 rsync -P --bwlimit=200 $F $T",
      "timeout -s TERM 1.5 rsync --inplace --bwlimit=200 $F $T",
      "timeout -s KILL 0.7 cp $FIFO $U/.x.udb.part; mv -T $U/.x.udb.part $T",
    ]

    @Test("Row 92: a writer killed half-way imports nothing", arguments: writers)
    func importsNothing(_ writer: String) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          "$PACKAGE/scripts/make-mail" 400 5000 >mails
          "$PACKAGE/scripts/pack-user" newcomer new.udb messages.mbox=mails
          cp "$U/$USER.udb" good.udb
          mkfifo fifo
          """, ["USER": user])
        for target in [user, "newcomer"] {
          let outcome = try office.attempt(
            """
            set +e
            { python3 -c '
            import sys, time
            with open("new.udb", "rb") as source:
                for _ in range(20):
                    sys.stdout.buffer.write(source.read(60_000)); sys.stdout.flush(); time.sleep(0.1)
            ' >fifo 2>/dev/null & }
            \(writer)
            status=$?
            dd if=fifo of=/dev/null iflag=nonblock status=none 2>/dev/null
            exit $status
            """,
            [
              "FIFO": "fifo", "F": "new.udb", "T": "\(office.users)/\(target).udb",
            ], timeout: 20)
          #expect(outcome.status != 0, "\(writer)")
          #expect(!outcome.isTimedOut, "\(writer) hangs")
          let isOld = try Waiting.until(3) {
            let isGone = try !office.ids().contains("newcomer")
            return try isGone
              && office.attempt("cmp good.udb \"$U/$USER.udb\"", ["USER": user]).status == 0
          }
          #expect(isOld, "\(writer) changed \(target)")
          try office.sh("rm -f \"$U\"/.*.udb.*")
        }
      }
    }

    @Test(
      "Signals that a program handles and goes on from do not end an import; Ctrl+C does",
      arguments: ["SIGALRM", "SIGWINCH", "SIGCHLD", "SIGURG", "SIGINT"])
    func goesOn(_ signal: String) throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let outcome = try office.attempt(
          """
          "$PACKAGE/scripts/make-mail" 4000 5000 >mails
          "$PACKAGE/scripts/pack-user" newcomer new.udb messages.mbox=mails
          python3 -c '
          import os, signal, sys, threading, time
          users, number = sys.argv[1], getattr(signal, sys.argv[2])
          came = []
          signal.signal(number, lambda *_: came.append(1))
          data = open("new.udb", "rb").read()
          fd = os.open(f"{users}/newcomer.udb", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
          while data:
              data = data[os.write(fd, data):]
          main, over = threading.main_thread().ident, threading.Event()
          def send():
              while not over.wait(0.005):
                  signal.pthread_kill(main, number)
          threading.Thread(target=send, daemon=True).start()
          try:
              os.close(fd)
          finally:
              over.set()
          assert came
          os.stat(f"{users}/newcomer.udb")
          ' "$U" \(signal)
          """, timeout: 30)
        #expect((outcome.status == 0) == (signal != "SIGINT"), "\(outcome.errors)")
        #expect(outcome.errors.contains("InterruptedError") == (signal == "SIGINT"))
        #expect(try office.ids().contains("newcomer") == (signal != "SIGINT"))
      }
    }

    @Test("Row 93: writes out of order are imported right or refused")
    func outOfOrder() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.python(
          """
          import os, random, sys
          users, user = sys.argv[1:]
          target = f'{users}/copy.udb'
          good = open(f'{users}/{user}.udb', 'rb').read()
          random.seed(1)
          for step in (512, 4096, 65536):
              blocks = list(range(0, len(good), step))
              for order in (blocks[::-1], random.sample(blocks, len(blocks))):
                  fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                  for offset in order:
                      os.pwrite(fd, good[offset:offset + step], offset)
                  try:
                      os.close(fd)
                  except OSError:
                      assert not os.path.exists(target)
                      continue
                  copy = open(target, 'rb').read()
                  assert len(copy) > 1024 and copy[-1024:] == bytes(1024)
                  os.unlink(target)
          """, [office.users, user])
        #expect(try office.ids().count == 2)
      }
    }

    @Test("a daemon killed during an import starts again with the user whole: old or new")
    func killedDaemon() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" good.udb
          "$PACKAGE/scripts/make-mail" 4000 5000 >mails
          "$PACKAGE/scripts/pack-user" $USER new.udb messages.mbox=mails
          """, ["USER": user])
        for delay in [50, 150, 300, 600] as [UInt32] {
          let writer = try office.begin("cp new.udb \"$U/$USER.udb\"", ["USER": user])
          Waiting.pause(milliseconds: delay)
          #expect(office.end(with: 9) == 128 + 9)
          _ = writer.wait(timeout: 10)
          try office.start()
          let isWhole = try office.attempt(
            """
            cmp good.udb "$U/$USER.udb" ||
              tar -xOf "$U/$USER.udb" $USER/messages.mbox | cmp - mails
            cp good.udb "$U/$USER.udb"
            """, ["USER": user])
          #expect(isWhole.status == 0, "\(isWhole.text) \(isWhole.errors)")
        }
      }
    }
  }
}
