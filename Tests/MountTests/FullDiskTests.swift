import TestSupport
import Testing

extension RealMount {
  @Suite("Full disks")
  struct FullDisks {
    /// Runs the test on an office whose data directory lies on a disk of its own, `$DISK`.
    private func with(megabytes: Int, _ test: (MountedOffice, [String: String]) throws -> Void)
      throws
    {
      let disk = try ScratchDirectory()
      let point = disk.path + "/disk"
      try Subprocess.run(["mkdir", point])
      try Subprocess.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", point])
      let office = try MountedOffice(.demo(users: 2), data: point + "/data")
      try test(office, ["DISK": point])
      try office.stop()
    }

    @Test("Row 89: an import that does not fit is ENOSPC, nothing changes, and rm still works")
    func tooBig() throws {
      try with(megabytes: 300) { office, disk in
        let user = try #require(try office.ids().first)
        let variables = disk.merging(["USER": user]) { _, user in user }
        try office.sh(
          """
          cp -a "$U" before
          "$PACKAGE/scripts/make-mail" 50000 5000 >mails
          "$PACKAGE/scripts/pack-user" big big.udb messages.mbox=mails
          """, timeout: 120)
        for target in [user, "newcomer"] {
          let outcome = try office.attempt(
            "cp big.udb \"$U/\(target).udb\"", variables, timeout: 120)
          #expect(
            outcome.status != 0 && outcome.errors.contains("No space left"), "\(outcome.errors)")
          try office.sh("diff -r before \"$U\"")
        }
        try office.sh(
          "rm \"$U/$USER.udb\"; cp before/$USER.udb \"$U/\"; diff -r before \"$U\"", variables)
      }
    }

    @Test("Row 89: on a disk that others filled, imports are ENOSPC, rm works, and a restart too")
    func filled() throws {
      try with(megabytes: 200) { office, disk in
        let user = try #require(try office.ids().first)
        let variables = disk.merging(["USER": user]) { _, user in user }
        try office.sh(
          "cp -a \"$U\" before; not dd if=/dev/zero of=\"$DISK/filler\" bs=1M 2>/dev/null",
          variables)
        let outcome = try office.attempt("cp before/$USER.udb \"$U/newcomer.udb\"", variables)
        #expect(
          outcome.status != 0 && outcome.errors.contains("No space left"), "\(outcome.errors)")
        try office.sh(
          "diff -r before \"$U\"; rm \"$U/$USER.udb\"; test ! -e \"$U/$USER.udb\"", variables)
        try office.stop()
        try office.start()
        try office.sh(
          """
          test ! -e "$U/$USER.udb"
          cmp before/$USER.udb "$M"/undo/*_delete/$USER.udb
          rm "$DISK/filler"
          cp before/$USER.udb "$U/"
          diff -r before "$U"
          officefs verify "$DATA"
          """, variables)
      }
    }

    @Test(
      "Row 89: what a quota refuses is ENOSPC as long as it lasts, and nothing is the worse for it",
      .enabled(if: Subprocess.has("strace"), "strace is not installed"))
    func quota() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        let variables = ["USER": user]
        try office.sh("cp -a \"$U\" before")
        let quota = try office.begin(
          "exec strace -f -qq -o /dev/null -e trace=pwrite64 -e inject=pwrite64:error=EDQUOT -p \(office.pid)"
        )
        let isThere = try Waiting.until(10) {
          try office.attempt("! grep -q 'TracerPid:.0$' /proc/$PID/task/*/status").status == 0
        }
        try #require(isThere, "strace does not attach: \(quota.errors)")
        for command in ["cp before/$USER.udb \"$U/newcomer.udb\"", "rm \"$U/$USER.udb\""] {
          let outcome = try office.attempt(command, variables)
          #expect(
            outcome.status != 0 && outcome.errors.contains("No space left"), "\(outcome.errors)")
        }
        quota.signal(15)
        _ = quota.wait(timeout: 10)
        try office.sh(
          """
          diff -r before "$U"
          not grep -q FAIL "$M/status/health.txt"
          cp before/$USER.udb "$U/newcomer.udb"; rm "$U/newcomer.udb"
          rm "$U/$USER.udb"; cp before/$USER.udb "$U/"
          diff -r before "$U"
          """, variables)
      }
    }

    @Test(
      "Row 89: an upload and a restore that do not fit are ENOSPC or have no code, and nothing of them stays"
    )
    func archives() throws {
      try with(megabytes: 200) { office, disk in
        let source = try MountedOffice(.empty)
        try source.sh(
          """
          "$PACKAGE/scripts/make-mail" 8000 5000 >mails
          "$PACKAGE/scripts/pack-user" big big.udb messages.mbox=mails
          cp big.udb "$U/"; touch "$M/backup/update/all"
          """, timeout: 120)
        let variables = disk.merging(["A": source.mountPoint + "/archives/latest.sar"]) { _, a in a
        }
        try office.sh("cp -a \"$U\" before; ls -A \"$M/archives\" >listed")
        let free = "df --output=avail -m \"$DISK\" | tail -n 1"
        try office.sh(
          """
          fallocate -l $(($(\(free)) - 30))M "$DISK/filler"
          not cp "$A" "$M/archives/big.sar" 2>said; grep -q 'No space left' said
          grep -q 'archives/big.sar ENOSPC write by cp.*free space' "$M/status/errors.log"
          ls -A "$M/archives" | diff listed -; diff -r before "$U"
          """, variables, timeout: 120)
        // The upload is stored, but there is no room for its restore.
        try office.sh(
          """
          rm "$DISK/filler"; cp "$A" "$M/archives/big.sar"
          mkdir "$M/restore/big"; cd "$M/restore/big"
          code=$(tail -n 1 plan.txt | sed -n 's/^To carry it out: touch //p')
          fallocate -l $(($(\(free)) - 30))M "$DISK/filler"
          if test -n "$code"; then
            not touch "$code" 2>"$OLDPWD/said"; grep -q 'No space left' "$OLDPWD/said"
            head -n 1 result.txt | grep -q '^failed'; grep -q ' ENOSPC restore by touch' "$M/status/errors.log"
          fi
          touch plan.txt; grep -q 'not enough room' plan.txt; not grep -q '^To carry it out' plan.txt
          cd - >/dev/null; diff -r before "$U"; rm -r "$M/restore/big"; rm "$M/archives/big.sar"
          rm "$DISK/filler"; officefs verify "$DATA"
          """, variables, timeout: 120)
        try source.stop()
      }
    }
  }
}
