/// Why an archive was refused or could not be read.
///
/// Each text is one sentence without a final stop; `description` adds the entry.
public enum TarError: Error, Sendable, Equatable {
  /// It is no tar archive, or it is cut, edited or damaged.
  case damaged(String, at: TarPlace)
  /// Well formed, but of a kind that an office archive never holds: a link, a device, an unsafe name.
  case unsupported(String, at: TarPlace)
  /// More than `TarLimits` allow.
  case limit(String, at: TarPlace)
  /// The file system failed while `during` was done; `errno` as in errno.h.
  case inputOutput(errno: Int32, during: String)
  /// The caller asked for an end.
  case cancelled

  /// What is wrong, without the place.
  public var reason: String {
    switch self {
    case .damaged(let reason, _), .unsupported(let reason, _), .limit(let reason, _): reason
    case .inputOutput(let errno, let during): "error \(errno) while \(during)"
    case .cancelled: "cancelled"
    }
  }

  /// Where it is wrong; nil if it is not about a place in the archive.
  public var place: TarPlace? {
    switch self {
    case .damaged(_, let place), .unsupported(_, let place), .limit(_, let place): place
    case .inputOutput, .cancelled: nil
    }
  }
}

extension TarError: CustomStringConvertible {
  /// One line without control characters.
  public var description: String {
    guard let place else { return reason }
    return "\(reason), in \(place)"
  }
}

/// What is wrong, as a parser says it that does not know where it stands.
enum TarFault: Error {
  case damaged(String)
  case unsupported(String)

  func at(_ place: TarPlace) -> TarError {
    switch self {
    case .damaged(let reason): .damaged(reason, at: place)
    case .unsupported(let reason): .unsupported(reason, at: place)
    }
  }
}
