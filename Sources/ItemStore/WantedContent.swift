import OfficeModel

/// Stretches of content that a read found in items' rows and has yet to fetch.
///
/// They are fetched in the order of their ids: contents that were stored together lie together in the file, whatever order
/// the items have them in, so each page is read once and not once for each item. Used within one transaction.
struct WantedContent {
  private struct Stretch {
    var reference: ChunkReference
    var skip: Int
    var target: UnsafeMutableRawBufferPointer
    /// Which of the reader's ranges it is part of.
    var range: Int

    var isWhole: Bool { target.count == Int(reference.length) }
  }

  private var stretches: [Stretch] = []

  /// Content of at least this many bytes is kept for the next read if only a part of it is wanted; what is wanted whole is
  /// read in place.
  private static let large = 32 << 10

  /// Wants `target` filled with the content from `skip` on.
  mutating func add(
    _ reference: ChunkReference, from skip: Int, into target: UnsafeMutableRawBufferPointer,
    range: Int, cache: ChunkCache
  ) {
    let stretch = Stretch(reference: reference, skip: skip, target: target, range: range)
    if WantedContent.isWorthKeeping(stretch), let known = cache.bytes(of: reference) {
      known.withUnsafeBytes { WantedContent.copy($0, to: stretch) }
      return
    }
    stretches.append(stretch)
  }

  /// Fetches all of it. Throws `.inputOutput` on damage; then `failed` is the range that can't be read.
  consuming func fetch(
    in connection: Connection, cache: ChunkCache, failed: inout Int
  ) throws(OfficeError) {
    guard !stretches.isEmpty else { return }
    var content = try ContentCursor(in: connection)
    defer { content.close() }
    var blob = ContentBlob(in: connection)
    stretches.sort { $0.reference.id < $1.reference.id }
    for stretch in stretches {
      do throws(OfficeError) {
        if stretch.isWhole && stretch.target.count >= WantedContent.large {
          try blob.read(stretch.reference, into: stretch.target)
          continue
        }
        let bytes = try content.bytes(of: stretch.reference)
        WantedContent.copy(bytes, to: stretch)
        if WantedContent.isWorthKeeping(stretch) {
          cache.keep(Array(bytes), of: stretch.reference)
        }
      } catch {
        failed = stretch.range
        throw error
      }
    }
  }

  private static func isWorthKeeping(_ stretch: Stretch) -> Bool {
    stretch.reference.length >= large && !stretch.isWhole
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer, to stretch: Stretch) {
    let end = stretch.skip + stretch.target.count
    stretch.target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: bytes[stretch.skip..<end]))
  }
}
