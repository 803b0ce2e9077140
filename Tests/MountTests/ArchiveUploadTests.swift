import TestSupport
import Testing

extension RealMount {
  @Suite("Uploading to archives/")
  struct ArchiveUploads {
    /// How tools bring the file `$F` to `$T` in archives/; the first word has to be installed.
    static let writers = [
      "cp $F $T", "cp -a $F $T", "mv $F $T", "install -m 600 $F $T", "cat $F >$T; cmp -s $F $T",
      "dd if=$F of=$T bs=1M status=none", "rsync -a $F $T", "rsync -a --inplace $F $T",
      "rsync -a --delay-updates $F $T",
      "sftp -q -D /usr/lib/openssh/sftp-server -b - <<<\"put $F $T\"", "gio copy $F $T",
      "curl -sf file://$F -o $T",
      "tar cf in.tar -C ${F%/*} --transform s/here.sar/${T##*/}/ here.sar; tar xf in.tar -C ${T%/*}",
      // KIO over an existing file.
      "cp $F $T.part && rm -f $T && mv $T.part $T",
    ]

    static let installed = writers.filter { line in
      let tool = String(line.prefix { $0 != " " })
      return Subprocess.has(tool)
        && (tool != "sftp" || Subprocess.has("../lib/openssh/sftp-server"))
    }

    /// Two offices' archives: `good.sar` and `other.sar`, and `bad.sar`, in which a byte is wrong.
    private static func make(in office: MountedOffice) throws {
      try office.sh(
        """
        touch "$M/backup/update/all"; cp "$M/archives/latest.sar" good.sar
        touch "$U/newcomer.udb"; sleep 1; touch "$M/backup/update/all"
        cp "$M/archives/latest.sar" other.sar; rm "$U/newcomer.udb"
        cp good.sar bad.sar
        at=$(grep -abo -m 1 'SUMMARY' good.sar | head -n 1 | cut -d: -f1)
        printf '!' | dd of=bad.sar bs=1 seek=$((at + 8)) conv=notrunc status=none
        not cmp -s good.sar bad.sar
        """)
    }

