/// Checks a container without reading the files in it.
public enum TarStructure {
  /// Walks `file`, which is a plain (not compressed) archive, from header to header.
  ///
  /// INVARIANT: a single byte changed anywhere but in the data of a file, a pax header or a long name is refused, and so is
  /// whatever `TarReader` would refuse but damage of the disk. Time is proportional to the headers, not to the data.
  /// Throws `.damaged`, `.unsupported` (links, devices, sparse files, unsafe names), `.limit` or `.inputOutput`.
  public static func check(file: Int32, limits: TarLimits) throws(TarError) -> TarShape {
    var walk = try TarWalk(file: file, limits: limits)
    var shape = TarShape(entries: 0, dataBytes: 0, end: 0)
    while let step = try walk.next() {
      guard step.isFile else { continue }
      shape.entries += 1
      shape.dataBytes += step.entry.size
    }
    shape.end = walk.offset
    return shape
  }
}
