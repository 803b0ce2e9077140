import TestSupport
import Testing

extension RealMount {
  @Suite("While imports run")
  struct Latency {
    /// How long look-ups take meanwhile is measured by `scripts/latency`.
    @Test("Row 94: 16 imports at once all come in, each its own, while someone lists and reads")
    func allComeIn() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          for n in $(seq 16); do
            "$PACKAGE/scripts/make-mail" 1000 2000 --seed $n >mails$n
            "$PACKAGE/scripts/pack-user" new$n $n.udb messages.mbox=mails$n
          done
          for n in $(seq 16); do
            if [ $((n % 2)) -eq 0 ]; then
              cp $n.udb "$U/new$n.udb" &
            else
              { cp $n.udb "$U/.new$n.udb.part" && mv "$U/.new$n.udb.part" "$U/new$n.udb"; } &
            fi
          done
          while [ -n "$(jobs -r)" ]; do
            ls -l "$U" >/dev/null
            cat "$M/areas/scheduler.odb" "$U/$USER.udb" >/dev/null
          done
          for n in $(seq 16); do tar -xOf "$U/new$n.udb" new$n/messages.mbox | cmp - mails$n; done
          """, ["USER": user], timeout: 200)
      }
    }
  }
}
