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
          cp "$M/archives/latest.sar" "$B/archives/move.sar"
          cd "$B/restore"; mkdir latest; touch latest/groups latest/settings latest/plan.txt
          touch "latest/$(tail -n 1 latest/plan.txt | sed -n 's/^To carry it out: touch //p')"
          test "$(ls "$B/users" | wc -l)" = 6
          for user in "$U"/*; do cmp "$user" "$B/users/${user##*/}"; done
          for area in "$M"/areas/*; do cmp "$area" "$B/areas/${area##*/}"; done
          diff -r "$M/groups" "$B/groups"; diff -r "$M/settings" "$B/settings"
          # What was there before is an archive too, and not the one that is proposed.
          test "$(ls "$B/archives" | grep -c '^20.*Z_before-restore.sar$')" = 1
          test "$(readlink "$B/archives/latest.sar")" = move.sar
          rmdir latest 2>/dev/null || rm -r latest; cd - >/dev/null
          touch "$B/backup/update/all"
          cmp "$M/archives/latest.sar" "$B/archives/$(ls -t "$B/archives" | grep manual | head -n 1)"
          """, ["B": other.mountPoint], timeout: 120)
        try other.stop()
        try other.command("verify", other.data)
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
