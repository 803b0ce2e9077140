import OfficeModel
import TarArchive

/// An archive's exact size in bytes, from sums alone: nothing is read or rendered.
public enum ArchiveSize {
  /// Of a user's `.udb`. `sums` are over the user's nine cells.
  public static func user(_ id: UserID, sums: CellSums) -> Int64 {
    let names = Area.allCases.reduce(Int64(0)) { $0 + Int64($1.fileName.utf8.count) }
    return total(
      manifest: ArchiveManifest.bytes(of: .user(id)), sums: sums, nameBytes: names)
  }

  /// Of an area's `.odb`. `sums` are over that area's cell of every user.
  public static func area(_ area: Area, sums: CellSums) -> Int64 {
    total(
      manifest: ArchiveManifest.bytes(of: .area(area)), sums: sums,
      nameBytes: sums.cells * Int64(area.fileName.utf8.count))
  }

  /// `nameBytes` is Σ of the lengths of the file names, without folders.
  private static func total(manifest: [UInt8], sums: CellSums, nameBytes: Int64) -> Int64 {
    let lines =
      ChecksumList.lineOverhead * (sums.cells + 1) + Int64(ArchiveManifest.path.count)
      + sums.idBytes + sums.cells + nameBytes
    let plain = TarLayout.headerSize(size: 0)
    let extra = TarLayout.headerSize(size: CellSums.largeSize) - plain
    return entry(Int64(manifest.count)) + sums.cells * plain + sums.large * extra + sums.padded
      + entry(lines) + TarLayout.endSize
  }

  private static func entry(_ size: Int64) -> Int64 {
    TarLayout.headerSize(size: size) + size + TarLayout.padding(size: size)
  }
}
