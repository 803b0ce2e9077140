import TestSupport
import Testing

extension RealMount {
  @Suite("Without descriptors")
  struct Descriptors {
    @Test("a copy is refused as what it is, nothing changes, and then work goes on")
    func none() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$X.udb" new.udb
          cp -a "$U" before
          free=0
          while [ -e /proc/$PID/fd/$free ]; do free=$((free + 1)); done
          limit=$(prlimit --pid $PID --nofile --noheadings --output SOFT)
          prlimit --pid $PID --nofile=$free:
          not cp new.udb "$U/newcomer.udb" 2>errors
          prlimit --pid $PID --nofile=$limit:
          grep -q "Too many open files" errors
          grep -q "users/newcomer.udb.*raise the limit of open files" "$M/status/errors.log"
          diff -r before "$U"
          cp new.udb "$U/newcomer.udb"
          cmp new.udb "$U/newcomer.udb" || tar -tf "$U/newcomer.udb" >/dev/null
          """, ["X": user])
      }
    }
  }
}
