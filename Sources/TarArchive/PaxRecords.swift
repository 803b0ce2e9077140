/// What a pax header says that matters to us (POSIX.1-2001 pax(1), "pax Extended Header").
struct PaxRecords {
  var path: [UInt8]?
  var size: Int64?
  /// Brought into `TarLayout.times`, whole seconds.
  var mtime: Int64?

  /// Records are `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.
  init(_ raw: UnsafeRawBufferPointer) throws(TarFault) {
    var rest = raw[...]
    while !rest.isEmpty {
      let digits = rest.prefix(11).prefix { PaxRecords.digits.contains($0) }
      guard let length = PaxRecords.decimal(digits), length > digits.count + 3,
        length <= rest.count
      else { throw .damaged("a record of its pax header has a wrong length") }
      let record = rest.prefix(Int(length)).dropFirst(digits.count)
      rest = rest.dropFirst(Int(length))
      let body = record.dropFirst().dropLast()
      guard record.first == UInt8(ascii: " "), record.last == UInt8(ascii: "\n"),
        let equals = body.firstIndex(of: UInt8(ascii: "=")), equals > body.startIndex
      else { throw .damaged("a record of its pax header is malformed") }
      try take(key: body[..<equals], value: body[(equals + 1)...])
    }
  }

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  private typealias Bytes = Slice<UnsafeRawBufferPointer>

  private mutating func take(key: Bytes, value: Bytes) throws(TarFault) {
    if key.elementsEqual("path".utf8) {
      guard path == nil else { throw .damaged("its pax header names it twice") }
      path = Array(value)
    } else if key.elementsEqual("size".utf8) {
      guard size == nil, let number = PaxRecords.decimal(value) else {
        throw .damaged("its pax header states a size that is none")
      }
      size = number
    } else if key.elementsEqual("mtime".utf8) {
      mtime = try PaxRecords.time(value)
    } else if key.starts(with: "GNU.sparse.".utf8) || key.elementsEqual("SCHILY.realsize".utf8)
      || key.elementsEqual("SUN.holesdata".utf8)
    {
      throw .unsupported(TarKind.refusal(of: UInt8(ascii: "S")))
    }
  }

  /// Digits without a leading zero; nil for anything else and for what Int64 can't hold.
  private static func decimal(_ digits: Bytes) -> Int64? {
    guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
      return nil
    }
    var value: Int64 = 0
    for byte in digits {
      guard PaxRecords.digits.contains(byte) else { return nil }
      let (tens, lost) = value.multipliedReportingOverflow(by: 10)
      let (sum, over) = tens.addingReportingOverflow(Int64(byte & 15))
      guard !lost, !over else { return nil }
      value = sum
    }
    return value
  }

  /// `SECONDS[.FRACTION]`, rounded down; before 1970 is 1970.
  private static func time(_ value: Bytes) throws(TarFault) -> Int64 {
    let isNegative = value.first == UInt8(ascii: "-")
    let magnitude = isNegative ? value.dropFirst() : value
    let whole = magnitude.prefix { $0 != UInt8(ascii: ".") }
    let fraction = magnitude.dropFirst(whole.count + 1)
    guard let seconds = decimal(whole),
      fraction.allSatisfy({ PaxRecords.digits.contains($0) })
    else { throw .damaged("its pax header states a time that is none") }
    return isNegative ? TarLayout.times.lowerBound : min(seconds, TarLayout.times.upperBound)
  }
}
