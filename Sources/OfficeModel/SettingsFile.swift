/// A text in which an administrator says how the office is to be run. Raw values are names in `settings/` and in databases.
public enum SettingsFile: String, CaseIterable, Sendable {
  /// Limits, retention, when backups are made.
  case office = "office.toml"
  /// Which Unix user is which of the office's; of this server only, so never in an archive.
  case owners = "owners.toml"

  /// The largest text, in bytes.
  public var maximumSize: Int {
    switch self {
    case .office: 64 << 10
    case .owners: 4 << 20
    }
  }
}
