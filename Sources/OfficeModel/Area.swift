/// One column of the office: a kind of data that every user has.
///
/// Raw values are kept in databases and must never be reused; the order is that of an archive.
public enum Area: UInt8, CaseIterable, Hashable, Sendable, Comparable {
  case user = 1
  case scheduler
  case whereabouts
  case messages
  case timesheet
  case addresses
  case todo
  case directory
  case webmail

  /// The name administrators see, as in `areas/<name>.odb`.
  public var name: String {
    switch self {
    case .user: "user"
    case .scheduler: "scheduler"
    case .whereabouts: "whereabouts"
    case .messages: "messages"
    case .timesheet: "timesheet"
    case .addresses: "addresses"
    case .todo: "todo"
    case .directory: "directory"
    case .webmail: "webmail"
    }
  }

  /// The document's name inside an archive, as in `alice/<fileName>`.
  public var fileName: String { Area.fileNames[Int(rawValue) - 1] }

  // Made once: a listing asks for all of them for each user.
  private static let fileNames = allCases.map { "\($0.name).\($0.format.fileExtension)" }

  /// How the area's documents are written.
  public var format: DocumentFormat {
    switch self {
    case .user, .whereabouts: .json
    case .scheduler, .todo: .calendar
    case .messages, .webmail: .mailbox
    case .timesheet: .table
    case .addresses, .directory: .cards
    }
  }

  /// The area of that name, if there is one.
  public init?(name: String) {
    guard let area = Area.allCases.first(where: { $0.name == name }) else { return nil }
    self = area
  }

  /// The area whose document has that name inside an archive.
  public init?(fileName: String) {
    guard let area = Area.allCases.first(where: { $0.fileName == fileName }) else { return nil }
    self = area
  }

  public static func < (left: Area, right: Area) -> Bool { left.rawValue < right.rawValue }
}

/// The wire format of an area's documents.
public enum DocumentFormat: Sendable {
  /// One JSON object (RFC 8259).
  case json
  /// iCalendar (RFC 5545).
  case calendar
  /// Messages (RFC 5322) in mboxrd.
  case mailbox
  /// Rows (RFC 4180) under a header row.
  case table
  /// vCards (RFC 6350).
  case cards

  /// Without the dot.
  public var fileExtension: String {
    switch self {
    case .json: "json"
    case .calendar: "ics"
    case .mailbox: "mbox"
    case .table: "csv"
    case .cards: "vcf"
    }
  }
}
