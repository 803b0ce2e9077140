import FuzzTargets
import Glibc

// libFuzzer's driver (https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

public typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// What SwiftPM takes for the program's beginning.
@_cdecl("Fuzz_main")
public func begin(_ count: CInt, _ arguments: Arguments) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments, testOneInput)
}

/// Reads one input. OFFICEFS_FUZZ names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let target else {
    say("OFFICEFS_FUZZ names no target")
    exit(64)
  }
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let found = target.contradiction(bytes) {
    say("CONTRADICTION \(target.name): \(found)")
    abort()
  }
  return 0
}

private let target = FuzzTarget(name: getenv("OFFICEFS_FUZZ").map { String(cString: $0) } ?? "")

private func say(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
