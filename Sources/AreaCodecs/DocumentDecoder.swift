import OfficeModel

/// Splits one document into items, which it gives to a sink as they are complete.
///
/// INVARIANT: the items depend on the document's bytes only, not on the pieces in which they are fed.
/// INVARIANT: the concatenation of the items in the order of their keys decodes to the same items.
public protocol DocumentDecoder {
  /// Takes the document's next bytes. The pointer is valid during the call only.
  ///
  /// Throws `.badArchive` with the line of what can't be framed, `.tooLarge` with the line where a limit is passed,
  /// and what the sink throws. After an error the decoder and what the sink was given are to be thrown away.
  mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(OfficeError)

  /// Ends the document; throws as `feed` does. Nothing may be fed after it.
  mutating func finish() throws(OfficeError) -> DocumentReport
}

extension DocumentDecoder {
  /// Takes the document's next bytes.
  public mutating func feed(_ bytes: [UInt8]) throws(OfficeError) {
    try bytes.withUnsafeBufferPointer { buffer throws(OfficeError) in
      try feed(UnsafeRawBufferPointer(buffer))
    }
  }
}
