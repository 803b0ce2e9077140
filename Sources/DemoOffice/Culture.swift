/// A country the sample office has a site in: how people are called there and what they write.
final class Culture: Sendable {
  /// BCP 47
  let language: String
  /// The site's group: ASCII.
  let site: String
  /// As people there write it.
  let city: String
  let country: String
  let zone: Zone
  /// The country's and the city's prefix.
  let phone: String
  /// Whether the surname stands first.
  let surnameFirst: Bool
  /// Whether names are written in another script than Latin and need a reading.
  let needsReading: Bool
  let women: [Name]
  let men: [Name]
  let surnames: [Name]
  let greeting: String
  let closing: String
  let vacation: String
  let sick: String
  /// One sentence a line.
  let sentences: [String]
  let subjects: [String]
  let meetings: [String]
  let appointments: [String]
  let todos: [String]
  let places: [String]
  let streets: [String]
  let companies: [String]
  let holidays: [Holiday]

  /// A name with its ASCII form, and a third form: kana in Japanese, else a surname as women bear it.
  struct Name: Sendable {
    let text: String
    let ascii: String
    let third: String
    let thirdASCII: String
  }

  /// A day of 2026 on which nobody works.
  struct Holiday: Sendable {
    let day: Int
    let name: String
  }

  /// The tables are written one entry a line, names as `text:ascii:third:third in ASCII` with blanks between.
  init(
    _ language: String, site: String, city: String, country: String, zone: Zone, phone: String,
    surnameFirst: Bool = false, needsReading: Bool = false, women: String, men: String,
    surnames: String, greeting: String, closing: String, vacation: String, sick: String,
    sentences: String, subjects: String, meetings: String, appointments: String, todos: String,
    places: String, streets: String, companies: String, holidays: String
  ) {
    self.language = language
    self.site = site
    self.city = city
    self.country = country
    self.zone = zone
    self.phone = phone
    self.surnameFirst = surnameFirst
    self.needsReading = needsReading
    self.women = Culture.names(women)
    self.men = Culture.names(men)
    self.surnames = Culture.names(surnames)
    self.greeting = greeting
    self.closing = closing
    self.vacation = vacation
    self.sick = sick
    self.sentences = Culture.lines(sentences)
    self.subjects = Culture.lines(subjects)
    self.meetings = Culture.lines(meetings)
    self.appointments = Culture.lines(appointments)
    self.todos = Culture.lines(todos)
    self.places = Culture.lines(places)
    self.streets = Culture.lines(streets)
    self.companies = Culture.lines(companies)
    self.holidays = Culture.lines(holidays).map { line in
      let parts = line.split(separator: " ", maxSplits: 2)
      let month = Int(parts[0]) ?? 1
      return Holiday(
        day: DemoYear.day(month: month, day: Int(parts[1]) ?? 1), name: String(parts[2]))
    }
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  private static func names(_ text: String) -> [Name] {
    text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { entry in
      let parts = entry.split(separator: ":").map(String.init)
      let ascii = parts.count > 1 ? parts[1] : parts[0].lowercased()
      let third = parts.count > 2 ? parts[2] : parts[0]
      return Name(
        text: parts[0], ascii: ascii, third: third,
        thirdASCII: parts.count > 3 ? parts[3] : parts.count > 2 ? third.lowercased() : ascii)
    }
  }

  /// All sites; a user's is given by the index. The first two are those of alice and bob.
  static let all: [Culture] = [
    german, english, japanese, french, russian, arabic, polish, chinese, brazilian, greek, turkish,
    indian, mexican,
  ]
}
