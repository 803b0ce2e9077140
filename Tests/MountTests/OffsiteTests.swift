import TestSupport
import Testing

extension RealMount {
  @Suite("Offsite", .enabled(if: Subprocess.has("rsync"), "needs rsync"))
  struct Offsite {
    @Test(
      "After 1 % of the users changed the recipe sends no more than their files, links the rest, and gives the office back"
    )
    func recipe() throws {
      try MountedOffice.with(.empty) { office in
        try MountedOffice.with(.empty) { other in
          try office.python(
            """
            import hashlib, io, os, random, tarfile
            words = random.Random(1)
            for n in range(100):
                id = f'user{n:03}'
                mail = b''.join(
                    b'From a@b.example Mon Jan  5 08:00:00 2026\\nMessage-ID: <%d.%d@b>\\nSubject: s\\n\\n%s\\n\\n'
                    % (n, m, b'\\n'.join(b'%x' % words.getrandbits(240) for _ in range(40)))
                    for m in range(20))
                parts = [('office.json', b'{"format":1,"kind":"user","user":"%s"}\\n' % id.encode()),
                         (id + '/messages.mbox', mail)]
                parts.append(('SHA256SUMS', b''.join(
                    b'%s  %s\\n' % (hashlib.sha256(b).hexdigest().encode(), p.encode()) for p, b in parts)))
                with tarfile.open(f'{id}.udb', 'w') as tar:
                    for path, content in parts:
                        info = tarfile.TarInfo(path)
                        info.size = len(content)
                        tar.addfile(info, io.BytesIO(content))
            """)
          let sent = """
            rsync -aHz --delete --stats "$M/backup/by-date/" offsite/ | tr -d , >stats
            sed -n 's/^Literal data: \\([0-9]*\\).*/\\1/p; s/^Total bytes sent: \\([0-9]*\\)/\\1/p' stats
            """
          try office.sh(
            """
            cp *.udb "$U/"
            touch "$M/backup/update/all"
            mkdir offsite
            """, timeout: 180)
          _ = try office.sh(sent, timeout: 120)
          try office.sh(
            """
            sed 's/Subject: s/Subject: t/' user007.udb >/dev/null
            mkdir edit; cd edit; tar xf ../user007.udb
            sed -i 's/^Subject: s/Subject: changed/' user007/messages.mbox
            sha256sum office.json user007/* >SHA256SUMS
            tar cf "$U/user007.udb" office.json user007 SHA256SUMS
            touch "$M/backup/update/all"
            """)
          let figures = try office.sh(sent).lines.compactMap { Int($0) }
          let changed = try #require(
            Int(try office.sh("stat -c %s \"$U/user007.udb\"").trimmed))
          #expect(figures.count == 2)
          #expect(figures.allSatisfy { $0 <= changed }, "\(figures) of \(changed)")
          try office.sh(
            """
            diff -r "$M/backup/by-date" offsite
            test "$(find offsite -name '*.udb' -printf '%i\\n' | sort -u | wc -l)" = 101
            cp offsite/"$(ls offsite | tail -n 1)"/users/*.udb "$B/users/"
            diff -r "$U" "$B/users"; diff -r "$M/areas" "$B/areas"
            rsync -aHz --delete -i "$M/backup/by-date/" offsite/ | not grep -v '^\\.d'
            """, ["B": other.mountPoint], timeout: 180)
        }
      }
    }
  }
}
