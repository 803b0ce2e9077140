import OfficeModel

extension SetList {
  /// The archive that whoever restores means: `latest`, or a name in `archives/` with or without its ending.
  /// Throws `.notFound`.
  public func restorable(_ name: String) throws(OfficeError) -> BackupSet {
    let found: ListedSet?
    if [name, name + ArchiveName.officeSuffix].contains(ArchiveName.latest) {
      found = latestArchive
    } else {
      found =
        ["", ArchiveName.officeSuffix, ArchiveName.areaSuffix].lazy
        .compactMap { archive(named: name + $0) }.first
    }
    guard let found else { throw SetList.unknown(Escaped.line(name)) }
    return found.set
  }

  /// What to throw for a name that no archive has.
  public static func unknown(_ name: String) -> OfficeError {
    OfficeError(
      .notFound, "there is no such archive", item: name,
      remedy: "ls archives/ shows those there are")
  }
}
