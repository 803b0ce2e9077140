import Glibc

/// Bytes that grow at the end and shrink at the front, without the checks that cost an Array its speed.
final class ByteBuffer {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Valid until the buffer is changed.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Valid until the buffer is changed.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  func append(_ more: UnsafeRawBufferPointer) {
    guard let source = more.baseAddress, more.count > 0 else { return }
    reserve(more.count)
    memcpy(base + count, source, more.count)
    count += more.count
  }

  func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
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
    if number == 0 { return }
    memmove(base, base + number, count - number)
    count -= number
  }

  func removeAll() {
    count = 0
    // One large item must not keep its memory for the rest of the document.
    if capacity > 4 << 20 {
      base.deallocate()
      capacity = 256
      base = .allocate(byteCount: capacity, alignment: 16)
    }
  }

  private func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    let larger = max(capacity * 2, count + more)
    let next = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    memcpy(next, base, count)
    base.deallocate()
    base = next
    capacity = larger
  }
}