    @Test(
      "A tool brings in a whole archive that reads back equal, and hears of a damaged one; that leaves nothing",
      arguments: installed)
    func tools(_ writer: String) throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          F=$PWD/here.sar; T="$M/archives/up.sar"; before=$(ls "$M/archives")
          bring() { cp "$1" "$F"; \(writer); }
          bring good.sar
          cmp good.sar "$T"; test "$(stat -c %s "$T")" = "$(stat -c %s good.sar)"
          bring other.sar
          cmp other.sar "$T"
          cmp "$M"/undo/*/up.sar good.sar
          lines=$(grep -c archives/ "$M/status/errors.log") || true
          not bring bad.sar 2>/dev/null
          cmp other.sar "$T"
          test "$(grep -c 'archives/.*EBADMSG' "$M/status/errors.log")" -ge 1
          rm "$T"
          not bring bad.sar 2>/dev/null
          test "$(ls "$M/archives" | grep -v part$)" = "$before"
          """, timeout: 120)
      }
    }

    @Test(
      "A name with umlauts or special characters is refused with an error message, whatever the tool"
    )
    func names() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          A="$M/archives"; ls -A "$A" >before
          for name in 'Büro.sar' 'my office.sar' 'a+b.sar' 'x.zip' "$(printf 'a%.0s' {1..129}).sar"; do
            not cp good.sar "$A/$name" 2>said; grep -q 'Invalid argument' said
            cp good.sar "$name"
            not rsync "$name" "$A/" 2>said; grep -q 'Invalid argument\\|code 23' said
          done
          ls -A "$A" | diff before -
          grep -q 'archives/B.*ro.sar EINVAL create by cp.*no umlauts, blanks or special characters.*A-Z a-z 0-9' "$M/status/errors.log"
          test "$(grep -c 'EINVAL create by cp' "$M/status/errors.log")" = 5
          """)
      }
    }

    @Test(
      "A cut archive, one of a newer format, one that is none: refused at close with the reason, and nothing is left"
    )
    func refusals() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          A="$M/archives"; ls -A "$A" >before; E="$M/status/errors.log"
          head -c 20000 good.sar >cut.sar; head -c -1024 good.sar | head -c -600 >tail.sar; : >empty.sar
          printf '{"format":2,"kind":"office"}' >office.json; sha256sum office.json >SHA256SUMS
          tar cf newer.sar office.json SHA256SUMS
          printf 'no archive' >text.sar
          cp "$U/$(ls "$U" | head -n 1)" user.sar; cp "$M/areas/todo.odb" column.sar; cp good.sar whole.odb
          for file in cut tail text user column; do
            not cp $file.sar "$A/" 2>said; grep -q 'Bad message' said
            tail -n 1 "$E" | grep -q "archives/$file.sar EBADMSG close by cp"
          done
          not cp empty.sar "$A/" 2>said; not touch "$A/touched.sar"
          not cp whole.odb "$A/" 2>said; tail -n 1 "$E" | grep -q 'archives/whole.odb EBADMSG.*name it as what it is'
          not cp newer.sar "$A/" 2>said; grep -q 'not supported' said
          tail -n 1 "$E" | grep -q 'archives/newer.sar EOPNOTSUPP close by cp.*format 2'
          ls -A "$A" | diff before -
          """)
        try office.stop()
        try office.command("verify", office.data)
        try office.start()
        try office.sh("ls -A \"$M/archives\" | diff before -")
      }
    }

    @Test("A column is uploaded as its .odb; compressed archives read back in their own form")
    func columns() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          A="$M/archives"
          cp "$M/areas/messages.odb" messages.odb; cp messages.odb "$A/"
          cmp messages.odb "$A/messages.odb"
          gzip -k good.sar; cp good.sar.gz "$A/packed.sar"; cmp good.sar "$A/packed.sar"
          cp -p good.sar "$A/timed.sar"; test "$(stat -c %Y "$A/timed.sar")" = "$(stat -c %Y good.sar)"
          touch -d '2020-01-02T03:04:05Z' "$A/timed.sar"
          test "$(stat -c %Y "$A/timed.sar")" = "$(date -d 2020-01-02T03:04:05Z +%s)"
          test "$(ls -t "$A" | tail -n 1)" = timed.sar
          rsync -ai good.sar "$A/timed.sar" | grep -q sar; test -z "$(rsync -ai good.sar "$A/timed.sar")"
          mv "$A/timed.sar" "$A/moved.sar"; cmp good.sar "$A/moved.sar"; not test -e "$A/timed.sar"
          not cp -b good.sar "$A/moved.sar" 2>/dev/null
          dd if=good.sar of="$A/moved.sar" bs=1 count=1 conv=notrunc status=none; cmp good.sar "$A/moved.sar"
          """)
      }
    }

    @Test("A killed copy and an interrupted one leave nothing but their line in errors.log")
    func interrupted() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          A="$M/archives"; ls -A "$A" >before
          python3 - "$A/half.sar" <<'P' || true
          import os, sys
          out = open(sys.argv[1], 'wb'); out.write(open('good.sar', 'rb').read()[:30000]); out.flush()
          os.kill(os.getpid(), 9)
          P
          for _ in {1..50}; do test -e "$A/half.sar" || break; sleep 0.1; done
          ls -A "$A" | diff before -
          grep -q 'archives/half.sar EBADMSG' "$M/status/errors.log"
          { head -c 30000 good.sar; tail -c +30001 good.sar; } >"$A/parts.sar"; cmp good.sar "$A/parts.sar"
          """)
      }
    }

    @Test(
      "An upload shows in status/activity.txt while it is written and in status/jobs/ when it is checked"
    )
    func progress() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try Self.make(in: office)
        try office.sh(
          """
          A="$M/archives"; J="$M/status/jobs"; size=$(stat -c %s good.sar)
          exec 5>"$A/slow.sar"; head -c 30000 good.sar >&5
          grep -Eqx "writes archives/slow.sar uid $(id -u) bash\\[[0-9]+\\] since 2.*Z, 30000 bytes so far" "$M/status/activity.txt"
          tail -c +30001 good.sar >&5; exec 5>&-
          for _ in {1..50}; do test -s "$M/status/activity.txt" || break; sleep 0.1; done
          test -z "$(cat "$M/status/activity.txt")"
          job=$(grep -lx 'what check of archives/slow.sar' "$J"/*)
          grep -qx "who .* uid $(id -u)" "$job" || grep -q '^who bash' "$job"
          grep -q '^since 2' "$job"; grep -q '^ended 2' "$job"
          grep -Eqx 'result whole: 3 users, [0-9]+ objects' "$job"
          not cp bad.sar "$A/" 2>/dev/null
          grep -q '^result refused: ' "$(grep -lx 'what check of archives/bad.sar' "$J"/*)"
          """)
      }
    }

    @Test("A whole office's archive goes from server to server by cp, and reads back equal there")
    func toAnotherServer() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        let other = try MountedOffice(.empty)
        try office.sh(
          """
          mkdir "$M/groups/sales"; touch "$M/groups/sales/alice" "$M/backup/update/all"
          cp "$M/archives/latest.sar" "$B/archives/moving.sar"
          cmp "$M/archives/latest.sar" "$B/archives/latest.sar"
          test "$(readlink "$B/archives/latest.sar")" = moving.sar
          """, ["B": other.mountPoint])
        try other.stop()
      }
    }
  }
}
