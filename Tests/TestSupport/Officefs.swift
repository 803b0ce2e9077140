import Foundation

/// The built program and what this machine allows it.
public enum Officefs {
  /// The program: of `OFFICEFS_BINARY`, else beside the tests.
  public static let path: String = {
    if let given = ProcessInfo.processInfo.environment["OFFICEFS_BINARY"] { return given }
    return ((realpath(of: "/proc/self/exe") as NSString).deletingLastPathComponent) + "/officefs"
  }()

  /// The package's root.
  public static var package: String {
    var path = #filePath as NSString
    for _ in 0..<3 { path = path.deletingLastPathComponent as NSString }
    return path as String
  }

  /// Whether tests can mount here: root, /dev/fuse and the program are there.
  public static var canMount: Bool {
    geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 && access(path, X_OK) == 0
      && Subprocess.has("python3")
  }

  /// The folder of real files by other systems: of `OFFICEFS_CORPUS`, else `../shared/corpus`; nil where there is none.
  public static var corpus: String? {
    let given = ProcessInfo.processInfo.environment["OFFICEFS_CORPUS"]
    let folder = given ?? (package as NSString).deletingLastPathComponent + "/shared/corpus"
    return access(folder + "/MALFORMED.md", R_OK) == 0 ? folder : nil
  }

  private static func realpath(of path: String) -> String {
    guard let real = Glibc.realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
