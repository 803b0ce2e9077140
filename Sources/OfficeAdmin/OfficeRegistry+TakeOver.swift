import Glibc
import LiveStore
import OfficeArchive
import OfficeModel

extension OfficeRegistry {
  /// Makes the file `office.toml` of the data directory the setting, if there is one, and removes it: where settings were
  /// before the mount showed them, and how an office that is not mounted is given others.
  ///
  /// Throws `.invalid` with the line for a wrong file, which then stays; `.inputOutput`, `.tooLarge`.
  public func takeOver(from directory: String, caller: String) throws(OfficeError) {
    let path = "\(directory)/\(SettingsFile.office.rawValue)"
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return }
      throw OfficeError(.inputOutput, "can't read \(path)")
    }
    defer { close(file) }
    // It waits for a start with a disk that takes it.
    if store.isReadOnly { return }
    var bytes = [UInt8](repeating: 0, count: SettingsFile.office.maximumSize + 1)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { throw OfficeError(.inputOutput, "can't read \(path)") }
    try set(
      .office, Array(bytes.prefix(count)), "took over \(path)", caller: caller, group: 0)
    unlink(path)
  }

  /// Makes bytes a settings file's text; nil for its defaults. Throws `.invalid` with the line, `.tooLarge`.
  public func set(
    _ file: SettingsFile, _ bytes: [UInt8]?, _ what: String, caller: String, group: Int64
  ) throws(OfficeError) {
    var text: OfficeRecord.Text?
    if let bytes {
      text = OfficeRecord.Text(
        content: try OfficeRegistry.content(of: file, bytes), seconds: now)
    }
    let joins = try isKept(file)
    try change(.settings, what, joins: joins, caller: caller, group: group) { record in
      if record.texts[file]?.content != text?.content { record.texts[file] = text }
    }
  }

  /// Whether the newest entry of undo has the text as it is now: then a change of it need not be an entry of its own.
  private func isKept(_ file: SettingsFile) throws(OfficeError) -> Bool {
    guard let newest = try store.undoGroups().last, newest.what == Subject.settings.rawValue,
      let kept = try store.undoFile(of: newest.number, named: .office)
    else { return false }
    return try version(ofUndo: kept).record.texts[file] == current.record.texts[file]
  }

  /// Throws what `set` would: for a file that is not to be taken yet.
  public static func check(_ file: SettingsFile, _ bytes: [UInt8]) throws(OfficeError) {
    try Settings().set(file, content(of: file, bytes))
  }

  private static func content(of file: SettingsFile, _ bytes: [UInt8]) throws(OfficeError) -> String
  {
    guard bytes.count <= file.maximumSize else {
      throw OfficeError(.tooLarge, "larger than \(file.maximumSize) bytes", item: file.rawValue)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw OfficeError(
        .invalid, "not UTF-8", item: file.rawValue, remedy: "save the file as UTF-8")
    }
    return text
  }
}
