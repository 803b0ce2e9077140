import OfficeModel

/// A user's mailbox inside the office: threads with the team and with colleagues, announcements, memos, notices.
struct MessagesDocument {
  private let world: World
  private let index: Int
  private let team: Team
  private let people: [Person]
  private let counts: Counts
  private let plan: TeamMail

  init(_ world: World, _ index: Int) {
    self.world = world
    self.index = index
    team = world.team(of: index)
    people = team.members.map { world.person($0) }
    counts = Counts(world.settings.messages)
    plan = TeamMail(world, team, people)
  }

  /// How many of each kind a mailbox holds.
  struct Counts {
    let announcements: Int
    let team: Int
    let pairs: Int
    let memos: Int
    let notices: Int

    init(_ messages: Int) {
      announcements = messages / 16
      team = messages * 3 / 10
      pairs = messages * 4 / 10
      memos = messages / 10
      notices = messages - announcements - team - pairs - memos
    }
  }

  private struct Entry {
    let moment: Int
    let identifier: UInt64
    let kind: World.Kind
    let number: Int
  }

  func write(to out: inout ByteWriter, _ sink: MailWriter.Sink) throws(OfficeError) {
    var writer = MailWriter(seed: world.seed)
    for entry in entries() {
      let mail = mail(entry.kind, entry.number)
      try writer.write(mail, delivery(of: mail, entry.kind), to: &out, sink)
    }
  }

  /// Sorted by time and Message-ID. INVARIANT: all Message-IDs are as long, so their order is that of the numbers.
  private func entries() -> [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(world.settings.messages)
    let kinds: [(World.Kind, Int)] = [
      (.announcement, counts.announcements), (.teamMail, counts.team), (.pairMail, counts.pairs),
      (.memo, counts.memos), (.notice, counts.notices),
    ]
    for (kind, count) in kinds {
      for number in 0..<count {
        entries.append(
          Entry(
            moment: plan.moment(kind, number, of: count, index),
            identifier: plan.identifier(kind, number, index), kind: kind, number: number))
      }
    }
    entries.sort { ($0.moment, $0.identifier) < ($1.moment, $1.identifier) }
    return entries
  }

  private func mail(_ kind: World.Kind, _ number: Int) -> Mail {
    switch kind {
    case .announcement: return plan.announcement(number, of: counts.announcements)
    case .teamMail:
      return plan.teamMail(number, of: counts.team, slot: counts.announcements + number)
    case .pairMail:
      let slot = counts.announcements + counts.team + number
      return plan.pairMail(number, of: counts.pairs, slot: slot, index)
    case .memo:
      let slot = counts.announcements + counts.team + counts.pairs + number
      return plan.memo(number, of: counts.memos, slot: slot, index)
    default:
      let slot = world.settings.messages - counts.notices + number
      return plan.notice(number, of: counts.notices, slot: slot, index)
    }
  }

  private func delivery(of mail: Mail, _ kind: World.Kind) -> Delivery {
    var dice = Dice(world.seed ^ mail.identifier, .folder, index)
    let isOwn = mail.from.address == people[index - team.members.lowerBound].email
    let folder =
      if isOwn {
        "Sent"
      } else if kind == .memo {
        "Phone memos"
      } else {
        dice.pick(["Inbox", "Inbox", "Inbox", "Archive", "Projects"])
      }
    let isUnread = !isOwn && folder == "Inbox" && dice.once(in: 5)
    let flags = isUnread || isOwn ? "" : dice.pick(["", "", "A", "F", "AF"])
    return Delivery(
      folder: folder, status: isUnread ? "O" : "RO", flags: flags, envelope: mail.from.address)
  }
}
