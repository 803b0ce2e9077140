import Foundation
import TestSupport
import Testing

extension RealMount {
  @Suite("A damaged database")
  struct DamagedDatabase {
    /// Flips what one row says, behind the program's back.
    private func damage(_ office: MountedOffice, _ sql: String) throws {
      try office.stop()
      try office.python(
        """
        import os, sqlite3, sys
        db = sqlite3.connect(os.environ['DATA'] + '/office.db')
        assert db.execute(sys.argv[1]).rowcount > 0
        db.commit()
        """, [sql])
      try office.start()
    }

    @Test(
      "Rows 85-86: a user whose row is damaged is missing with an error; the others are listed and read"
    )
    func user() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        let user = try office.ids()[1]
        try office.sh("cp -a \"$U\" before; rsync -a \"$U/\" offsite/")
        try damage(office, "UPDATE userversion SET padded = padded + 512 WHERE id = '\(user)'")
        try office.sh(
          """
          if ls "$U" >names 2>error; then exit 1; fi
          grep -q 'Input/output error' error
          test "$(wc -l <names)" = 3
          not cat "$U/$USER.udb" >/dev/null 2>&1
          for name in $(cat names); do cmp "before/$name" "$U/$name"; done
          if rsync -a --delete "$U/" offsite/ 2>error; then exit 1; fi
          cmp "before/$USER.udb" "offsite/$USER.udb"
          head -n 1 "$M/status/health.txt" | grep -qx FAIL
          grep -q 'officefs verify' "$M/status/errors.log"
          officefs unmount "$M"
          not officefs verify "$DATA" >found 2>&1
          grep -q 'user version' found
          """, ["USER": user])
        try office.start()
      }
    }

    @Test("Rows 85-86: damaged content makes one user's file EIO, never short and never wrong")
    func content() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        try office.sh("cp -a \"$U\" before")
        try damage(
          office,
          "UPDATE data SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT max(id) FROM data)")
        try office.sh(
          """
          failed=0
          for file in "$U"/*.udb; do
            if cat "$file" >read 2>/dev/null; then cmp read "before/${file##*/}"
            else failed=$((failed + 1)); fi
          done
          test "$failed" = 1
          head -n 1 "$M/status/health.txt" | grep -qx FAIL
          """)
      }
    }

    @Test(
      "Rows 85-86: a user whose content was found damaged is whole again after a restore, though the archive has the same"
    )
    func healed() throws {
      try MountedOffice.with(.demo(users: 4)) { office in
        try office.sh("touch \"$M/backup/update/all\"; cp -a \"$U\" before")
        try damage(
          office,
          "UPDATE data SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT max(id) FROM data)")
        try office.sh(
          """
          for file in "$U"/*.udb; do
            cat "$file" >/dev/null 2>&1 || { test -z "${bad:-}"; bad=$(basename "$file" .udb); }
          done
          mkdir "$M/restore/latest"; cd "$M/restore/latest"
          grep -q "^$bad .*areas that can't be read: 1, copied anew$" plan.txt
          touch "$(tail -n 1 plan.txt | sed -n 's/^To carry it out: touch //p')"
          grep -qx "changed: $bad" result.txt; cd - >/dev/null
          diff -r before "$U"
          officefs unmount "$M"
          officefs verify "$DATA"
          """)
        try office.start()
      }
    }
  }
}
