import TestSupport
import Testing

extension RealMount {
  @Suite("import/")
  struct ImportPolicies {
    /// Two calendars, two time sheets and two sets of cards of one person; `mine.udb` is alice, `theirs.udb` is to come.
    private static let make = """
      event() { printf 'BEGIN:VEVENT\\r\\nUID:%s\\r\\nSUMMARY:%s\\r\\nDTSTART;TZID=Here:20260301T090000\\r\\nEND:VEVENT\\r\\n' "$@"; }
      calendar() {
        printf 'BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\nPRODID:%s\\r\\n' "$1"
        printf 'BEGIN:VTIMEZONE\\r\\nTZID:Here\\r\\nBEGIN:STANDARD\\r\\nDTSTART:19700101T000000\\r\\n'
        printf 'TZOFFSETFROM:%s\\r\\nTZOFFSETTO:%s\\r\\nEND:STANDARD\\r\\nEND:VTIMEZONE\\r\\n' "$2" "$2"
        shift 2
        while [ $# -gt 0 ]; do event "$1" "$2"; shift 2; done
        printf 'END:VCALENDAR\\r\\n'
      }
      card() { printf 'BEGIN:VCARD\\r\\nVERSION:3.0\\r\\nUID:%s\\r\\nFN:%s\\r\\nEND:VCARD\\r\\n' "$@"; }
      calendar own +0100 a mine b both >mine.ics
      calendar other +0900 a theirs c new >theirs.ics
      { card x Xena; card y Yves; } >mine.vcf
      { card x Xenia; card z Zoe; } >theirs.vcf
      printf 'date,in,out\\n2026-01-05,8,16\\n2026-01-06,8,16\\n' >mine.csv
      printf 'date,in,out\\n2026-01-06,9,17\\n2026-01-07,9,17\\n' >theirs.csv
      for side in mine theirs; do
        "$PACKAGE/scripts/pack-user" alice $side.udb $side.ics $side.vcf $side.csv
      done
      show() { tar xOf "$U/alice.udb" | tr -d '\\r'; }
      count() { show | grep -c -e "$1" || true; }
      """

