import ItemStore
import OfficeModel

extension ListedSet {
  /// Over the nine cells of every user it shows; nil where that does not follow from its areas: no area shows all users,
  /// which takes updates of single areas while users came and went.
  public var sums: CellSums? {
    guard let areas, let fullest = areas.first(where: { $0.sums.cells == set.users }) else {
      return nil
    }
    let count = Int64(areas.count)
    return areas.reduce(
      into: CellSums(cells: count * set.users, idBytes: count * fullest.sums.idBytes)
    ) {
      $0.padded += $1.sums.padded
      $0.large += $1.sums.large
    }
  }
}

extension Repository {
  /// Over the nine cells of every user that a set shows: a whole office's archive has a size that follows from them.
  /// Throws `.stale` if the set is gone, `.inputOutput` if what it says of its areas is damaged.
  public func sums(of listed: ListedSet) throws(OfficeError) -> CellSums {
    guard listed.areas != nil else {
      throw Damage.found("the areas of set \(listed.set.name)")
    }
    if let sums = listed.sums { return sums }
    var sums = CellSums()
    for user in try view(of: listed.set).users() {
      sums.cells += user.sums.cells
      sums.padded += user.sums.padded
      sums.large += user.sums.large
      sums.idBytes += user.sums.idBytes
    }
    return sums
  }
}
