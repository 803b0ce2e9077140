/// A user's address list and directory entry as vCards (RFC 6350).
struct CardDocument {
  private let world: World
  private let person: Person

  init(_ world: World, _ index: Int) {
    self.world = world
    person = world.person(index)
  }

  private struct Entry {
    let kind: World.Kind
    let number: Int
    let bits: (UInt64, UInt64)

    /// The bits of a UUID that are not fixed by its version and variant.
    init(_ kind: World.Kind, _ number: Int, _ identifier: UInt64) {
      self.kind = kind
      self.number = number
      bits = (identifier & ~0xF000, Dice.mix(identifier) & ~(0xF << 60))
    }
  }

  /// Business partners, whose cards are the same for all who have them, and private ones.
  func writeAddresses(to out: inout ByteWriter) {
    var dice = Dice(world.seed, .contacts, person.index)
    let pool = max(150, world.settings.users / 4)
    var numbers = (0..<10 + dice.below(16)).map { _ in dice.below(pool) }
    numbers.sort()
    var entries: [Entry] = []
    var last = -1
    for number in numbers where number != last {
      last = number
      let identifier = world.identifier(.partnerCard, owner: 0, number: number)
      entries.append(Entry(.partnerCard, number, identifier))
    }
    for number in 0..<3 {
      let identifier = world.identifier(.privateCard, owner: person.index, number: number)
      entries.append(Entry(.privateCard, number, identifier))
    }
    entries.sort { $0.bits < $1.bits }
    for entry in entries {
      if entry.kind == .partnerCard {
        let partner = Partner(world, entry.number)
        write(partner.person, entry, organization: partner.company, partner.email, to: &out)
      } else {
        var dice = Dice(world.seed, .card, person.index, entry.number)
        let friend = Person(outside: entry.number, &dice)
        write(friend, entry, organization: nil, "\(friend.id)@mail.example", to: &out)
      }
    }
  }

  func writeDirectory(to out: inout ByteWriter) {
    let identifier = world.identifier(.userCard, owner: person.index, number: 0)
    let groups = world.groups(of: person)
    write(
      person, Entry(.userCard, 0, identifier), organization: "Office;\(groups[0])", person.email,
      to: &out)
  }

  private func write(
    _ person: Person, _ entry: Entry, organization: String?, _ email: String,
    to out: inout ByteWriter
  ) {
    var dice = Dice(entry.bits.0, .card)
    let culture = person.culture
    out.content("BEGIN", "VCARD")
    out.content("VERSION", "4.0")
    out.put("UID:urn:uuid:")
    out.put(uuid: entry.bits)
    out.end()
    out.content("FN", text: person.name)
    name(of: person, to: &out)
    if let organization {
      out.content("ORG", organization.replacingCommas)
      out.content("TEL;TYPE=\"work,voice\";VALUE=uri", "tel:\(person.phone.replacingBlanks)")
      out.content("LANG", culture.language)
      out.content(
        "ADR;TYPE=work",
        ";;\(dice.pick(culture.streets).replacingCommas);\(culture.city);;;\(culture.country)")
    } else {
      out.content("TEL;TYPE=cell;VALUE=uri", "tel:\(person.phone.replacingBlanks)")
      out.put("BDAY:")
      out.put(day: DemoYear.firstDay - 6_000 - dice.below(16_000))
      out.end()
    }
    out.content("EMAIL", email)
    if entry.kind == .userCard {
      out.content("TZ", culture.zone.name)
      out.content("URL", "https://people.\(Person.domain)/\(person.id)")
      out.content("CATEGORIES", world.groups(of: person).joined(separator: ","))
      if dice.once(in: 2) { out.content("PHOTO", "data:image/png;base64,\(CardDocument.dot)") }
    } else if dice.once(in: 3) {
      out.content("NOTE", text: culture.sentences.shuffledText(2, &dice))
    }
    out.content("REV", "20260101T090000Z")
    out.content("END", "VCARD")
  }

  private func name(of person: Person, to out: inout ByteWriter) {
    let start = out.bytes.count
    out.put("N")
    if person.culture.needsReading {
      out.put(";SORT-AS=\"\(person.sortParts.surname),\(person.sortParts.given)\"")
    }
    out.put(":")
    out.put(escaped: person.surname)
    out.put(";")
    out.put(escaped: person.givenName)
    out.put(";;;")
    out.endFolded(from: start)
    if person.culture.language == "ja" {
      out.content("X-PHONETIC-LAST-NAME", person.sortParts.surname)
      out.content("X-PHONETIC-FIRST-NAME", person.sortParts.given)
    }
  }

  /// A picture of one pixel.
  private static let dot =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
}

/// Somebody at another company whom several users know.
struct Partner {
  let person: Person
  let company: String
  let email: String

  init(_ world: World, _ number: Int) {
    var dice = Dice(world.seed, .contact, number)
    person = Person(outside: number, &dice)
    company = dice.pick(person.culture.companies)
    email = "\(person.id)@partner\(number % 97).example"
  }
}

extension String {
  /// The text with its commas escaped, as one component of a structured value.
  fileprivate var replacingCommas: String {
    split(separator: ",", omittingEmptySubsequences: false).joined(separator: "\\,")
  }

  /// The text with hyphens for blanks.
  fileprivate var replacingBlanks: String { split(separator: " ").joined(separator: "-") }
}