    @Test(
      "merge takes the archive's, skip keeps ours, preview changes nothing; a second copy and a copy from undo/ too",
      arguments: [
        "cp $F $T", "cp -a $F $T", "cp $F aside; mv aside $T", "rsync -a $F $T",
        "dd if=$F of=$T status=none",
      ])
    func tools(_ tool: String) throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          ImportPolicies.make + """

            cp mine.udb "$U/alice.udb"; cp "$U/alice.udb" before.udb
            for policy in merge skip preview; do
              cp before.udb "$U/alice.udb"
              F=theirs.udb T="$M/import/$policy/alice.udb"
              \(tool)
              cmp theirs.udb "$T"
              cp "$U/alice.udb" once.udb
              case $policy in
                merge) wanted=theirs; other=mine; row=9,17; [ "$(count FN:Xenia)" = 1 ];;
                *) wanted=mine; other=theirs; row=8,16; [ "$(count FN:Xena)" = 1 ];;
              esac
              [ "$(count SUMMARY:$wanted)" = 1 ]; [ "$(count SUMMARY:$other)" = 0 ]
              [ "$(count 2026-01-06,$row)" = 1 ]; [ "$(count ^date,in,out)" = 1 ]
              new=1; [ $policy = preview ] && new=0
              for text in SUMMARY:new FN:Zoe 2026-01-07; do [ "$(count $text)" = $new ]; done
              for text in SUMMARY:both FN:Yves 2026-01-05; do [ "$(count $text)" = 1 ]; done
              [ $policy = preview ] && cmp before.udb once.udb
              grep -q "^policy   $policy: " "$M/import/reports/alice.txt"
              grep -q 'scheduler added: VEVENT:c' "$M/import/reports/alice.txt"
              ls "$M/undo" >undone
              F=theirs.udb
              \(tool)
              cmp once.udb "$U/alice.udb"
              ls "$M/undo" | cmp - undone
              rm "$T"; [ -z "$(ls -A "$M/import/$policy")" ]
            done
            cp before.udb "$U/alice.udb"
            cp theirs.udb "$M/import/merge/alice.udb"
            not cmp -s before.udb "$U/alice.udb"
            cp "$M/undo/$(ls -v "$M/undo" | tail -n 1)/alice.udb" "$U/alice.udb"
            cmp before.udb "$U/alice.udb"
            """, timeout: 120)
      }
    }

    @Test("no event shifts when calendars are merged that define one zone differently")
    func zones() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          ImportPolicies.make + """

            cp mine.udb "$U/alice.udb"
            cp theirs.udb "$M/import/skip/alice.udb"
            tar xOf "$U/alice.udb" alice/scheduler.ics | tr -d '\\r' >all.ics
            # Each event's own zone: ours keep +0100, the new one keeps +0900.
            awk -F: '$1 == "TZOFFSETTO" { zone = $2 } $1 == "UID" { print $2, zone }' all.ics | sort >found
            printf 'a +0100\\nb +0100\\nc +0900\\n' | diff - found
            """)
      }
    }

    @Test(
      "a damaged archive is refused in each folder: an error at the tool, the user unchanged, the reason in the report",
      arguments: ["cp $F $T", "mv $F $T", "rsync -a $F $T", "cat $F >$T.part; mv $T.part $T"])
    func damaged(_ tool: String) throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          ImportPolicies.make + """

            cp mine.udb "$U/alice.udb"; cp "$U/alice.udb" before.udb
            sed 's/theirs/flipps/' theirs.udb >damaged.udb
            for folder in import/merge import/skip import/preview users; do
              rm -f bad.udb; cp damaged.udb bad.udb
              F=bad.udb T="$M/$folder/alice.udb"
              if ( \(tool) ) 2>said; then echo "$folder took it"; exit 1; fi
              cmp before.udb "$U/alice.udb"
              grep -q '^result   refused, nothing was changed$' "$M/import/reports/alice.txt"
              grep -q '^reason   .*EBADMSG' "$M/import/reports/alice.txt"
              tail -n 1 "$M/status/errors.log" | grep -q "$folder/"
            done
            """, timeout: 120)
      }
    }

    @Test(
      "reports are private, read-only and as old as their import; a purge of the user erases them")
    func reports() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          ImportPolicies.make + """

            touch -d '10 minutes ago' then
            cp -a mine.udb "$U/alice.udb"
            R="$M/import/reports/alice.txt"
            [ "$(stat -c '%a %s' "$R")" = "400 $(wc -c <"$R")" ]; [ "$R" -nt then ]
            not touch "$M/import/reports/bob.txt"; not rm -f "$R"; not sh -c 'echo >"$0"' "$R" 2>/dev/null
            """)
        try office.stop()
        try office.sh(
          """
          grep -rqa 'policy   ' "$DATA"
          officefs purge "$DATA" --user alice <<<yes
          not grep -rqa 'the user was added' "$DATA"/*.sqlite*
          """)
        try office.start()
        try office.sh("[ -z \"$(ls -A \"$M/import/reports\")\" ]")
      }
    }

    @Test("officefs import --policy says what it did, mounted and unmounted alike")
    func command() throws {
      try MountedOffice.with(.empty) { office in
        let steps = """

          officefs import "$D" mine.udb --as alice >said
          grep -q '^result   the user was added$' said; grep -q '^scheduler  *2 ' said
          officefs import "$D" theirs.udb --as alice --policy preview >said
          grep -q '^policy   preview: ' said; grep -q '  scheduler removed: VEVENT:b' said
          officefs import "$D" theirs.udb --as alice --policy skip >said
          grep -Eq '^addresses +1 +0 +0 +0 +2$' said
          officefs import "$D" theirs.udb --as alice --policy merge >said
          grep -Eq '^addresses +0 +1 +0 +1 +1$' said; not grep -q Xenia said
          officefs import "$D" theirs.udb --as alice --policy merge >said
          grep -q '^result   nothing changed' said
          head -c 5000 theirs.udb >cut.udb
          not officefs import "$D" cut.udb --as alice --policy merge 2>said
          grep -q 'cut' said
          not officefs import "$D" theirs.udb --as alice --policy mingle
          officefs export "$D" alice -o $OUT.udb
          """
        try office.sh(ImportPolicies.make + "\nD=\"$DATA\" OUT=mounted" + steps)
        try office.sh(
          "officefs init other\nD=other OUT=unmounted\n" + steps
            + "\ncmp mounted.udb unmounted.udb")
      }
    }
  }
}
