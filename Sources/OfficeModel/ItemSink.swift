/// Receives the items of one document as they are framed, in any order.
///
/// An item is one or more `write`, at most one `cut` between them, then `end` or `abandon`. A sink that throws is given nothing more.
public protocol ItemSink: AnyObject {
  /// Appends bytes to the item under way. The pointer is valid during the call only.
  func write(_ bytes: UnsafeRawBufferPointer) throws(OfficeError)

  /// Marks the end of the item's head (flags, Received lines): bodies that are equal are then kept once.
  func cut() throws(OfficeError)

  /// Ends the item under way and names it. Twins (equal keys) are all kept, in the order of arrival.
  func end(_ key: ItemKey) throws(OfficeError)

  /// Drops what was written since the last `end`: the item under way turned out broken. Without one, nothing happens.
  func abandon() throws(OfficeError)
}

extension ItemSink {
  /// Appends bytes to the item under way.
  public func write(_ bytes: [UInt8]) throws(OfficeError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(OfficeError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }
}
