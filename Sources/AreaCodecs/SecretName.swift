/// Names of JSON members that must never be in an archive.
enum SecretName {
  /// Whether the name says password, key, privilege or the like, whatever its case and punctuation.
  static func matches(_ name: [UInt8]) -> Bool {
    var letters: [UInt8] = []
    for byte in name {
      let letter = Byte.lower(byte)
      if letter >= 0x61 && letter <= 0x7A { letters.append(letter) }
    }
    if letters.count < 3 { return false }
    return whole.contains(letters)
      || letters.withUnsafeBytes { bytes in
        parts.contains { bytes.first($0, from: 0) != nil }
      }
  }

  private static let whole: Set<[UInt8]> = Set(
    [
      "key", "keys", "apikey", "apikeys", "privatekey", "privatekeys", "accesskey", "accesskeys",
      "sshkey", "sshkeys", "encryptionkey", "signingkey", "masterkey", "role", "roles", "admin",
      "admins", "isadmin", "administrator", "isadministrator", "superuser", "issuperuser", "root",
      "isroot", "pin", "pins", "otp", "totp", "acl", "acls", "salt", "hash", "pass",
    ].map { Array($0.utf8) })

  private static let parts: [StaticString] = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "privilege",
    "permission",
  ]
}
