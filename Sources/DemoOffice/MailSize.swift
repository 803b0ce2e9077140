/// How large messages are: few long ones, many short ones.
enum MailSize {
  /// Percents of the mean; each four have it as their own mean.
  private static let percents = [
    50, 160, 70, 120, 35, 100, 55, 210, 90, 80, 60, 170, 45, 260, 55, 40,
  ]

  /// What a head (From_ line, flags) takes of a message, about.
  static let head = 120

  /// The size that is aimed at for the message at a place in the mailbox, and whether most of it is an attachment.
  static func target(_ slot: Int, mean: Int, head: Int = MailSize.head) -> (
    size: Int, isLarge: Bool
  ) {
    let percent = percents[slot & 15]
    // Headers can't shrink, so small means leave less room for differences.
    let room = min(max(mean - 1_000, 0), 2_000)
    let size = mean + mean / 100 * (percent - 100) * room / 2_000
    return (max(0, size - head), percent >= 120 || size > 32 << 10)
  }
}
