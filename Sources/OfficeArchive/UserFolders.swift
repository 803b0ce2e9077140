import OfficeModel

/// The users whose folders an archive has shown: some 40 bytes of memory for each.
///
/// Ids are known by their hashes, whose seed is random: no archive can be made whose ids collide.
struct UserFolders {
  private struct Name: Hashable {
    var first: Int
    var second: Int
  }

  private var exact: [Name: Int] = [:]
  private var latest: UserID?

  /// How many there are.
  var count: Int { exact.count }

  /// Throws `.badArchive` if the archive holds the id in another case too.
  mutating func enter(_ id: UserID, at path: [UInt8]) throws(OfficeError) {
    guard id != latest else { return }
    latest = id
    let name = Name(first: hash(id.folded, 1), second: hash(id.folded, 2))
    let known = exact.updateValue(hash(id.text, 3), forKey: name)
    if let known, known != hash(id.text, 3) {
      throw OfficeError(
        .badArchive, "two users whose ids differ only in case", item: Escaped.line(path),
        remedy: "an office has ids that are unique regardless of case; rename one of the folders")
    }
  }

  private func hash(_ text: String, _ variant: UInt8) -> Int {
    var hasher = Hasher()
    hasher.combine(variant)
    hasher.combine(text)
    return hasher.finalize()
  }
}
