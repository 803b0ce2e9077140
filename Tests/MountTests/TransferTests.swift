import TestSupport
import Testing

extension RealMount {
  @Suite("Users between two offices")
  struct Transfer {
    @Test("mv leaves her in office B only, equal to a copy made before")
    func moves() throws {
      try MountedOffice.with(.demo(users: 3)) { a in
        try MountedOffice.with(.empty) { b in
          let user = try #require(try a.ids().first)
          try a.sh(
            """
            cp "$U/$USER.udb" before.udb
            mv "$U/$USER.udb" "$B/users/"
            test ! -e "$U/$USER.udb"
            cmp before.udb "$B/users/$USER.udb"
            """, ["USER": user, "B": b.mountPoint])
          #expect(try b.ids() == [user])
          #expect(try a.ids().count == 2)
        }
      }
    }

    @Test("cp of all users to an empty office gives equal user files and equal columns")
    func copiesAll() throws {
      try MountedOffice.with(.demo(users: 8)) { a in
        try MountedOffice.with(.empty) { b in
          try a.sh(
            """
            cp "$U"/*.udb "$B/users/"
            diff -r "$U" "$B/users"
            diff -r "$M/areas" "$B/areas"
            """, ["B": b.mountPoint], timeout: 120)
        }
      }
    }

    @Test("export → import → export gives the same bytes, through the commands too")
    func commands() throws {
      try MountedOffice.with(.demo(users: 2)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          officefs export "$DATA" $USER -o mounted.udb
          cmp "$U/$USER.udb" mounted.udb
          officefs verify mounted.udb
          officefs import "$DATA" mounted.udb --as another
          officefs export "$DATA" another -o another.udb
          cmp "$U/another.udb" another.udb
          officefs status "$DATA"
          officefs status "$DATA" --json | python3 -m json.tool
          """, ["USER": user])
        try office.stop()
        try office.sh(
          """
          officefs export "$DATA" $USER -o unmounted.udb
          cmp mounted.udb unmounted.udb
          officefs import "$DATA" mounted.udb --as third
          officefs verify "$DATA"
          officefs status "$DATA"
          """, ["USER": user])
        try office.start()
        #expect(try office.ids().count == 4)
      }
    }
  }
}
