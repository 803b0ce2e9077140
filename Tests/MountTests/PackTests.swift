import TestSupport
import Testing

extension RealMount {
  @Suite("scripts/pack-user")
  struct Pack {
    @Test("calendars of events and to-dos are parted, each with the time zones it uses")
    func calendars() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          cat >make.py <<'END'
          def zone(name): return f'BEGIN:VTIMEZONE\\r\\nTZID:{name}\\r\\nBEGIN:STANDARD\\r\\nEND:STANDARD\\r\\nEND:VTIMEZONE\\r\\n'
          def item(kind, uid, zone):
              folded = zone[:2] + '\\r\\n ' + zone[2:]
              return f'BEGIN:{kind}\\r\\nUID:{uid}\\r\\nDTSTART;TZID="{folded}":1\\r\\nEND:{kind}\\r\\n'
          text = ('BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\n' + zone('Both') + zone('Event') + zone('Todo') + zone('None')
                  + item('VEVENT', 1, 'Event') + item('VTODO', 2, 'Todo') + item('VEVENT', 3, 'Both')
                  + item('VTODO', 4, 'Both') + 'END:VCALENDAR\\r\\n')
          open('mixed.ics', 'wb').write(text.encode())
          open('wide.ics', 'wb').write(text.replace('UID:', 'UID:w').encode('utf-16'))
          open('events.ics', 'wb').write(item('VEVENT', 5, 'Event').replace('\\r\\n', '\\r').encode())
          open('todo.ics', 'wb').write(item('VTODO', 6, 'Event').rstrip().encode())
          END
          python3 make.py
          "$PACKAGE/scripts/pack-user" alice alice.udb mixed.ics wide.ics events.ics todo.ics
          cp alice.udb "$U/"; tar xf "$U/alice.udb"; cd alice
          [ "$(grep -a ^UID: scheduler.ics | tr -d '\\r' | sort | tr '\\n' ' ')" = 'UID:1 UID:3 UID:5 UID:w1 UID:w3 ' ]
          [ "$(grep -a ^UID: todo.ics | tr -d '\\r' | sort | tr '\\n' ' ')" = 'UID:2 UID:4 UID:6 UID:w2 UID:w4 ' ]
          [ "$(grep ^TZID: scheduler.ics | tr -d '\\r' | sort -u | tr '\\n' ' ')" = 'TZID:Both TZID:Event TZID:None ' ]
          [ "$(grep ^TZID: todo.ics | tr -d '\\r' | sort -u | tr '\\n' ' ')" = 'TZID:Both TZID:Todo ' ]
          """)
      }
    }

    @Test("a calendar without its BEGIN or END shares its time zones with no other file's events")
    func apart() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          zone() { printf 'BEGIN:VTIMEZONE\\nTZID:Z\\nBEGIN:STANDARD\\nTZOFFSETTO:%s\\nEND:STANDARD\\nEND:VTIMEZONE\\n' "$1"; }
          event() { printf 'BEGIN:%s\\nUID:%s\\nDTSTART;TZID=Z:20260105T101500\\nEND:%s\\n' "$1" "$2" "$1"; }
          mkdir in
          { echo BEGIN:VCALENDAR; zone +0100; event VEVENT 1; } >in/1.ics
          event VEVENT 2 >in/2.ics
          { zone +0300; event VEVENT 3; } >in/3.ics
          event VEVENT 4 >in/4.ics
          { echo BEGIN:VCALENDAR; zone +0500; event VEVENT 5; event VTODO 6; echo END:VCALENDAR; } >in/5.ics
          { zone +0700; event VTODO 7; } >in/7.ics
          event VTODO 8 >in/8.ics
          "$PACKAGE/scripts/pack-user" alice alice.udb in
          cp alice.udb "$U/"; tar xf "$U/alice.udb"
          # Each event's calendar and offset.
          cat alice/scheduler.ics alice/todo.ics | tr -d '\\r' | awk -F: '
            /^BEGIN:VCALENDAR/ { offset = "none" } /^TZOFFSETTO/ { offset = $2 } /^UID/ { print $2, offset }' | sort >found
          printf '1 +0100\\n2 none\\n3 +0300\\n4 none\\n5 +0500\\n6 +0500\\n7 +0700\\n8 none\\n' | diff - found
          """)
      }
    }

    @Test("mailboxes, .eml files and a Maildir become one mailbox, with flags and folders")
    func mail() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          mkdir -p in/{cur,new,tmp,.Sent.2026/cur,.Sent.2026/new} eml
          printf 'Message-ID: <1>\\nDate: Mon, 5 Jan 2026 11:15:00 +0100\\n\\nFrom here\\n>From there\\nx' >in/cur/1.host:2,FRS
          printf 'Message-ID: <2>\\r\\n\\r\\nx\\r\\n' >in/new/2.host
          printf 'Message-ID: <3>\\n\\nx\\n' >'in/.Sent.2026/cur/3.host:2,DPST'
          printf 'Message-ID: <4>\\r\\rx\\r' >eml/mac.eml
          printf 'From a@b Mon Jan  5 10:15:00 2026\\nMessage-ID: <5>\\n\\nx\\n' >eml/5.eml
          printf 'From a@b Mon Jan  5 10:15:00 2026\\nMessage-ID: <6>\\n\\nx\\nFrom a@b Mon Jan  5 10:15:00 2026\\nMessage-ID: <7>\\n\\nx' >two.mbox
          "$PACKAGE/scripts/pack-user" alice alice.udb two.mbox in eml two.mbox
          cp alice.udb "$U/"; tar xf "$U/alice.udb"
          cat >check.py <<'END'
          import mailbox
          found = {}
          for m in mailbox.mbox('alice/webmail.mbox'):
              found.setdefault(m['Message-ID'], []).append(m)
          assert sorted(found) == [f'<{n}>' for n in range(1, 8)], sorted(found)
          assert [len(found[f'<{n}>']) for n in range(1, 8)] == [1, 1, 1, 1, 1, 2, 2]
          flags = {key: (m[0]['Status'], m[0]['X-Status'], m[0]['X-Folder']) for key, m in found.items()}
          assert flags['<1>'] == ('RO', 'AF', None), flags
          assert flags['<2>'] == (None, None, None), flags
          assert flags['<3>'] == ('RO', 'DT', 'Sent/2026'), flags
          assert found['<1>'][0].get_from() == 'MAILER-DAEMON Mon Jan  5 10:15:00 2026'
          assert found['<1>'][0].get_payload() == '>From here\\n>>From there\\nx\\n', found['<1>'][0].get_payload()
          END
          python3 check.py
          """)
      }
    }

    @Test("tables with one header row are joined; what has no place is named")
    func others() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          printf '\\357\\273\\277Datum;von\\r\\n2026-01-05;8' >1.csv; printf 'Datum;von\\n2026-01-06;9\\n' >2.csv
          mkdir folder; cp 1.csv 2.csv folder/; echo x >folder/notes.txt
          "$PACKAGE/scripts/pack-user" alice alice.udb folder 2>said
          grep notes.txt said
          cp alice.udb "$U/"; tar xOf "$U/alice.udb" alice/timesheet.csv >back
          printf 'Datum;von\\r\\n2026-01-05;8\\r\\n2026-01-06;9\\n' | cmp - back
          printf 'Tag;von\\n' >3.csv
          not "$PACKAGE/scripts/pack-user" alice no.udb 1.csv 3.csv
          not "$PACKAGE/scripts/pack-user" alice no.udb folder/notes.txt
          not "$PACKAGE/scripts/pack-user" alice no.udb missing.ics
          not "$PACKAGE/scripts/pack-user" ../alice no.udb 1.csv
          not test -e no.udb
          """)
      }
    }

    @Test(
      "the corpus, packed as one user's folder, is imported but for what is left out",
      .enabled(if: Officefs.corpus != nil, "needs the corpus in OFFICEFS_CORPUS"))
    func corpus() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          for file in "$CORPUS"/mail/*; do
            if head -c 5 "$file" | grep -q '^From '; then to=$(basename "$file").mbox; else to=$(basename "$file").eml; fi
            mkdir -p all; ln -s "$file" "all/$to"
          done
          ln -s "$CORPUS"/ics/*.ics "$CORPUS"/vcf/*.vcf all/
          "$PACKAGE/scripts/pack-user" all all.udb all
          officefs import "$DATA" all.udb --leave-out-broken refused.tar
          tar xf "$U/all.udb"; tar xOf refused.tar refused.txt | tail -n +9 >refused.txt
          cp "$U/all.udb" again.udb; cp again.udb "$U/again.udb"
          tar xf "$U/again.udb"; for file in all/*.*; do case $file in all/user.json) ;; all/*.ics | all/*.vcf | all/*.mbox)
            [ ! -e "again/${file#all/}" ] || cmp "$file" "again/${file#all/}";; esac; done
          """, ["CORPUS": try #require(Officefs.corpus)], timeout: 180)
      }
    }
  }
}
