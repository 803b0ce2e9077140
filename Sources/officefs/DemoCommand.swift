import AreaCodecs
import ArgumentParser
import DemoOffice
import LiveStore
import OfficeAdmin
import OfficeModel

/// `officefs demo DATA --users N --seed N`
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Make a data directory with a sample office, the same for the same numbers.")

  @Argument(help: "The directory to make; it must be new or empty.")
  var data: String

  @Option(help: "How many users.")
  var users = 25

  @Option(help: "Another seed gives another office.")
  var seed: UInt64 = 1

  @Option(help: "Messages for each user.")
  var messages = 40

  @Option(help: "Mean size of a message in bytes.")
  var messagesSize = 3000

  @Option(help: "A file of settings to begin with, instead of one in which all are comments.")
  var settings: String?

  func validate() throws {
    guard (1...100_000).contains(users), (0...10_000_000).contains(messages), messagesSize >= 0
    else { throw ValidationError("--users is 1 to 100000, --messages 0 to 10000000") }
  }

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      try InitCommand.create(data, settings: settings)
      let office = try OpenOffice(data)
      defer { office.store.close() }
      let demo = DemoOffice(
        DemoSettings(
          users: users, seed: seed, messages: messages, messageBytes: messagesSize))
      var progress = Progress("making users")
      for index in 0..<users {
        try DemoCommand.add(demo, index, to: office)
        progress.show(Int64(index + 1), of: Int64(users))
      }
      progress.end()
      let totals = try office.store.totals()
      Terminal.say("made \(totals.users) users, \(totals.items) items, \(totals.bytes) bytes")
    }
  }

  private static func add(
    _ demo: DemoOffice, _ index: Int, to office: OpenOffice
  ) throws(OfficeError) {
    let id = demo.user(at: index).id
    let stage = try office.store.stage()
    do throws(OfficeError) {
      for area in Area.allCases {
        let cell = try stage.cell(area, mtime: demo.mtime(of: area, at: index))
        var decoder = DocumentCodec.decoder(
          for: area, user: id, limits: office.registry.settings.limits, into: cell)
        try demo.write(area, at: index) { (bytes) throws(OfficeError) in try decoder.feed(bytes) }
        _ = try decoder.finish()
        _ = try cell.seal()
      }
      _ = try office.store.publish(stage, as: id, mtime: nil, by: OpenOffice.caller)
    } catch {
      stage.discard()
      throw error
    }
  }
}
