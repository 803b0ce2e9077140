import OfficeModel

/// A table's first row, by which rows of two tables may or may not stand under one another.
public enum TableHeader {
  /// Whether two header rows, as `DocumentCodec` frames them, name the same columns in the same order with the same
  /// separator. Quotes, blanks around a name and the line end do not matter.
  public static func agree(_ left: [UInt8], _ right: [UInt8], limits: Limits) -> Bool {
    left.withUnsafeBytes { left in
      right.withUnsafeBytes { right in
        let (left, right) = (content(of: left), content(of: right))
        let separator = TableRow.separator(of: left, limit: limits.columns)
        return separator == TableRow.separator(of: right, limit: limits.columns)
          && names(in: left, separator, limits) == names(in: right, separator, limits)
      }
    }
  }

  private static func content(of row: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var cursor = RowCursor(separator: nil)
    let end = cursor.advance(row, isEnd: true)?.content ?? row.count
    return row.slice(0..<end)
  }

  private static func names(
    in header: UnsafeRawBufferPointer, _ separator: UInt8, _ limits: Limits
  ) -> [[UInt8]] {
    TableRow.columns(of: header, separator: separator, limit: limits.columns).map {
      TableRow.value(header.slice($0))
    }
  }
}
