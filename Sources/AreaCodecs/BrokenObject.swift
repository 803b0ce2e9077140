import OfficeModel

/// One object of a document that can't be framed, left out so that the rest can be imported.
public struct BrokenObject: Sendable {
  /// The first line of `bytes` in the document, from 1.
  public var line: Int
  /// The object's bytes exactly as they stood in the document, its charset and line ends included.
  ///
  /// Which bytes belong to an object is told where its decoder is defined.
  public var bytes: [UInt8]
  /// What a document of such objects has to begin with: a table's header row. Empty for the others.
  public var head: [UInt8]
  /// Why the document would be refused for it, with the line.
  public var reason: OfficeError

  public init(line: Int, bytes: [UInt8], head: [UInt8] = [], reason: OfficeError) {
    self.line = line
    self.bytes = bytes
    self.head = head
    self.reason = reason
  }
}

/// Who is handed the broken objects of a document; what it throws ends the decoding.
public typealias BrokenObjectReceiver = (BrokenObject) throws(OfficeError) -> Void
