import BackupRepository
import Foundation
import OfficeAdmin
import OfficeModel

/// A plan as administrators and scripts read it: `plan.txt` and `plan.json`. The schema of the latter is in README.md.
public struct RestoreSummary: Codable, Sendable, Equatable {
  /// Numbers of objects, matched by their natural keys.
  public struct Counts: Codable, Sendable, Equatable {
    public var added: Int
    public var changed: Int
    public var removed: Int
    public var same: Int

    init(_ counts: RestoreCounts) {
      added = counts.added
      changed = counts.changed
      removed = counts.removed
      same = counts.same
    }
  }

  public struct AreaRow: Codable, Sendable, Equatable {
    public var area: String
    public var objects: Counts
  }

  public struct UserRow: Codable, Sendable, Equatable {
    public var user: String
    /// `restored`, `unchanged`, `added`, `removed` or `stays`.
    public var fate: String
    public var objects: Counts
    /// How many areas could not be read, and are copied anew.
    public var damaged: Int
  }

  public struct Session: Codable, Sendable, Equatable {
    /// `<id>.<service>`
    public var session: String
    /// What its file says.
    public var state: String
  }

  public struct Space: Codable, Sendable, Equatable {
    public var needed: Int64
    public var free: Int64
    public var repositoryFree: Int64
  }

  public var archive: String
  /// When the archive's data was that, as `2026-03-05T101500Z`.
  public var stamp: String
  /// What made it: scheduled, manual, before-restore, upload.
  public var process: String
  public var format: Int64
  /// The newest format that this officefs reads.
  public var readsUpTo: Int64
  /// When the plan was made.
  public var planned: String
  public var areas: [AreaRow]
  public var users: [UserRow]
  public var groups: Bool
  public var settings: Bool
  public var removeOthers: Bool
  /// What changes in groups and settings, one line each.
  public var office: [String]
  /// How many sessions there are.
  public var loggedIn: Int
  /// Those that the restore would end.
  public var sessions: [Session]
  /// Who reads and writes archives, one line each.
  public var atWork: [String]
  public var space: Space
  /// Why it can't be carried out; empty if it can.
  public var refusals: [String]
  /// What stands behind `confirm-`; nil if it can't be carried out.
  public var code: String?

  init(_ plan: RestorePlan, loggedIn: Int, sessions: [Session], atWork: [String]) {
    archive = plan.set.archiveName
    stamp = plan.set.name
    process = plan.set.process
    format = plan.set.format
    readsUpTo = BackupSet.currentFormat
    planned = Stamp.text(seconds: plan.seconds)
    areas = plan.areas.map { AreaRow(area: $0.area.name, objects: Counts($0.counts)) }
    users = plan.users.map {
      UserRow(
        user: $0.id.text, fate: $0.name, objects: Counts($0.counts), damaged: $0.counts.damaged)
    }
    groups = plan.choice.groups
    settings = plan.choice.settings
    removeOthers = plan.choice.removesOthers
    office = plan.officeChanges
    self.loggedIn = loggedIn
    self.sessions = sessions
    self.atWork = atWork
    space = Space(
      needed: plan.space.needed, free: plan.space.free,
      repositoryFree: plan.space.repositoryFree)
    refusals = plan.refusals.map { "\($0)" }
    code = plan.code
  }

  /// A plan of an office that is not mounted: nobody is logged in.
  public init(_ plan: RestorePlan) {
    self.init(plan, loggedIn: 0, sessions: [], atWork: [])
  }

  /// Users whose files change.
  public var touched: [UserRow] {
    users.filter { ["restored", "added", "removed"].contains($0.fate) }
  }
}

extension RestorePlan.User {
  /// Whether the user's file changes.
  var isTouched: Bool {
    switch fate {
    case .added, .removed: true
    case .restored: counts.cells > 0
    case .stays: false
    }
  }

  /// As in plans.
  var name: String {
    switch fate {
    case .restored: isTouched ? "restored" : "unchanged"
    case .added: "added"
    case .removed: "removed"
    case .stays: "stays"
    }
  }
}

/// Writes and reads what is kept as JSON.
public enum RestoreJSON {
  /// One object, keys sorted, with a line end.
  public static func text(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Strings and numbers always encode.
    return Array((try? encoder.encode(value)) ?? Data()) + [0x0A]
  }

  /// Throws `.inputOutput` for what is no such object.
  public static func value<Value: Decodable>(_ bytes: [UInt8]) throws(OfficeError) -> Value {
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Value.self, from: Data(bytes))
    } catch {
      throw OfficeError(.inputOutput, "the mount's answer can't be read", cause: error)
    }
  }
}
