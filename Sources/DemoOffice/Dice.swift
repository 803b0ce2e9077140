/// Random numbers that depend on what they are thrown for and on nothing else (SplitMix64).
struct Dice {
  private var state: UInt64

  /// The same dice for the same seed, purpose and numbers.
  init(_ seed: UInt64, _ purpose: Purpose, _ first: Int = 0, _ second: Int = 0) {
    var value = Dice.mix(seed ^ 0x6F66_6669_6365_6673)
    value = Dice.mix(value &+ purpose.rawValue &* 0x9E37_79B9_7F4A_7C15)
    value = Dice.mix(value ^ UInt64(bitPattern: Int64(first)))
    state = Dice.mix(value &+ UInt64(bitPattern: Int64(second)) &* 0xD6E8_FEB8_6659_FD93)
  }

  /// What a throw decides; each purpose has its own numbers.
  enum Purpose: UInt64 {
    case person = 1
    case contact, contacts, identifier, teamEvent, officeEvent, ownEvent, todo, timesheet
    case whereabouts, message, thread, folder, time, webmail, newsletter, attachment, card
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Dice.mix(state)
  }

  /// A number from 0 up to, not including, `bound`; 0 if that is not positive.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True once in `count` throws.
  mutating func once(in count: Int) -> Bool { below(count) == 0 }

  /// One of the choices, which must not be empty.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

  /// A permutation of all 64-bit numbers: different numbers stay different.
  static func mix(_ number: UInt64) -> UInt64 {
    var value = number
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
