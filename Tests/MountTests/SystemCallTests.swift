import TestSupport
import Testing

extension RealMount {
  @Suite("System calls that tools try")
  struct SystemCalls {
    @Test("are refused as on other file systems, so that tools take their other way")
    func refused() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        let new = office.users + "/new.udb"
        let old = office.users + "/\(user).udb"
        let open = "import fcntl, mmap; f = os.open(p, os.O_RDWR | os.O_CREAT, 0o600); "
        let rows: [(call: String, path: String, error: String)] = [
          (open + "os.ftruncate(f, 4096); mmap.mmap(f, 4096)", new, "ENODEV"),
          (open + "os.ftruncate(f, 999999999999999)", new, "EFBIG"),
          (open + "os.posix_fallocate(f, 0, 1 << 62)", new, "EFBIG"),
          // FICLONE of linux/fs.h.
          (open + "fcntl.ioctl(f, 0x40049409, os.open(p, os.O_RDONLY))", new, "ENOTSUP"),
          (open + "os.setxattr(f, 'user.a', b'1')", new, "ENOTSUP"),
          (
            open + "import struct; os.setxattr(f, 'system.posix_acl_access', struct.pack("
              + "'<I HHi HHi HHi', 2, 1, 6, -1, 4, 4, -1, 32, 0, -1))", new, "ENOTSUP"
          ),
          ("os.setxattr(p, 'user.a', b'1')", old, "ENOTSUP"),
          ("os.link(p, p + b'~')", old, "EPERM"),
          ("os.symlink(p, p + b'~')", old, "EPERM"),
          ("os.mkfifo(p + b'~')", old, "EPERM"),
          ("os.mkdir(p)", office.users + "/.Trash-0", "EINVAL"),
          ("os.close(os.open(p, os.O_CREAT))", office.users + "/Thumbs.db", "EINVAL"),
        ]
        for row in rows {
          let error = try office.errno(of: row.call, at: row.path)
          #expect(error == row.error, "\(row.call)")
        }
        #expect(try office.ids() == [user])
      }
    }

    @Test("fallocate, sparse copies, copy_file_range and SEEK_DATA give the right bytes")
    func work() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        try office.sh(
          """
          cp "$U/$USER.udb" good.udb
          for sparse in always never auto; do
            rm "$U/$USER.udb"
            cp --sparse=$sparse good.udb "$U/$USER.udb"
            cmp good.udb "$U/$USER.udb"
            cp --sparse=$sparse "$U/$USER.udb" copy.udb
            cmp good.udb copy.udb
          done
          not cp --reflink=always good.udb "$U/$USER.udb"
          cmp good.udb "$U/$USER.udb"
          """, ["USER": user])
        try office.python(
          """
          import os, sys
          target, good = sys.argv[1], open('good.udb', 'rb').read()
          f = os.open(target, os.O_RDONLY)
          assert os.lseek(f, 0, os.SEEK_DATA) == 0
          assert os.lseek(f, 0, os.SEEK_HOLE) == len(good)
          os.close(f)
          source, f = os.open('good.udb', os.O_RDONLY), os.open(target, os.O_WRONLY | os.O_TRUNC)
          os.posix_fallocate(f, 0, len(good))
          try:
              os.copy_file_range(source, f, len(good))
          except OSError as e:
              assert e.errno in (18, 22, 95), e
          os.pwrite(f, good, 0)
          os.close(f)
          assert open(target, 'rb').read() == good
          """, [office.users + "/\(user).udb"])
      }
    }

    @Test("a look at an odd name is ENOENT, and ls shows what is there")
    func oddNames() throws {
      try MountedOffice.with(.demo(users: 1)) { office in
        let user = try #require(try office.ids().first)
        let names = [
          "\(user)", "\(user).UDB", "\(user).udb ", " \(user).udb", ".udb", "..udb",
          "\(user).udb/", "*", "~", "\\xff", "\\n",
        ]
        for name in names {
          let error = try office.errno(of: "os.stat(p)", at: office.users + "/" + name)
          #expect(error == (name.hasSuffix("/") ? "ENOTDIR" : "ENOENT"), "\(name)")
        }
        try office.sh(
          """
          cp "$U/$USER.udb" "$U/.a~"; cp "$U/$USER.udb" "$U/.#b"; cp "$U/$USER.udb" "$U/.DS_Store"
          test "$(ls -A "$U" | sort | tr '\\n' ' ')" = ".#b .DS_Store .a~ $USER.udb "
          ls -la "$U" | grep -c "^-rw" | grep -qx 4
          rm "$U"/.a~ "$U/.#b" "$U/.DS_Store"
          """, ["USER": user])
      }
    }
  }
}
