import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("Archives and restores")
  struct ServerToServer {
    @Test(
      "A whole office moves to an empty server by cp of latest.sar and a confirm: users/, areas/, groups/ and settings are equal"
    )
    func moves() throws {
      try MountedOffice.with(.demo(users: 6)) { office in
        let other = try MountedOffice(.empty)
        try office.sh(
          """
          mkdir "$M/groups/sales" "$M/groups/empty"; touch "$M/groups/sales/"{alice,bob}
          cp "$M/groups/sales/"* "$M/settings/backup-group/"
          printf '[undo]\\ndays = 44\\n\\n[backup]\\nmode = "remind"\\n' >"$M/settings/office.toml"
          touch "$M/backup/update/all"
          cp "$M/archives/latest.sar" "$B/archives/"
          cmp "$M/archives/latest.sar" "$B/archives/latest.sar"
          moved=$(readlink "$B/archives/latest.sar"); grep -Eqx '20[0-9-]{8}T[0-9]{6}Z_upload.sar' <<<"$moved"
          cd "$B/restore"; mkdir latest; touch latest/groups latest/settings latest/plan.txt
          touch "latest/$(tail -n 1 latest/plan.txt | sed -n 's/^To carry it out: touch //p')"
          test "$(ls "$B/users" | wc -l)" = 6
          for user in "$U"/*; do cmp "$user" "$B/users/${user##*/}"; done
          for area in "$M"/areas/*; do cmp "$area" "$B/areas/${area##*/}"; done
          diff -r "$M/groups" "$B/groups"; diff -r "$M/settings" "$B/settings"
          # What was there before is an archive too, and not the one that is proposed.
          test "$(ls "$B/archives" | grep -c '^20.*Z_before-restore.sar$')" = 1
          test "$(readlink "$B/archives/latest.sar")" = "$moved"
          rmdir latest 2>/dev/null || rm -r latest; cd - >/dev/null
          touch "$B/backup/update/all"
          cmp "$M/archives/latest.sar" "$B/archives/$(ls -t "$B/archives" | grep manual | head -n 1)"
          """, ["B": other.mountPoint], timeout: 120)
        try other.stop()
        try other.command("verify", other.data)
      }
    }

    @Test(
      "Over the link that is there, cp follows it: EBUSY over a set, with the way out; over an upload it replaces that"
    )
    func overTheLink() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let other = try MountedOffice(.empty)
        try office.sh(
          """
          touch "$M/backup/update/all"; A="$M/archives/latest.sar"; E="$B/status/errors.log"
          log() { tail -n 1 "$E" | grep -q -- "$1"; }
          touch "$B/backup/update/all"; ls -A "$B/archives" >before; cp -L "$B/archives/latest.sar" was.sar
          not cp "$A" "$B/archives/" 2>said; grep -q 'Device or resource busy' said
          log 'archives/20.*Z_manual.sar EBUSY open by cp.*not changed.*cp latest.sar archives/NAME.sar'
          not cp --remove-destination "$A" "$B/archives/" 2>said; grep -q 'resource busy' said
          log 'archives.*latest.sar EBUSY remove by cp.*keeps this link.*cp latest.sar archives/NAME.sar'
          not rsync -aL "$A" "$B/archives/" 2>said; grep -q 'resource busy' said
          cp "$A" .latest.sar.part; not mv -T .latest.sar.part "$B/archives/latest.sar" 2>said
          cp "$A" "$B/archives/.latest.sar.part"
          not mv "$B/archives/.latest.sar.part" "$B/archives/latest.sar" 2>said; grep -q 'resource busy' said
          log 'archives/latest.sar.*keeps this link.*NAME.sar'; rm "$B/archives/.latest.sar.part"
          not mv "$A" "$B/archives/" 2>said; test -L "$A"
          ls -A "$B/archives" | diff before -; cmp was.sar "$B/archives/latest.sar"
          cp "$A" "$B/archives/named.sar"; test "$(readlink "$B/archives/latest.sar")" = named.sar
          # The link leads to an upload now: it is replaced as by its own name.
          touch "$U/newcomer.udb"; sleep 1; touch "$M/backup/update/all"
          cp "$A" "$B/archives/"; cmp "$A" "$B/archives/named.sar"
          test -e "$B"/undo/*_upload/named.sar
          """, ["B": other.mountPoint], timeout: 120)
        try other.stop()
      }
    }

    @Test(
      "Where there is none yet, any tool may bring latest.sar, and what is damaged leaves nothing",
      arguments: [
        "cp $A $C/", "cp -a -L $A $C/", "rsync -aL $A $C/", "cat $A >$C/latest.sar",
        "cp $A $C/latest.sar.part && mv $C/latest.sar.part $C/latest.sar",
        "sftp -q -D /usr/lib/openssh/sftp-server -b - <<<\"put $A $C/latest.sar\"",
      ].filter { !$0.hasPrefix("sftp") || Subprocess.has("../lib/openssh/sftp-server") })
    func withoutALink(_ tool: String) throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let other = try MountedOffice(.empty)
        try office.sh(
          """
          C="$B/archives"; touch "$M/backup/update/all"
          mkdir cut; head -c 20000 "$M/archives/latest.sar" >cut/latest.sar
          A=cut/latest.sar
          not eval '\(tool)' 2>/dev/null
          test -z "$(ls "$C" | grep -v part)"; grep -q 'archives/.*EBADMSG' "$B/status/errors.log"
          rm -f "$C"/*.part
          A="$M/archives/latest.sar"
          \(tool)
          cmp "$A" "$C/latest.sar"; name=$(readlink "$C/latest.sar"); cmp "$A" "$C/$name"
          test "$(ls "$C")" = "$(printf '%s\nlatest.sar' "$name")"
          grep -q "uploaded $name: 2 users" "$B/status/audit.log"
          rm "$C/$name"; test -z "$(ls -A "$C")"
          """, ["B": other.mountPoint])
        try other.stop()
      }
    }

    @Test("An archive that a restore has staged can be neither removed nor replaced: EBUSY")
    func inUse() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try office.sh(
          """
          A="$M/archives"; touch "$M/backup/update/all"; cp "$A/latest.sar" first.sar; cp first.sar "$A/up.sar"
          touch "$U/newcomer.udb"; sleep 1; touch "$M/backup/update/all"; cp "$A/latest.sar" second.sar
          mkdir "$M/restore/up"
          not rm "$A/up.sar" 2>said; grep -q busy said
          tail -n 1 "$M/status/errors.log" | grep -q 'archives.*up.sar EBUSY remove by rm.*in use by a restore'
          not cp second.sar "$A/up.sar" 2>said; grep -q busy said
          not mv -f second.sar "$A/up.sar" 2>said; test -e second.sar
          cmp first.sar "$A/up.sar"
          rm -r "$M/restore/up"
          cp second.sar "$A/up.sar"; cmp second.sar "$A/up.sar"; rm "$A/up.sar"
          """)
      }
    }

    @Test("An uploaded column restores that area alone; one from another office too")
    func column() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        try office.sh(
          """
          cp -a "$U" was; cp "$M/areas/todo.odb" "$M/archives/todo.odb"
          X=$(ls "$U" | head -n 1); Y=$(ls "$U" | tail -n 1)
          cp was/$Y "$U/$X"; cp -a "$U/$X" changed.udb
          mkdir "$M/restore/todo"; test "$(ls "$M/restore/todo/areas")" = todo
          touch "$M/restore/todo/$(tail -n 1 "$M/restore/todo/plan.txt" | sed -n 's/^To carry it out: touch //p')"
          cmp "$M/areas/todo.odb" "$M/archives/todo.odb"
          id=${X%.udb}
          for area in scheduler.ics messages.mbox addresses.vcf; do
            cmp <(tar xOf changed.udb "$id/$area") <(tar xOf "$U/$X" "$id/$area")
          done
          cmp <(tar xOf was/$X "$id/todo.ics") <(tar xOf "$U/$X" "$id/todo.ics")
          """)
      }
    }
  }
}
