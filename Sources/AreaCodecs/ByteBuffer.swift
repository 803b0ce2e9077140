import Glibc

/// Bytes that grow at the end and shrink at the front, without the checks that cost an Array its speed.
final class ByteBuffer {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Bytes before the first that were removed; moved over only when they are half of all, so that removing is cheap.
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = capacity
    base = ByteBuffer.memory(capacity, insteadOf: nil)
  }

  deinit { free(base) }

  /// Valid until the buffer is changed.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + head, count: count) }

  /// Valid until the buffer is changed.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  func append(_ more: UnsafeRawBufferPointer) {
    guard let source = more.baseAddress, more.count > 0 else { return }
    reserve(more.count)
    memcpy(base + head + count, source, more.count)
    count += more.count
  }

  func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: head + count, as: UInt8.self)
    count += 1
  }

  func append(_ more: [UInt8]) {
    more.withUnsafeBytes { append($0) }
  }

  func appendLineEnd() {
    append(Byte.cr)
    append(Byte.lf)
  }

  func removeFirst(_ number: Int) {
    precondition(number <= count)
    head += number
    count -= number
    guard head >= count else { return }
    memmove(base, base + head, count)
    head = 0
  }

  func removeAll() {
    head = 0
    count = 0
    // One large item must not keep its memory for the rest of the document.
    if capacity > 4 << 20 {
      capacity = 256
      base = ByteBuffer.memory(capacity, insteadOf: base)
    }
  }

  /// Takes bytes off the end.
  func truncate(to number: Int) {
    precondition(number <= count)
    count = number
  }

  private func reserve(_ more: Int) {
    guard head + count + more > capacity else { return }
    if head > 0 { memmove(base, base + head, count) }
    head = 0
    capacity = max(capacity * 2, count + more)
    base = ByteBuffer.memory(capacity, insteadOf: base)
  }

  // realloc(3) moves large stretches by their page table: no moment at which they are there twice.
  private static func memory(
    _ capacity: Int, insteadOf old: UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer {
    guard let new = realloc(old, capacity) else {
      preconditionFailure("out of memory")
    }
    return new
  }
}
