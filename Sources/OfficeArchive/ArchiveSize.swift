import OfficeModel
import TarArchive

/// An archive's exact size in bytes, from sums alone: nothing is read or rendered.
public enum ArchiveSize {
  /// Of a user's `.udb`. `sums` are over the user's nine cells.
  public static func user(_ id: UserID, sums: CellSums) -> Int64 {
    total(manifest: ArchiveManifest.size(of: id), areas: Area.allCases, sums: sums)
  }

  /// Of an area's `.odb`. `sums` are over that area's cell of every user.
  public static func area(_ area: Area, sums: CellSums) -> Int64 {
    total(manifest: ArchiveManifest.bytes(of: area).count, areas: [area], sums: sums)
  }

  /// Of a whole office's `.sar`, whose `office.json` has `manifest` bytes. `sums` are over the nine cells of every user.
  public static func office(manifest: Int, sums: CellSums) -> Int64 {
    total(manifest: manifest, areas: Area.allCases, sums: sums)
  }

  /// `sums` are over all of the `areas` of each user.
  private static func total(manifest: Int, areas: [Area], sums: CellSums) -> Int64 {
    let lines =
      ChecksumList.lineSize(ArchiveManifest.path.count)
      + ChecksumList.size(
        areas: areas, users: sums.cells / Int64(areas.count), idBytes: sums.idBytes)
    return entry(Int64(manifest)) + cells(of: sums) + entry(lines) + TarLayout.endSize
  }

  /// Of all cells, with headers and padding.
  static func cells(of sums: CellSums) -> Int64 {
    let plain = TarLayout.headerSize(size: 0)
    let extra = TarLayout.headerSize(size: CellSums.largeSize) - plain
    return sums.cells * plain + sums.large * extra + sums.padded
  }

  /// An entry of `size` bytes, with header and padding.
  static func entry(_ size: Int64) -> Int64 {
    TarLayout.headerSize(size: size) + size + TarLayout.padding(size: size)
  }
}
