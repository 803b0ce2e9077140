import TestSupport
import Testing

extension RealMount {
  /// Section by section, what the tree allows to accounts that are not the mount's owner.
  @Suite("Who may do what, on a mount that others may enter")
  struct WhoMay {
    /// The account that owners.toml names for alice, one of an employee without a file, and nobody.
    private static let accounts = ["alice's": 65_501, "another": 65_502, "nobody": 65_534]

    /// What an account may do with a path of the mount: `l`ist a folder, `c`reate in it, `r`ead a file.
    private static func allowed(_ path: String, to account: String) -> String {
      let folders = path.split(separator: "/").dropLast()
      switch path {
      case "", "reminders": return "l"
      case "sessions": return "cl"
      case "README.txt": return "r"
      default: break
      }
      // The file of a user belongs to the account that the administrator named, live and in every set.
      let isFile = path.hasSuffix("/alice.udb") && folders.last == "users"
      let isShown = ["users", "backup"].contains(folders.first)
      return isFile && isShown && account == "alice's" ? "r" : ""
    }

    /// Tries everything with each path it is given, as the account of its argument, and prints what worked.
    private static let attempts = """
      import os, sys
      mount, uid = os.environ['M'], int(sys.argv[1])
      os.setgroups([])
      os.setresgid(uid, uid, uid)
      os.setresuid(uid, uid, uid)
      def close(*arguments):
          os.close(os.open(*arguments))
      def make_and_leave(path):
          close(path + '/alice.mine', os.O_WRONLY | os.O_CREAT, 0o600)
          os.unlink(path + '/alice.mine')
      def folder(path):
          yield 'l', lambda: os.listdir(path)
          yield 'c', lambda: make_and_leave(path)
          yield 'c', lambda: os.rmdir(os.mkdir(path + '/mine') or path + '/mine')
          yield 'c', lambda: os.symlink('/etc/shadow', path + '/mine')
          yield 'd', lambda: os.rmdir(path)
      def file(path):
          yield 'r', lambda: open(path, 'rb').read(1)
          yield 'w', lambda: close(path, os.O_WRONLY)
          yield 'w', lambda: close(path, os.O_RDWR | os.O_TRUNC)
          yield 'w', lambda: os.truncate(path, 0)
          yield 'w', lambda: os.link(path, path + '.mine')
          yield 'd', lambda: os.unlink(path)
      def any(path):
          yield 'm', lambda: os.chmod(path, 0o777)
          yield 'm', lambda: os.chown(path, uid, uid)
          yield 'm', lambda: os.utime(path, (1, 1))
          yield 'm', lambda: os.setxattr(path, 'user.mine', b'1')
          yield 'd', lambda: os.rename(path, os.path.dirname(path) + '/mine')
      for line in filter(None, sys.stdin.read().splitlines()):
          path, able = mount + '/' + line[2:], set()
          for tries in (folder if line[0] == 'd' else file)(path), any(path):
              for letter, body in tries:
                  try:
                      body()
                      able.add(letter)
                  except OSError:
                      pass
          print(line[2:] + '\\t' + ''.join(sorted(able)))
      """

    @Test(
      "Each folder and file of the tree, tried as alice's account, another and nobody: only what its mode says",
      .timeLimit(.minutes(3)))
    func everyPath() throws {
      try MountedOffice.with(.demo(users: 3), options: ["allow_other"]) { office in
        try office.sh(
          """
          chmod 711 ..
          ls "$U" | grep -qx alice.udb
          echo 'alice = 65501' >"$M/settings/owners.toml"
          mkdir "$M/groups/team"; : >"$M/groups/team/alice"; : >"$M/settings/backup-group/alice"
          touch "$M/backup/update/all"; mkdir "$M/backup/hold/kept"
          touch "$M/backup/update/todo"
          cp "$U/bob.udb" "$M/import/skip/"; rm "$U/bob.udb"
          cp "$M/archives/latest.sar" "$M/archives/mine.sar"; mkdir "$M/restore/mine"
          touch "$M/sessions/alice.mail"
          test "$(stat -c %u "$U/alice.udb")" = 65501
          """)
        let before = try office.sh(Self.everything).lines
        let paths = try office.sh("cd \"$M\"; find . -printf '%y %P\\n'").text
        #expect(paths.split(separator: "\n").count > 150)
        for (account, uid) in Self.accounts {
          let outcome = try office.sh(
            "python3 -c \"$ATTEMPTS\" \(uid) <<<\"$PATHS\"",
            ["ATTEMPTS": Self.attempts, "PATHS": paths])
          var tried = 0
          for line in outcome.lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            tried += 1
            let path = String(parts[0])
            #expect(
              parts[1] == Self.allowed(path, to: account), "\(path) as \(account) account")
          }
          #expect(tried > 150)
        }
        #expect(try office.sh(Self.everything).lines == before)
      }
    }

    /// Names, modes and bytes of what these attempts could have changed.
    private static let everything = """
      cd "$M"
      find . -path ./status -prune -o -printf '%m %U %P\\n' | sort
      find users areas backup archives groups settings undo -type f -exec sha256sum {} + | sort -k 2
      """
  }
}
