import CFuse
import Glibc
import Synchronization

/// What one request brought along, kept beyond its callback; given back when the last reference to it goes.
final class RequestMemory: @unchecked Sendable {
  // INVARIANT: nobody else writes here: it is a copy, or libfuse is done with it when the callback returns and the worker that
  // received it goes on with other memory.
  private let base: UnsafeMutableRawPointer
  /// What the request brought along. Valid for as long as this is.
  let bytes: UnsafeRawBufferPointer
  /// Where memory goes that a request was received in; nil for a copy.
  private let spares: SpareMemory?

  /// Up to here bytes are copied, so that many small writes which wait do not hold a MiB each.
  private static let small = 64 << 10

  private init(
    _ base: UnsafeMutableRawPointer, _ bytes: UnsafeRawBufferPointer, _ spares: SpareMemory?
  ) {
    self.base = base
    self.bytes = bytes
    self.spares = spares
  }

  deinit {
    if let spares { spares.put(base) } else { free(base) }
  }

  /// Keeps `bytes` of the request the calling worker is at, with the memory it was received in if they are many. Nil if that
  /// was kept before, or there is no memory for a copy.
  static func keep(_ bytes: UnsafeRawBufferPointer, for spares: SpareMemory) -> RequestMemory? {
    guard bytes.count <= small else {
      return cfuse_take_request_memory().map { RequestMemory($0, bytes, spares) }
    }
    guard let copy = malloc(max(1, bytes.count)) else { return nil }
    let room = UnsafeMutableRawBufferPointer(start: copy, count: bytes.count)
    room.copyMemory(from: bytes)
    return RequestMemory(copy, UnsafeRawBufferPointer(room), nil)
  }
}

/// Memory to receive requests in, of which nobody has need now.
///
/// A new piece of a MiB costs as much to touch for the first time as to fill, on a machine whose memory is itself lent: with
/// sixteen copies under way the workers did little else, and look-ups waited.
final class SpareMemory: Sendable {
  private struct Piece: @unchecked Sendable {
    // INVARIANT: whoever takes a piece is the only one who has it.
    let base: UnsafeMutableRawPointer
  }

  /// One for each piece that comes back before a worker takes the next; more would only stay in memory.
  private static let most = 4

  private let pieces = Mutex<[Piece]>([])

  deinit { for piece in pieces.withLock({ $0 }) { free(piece.base) } }

  /// Nil if there is none; then libfuse allocates.
  func take() -> UnsafeMutableRawPointer? { pieces.withLock { $0.popLast() }?.base }

  /// Takes back what libfuse has allocated for this session.
  func put(_ base: UnsafeMutableRawPointer) {
    let piece = Piece(base: base)
    let isKept = pieces.withLock { pieces in
      guard pieces.count < SpareMemory.most else { return false }
      pieces.append(piece)
      return true
    }
    if !isKept { free(piece.base) }
  }
}
