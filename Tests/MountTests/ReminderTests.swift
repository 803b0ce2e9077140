import TestSupport
import Testing

extension RealMount {
  @Suite("reminders/", .enabled(if: MountedOffice.hasFakeClock, "cc is not installed"))
  struct Reminders {
    @Test("A day of the daemon's clock: touch backs up, rm skips, officefs remind tells")
    func day() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        try office.startWithFakeClock()
        try office.sh(
          """
          at() { echo "+$(($(date -u -d "today $1" +%s) + 86400 * $2 - $(date +%s)))" >clock; sleep 0.1; }
          asked() { test "$(ls "$M/reminders" | tr '\\n' ' ')" = "$1"; }
          sets() { test "$(ls "$M/backup/by-date" | wc -l)" = "$1"; }
          at 11:58 1
          printf '[backup]\\nmode = "remind"\\ntime-zone = "UTC"\\n' >"$M/settings/office.toml"
          touch "$M"/settings/backup-group/{alice,bob,carol}
          asked ''; not officefs remind "$DATA" --as alice
          at 12:00 1
          asked 'alice bob carol '; officefs remind "$DATA" --as alice
          not officefs remind "$DATA" --as eve
          rm "$M/reminders/bob"; asked 'alice carol '; not officefs remind "$DATA" --as bob
          sets 0; touch "$M/reminders/carol"; sets 1
          asked ''; not officefs remind "$DATA" --as alice
          at 17:00 2; asked 'alice bob carol '
          at 18:00 2; asked ''
          not touch "$M/reminders/alice" 2>/dev/null
          """)
      }
    }
  }
}
