import AreaCodecs
import OfficeArchive
import OfficeModel

/// The table of `status/users.txt`: id, name, groups and size of each user, separated by tabs.
public enum UserTable {
  /// Reads each user's own cell. A user's groups are the office's that they are in, then those that only their own cell names.
  public static func text(of view: any OfficeView, limits: Limits) throws(OfficeError) -> [UInt8] {
    let record = try OfficeRegistry.version(of: view).record
    let memberships = record.memberships
    var text = Array("id\tname\tgroups\tsize\n".utf8)
    let cells = try view.column(.user)
    for (user, column) in zip(try view.users(), cells) {
      var document = [UInt8](repeating: 0, count: Int(column.cell.size))
      if !document.isEmpty { try view.read(column.cell, into: &document) }
      let profile = document.isEmpty ? nil : try? JSONDocument(document, limits: limits).root
      let name = profile?["name"]?.string ?? ""
      var groups = (memberships[user.id] ?? []).map(\.text)
      groups += (profile?["groups"]?.elements ?? []).compactMap(\.string)
        .filter { !groups.contains($0) }
      let size = ArchiveSize.user(user.id, sums: user.sums)
      let list = groups.map { Escaped.line($0) }.joined(separator: ",")
      let line = "\(user.id)\t\(Escaped.line(name))\t\(list)\t\(size)\n"
      text += Array(line.utf8)
    }
    return text
  }
}
