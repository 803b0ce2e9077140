import OfficeModel

/// A view kept in a dictionary: the model against which stores and archives are held.
public final class DictionaryView: OfficeView {
  public struct Cell: Sendable, Equatable {
    public var document: [UInt8]
    public var mtime: Int64
    public init(document: [UInt8], mtime: Int64) {
      self.document = document
      self.mtime = mtime
    }
  }

  private let office: [UserID: [Area: Cell]]

  public init(_ office: [UserID: [Area: Cell]]) { self.office = office }

  private var sorted: [UserID] { office.keys.sorted() }

  public func users() throws(OfficeError) -> [UserState] {
    var states: [UserState] = []
    for id in sorted where id != .office { if let state = try user(id) { states.append(state) } }
    return states
  }

  public func user(_ id: UserID) throws(OfficeError) -> UserState? {
    guard let cells = office[id], let index = sorted.firstIndex(of: id) else { return nil }
    var sums = CellSums()
    for area in Area.allCases {
      sums.add(size: Int64(cells[area]?.document.count ?? 0), idLength: id.text.utf8.count)
    }
    return UserState(
      number: UserNumber(rawValue: Int64(index)), id: id, version: Int64(index), born: 1, mtime: 0,
      sums: sums)
  }

  public func cells(of user: UserNumber) throws(OfficeError) -> [CellState] {
    let id = sorted[Int(user.rawValue)]
    return Area.allCases.map { state(of: id, $0) }
  }

  public func column(_ area: Area) throws(OfficeError) -> [(id: UserID, cell: CellState)] {
    sorted.filter { $0 != .office }.map { ($0, state(of: $0, area)) }
  }

  public func read(
    _ cell: CellState, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(OfficeError) {
    let id = sorted[Int(cell.storage / 16)]
    guard let area = Area(rawValue: UInt8(cell.storage % 16)),
      let document = office[id]?[area]?.document, offset >= 0,
      Int(offset) + buffer.count <= document.count
    else { throw OfficeError(.inputOutput, "a read beyond the document") }
    buffer.copyBytes(from: document[Int(offset)..<Int(offset) + buffer.count])
  }

  private func state(of id: UserID, _ area: Area) -> CellState {
    guard let cell = office[id]?[area], let index = sorted.firstIndex(of: id) else { return .empty }
    return CellState(
      storage: Int64(index * 16 + Int(area.rawValue)), born: 1, size: Int64(cell.document.count),
      items: 1, mtime: cell.mtime, digest: Digest(of: cell.document))
  }
}
