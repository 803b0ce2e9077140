import TestSupport
import Testing

extension RealMount {
  @Suite("Someone who is not root")
  struct OrdinaryUser {
    @Test("mounts an office, moves users in and out, and unmounts it")
    func wholeRoad() throws {
      try MountedOffice.with(.empty) { office in
        try office.sh(
          """
          chmod 711 ..; chmod 755 .
          install -m 755 "$(readlink -f "$(command -v officefs)")" program
          install -d -m 700 -o 65534 -g 65534 home
          cat >steps <<'END'
          set -euo pipefail
          cd home
          officefs() { ../program "$@"; }
          trap 'officefs unmount office || fusermount3 -uz office' EXIT
          officefs demo data --users 3 --seed 1 >/dev/null
          mkdir office
          officefs mount data office
          user=$(ls office/users | head -n 1)
          test "$(stat -c %u "office/users/$user")" = 65534
          cp "office/users/$user" kept.udb
          mv "office/users/$user" moved.udb
          cmp kept.udb moved.udb
          test ! -e "office/users/$user"
          cp kept.udb "office/users/$user"
          cmp kept.udb "office/users/$user"
          grep -q 'uid 65534 deleted' office/status/audit.log
          officefs unmount office
          trap - EXIT
          officefs verify data
          END
          cat >opened <<'END'
          mknod -m 666 fuse c 10 229
          mount --bind fuse /dev/fuse
          exec "$@"
          END
          # Where only root may open the device, everybody may in a mount namespace.
          prefix=$(find /dev/fuse -perm -666 | grep -q . || echo unshare -m bash -e opened)
          $prefix setpriv --reuid 65534 --regid 65534 --clear-groups bash steps
          """, timeout: 120)
      }
    }
  }
}
