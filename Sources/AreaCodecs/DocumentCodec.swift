import OfficeModel

/// Which decoder reads an area's documents.
///
/// There is no encoder: items are kept in their canonical wire bytes, and a document is their concatenation.
public enum DocumentCodec {
  /// A decoder of one document of `area`, whose items go to `sink`. A document of 0 bytes has no items.
  ///
  /// `user` is whose cell it becomes: the id inside a user.json is replaced by it.
  ///
  /// `leavingOut` is handed each object that can't be framed, and the others are decoded; without it the first one
  /// refuses the document. What is over a limit, and a table's header row, is refused either way.
  public static func decoder(
    for area: Area, user: UserID, limits: Limits, into sink: any ItemSink,
    leavingOut: BrokenObjectReceiver? = nil
  ) -> any DocumentDecoder {
    switch area.format {
    case .json:
      ObjectDecoder(area: area, user: user, limits: limits, sink: sink, leavingOut: leavingOut)
    case .calendar: CalendarDecoder(limits: limits, sink: sink, leavingOut: leavingOut)
    case .mailbox: MailboxDecoder(limits: limits, sink: sink, leavingOut: leavingOut)
    case .table: TableDecoder(limits: limits, sink: sink, leavingOut: leavingOut)
    case .cards: CardDecoder(limits: limits, sink: sink, leavingOut: leavingOut)
    }
  }
}
