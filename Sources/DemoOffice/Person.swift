import OfficeModel

/// Who a user is: derived from the seed and the index alone.
struct Person: Sendable {
  let index: Int
  let culture: Culture
  let id: String
  let givenName: String
  let surname: String
  /// As it is written in the person's country.
  let name: String
  /// Kana or Latin letters where the name needs them, else empty.
  let reading: String
  /// The parts of `reading`, surname first, for sorting.
  let sortParts: (surname: String, given: String)
  let phone: String

  var email: String { "\(id)@\(Person.domain)" }

  static let domain = "office.example"

  /// The user at an index.
  init(_ index: Int, of seed: UInt64) {
    let culture = Culture.all[index % Culture.all.count]
    let place = index / Culture.all.count
    let (choice, round) = NameChoice.pick(place, in: culture, seed: seed)
    var id = choice.id(in: culture)
    if round > 0 { id += String(round + 1) }
    var given = choice.given.text
    if let pioneer = Person.pioneer(index) {
      id = pioneer.lowercased()
      given = pioneer
    }
    var dice = Dice(seed, .person, index)
    self.init(index: index, culture: culture, choice: choice, given: given, id: id, &dice)
  }

  /// Somebody outside the office whose names and telephone are thrown.
  init(outside number: Int, _ dice: inout Dice) {
    let culture = dice.pick(Culture.all)
    let choice = NameChoice(
      given: dice.below(NameChoice.count(of: culture)), surname: dice.below(culture.surnames.count),
      in: culture)
    let id = "\(choice.given.ascii).\(choice.surnameASCII)"
    self.init(
      index: number, culture: culture, choice: choice, given: choice.given.text, id: id, &dice)
  }

  private init(
    index: Int, culture: Culture, choice: NameChoice, given: String, id: String,
    _ dice: inout Dice
  ) {
    self.index = index
    self.culture = culture
    self.id = id
    givenName = given
    surname = choice.surname
    name = culture.surnameFirst ? "\(choice.surname) \(given)" : "\(given) \(choice.surname)"
    if culture.needsReading {
      let hasKana = culture.language == "ja"
      let parts =
        hasKana
        ? (choice.surnameReading, choice.given.third)
        : (Person.capitalized(choice.surnameASCII), Person.capitalized(choice.given.ascii))
      sortParts = parts
      reading = culture.surnameFirst ? "\(parts.0) \(parts.1)" : "\(parts.1) \(parts.0)"
    } else {
      sortParts = ("", "")
      reading = ""
    }
    phone = "\(culture.phone) 555 \(1_000 + dice.below(9_000))"
  }

  /// The first two users are called as in every example.
  private static func pioneer(_ index: Int) -> String? {
    switch index {
    case 0: "Alice"
    case 1: "Bob"
    default: nil
    }
  }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}

/// A given name and a surname that go together.
struct NameChoice {
  let given: Culture.Name
  let surname: String
  let surnameASCII: String
  let surnameReading: String
  private let number: Int

  static func count(of culture: Culture) -> Int { culture.women.count + culture.men.count }

  init(given number: Int, surname surnameNumber: Int, in culture: Culture) {
    let isWoman = number < culture.women.count
    given = isWoman ? culture.women[number] : culture.men[number - culture.women.count]
    let entry = culture.surnames[surnameNumber]
    let isFeminine = isWoman && culture.language != "ja"
    surname = isFeminine ? entry.third : entry.text
    surnameASCII = isFeminine ? entry.thirdASCII : entry.ascii
    surnameReading = entry.third
    self.number = number
  }

  /// The names of the person at a place in a culture, and how many have had the same before.
  ///
  /// INVARIANT: different places give different pairs until all were had: the stride is coprime to their count.
  static func pick(_ place: Int, in culture: Culture, seed: UInt64) -> (NameChoice, round: Int) {
    let givenNames = count(of: culture)
    let pairs = givenNames * culture.surnames.count
    var stride = Int(Dice.mix(seed &+ 77) % UInt64(pairs)) | 1
    while gcd(stride, pairs) != 1 { stride += 2 }
    let pair = place % pairs * stride % pairs
    let given = pair % givenNames
    let surname = (pair / givenNames + given) % culture.surnames.count
    return (NameChoice(given: given, surname: surname, in: culture), place / pairs)
  }

  /// `y.tanaka` where the country writes so and it is clear who that is, else `yuki.tanaka`.
  func id(in culture: Culture) -> String {
    guard culture.needsReading else { return "\(given.ascii).\(surnameASCII)" }
    let initial = given.ascii.utf8.first
    let isAmbiguous = (culture.women + culture.men).prefix(number).contains {
      $0.ascii.utf8.first == initial
    }
    if !isAmbiguous {
      return "\(given.ascii.prefix(1)).\(surnameASCII)"
    }
    return "\(given.ascii).\(surnameASCII)"
  }

  private static func gcd(_ left: Int, _ right: Int) -> Int {
    var (larger, smaller) = (left, right)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }
}
