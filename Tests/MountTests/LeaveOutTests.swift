import TestSupport
import Testing

extension RealMount {
  @Suite("officefs import --leave-out-broken")
  struct LeaveOut {
    /// An archive with good and broken objects, `good.mbox` beside it.
    private static let make = """
      mkdir -p in/bob
      printf 'From a@b Mon Jan  5 10:15:00 2026\\nSubject: s\\n\\nb\\n\\n' >good.mbox
      { printf 'no message\\n\\n'; cat good.mbox; } >in/bob/messages.mbox
      printf 'date,note\\n2026-01-01,x\\n2026-01-02,"never closed\\n2026-01-03,y\\n' >in/bob/timesheet.csv
      printf '{"status":' >in/bob/whereabouts.json
      printf '{"id":"bob","name":"Bob"}\\n' >in/bob/user.json
      cd in
      printf '{"format":1,"kind":"user","user":"bob"}\\n' >office.json
      sha256sum office.json bob/* >SHA256SUMS
      tar cf ../broken.udb office.json bob SHA256SUMS
      cd ..
      """

    private static let check = """
      [ "$(stat -c %a refused.tar)" = 600 ]
      rm -rf out mended; mkdir out mended; tar xf "$EXPORT" -C out; tar xf refused.tar -C mended
      cmp good.mbox out/alice/messages.mbox
      printf 'date,note\\n2026-01-01,x\\n2026-01-03,y\\n' | cmp - out/alice/timesheet.csv
      printf 'no message\\n\\n' | cmp - mended/alice/messages.mbox
      printf 'date,note\\n2026-01-02,"never closed\\n' | cmp - mended/alice/timesheet.csv
      printf '{"status":\\n' | cmp - mended/alice/whereabouts.json
      [ "$(tar tf refused.tar | tail -n 1)" = refused.txt ]
      grep -q 'bob/messages.mbox line 1: no message begins here' mended/refused.txt
      grep -q 'bob/timesheet.csv line 3: a quote is never closed' mended/refused.txt
      grep -q 'sha256sum office.json alice/\\* >SHA256SUMS' mended/refused.txt
      """

    /// What refused.txt says, done; merged into a copy of what was imported.
    private static let mend = """
      cd mended
      { printf 'From x@y Tue Jan  6 10:15:00 2026\\n\\n'; cat alice/messages.mbox; } >m; mv m alice/messages.mbox
      sed -i 's/never closed/closed"/' alice/timesheet.csv
      printf '{"status":"in"}' >alice/whereabouts.json
      sha256sum office.json alice/* >SHA256SUMS
      tar cf ../alice2.udb office.json alice SHA256SUMS
      cd ..
      """

    @Test("imports the rest through a mount, and what was refused can be mended and imported")
    func mounted() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          LeaveOut.make + """

            printf '{"status":"old"}\\n' >w; "$PACKAGE/scripts/pack-user" alice old.udb whereabouts.json=w
            cp old.udb "$U/alice.udb"
            not officefs import "$DATA" broken.udb --as alice
            officefs import "$DATA" broken.udb --as alice --leave-out-broken refused.tar >said
            grep 'left out 3 objects' said
            EXPORT=$U/alice.udb
            """ + "\n" + LeaveOut.check + """

              # Of whereabouts nothing could be read: it stays as it was.
              grep old out/alice/whereabouts.json
              not cp refused.tar "$U/again.udb"
              """ + "\n" + LeaveOut.mend + """

              officefs import "$DATA" alice2.udb --as mended
              tar xOf "$U/mended.udb" mended/timesheet.csv | grep -q '2026-01-02,"closed"'
              """)
      }
    }

    @Test("imports the rest into an unmounted office")
    func unmounted() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          LeaveOut.make + """

            officefs init other
            gzip -k broken.udb
            officefs import other broken.udb.gz --as alice --leave-out-broken refused.tar
            officefs export other alice -o alice.udb
            EXPORT=alice.udb
            """ + "\n" + LeaveOut.check)
      }
    }

    @Test(
      "nothing is written where nothing is left out, or over an existing file, or if the import fails"
    )
    func nothingLeft() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          LeaveOut.make + """

            export TMPDIR=$PWD/tmp; mkdir tmp
            "$PACKAGE/scripts/pack-user" alice whole.udb messages.mbox=good.mbox
            officefs import "$DATA" whole.udb --as alice --leave-out-broken refused.tar
            not test -e refused.tar
            cp "$U/alice.udb" before.udb

            echo mine >refused.tar
            not officefs import "$DATA" broken.udb --as alice --leave-out-broken refused.tar 2>said
            grep 'is there already' said; echo mine | cmp - refused.tar
            rm refused.tar; ln -s nowhere refused.tar
            not officefs import "$DATA" broken.udb --as alice --leave-out-broken refused.tar
            rm refused.tar

            head -c 9000 broken.udb >cut.udb
            not officefs import "$DATA" cut.udb --as alice --leave-out-broken refused.tar
            sed 's/2026-01-01,x/2026-01-01,z/' broken.udb >flipped.udb
            not officefs import "$DATA" flipped.udb --as alice --leave-out-broken refused.tar
            # The office refuses the rest as well: an id that differs from another in case only.
            not officefs import "$DATA" broken.udb --as ALICE --leave-out-broken refused.tar
            not test -e refused.tar
            cmp before.udb "$U/alice.udb"
            [ -z "$(ls tmp)" ]
            """)
      }
    }
  }
}
