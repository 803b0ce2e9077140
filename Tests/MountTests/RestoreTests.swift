import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("restore/")
  struct Restore {
    /// An office that was backed up and then changed: `$X` is changed, `$Y` deleted, `new` added, `$Z` as it was; the
    /// group sales was there, the group late was not. `was` holds what it was, `now` what it is.
    private static func changed(_ office: MountedOffice) throws -> [String: String] {
      let users = try office.ids()
      let variables = ["X": users[0], "Y": users[1], "Z": users[2], "T": Self.tools]
      try office.sh(
        """
        mkdir "$M/groups/sales"; touch "$M/groups/sales/$X"
        touch "$M/backup/update/all"
        mkdir was now; cp -a "$U" "$M/areas" "$M/groups" was/
        cp "$U/$Z.udb" "$M/import/merge/$X.udb"
        rm "$U/$Y.udb"; touch "$U/new.udb"
        rm -r "$M/groups/sales"; mkdir "$M/groups/late"
        cp -a "$U" "$M/areas" "$M/groups" now/
        """, variables)
      return variables
    }

    /// Shell functions: `code STAGING` says what confirms its plan, `same FOLDER USER` compares a user's file.
    private static let tools = """
      R="$M/restore"
      code() { tail -n 1 "$R/$1/plan.txt" | sed -n 's/^To carry it out: touch //p'; }
      confirm() { touch "$R/$1/$(code "$1")"; }
      same() { cmp "$1/users/$2.udb" "$U/$2.udb"; }
      log() { tail -n 1 "$M/status/errors.log" | grep -q -- "$1"; }
      fails() { local text; if text=$("${@:2}" 2>&1); then return 1; fi; grep -q -- "$1" <<<"$text"; }
      """

    private static func run(
      _ office: MountedOffice, _ variables: [String: String], _ script: String
    ) throws {
      try office.sh("eval \"$T\"\n" + script, variables, timeout: 120)
    }

    @Test("Everything: the bytes, times and folders of the archive; who is not in it stays")
    func everything() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          mkdir "$R/latest"
          grep -q "^new .*not in the archive: stays$" "$R/latest/plan.txt"
          confirm latest
          for id in "$X" "$Y" "$Z"; do same was "$id"; done
          test "$(ls "$U" | wc -l)" = 5; same now new
          grep -q "^added: $Y$" "$R/latest/result.txt"
          grep -q "^changed: $X$" "$R/latest/result.txt"
          test "$(ls "$M/groups")" = late
          cmp was/areas/todo.odb "$M/backup/1/todo.odb" || cmp was/areas/todo.odb "$M/backup/todo.odb"
          # What was there before is in undo, and in an archive of its own.
          cmp "now/users/$X.udb" "$M"/undo/*_restore/"$X.udb"
          before=$(ls "$M/backup/by-date" | tail -n 1)
          diff -r now/users "$M/backup/by-date/$before/users"
          grep -q "restored set" "$M/status/audit.log"
          """)
        try office.stop()
        try office.command("verify", office.data)
        try office.start()
        try office.sh("test -z \"$(ls \"$M/restore\")\"")
      }
    }

    @Test("remove-others deletes who is not in the archive, and the columns are the archive's")
    func removeOthers() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          mkdir "$R/latest"; touch "$R/latest/remove-others" "$R/latest/groups"
          grep -q "^new .*not in the archive: is removed$" "$R/latest/plan.txt"
          grep -q "^groups/late: removed$" "$R/latest/plan.txt"
          confirm latest
          diff -r was/users "$U"; diff -r was/areas "$M/areas"; diff -r was/groups "$M/groups"
          grep -q '^removed: new$' "$R/latest/result.txt"
          # Back again: the archive of the state before.
          mkdir "$R/$(sed -n 's,^the state before it: archives/,,p' "$R/latest/result.txt")"
          cd "$R"/*before-restore.sar; touch remove-others groups plan.txt
          touch "$(tail -n 1 plan.txt | sed 's/.*touch //')"
          cd - >/dev/null
          diff -r now/users "$U"; diff -r now/areas "$M/areas"; diff -r now/groups "$M/groups"
          """)
      }
    }

    @Test("One area, two users, groups alone: what is not chosen stays as it is")
    func parts() throws {
      try MountedOffice.with(.demo(users: 5)) { office in
        var variables = try Self.changed(office)
        variables["V"] = try office.ids()[3]
        try Self.run(
          office, variables,
          """
          mkdir "$R/latest+area"; cd "$R/latest+area"; rm areas/*; touch areas/todo; rm "users/$Y"
          cd - >/dev/null; confirm latest+area
          tar xOf "$U/$X.udb" "$X/todo.ics" | cmp - <(tar xOf "was/users/$X.udb" "$X/todo.ics")
          tar xOf "$U/$X.udb" "$X/messages.mbox" |
            cmp - <(tar xOf "now/users/$X.udb" "$X/messages.mbox")
          test ! -e "$U/$Y.udb"
          touch "$U/${V}2.udb"
          mkdir "$R/latest+two"; cd "$R/latest+two"; rm users/*; touch "users/$X" "users/$Y"
          cd - >/dev/null; confirm latest+two
          same was "$X"; same was "$Y"; test -e "$U/${V}2.udb"; test -e "$U/new.udb"
          test "$(ls "$M/groups")" = late
          mkdir "$R/latest+groups"; cd "$R/latest+groups"; rm -r areas users; touch groups
          cd - >/dev/null; cp -a "$U" later; confirm latest+groups
          diff -r was/groups "$M/groups"; diff -r later "$U"
          rm -r "$R"/*; test -z "$(ls "$R")"
          """)
      }
    }

    @Test("From a slot: the archive of three backups ago")
    func slot() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          old=$(ls "$M/backup/by-date")
          for i in 1 2 3; do touch "$U/day$i.udb" "$M/backup/update/all"; done
          mkdir "$R/${old}_manual.sar"
          grep -q "^archive  ${old}_manual.sar: made by manual at $old$" "$R"/*/plan.txt
          grep -q '^format   1, this officefs reads up to 1$' "$R"/*/plan.txt
          confirm "${old}_manual.sar"
          same was "$X"; same was "$Y"; test -e "$U/day3.udb"
          """)
      }
    }

    @Test("Nothing happens without the plan's own code: wrong, stale and old ones are refused")
    func codes() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          fails 'No such file' mkdir "$R/2020"
          log 'restore/2020 ENOENT mkdir by mkdir.*there is no such archive.*ls archives/'
          mkdir "$R/latest"
          fails 'Invalid argument' touch "$R/latest/confirm-12345678"
          log 'restore/latest/confirm-12345678 EINVAL create by touch.*nothing was planned yet'
          code=$(code latest)
          fails 'Invalid argument' touch "$R/latest/confirm-00000000"
          log 'EINVAL create by touch.*this is not the code of the plan'
          # Another choice.
          rm "$R/latest/areas/todo"
          head -n 1 "$R/latest/plan.txt" | grep -q '^THE CHOICE HAS CHANGED'
          fails 'Stale file handle' touch "$R/latest/$code"
          log 'ESTALE create by touch.*the choice has changed.*touch plan.txt'
          test "$(grep -c 'the choice has changed' "$M/status/errors.log")" = 1
          # A chosen cell changes; then one that is not chosen.
          touch "$R/latest/plan.txt"; code=$(code latest)
          cp "was/users/$Z.udb" "$M/import/merge/$Y.udb"
          fails 'Stale file handle' touch "$R/latest/$code"
          log "restore/latest/$code ESTALE restore by touch.*touch plan.txt"
          test "$(grep -c "$code ESTALE" "$M/status/errors.log")" = 1
          head -n 1 "$R/latest/result.txt" | grep -q '^failed at '
          rm "$R/latest/users/$Y"; touch "$R/latest/plan.txt"; code=$(code latest)
          cp "was/users/$Z.udb" "$U/$Y.udb"
          touch "$R/latest/$code"
          head -n 1 "$R/latest/result.txt" | grep -q '^done at '
          same was "$Z"; cmp "was/users/$Z.udb" "$U/$Y.udb" || true
          # It was carried out.
          fails 'Stale file handle' touch "$R/latest/$code"
          fails 'Invalid argument' touch "$R/latest/users/eve"
          log 'restore/latest/users/eve EINVAL create by touch.*the archive has no such user'
          fails 'Read-only' mv "$R/latest" "$R/other"
          # A user is deleted after the plan.
          touch "$R/latest/users/$Y" "$R/latest/plan.txt"; code=$(code latest); rm "$U/$Y.udb"
          sets=$(ls "$M/archives"); cp -a "$U" then
          fails 'Stale file handle' touch "$R/latest/$code"
          log "restore/latest/$code ESTALE restore by touch.*users/$Y.udb.*touch plan.txt"
          diff -r then "$U"; test "$sets" = "$(ls "$M/archives")"
          """)
      }
    }

    @Test("The plan lists who is logged in and who is at work; the restore ends their sessions")
    func sessions() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          touch "$M/sessions/$X.web" "$M/sessions/$Z.phone"
          touch -d '3 hours ago' "$M/sessions/$X.web"
          exec 3<"$U/$X.udb"; head -c 1 <&3 >/dev/null
          mkdir "$R/latest"
          grep -q '^1 of 2 sessions would end$' "$R/latest/plan.txt"
          grep -q "^$X.web  stale, last seen" "$R/latest/plan.txt"
          grep -q '^1 imports and readers at work$' "$R/latest/plan.txt"
          grep -q "^reads users/$X.udb uid .* bash" "$R/latest/plan.txt"
          confirm latest
          test "$(ls "$M/sessions")" = "$Z.phone"
          grep -q "^sessions ended: $X.web$" "$R/latest/result.txt"
          # Who had the file open reads the version they opened to its end.
          { head -c 1 "now/users/$X.udb"; cat <&3; } | cmp - "now/users/$X.udb"
          exec 3<&-
          same was "$X"
          """)
      }
    }

    @Test("quiet: with a writer in a loop a plan holds; the writer is refused or done, never lost")
    func quiet() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        let variables = try Self.changed(office)
        try Self.run(
          office, variables,
          """
          cp "now/users/$X.udb" a.udb; cp "was/users/$X.udb" b.udb
          loop() {
            local i=0
            while test ! -e stop; do
              i=$((i + 1)); local from=a.udb; test $((i % 2)) = 0 || from=b.udb
              if cp "$from" "$U/$X.udb" 2>/dev/null; then echo "$from" >last; else echo >>refused; fi
            done
          }
          loop & writer=$!
          trap 'touch stop; wait' EXIT
          sleep 0.3
          mkdir "$R/latest"; touch "$R/latest/quiet" "$R/latest/plan.txt"
          while ! test -s refused; do sleep 0.01; done
          confirm latest
          test ! -e "$R/latest/quiet"
          head -n 1 "$R/latest/result.txt" | grep -q '^done'
          grep -q "users/$X.udb EBUSY close by cp.*holds changes off" "$M/status/errors.log"
          rm -f last; while test ! -e last; do sleep 0.05; done
          touch stop; wait $writer; trap - EXIT
          cmp "$(cat last)" "$U/$X.udb"
          grep -q 'holds changes off (restore/latest/quiet)' "$M/status/audit.log"
          """)
      }
    }

    @Test("A killed touch lets go at once while its restore goes on; rm -r waits for its end")
    func killed() throws {
      try MountedOffice.with(.demo(users: 40)) { office in
        try office.sh(
          """
          eval "$T"
          touch "$M/backup/update/all"; cp -a "$U" was
          rm "$U"/*
          mkdir "$R/latest"; code=$(code latest)
          touch "$R/latest/$code" & touch=$!
          while ! grep -q '^what restore of' "$M"/status/jobs/*; do sleep 0.01; done
          if ! grep -q '^ended' "$(grep -l '^what restore of' "$M"/status/jobs/*)"; then
            not rm "$R/latest/users/alice" 2>/dev/null || true
            kill -9 $touch
          fi
          wait $touch || true
          while ! test -e "$R/latest/result.txt"; do sleep 0.05; done
          diff -r was "$U"
          rm -r "$R/latest"
          """, ["T": Self.tools], timeout: 120)
      }
    }

    /// Ends the mount while a tool waits for it; the office is then empty, or as it `was`.
    private static func terminate(_ office: MountedOffice, while child: Child) throws {
      #expect(office.end(with: SIGTERM) == 0)
      #expect(!child.wait(timeout: 20).isTimedOut)
      try office.command("verify", office.data)
      try office.start()
      try office.sh(
        "test -z \"$(ls \"$U\")\" || diff -r was \"$U\"; test -z \"$(ls \"$M/restore\")\"")
    }

    @Test(
      "A single SIGTERM while touch waits for its restore ends the mount: wholly old or wholly new")
    func terminated() throws {
      try MountedOffice.with(.demo(users: 60)) { office in
        try office.sh("touch \"$M/backup/update/all\"; cp -a \"$U\" was; rm \"$U\"/*")
        let child = try office.begin(
          "eval \"$T\"; mkdir \"$R/latest\"; code=$(code latest); touch \"$R/latest/$code\"",
          ["T": Self.tools])
        try office.sh(
          "until grep -qs '^what restore of' \"$M\"/status/jobs/*; do sleep 0.01; done")
        try Self.terminate(office, while: child)
      }
    }

    @Test("10,000 users come from an archive in one step")
    func manyUsers() throws {
      try MountedOffice.with(.empty) { office in
        try office.python(
          """
          import hashlib, io, tarfile
          sums = []
          with tarfile.open('many.sar', 'w', format=tarfile.USTAR_FORMAT) as archive:
              def add(name, data):
                  entry = tarfile.TarInfo(name); entry.size = len(data)
                  archive.addfile(entry, io.BytesIO(data))
                  sums.append(f'{hashlib.sha256(data).hexdigest()}  {name}\\n')
              add('office.json', b'{"format":1,"kind":"office"}')
              for number in range(10_000):
                  id = f'user{number:05}'
                  add(f'{id}/user.json', b'{"id":"%s"}' % id.encode())
              add('SHA256SUMS', ''.join(sums).encode())
          """)
        try office.sh(
          """
          eval "$T"
          cp many.sar "$M/archives/"; mkdir "$R/many"; confirm many
          test "$(ls "$U" | wc -l)" = 10000
          grep -q '"fate" : "added"' "$R/many/plan.json"
          tar xOf "$U/user09999.udb" user09999/user.json | grep -q user09999
          test "$(ls "$M/archives" | grep -c before-restore)" = 1
          """, ["T": Self.tools], timeout: 170)
      }
    }

    @Test(
      "Unmounting while a plan or a restore is under way ends at once: wholly old or wholly new")
    func unmounted() throws {
      try MountedOffice.with(.demo(users: 40)) { office in
        try office.sh("touch \"$M/backup/update/all\"; cp -a \"$U\" was; rm \"$U\"/*")
        for command in ["cat plan.txt", "touch \"$(code latest)\""] {
          let child = try office.begin(
            "eval \"$T\"; mkdir \"$R/latest\"; cd \"$R/latest\"; \(command)", ["T": Self.tools])
          try office.sh(
            "for i in $(seq 200); do grep -qs '^what' \"$M\"/status/jobs/* && break; sleep 0.01; done"
          )
          try Self.terminate(office, while: child)
        }
      }
    }
  }
}
