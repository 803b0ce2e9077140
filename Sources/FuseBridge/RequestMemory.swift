import CFuse
import Glibc
import Synchronization

/// What one request was received in, kept beyond its callback; given back when the last reference to it goes.
final class RequestMemory: @unchecked Sendable {
  // INVARIANT: nobody else writes here: libfuse is done with it when the callback returns, and the worker that received it
  // goes on with other memory.
  private let base: UnsafeMutableRawPointer
  /// What the request brought along. Valid for as long as this is.
  let bytes: UnsafeRawBufferPointer
  private let spares: SpareMemory

  private init(
    _ base: UnsafeMutableRawPointer, _ bytes: UnsafeRawBufferPointer, _ spares: SpareMemory
  ) {
    self.base = base
    self.bytes = bytes
    self.spares = spares
  }

  deinit { spares.put(base) }

  /// Keeps the memory of the request the calling worker is at, in which `bytes` are. Nil if it was kept before.
  static func keep(_ bytes: UnsafeRawBufferPointer, for spares: SpareMemory) -> RequestMemory? {
    cfuse_take_request_memory().map { RequestMemory($0, bytes, spares) }
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
