import TestSupport
import Testing

extension RealMount {
  @Suite("Tools")
  struct Tools {
    /// What scripts/tools does not run. `$F` is a good archive, `$T` the target; the first word has to be installed.
    static let writers = [
      "cp -p $F $T", "cp --remove-destination $F $T", "rsync $F $T",
      "rsync -a --whole-file --fsync $F $T", "dd if=$F of=$T bs=1M conv=fsync status=none",
      "dd if=$F of=$T bs=777 conv=notrunc status=none",
      "head -c 5000 $F >$T.tmp; tail -c +5001 $F >>$T.tmp; mv $T.tmp $T",
      "python3 -c 'import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])' $F $T",
      "sftp -q -D /usr/lib/openssh/sftp-server -b - <<<\"put $F $T\"",
      "sftp -q -D /usr/lib/openssh/sftp-server -b - <<<\"put -fp $F $T\"",
      "perl -MFile::Copy -e 'copy(@ARGV) or die $!' $F $T",
    ]

    static let installed = writers.filter { line in
      let tool = String(line.prefix { $0 != " " })
      let isSFTP = tool == "sftp"
      return Subprocess.has(tool) && (!isSFTP || Subprocess.has("../lib/openssh/sftp-server"))
    }

    @Test(
      "brings in a good archive that reads back equal, as a new user and over one",
      arguments: installed)
    func writes(_ writer: String) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let users = try office.ids()
        let variables = ["X": users[0], "Y": users[1], "F": "here.udb"]
        try office.sh(
          """
          cp "$U/$X.udb" x.udb
          cp "$U/$Y.udb" "$U/$X.udb"; cp "$U/$X.udb" other.udb; rm "$U/$X.udb"
          """, variables)
        for isNew in [true, false] {
          try office.sh(
            """
            cp x.udb here.udb
            \(isNew ? "rm -f $U/$X.udb" : "cp other.udb $U/$X.udb")
            T="$U/$X.udb"
            \(writer)
            cmp x.udb "$U/$X.udb"
            test "$(stat -c %s "$U/$X.udb")" = "$(stat -c %s x.udb)"
            test "$(ls -A "$U" | grep -c '\\.udb$')" -ge 2
            """, variables)
        }
        let left = try office.sh("ls -A \"$U\"").lines
        #expect(Set(left) == Set(users.map { "\($0).udb" }), "left behind: \(left)")
      }
    }

    @Test("GNU tar, bsdtar, Python's tarfile and sha256sum agree with a user file and a column")
    func readers() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          for file in "$U/$USER.udb" "$M/areas/scheduler.odb" "$M/areas/messages.odb"; do
            rm -rf gnu bsd python; mkdir gnu bsd python
            tar -C gnu -xf "$file"
            (cd gnu; sha256sum --quiet --strict -c SHA256SUMS)
            tar -C gnu --compare -f "$file"
            if command -v bsdtar >/dev/null; then bsdtar -C bsd -xf "$file"; diff -r gnu bsd; fi
            python3 -c '
          import sys, tarfile
          tar = tarfile.open(sys.argv[1], errorlevel=2)
          for entry in tar:
              assert entry.isfile() and entry.uid == entry.gid == 0 and entry.mode == 0o600, entry
              assert entry.uname == entry.gname == "", entry
              open("names", "a").write(entry.name + "\\n")
          tar.extractall("python")
          ' "$file"
            diff -r gnu python
            tail -n 1 names | grep -qx SHA256SUMS; head -n 1 names | grep -qx office.json
            sed 's/^.\\{66\\}//' gnu/SHA256SUMS | diff - <(head -n -1 names)
            tail -c 1024 "$file" | cmp - <(head -c 1024 /dev/zero)
            python3 -m json.tool gnu/office.json >/dev/null
            rm names
          done
          tar -tf "$U/$USER.udb" | tr '\\n' ' ' >list
          printf 'office.json' >wanted
          for cell in user.json scheduler.ics whereabouts.json messages.mbox timesheet.csv addresses.vcf \
            todo.ics directory.vcf webmail.mbox; do printf ' %s/%s' $USER $cell; done >>wanted
          printf ' SHA256SUMS ' >>wanted
          cmp list wanted
          """, ["USER": user])
      }
    }
  }
}
