import ArgumentParser
import Foundation
import Glibc
import LiveStore
import OfficeArchive
import OfficeModel

/// `officefs export DATA USER [-o FILE]`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write one user's data to a file.")

  @Argument(help: "The data directory.")
  var data: String

  @Argument(help: "The user's id.")
  var user: String

  @Option(name: .shortAndLong, help: "Where to; - is standard output. Default: USER.udb here.")
  var output: String?

  func run() throws {
    try Terminal.run { () throws(OfficeError) in
      let id = try UserID(user)
      let target = output ?? "\(id).udb"
      if let mount = MountedData.mountPoint(of: data) {
        try FileCopy(from: "\(mount)/users/\(id).udb", to: target).run()
      } else {
        let office = try OpenOffice(data)
        let layout = try ArchiveLayout(.user(id), of: try office.store.view())
        try FileCopy.write(to: target, size: layout.size) { (offset, buffer) throws(OfficeError) in
          try layout.read(at: offset, into: buffer)
        }
        office.audit.append("\(OpenOffice.caller) exported users/\(id).udb")
        office.store.close()
      }
    }
  }
}
