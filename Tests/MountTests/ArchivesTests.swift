import TestSupport
import Testing

extension RealMount {
  @Suite("archives/")
  struct Archives {
    @Test(
      "all backup files on the server, newest first by ls -t, the newest by latest.sar; names tell the process"
    )
    func list() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        try office.sh(
          """
          cd "$M/archives"; test -z "$(ls -A)"
          mkdir "$M/groups/sales"; touch "$M/groups/sales/alice"
          touch "$M/backup/update/all"; sleep 1
          rm "$U/$(ls "$U" | head -n 1)"; touch "$M/backup/update/all"; sleep 1
          touch "$M/backup/update/todo"
          test "$(ls | grep -c '^20[0-9-]*T[0-9]*Z_manual.sar$')" = 3
          test "$(ls -t *Z_*.sar)" = "$(ls *Z_*.sar | sort -r)"
          test "$(readlink latest.sar)" = "$(ls -t *Z_*.sar | head -n 1)"
          cmp latest.sar "$(ls -t *Z_*.sar | head -n 1)"
          test "$(stat -c '%a %u' . *Z_*.sar | sort -u)" = "$(printf '600 0\\n700 0')"
          for set in *Z_*.sar; do
            stamp=${set%%_*}
            test "$(date -u +%Y-%m-%dT%H%M%SZ -d "@$(stat -c %Y "$set")")" = "$stamp"
            test "$(wc -c <"$set")" = "$(stat -c %s "$set")"
            tail -c +1000 "$set" | cmp - <(cat "$set" | tail -c +1000)
            mkdir "$OLDPWD/$stamp"; tar xf "$set" -C "$OLDPWD/$stamp"
            (cd "$OLDPWD/$stamp" && sha256sum --quiet -c SHA256SUMS)
            cmp "$OLDPWD/$stamp/office.json" "$M/backup/by-date/$stamp/office.json"
            for user in "$M/backup/by-date/$stamp/users/"*; do
              id=$(basename "$user" .udb)
              tar xOf "$user" --wildcards "$id/*" | cmp - <(cat "$OLDPWD/$stamp/$id"/{user.json,scheduler.ics,whereabouts.json,messages.mbox,timesheet.csv,addresses.vcf,todo.ics,directory.vcf,webmail.mbox})
            done
            test "$(ls "$OLDPWD/$stamp" | wc -l)" = $(($(ls "$M/backup/by-date/$stamp/users" | wc -l) + 2))
          done
          find . -ls >/dev/null; du . >/dev/null
          ls -li --full-time >"$OLDPWD/before"
          """)
        try office.stop()
        try office.start()
        try office.sh(
          "cd \"$M/archives\"; ls -li --full-time | tail -n +2 | diff <(tail -n +2 \"$OLDPWD/before\") -"
        )
      }
    }

    @Test("The link leads to the newest at once, and who reads an archive reads it to its end")
    func latest() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.sh(
          """
          cd "$M/archives"; touch "$M/backup/update/all"
          first=$(readlink latest.sar); cp latest.sar "$OLDPWD/first.sar"
          exec 7<latest.sar; head -c 2000 <&7 >"$OLDPWD/read.sar"
          sleep 1; touch "$U/newcomer.udb"; touch "$M/backup/update/all"
          test "$(readlink latest.sar)" != "$first"
          tar tf latest.sar | grep newcomer/user.json >/dev/null
          cat <&7 >>"$OLDPWD/read.sar"; cmp "$OLDPWD/read.sar" "$OLDPWD/first.sar"
          """)
      }
    }

    @Test("Row 95: rm -rf of the mount's root leaves the archives of sets; uploads are in undo/")
    func everythingRemoved() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.sh(
          """
          touch "$M/backup/update/all"
          cp "$M/archives/latest.sar" kept.sar; cp kept.sar "$M/archives/uploaded.sar"
          (cd "$M/archives"; ls | grep -v uploaded) >before
          not rm -rf "$M" 2>/dev/null
          ls "$M/archives" | diff before -
          cmp "$M/archives/latest.sar" kept.sar
          cmp "$M"/undo/*_delete/uploaded.sar kept.sar
          """)
      }
    }

    @Test("An archive is the mount owner's; it is read-only where undo/ keeps it")
    func modes() throws {
      try MountedOffice.with(.demo(users: 2), options: ["allow_other"]) { office in
        try office.sh(
          """
          touch "$M/backup/update/all"; cp "$M/archives/latest.sar" "$M/archives/x.sar"; rm "$M/archives/x.sar"
          not su nobody -s /bin/sh -c "ls $M/archives" 2>/dev/null
          not rm "$M"/undo/*_delete/x.sar 2>denied; grep -q 'Read-only' denied
          not cp "$M/archives/latest.sar" "$M"/undo/*_delete/x.sar 2>/dev/null
          not rm "$M/archives/$(readlink "$M/archives/latest.sar")" 2>busy; grep -q 'busy' busy
          grep -q 'archives/.*EBUSY remove by rm' "$M/status/errors.log"
          not cp /bin/true "$M/archives/$(readlink "$M/archives/latest.sar")" 2>busy; grep -q 'busy' busy
          grep -q 'exported archives/.*_manual.sar' "$M/status/audit.log"
          """)
      }
    }
  }
}
