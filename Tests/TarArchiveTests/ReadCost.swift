import Foundation

/// What the kernel counts of this thread's reads (proc(5), io), those of the counting itself among them.
struct ReadCost {
  var bytes = 0
  var calls = 0

  /// The reads of `work`, which has to do them on the calling thread.
  static func of<Result>(_ work: () throws -> Result) throws -> (result: Result, cost: ReadCost) {
    let before = try ReadCost()
    let result = try work()
    let after = try ReadCost()
    return (result, ReadCost(after.bytes - before.bytes, after.calls - before.calls))
  }

  private init(_ bytes: Int, _ calls: Int) { (self.bytes, self.calls) = (bytes, calls) }

  private init() throws {
    let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.first == "rchar:" { bytes = Int(words[1]) ?? 0 }
      if words.first == "syscr:" { calls = Int(words[1]) ?? 0 }
    }
  }
}
