import OfficeModel

/// `<id>.<service>`: a user, and the front end that they are logged in to.
struct SessionName: Hashable, Sendable {
  let id: UserID
  /// 1 to 32 of `a-z 0-9 -`.
  let service: String

  private static let longestService = 32

  /// Nil for a name that no session may have. An id may hold dots, a service none.
  init?(_ name: [UInt8]) {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), let id = try? UserID(Array(name[..<dot]))
    else { return nil }
    let service = name[(dot + 1)...]
    let isAllowed = service.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isAllowed, (1...SessionName.longestService).contains(service.count) else { return nil }
    self.id = id
    self.service = String(decoding: service, as: UTF8.self)
  }

  var text: String { "\(id).\(service)" }

  var bytes: [UInt8] { Array(text.utf8) }
}
