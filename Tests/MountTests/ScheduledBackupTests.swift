import TestSupport
import Testing

extension RealMount {
  @Suite(
    "The daemon's own backups", .enabled(if: MountedOffice.hasFakeClock, "cc is not installed"))
  struct ScheduledBackups {
    // `at` moves the daemon's clock to a time of a day counted from today, UTC. What the daemon does by itself is waited for;
    // that it does nothing is looked at after three more looks.
    private static let steps = """
      at() { echo "+$(($(date -u -d "today $1" +%s) + 86400 * $2 - $(date +%s)))" >clock; }
      sets() { ls "$M/backup/by-date"; }
      await() { for _ in {1..150}; do if "$@"; then return; fi; sleep 0.2; done; false; }
      number() { test "$(sets | wc -l)" = "$1"; }
      stays() { await number "$1"; sleep 3.2; number "$1"; }
      newest() { sets | tail -n 1 | grep -q "$(date -u -d "today + $1 days" +%F)T$2"; }
      mode() { printf '[backup]\\nmode = "%s"\\ntime-zone = "UTC"\\n' $1 >"$M/settings/office.toml"; }

      """

    private func with(_ test: (MountedOffice) throws -> Void) throws {
      try MountedOffice.with(.demo(users: 2), options: ["backup_wait=1"]) { office in
        try office.startWithFakeClock()
        try test(office)
      }
    }

    @Test("At 00:00 the daemon backs up, once a day; runs missed while it was not there are one")
    func midnight() throws {
      try with { office in
        try office.sh(
          Self.steps + """
            at 23:57 1; sleep 2; number 0
            mode auto; await number 1; newest 1 235
            at 23:59 1; stays 1
            at 00:00 2; await number 2; newest 2 000
            at 23:59 2; stays 2
            test "$(grep -c scheduled "$M/backup/backup.txt")" = 2
            mode remind
            """)
        try office.stop()
        try office.start()
        try office.sh(
          Self.steps + """
            at 09:30 5; mode auto; await number 3; newest 5 093; stays 3
            at 00:00 6; await number 4; newest 6 000
            grep -q '^backup' "$M/status/health.txt"; not grep -q 'failed' "$M/status/health.txt"
            """)
      }
    }

    @Test("One that fails is told by health and the log, and the next goes on")
    func failure() throws {
      let disk = try ScratchDirectory()
      let point = disk.path + "/disk"
      try Subprocess.run(["mkdir", point])
      try Subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", point])
      try with { office in
        try office.stop()
        try office.command("init", office.data, "--repository", point + "/backups")
        try office.start()
        try office.sh(
          Self.steps + """
            not dd if=/dev/zero of="$DISK/filler" bs=1M 2>/dev/null
            at 12:00 1; mode auto
            await grep -q '^WARN: the last backup of everything.*failed' "$M/status/health.txt"
            not grep -q '^OK' "$M/status/health.txt"
            grep -q 'backup.*scheduled' "$M/status/errors.log"
            stays 0; cat "$U"/*.udb >/dev/null
            rm "$DISK/filler"
            at 12:30 1; stays 0
            at 13:05 1; await number 1; newest 1 130
            not grep -q 'failed' "$M/status/health.txt"
            at 00:00 2; await number 2
            """, ["DISK": point])
      }
    }
  }
}
