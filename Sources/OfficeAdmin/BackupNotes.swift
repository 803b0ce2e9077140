import Foundation
import OfficeModel
import Synchronization

/// How a backup ended.
public struct BackupOutcome: Codable, Sendable, Equatable {
  /// When it ended, in seconds since 1970.
  public var seconds: Int64
  /// See `BackupSet.process`.
  public var process: String
  /// The name of the set that it made; nil if it failed.
  public var set: String?
  /// Why it failed; nil if it did not.
  public var failure: String?

  /// Whether it was done, and as which set or why not.
  var result: String { self.set.map { "done, set \($0)" } ?? "failed: \(failure ?? "")" }

  /// One line, as in `backup/update/all`.
  public var text: String {
    "\(Stamp.text(seconds: seconds)) \(process): \(Escaped.line(result))\n"
  }
}

/// What is kept of backups beside the sets: how the last ones ended and who skipped a reminder. It outlives the daemon;
/// if its file is damaged or can't be written, only this is lost, and said.
public final class BackupNotes: Sendable {
  private struct Contents: Codable {
    /// By area, and under `BackupNotes.everything`.
    var outcomes: [String: BackupOutcome] = [:]
    /// The day on which a member skipped last, by id.
    var skipped: [String: Int64] = [:]
    /// The file was there and could not be read.
    var isDamaged = false

    private enum CodingKeys: String, CodingKey { case outcomes, skipped }
  }

  private static let everything = "all"
  private let path: String
  private let onFailure: @Sendable (OfficeError) -> Void
  private let contents: Mutex<Contents>

  /// Opens the notes of a data directory. `onFailure` is told when the disk fails.
  public init(of data: String, onFailure: @escaping @Sendable (OfficeError) -> Void = { _ in }) {
    self.onFailure = onFailure
    path = "\(data)/backup-notes.json"
    let bytes = FileManager.default.contents(atPath: path)
    let known = bytes.flatMap { try? JSONDecoder().decode(Contents.self, from: $0) }
    contents = Mutex(known ?? Contents(isDamaged: bytes != nil))
  }

  /// Whether nothing is known of earlier backups because the file was damaged; until the next one is noted.
  public var isDamaged: Bool { contents.withLock { $0.isDamaged } }

  /// How the last backup of an area ended, alone or with everything; of everything for nil. Nil if there was none.
  public func last(of area: Area?) -> BackupOutcome? {
    contents.withLock { $0.outcomes[area?.name ?? BackupNotes.everything] }
  }

  /// What failed and was not done since: areas, or nil for everything.
  public var failures: [(area: Area?, outcome: BackupOutcome)] {
    ([nil] + Area.allCases.map { Optional($0) }).compactMap { area in
      guard let outcome = last(of: area), outcome.failure != nil else { return nil }
      if area != nil, last(of: nil) == outcome { return nil }
      return (area, outcome)
    }
  }

  /// The day, counted from 1970-01-01, on which a member of the backup group skipped last.
  public func skipped(by id: UserID) -> Int64? { contents.withLock { $0.skipped[id.text] } }

  /// Does not ask a member again on this day.
  public func skip(_ id: UserID, on day: Int64) {
    change { contents in
      // Who skipped on another day is asked again: only this day's have to be known.
      contents.skipped = contents.skipped.filter { $0.value == day }
      contents.skipped[id.text] = day
    }
  }

  func note(_ outcome: BackupOutcome, of areas: Set<Area>) {
    change { contents in
      contents.isDamaged = false
      if areas.count == Area.allCases.count {
        contents.outcomes[BackupNotes.everything] = outcome
      }
      for area in areas { contents.outcomes[area.name] = outcome }
    }
  }

  private func change(_ body: (inout Contents) -> Void) {
    contents.withLock { contents in
      body(&contents)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      guard let bytes = try? encoder.encode(contents) else { return }
      do {
        try bytes.write(to: URL(filePath: path), options: .atomic)
      } catch let error as CocoaError where (error.underlying as? POSIXError)?.code == .EIO {
        onFailure(OfficeError(.inputOutput, "the notes of backups can't be written", item: path))
      } catch {}
    }
  }
}
