import TestSupport
import Testing

extension RealMount {
  @Suite("Archives made by hand")
  struct HandMade {
    /// Folders `alice` and lists as an administrator has them: odd times, an owner, modes; `check NAME` imports NAME.udb
    /// and compares what comes back.
    private static let setUp = """
      mkdir -p tree/alice; cd tree
      printf 'BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\nBEGIN:VEVENT\\r\\nUID:1\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR\\r\\n' >alice/scheduler.ics
      printf 'From a@b Mon Jan  5 10:15:00 2026\\nSubject: s\\n\\nb\\n\\n' >alice/messages.mbox
      printf 'date,in\\r\\n2026-01-05,08:00\\r\\n' >alice/timesheet.csv
      printf '{"format":1,"kind":"user","user":"alice"}\\n' >office.json
      touch -d '2026-02-03T04:05:06.789Z' alice/*; chmod 640 alice/timesheet.csv; chown 12:34 alice/messages.mbox
      sha256sum office.json alice/* >SHA256SUMS; cd ..
      check() {
        cp "$1.udb" "$U/$1.udb" || { echo "$1 was refused"; tail -n 1 "$M/status/errors.log"; return 1; }
        rm -rf back; mkdir back; tar xf "$U/$1.udb" -C back
        for file in scheduler.ics messages.mbox timesheet.csv; do
          cmp "tree/alice/$file" "back/$1/$file"
          [ "$(stat -c %Y "back/$1/$file")" = "$(date -d 2026-02-03T04:05:06Z +%s)" ]
        done
      }
      """

    @Test("GNU tar in all its formats, plain, .gz, .zst and .xz, with what it adds")
    func gnu() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          HandMade.setUp + """

            number=0
            pack() {
              number=$((number + 1)); tar -C tree -cf "g$number.udb" "$@"; check "g$number"
            }
            for format in v7 ustar oldgnu gnu posix; do
              pack --format=$format office.json alice SHA256SUMS
              pack --format=$format ./office.json ./alice ./SHA256SUMS
            done
            # Directories of their own, any order, the list last.
            pack alice/ office.json SHA256SUMS
            # The whole folder, then the list behind it.
            number=$((number + 1)); tar -C tree --exclude=SHA256SUMS -cf "g$number.udb" .
            tar -C tree -rf "g$number.udb" ./SHA256SUMS; check "g$number"
            pack alice/timesheet.csv alice/scheduler.ics office.json alice/messages.mbox SHA256SUMS
            pack --format=posix --pax-option=exthdr.name=%d/x/%f,atime:=2026-01-01,comment=hello office.json alice SHA256SUMS
            pack --format=posix --pax-option=globexthdr.name=g,comment=x --xattrs --acls office.json alice SHA256SUMS
            pack --format=gnu --owner=$(printf 'o%.0s' {1..31}) -b 1 office.json alice SHA256SUMS
            pack --sort=name --numeric-owner --mtime='2026-02-03T04:05:06.5Z' office.json alice SHA256SUMS
            for tool in 'gzip -k' 'zstd -q' 'xz -k'; do
              number=$((number + 1)); tar -C tree -cf plain.tar office.json alice SHA256SUMS
              rm -f plain.tar.*; $tool plain.tar; mv plain.tar.* "g$number.udb"; check "g$number"
            done
            for flag in z J; do
              number=$((number + 1)); tar -C tree -c${flag}f "g$number.udb" office.json alice SHA256SUMS
              check "g$number"
            done
            """, timeout: 180)
      }
    }

    @Test(
      "bsdtar and Python's tarfile in all their formats",
      .enabled(if: Subprocess.has("bsdtar"), "needs bsdtar"))
    func others() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          HandMade.setUp + """

            for format in ustar pax gnutar v7; do
              bsdtar -C tree --format=$format -cf "b$format.udb" office.json alice SHA256SUMS
              check "b$format"
              bsdtar -C tree --format=$format --options=gzip:compression-level=9 -czf "z$format.udb" ./alice ./office.json ./SHA256SUMS
              check "z$format"
            done
            cat >pack.py <<'END'
            import sys, tarfile
            for name in 'USTAR', 'GNU', 'PAX':
                for mode in 'w', 'w:gz', 'w:xz':
                    target = f'p{name}{mode[2:]}'
                    with tarfile.open(target + '.udb', mode, format=getattr(tarfile, name + '_FORMAT')) as tar:
                        for entry in 'office.json', 'alice', 'SHA256SUMS':
                            tar.add('tree/' + entry, entry)
                    print(target)
            END
            for name in $(python3 pack.py); do check "$name"; done
            """, timeout: 180)
      }
    }

    @Test("SHA256SUMS as sha256sum writes it: with ./, in binary mode, sorted otherwise")
    func lists() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          HandMade.setUp + """

            number=0
            for list in 'sha256sum -b office.json alice/*' 'sha256sum ./office.json ./alice/*' \\
              'find . -type f ! -name SHA256SUMS -exec sha256sum {} +' \\
              'sha256sum alice/* ./office.json | tac' \\
              'sha256sum --text office.json alice/*'; do
              number=$((number + 1)); (cd tree; eval "$list" >SHA256SUMS)
              tar -C tree -cf "s$number.udb" office.json alice SHA256SUMS; check "s$number"
            done
            """)
      }
    }

    @Test("Row 7: a sparse file, and links, are refused with what to do")
    func refused() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          HandMade.setUp + """

            truncate -s 4M tree/alice/webmail.mbox; (cd tree; sha256sum office.json alice/* >SHA256SUMS)
            for format in gnu posix; do
              tar -C tree --sparse --format=$format -cf sparse.udb office.json alice SHA256SUMS
              not cp sparse.udb "$U/sparse.udb"
              tail -n 1 "$M/status/errors.log" | grep 'sparse.*without --sparse'
            done
            rm tree/alice/webmail.mbox; mkdir -p linked; ln -s ../tree/alice linked/alice
            cp tree/office.json linked/; (cd linked; sha256sum office.json alice/* >SHA256SUMS)
            tar -C linked -cf linked.udb office.json alice SHA256SUMS
            not cp linked.udb "$U/linked.udb"
            tail -n 1 "$M/status/errors.log" | grep 'symbolic link.*--dereference'
            tar -C linked -chf linked.udb office.json alice SHA256SUMS; cp linked.udb "$U/"
            tar -C tree -cf first.udb SHA256SUMS office.json alice
            not cp first.udb "$U/first.udb"
            tail -n 1 "$M/status/errors.log" | grep 'SHA256SUMS named last'
            """)
      }
    }
  }
}
