import OfficeModel

/// A user's mail from outside: letters of business partners and newsletters.
struct WebmailDocument {
  private let world: World
  private let person: Person
  private let count: Int

  init(_ world: World, _ index: Int) {
    self.world = world
    person = world.person(index)
    count = (world.settings.messages + 3) / 4
  }

  /// What Received and the other lines of a head take, about.
  private static let head = 360

  func write(to out: inout ByteWriter, _ sink: MailWriter.Sink) throws(OfficeError) {
    var entries = (0..<count).map { number in
      // Every fourth is a newsletter, which has the same bytes for all its readers.
      let isNewsletter = number % 4 == 3
      let identifier =
        isNewsletter
        ? world.identifier(.newsletter, owner: 0, number: number)
        : world.identifier(.letter, owner: person.index, number: number)
      var dice = Dice(world.seed, .webmail, isNewsletter ? -1 : person.index, number)
      let share = (number * 64 + dice.below(64)) * 1_024 / max(1, count)
      let moment = DemoYear.officeHours(share: share, &dice)
      return (moment: moment, identifier: identifier, number: number, isNewsletter: isNewsletter)
    }
    entries.sort { ($0.moment, $0.identifier) < ($1.moment, $1.identifier) }
    var writer = MailWriter(seed: world.seed)
    for entry in entries {
      let slot = MailSize.target(
        entry.number, mean: world.settings.messageBytes, head: WebmailDocument.head)
      var dice = Dice(world.seed ^ entry.identifier, .newsletter)
      let partner = Partner(world, dice.below(150))
      let culture = entry.isNewsletter ? partner.person.culture : person.culture
      let list = "news@partner\(dice.below(97)).example"
      let sender = entry.isNewsletter ? list : partner.email
      let name = entry.isNewsletter ? partner.company : partner.person.name
      let receiver =
        entry.isNewsletter
        ? Mail.Correspondent(name: "", address: list) : Mail.Correspondent(person)
      let mail = Mail(
        moment: entry.moment, identifier: entry.identifier,
        from: Mail.Correspondent(name: name.withoutSpecials, address: sender), to: [receiver],
        culture: culture, signature: partner.person.name,
        subject: dice.pick(culture.subjects), size: slot.size,
        headers: entry.isNewsletter ? [("List-Id", "<\(list)>"), ("Precedence", "bulk")] : [],
        attachment: slot.isLarge ? .scan : .none, hasHTML: !slot.isLarge && dice.once(in: 3))
      try writer.write(mail, delivery(of: mail, sender), to: &out, sink)
    }
  }

  private func delivery(of mail: Mail, _ sender: String) -> Delivery {
    var dice = Dice(world.seed ^ mail.identifier, .folder, person.index)
    var date = ByteWriter()
    date.put(mailDate: mail.moment, in: person.culture.zone)
    let time = String(decoding: date.bytes, as: UTF8.self)
    let host = sender.split(separator: "@").last.map(String.init) ?? sender
    let end = mail.usesCRLF ? "\r\n" : "\n"
    let isUnread = dice.once(in: 4)
    return Delivery(
      folder: dice.pick(["Inbox", "Inbox", "Archive", "Customers"]),
      status: isUnread ? "O" : "RO", flags: isUnread ? "" : dice.pick(["", "A", "F"]),
      envelope: sender,
      trace: [
        ("Return-Path", "<\(sender)>"), ("Delivered-To", person.email),
        (
          "Received",
          "from mx.\(host) (mx.\(host) [192.0.2.\(1 + dice.below(250))])\(end)\tby mail.\(Person.domain) with ESMTPS\(end)\tfor <\(person.email)>; \(time)"
        ),
      ])
  }
}

extension String {
  /// The text without what a display name would have to be quoted for.
  fileprivate var withoutSpecials: String {
    String(filter { !",;:.\"@<>()[]\\".contains($0) })
  }
}
