import ArgumentParser
import OfficeModel

/// Areas as they are named on the command line.
enum AreaNames {
  /// Throws a usage error for a name that no area has.
  static func check(_ names: [String]) throws {
    for name in names where Area(name: name) == nil {
      throw ValidationError(
        "'\(name)' is not an area; these are: "
          + Area.allCases.map(\.name).joined(separator: ", "))
    }
  }
}
