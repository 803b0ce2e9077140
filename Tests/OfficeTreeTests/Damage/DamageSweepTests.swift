import Foundation
import OfficeModel
import TestSupport
import Testing

@Suite("Damage sweep")
struct DamageSweepTests {
  /// Which bytes are damaged, one after the other: `OFFICEFS_SWEEP` is their number, one of so many equal shares of all as
  /// in `3/64` or `0/1`, or one place as in `office.db 4711`.
  private static let given = ProcessInfo.processInfo.environment["OFFICEFS_SWEEP"]
  private static var wanted: Int { given.flatMap { Int($0) } ?? 300 }

  /// Places over all files: a few of each, the rest where the bytes are.
  private static func places(in office: SweptOffice) -> [SweptOffice.Place] {
    let all = office.files.indices.flatMap { file in
      office.files[file].bytes.indices.map { SweptOffice.Place(file: file, offset: $0) }
    }
    let words = (given ?? "").split(separator: " ")
    if words.count == 2, let offset = Int(words[1]) {
      return all.filter { office.files[$0.file].path == words[0] && $0.offset == offset }
    }
    let share = (given ?? "").split(separator: "/").compactMap { Int($0) }
    if share.count == 2, share[0] >= 0, share[1] > share[0] {
      return stride(from: share[0], to: all.count, by: share[1]).map { all[$0] }
    }
    if wanted >= all.count { return all }
    var random = SeededGenerator(seed: 85)
    var places = office.files.indices.flatMap { file in
      (0..<6).compactMap { _ in
        office.files[file].bytes.indices.randomElement(using: &random).map {
          SweptOffice.Place(file: file, offset: $0)
        }
      }
    }
    while places.count < wanted, let place = all.randomElement(using: &random) {
      // What is empty on all sides is rarely read.
      if office.neighbours(of: place).allSatisfy({ $0 == 0 }), random.next() % 8 > 0 { continue }
      places.append(place)
    }
    return places
  }

  private static func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("sweep: \(line)\n".utf8))
  }

  /// Damages each place in turn; what is found is printed, a line each.
  private static func sweep() throws {
    let office = try SweptOffice(seed: 1)
    let whole = try DamagedLook(at: office.open(damagedAt: nil), against: office.history)
    if !whole.wrong.isEmpty || !whole.unreadable.isEmpty {
      say("WRONG undamaged: \(whole.wrong) \(whole.unreadable)")
    }
    var counts: [String: Int] = [:]
    for place in places(in: office) {
      let name = "\(office.files[place.file].path) \(place.offset)"
      // Stands last in the output if the process dies of it.
      say("at \(name)")
      do {
        let look = try DamagedLook(
          at: office.open(damagedAt: place), against: office.history)
        for wrong in look.wrong { say("WRONG \(name): \(wrong)") }
        let holders = office.history.last?.files(with: office.neighbours(of: place)) ?? []
        if !holders.isEmpty, !look.isBehind {
          counts["content", default: 0] += 1
          let others = look.unreadable.subtracting(holders)
          if !others.isEmpty { say("SPREAD \(name): \(others.sorted().prefix(4))") }
        }
        let outcome = look.isBehind ? "behind" : look.unreadable.isEmpty ? "harmless" : "contained"
        counts[outcome, default: 0] += 1
      } catch let error as OfficeError {
        counts["refused", default: 0] += 1
        say("refused \(name): \(error)")
      } catch {
        say("WRONG \(name): refused without a reason: \(error)")
      }
    }
    for (outcome, count) in counts.sorted(by: { $0.key < $1.key }) {
      say("count \(outcome) \(count)")
    }
  }

  @Test(
    "Rows 85-87: whatever byte of a data directory is damaged, what is read is right or an error")
  func everyByte() async throws {
    // A process of its own: a crash has to be seen as what it is.
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      try DamageSweepTests.sweep()
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let lines = output.split(separator: "\n").filter { $0.hasPrefix("sweep: ") }
    let faults = lines.filter { $0.contains(" WRONG ") || $0.contains(" SPREAD ") }
    #expect(faults == [], "\(faults.joined(separator: "\n"))")
    let counts = lines.filter { $0.contains(" count ") }
    #expect(counts != [], "died at \(lines.last ?? "the start")")
    print((lines.filter { $0.contains(" refused ") } + counts).joined(separator: "\n"))
  }
}
