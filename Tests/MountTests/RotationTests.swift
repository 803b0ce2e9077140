import TestSupport
import Testing

extension RealMount {
  @Suite("Slots that turn over", .enabled(if: MountedOffice.hasFakeClock, "cc is not installed"))
  struct Slots {
    /// Users of an empty office that are other ones each day; `day N` makes it day N and backs up.
    private static let tools = """
      pack() {
        mkdir -p "pack/$1"
        printf '{"status":"%s"}' "$2" >"pack/$1/whereabouts.json"
        printf '{"format":1,"kind":"user","user":"%s"}\\n' "$1" >pack/office.json
        (cd pack; sha256sum office.json "$1"/* >SHA256SUMS; tar cf "../$1.udb" office.json "$1" SHA256SUMS)
        cp "$1.udb" "$U/$1.udb"
        rm -rf pack
      }
      day() {
        echo "+$1d" >clock
        for user in alice bob carol; do pack $user "day $1"; done
        mkdir -p kept/$1; cp "$U"/*.udb kept/$1/
        touch "$M/backup/update/all"
      }

      """

    @Test("Ten days by real time: each slot holds its day at once, read with cp, and gives it back")
    func tenDays() throws {
      try MountedOffice.with(.empty) { office in
        try office.startWithFakeClock()
        try office.sh(
          Slots.tools + """
            for day in 0 1 2 3 4 5 6 7 8 9; do
              day $day
              for slot in 0 1 2 3 4 5 6 7; do
                folder="$M/backup/$slot"; [ $slot = 0 ] && folder="$M/backup"
                if [ $slot -gt $day ]; then test ! -e "$folder"; continue; fi
                cp -r "$folder/users" out; diff -r out "kept/$((day - slot))"; rm -rf out
              done
              test "$(ls "$M/backup/by-date" | wc -l)" = $((day < 7 ? day + 1 : 8))
            done
            cp "$M/backup/3/users/alice.udb" "$U/"
            cmp kept/6/alice.udb "$U/alice.udb"
            """, timeout: 240)
      }
    }

    @Test("A shell inside a slot, a reader half-way and an rsync keep the sets they began with")
    func inside() throws {
      try MountedOffice.with(.demo(users: 8)) { office in
        try office.startWithFakeClock()
        try office.sh(
          Slots.tools + """
            for day in 0 1 2 3 4 5 6 7; do day $day; done
            cp -r "$M/backup/2/users" two; cp -r "$M/backup/7/users" seven
            """, timeout: 240)
        let shell = try office.begin(
          """
          cd "$M/backup/2"
          ls users >/dev/null
          exec 3<users/alice.udb; head -c 1000 <&3 >../../../work/half
          touch ../../../work/inside
          while [ ! -e ../../../work/rotated ]; do sleep 0.1; done
          cat <&3 >>../../../work/half
          for user in users/*; do cmp "$user" "../../../work/two/${user#users/}"; done
          test "$(ls users | wc -l)" = "$(ls ../../../work/two | wc -l)"
          """)
        let rsync = ["2", "7"].map { slot in
          Result {
            try office.begin(
              "rsync -a --bwlimit=400 \"$M/backup/\(slot)/users/\" synced-\(slot)/ 2>rsync-\(slot) || echo $? >code-\(slot)"
            )
          }
        }
        // rsync makes its target once it has its list.
        #expect(
          Waiting.until(20) {
            (try? office.sh("test -e inside; test -d synced-2; test -d synced-7")) != nil
          })
        try office.sh(Slots.tools + "for day in 8 9 10; do day $day; done", timeout: 120)
        try office.sh(
          """
          not diff -rq "$M/backup/2/users" two >/dev/null
          cmp kept/8/alice.udb "$M/backup/2/users/alice.udb"
          touch rotated
          """)
        let outcome = shell.wait(timeout: 60)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for child in rsync { #expect(try child.get().wait(timeout: 120).status == 0) }
        try office.sh(
          """
          cmp half two/alice.udb
          test ! -e code-2; diff -r two synced-2
          if [ -e code-7 ]; then
            grep -qx 24 code-7
            grep -q vanished rsync-7
          fi
          for file in synced-7/*.udb; do cmp "$file" "seven/${file##*/}"; done
          """)
      }
    }

    @Test(
      "Who is inside a dropped set reads on, also by its current folder alone; then it is gone",
      .enabled(if: Subprocess.has("sqlite3"), "sqlite3 is not installed"))
    func dropped() throws {
      try MountedOffice.with(.demo(users: 3)) { office in
        try office.startWithFakeClock()
        try office.sh(
          Slots.tools + """
            for day in 0 1 2 3 4 5 6 7; do day $day; done
            ls "$M/backup/by-date" >sets; cp "$M/backup/7/messages.odb" column
            """, timeout: 240)
        let shells = try [
          ("by-date/$(head -n 1 sets)/users", "cmp alice.udb $W/kept/0/alice.udb; ls ../users"),
          ("7", "cmp users/alice.udb $W/kept/0/alice.udb; cmp messages.odb $W/column; ls -l"),
        ].map { folder, look in
          try office.begin(
            """
            W=$PWD; cd "$M/backup/\(folder)"; touch "$W/inside-$$"
            while [ ! -e "$W/dropped" ]; do sleep 0.1; done
            stat . >/dev/null; ls >/dev/null; \(look) >/dev/null; find . >/dev/null
            touch "$W/read-$$"
            while [ ! -e "$W/leave" ]; do sleep 0.1; done
            """)
        }
        let rows = """
          rows() { sqlite3 -readonly "$DATA/backup/backup.db" 'SELECT count(*) FROM sets'; }
          await() { for _ in {1..100}; do if "$@"; then return; fi; sleep 0.1; done; rows; false; }
          there() { test "$(ls $1-* 2>/dev/null | wc -l)" = 2; }
          holds() { test "$(rows)" = $1; }

          """
        // The kernel knows every folder, and is in one set.
        try office.sh(
          Slots.tools + rows + """
            await there inside
            find "$M/backup" >/dev/null
            day 8; find "$M/backup" >/dev/null
            not ls "$M/backup/by-date/$(head -n 1 sets)" 2>/dev/null
            touch dropped; await there read; holds 9
            touch leave
            """, timeout: 240)
        for shell in shells {
          let outcome = shell.wait(timeout: 60)
          #expect(outcome.status == 0, "\(outcome.errors)")
        }
        try office.sh(Slots.tools + rows + "day 9; await holds 8")
      }
    }
  }
}
