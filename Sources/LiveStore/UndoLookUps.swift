import ItemStore
import OfficeModel

// One indexed read each, for the mount's look-ups.

extension LiveStore {
  /// The folder of `undo/` of that name; nil if there is none.
  public func undoGroup(named name: String) throws(OfficeError) -> UndoGroup? {
    try items.read { connection throws(OfficeError) in
      try UndoTable.group(named: name, in: connection)
    }
  }

  /// The folder of that number; nil if it is gone.
  public func undoGroup(_ number: Int64) throws(OfficeError) -> UndoGroup? {
    try items.read { connection throws(OfficeError) in
      try UndoTable.group(number, in: connection)
    }
  }

  /// The file of that number; nil if it is gone.
  public func undoFile(_ number: Int64) throws(OfficeError) -> UndoFile? {
    try items.read { connection throws(OfficeError) in
      try UndoTable.file(number, in: connection)
    }
  }

  /// A user's file in a folder; nil if there is none.
  public func undoFile(of group: Int64, named id: UserID) throws(OfficeError) -> UndoFile? {
    try items.read { connection throws(OfficeError) in
      try UndoTable.file(of: group, named: id, in: connection)
    }
  }
}
