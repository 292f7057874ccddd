import Support
import Text

@testable import Forms

/// Random requests that the rules of the tests accept, with text that breaks careless writers. The same for the same seed.
struct RandomRequests {
  private var random: SeededGenerator
  private var given = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func request() -> Request {
    given = 0
    let atomic = chance(4)
    return Request(
      form: chance(2) ? "FT-GTI-006" : nil, number: number(), department: text(),
      requester: Request.Requester(name: text(), address: chance(2) ? address() : nil),
      approval: Request.Approval(
        by: text(), date: day(from: "2026-11-01", 21), reference: chance(2) ? text(most: 256) : nil),
      atomic: atomic, changes: (0...below(6)).map { _ in change(atomic: atomic) })
  }

  // MARK: Changes

  private mutating func change(atomic: Bool) -> Change {
    switch below(6) {
    case 0, 1: .create(create())
    case 2, 3: .modify(modify(atomic: atomic))
    case 4: .adopt(Change.Adopt(address: address()))
    default:
      .delete(
        Change.Delete(
          address: address(), reason: chance(2) ? text(most: 256) : nil, immediately: atomic ? false : chance(3)))
    }
  }

  private mutating func create() -> Change.Create {
    let kind = Kind.allCases[below(3)]
    var create = Change.Create(
      address: address(), kind: kind, name: kind == .person ? .person(given: text(), family: text()) : .display(text()))
    if kind == .person, chance(2) { create.document = word(of: "0123456789ABCabc.- ", most: 32) }
    if kind != .list {
      if chance(2) { create.position = text() }
      if chance(2) { create.phone = word(of: "0123456789abcXYZ'()+,-./:=? ", most: 64) }
      create.forward = several { $0.external() }
      if chance(2) { create.keepCopy = create.forward.isEmpty ? true : chance(2) }
      if chance(2) { create.quota = ByteCount(bytes: UInt64.random(in: 1...(1 << 62), using: &random)) }
    } else {
      create.members = several { $0.external() }
    }
    if chance(2) { create.department = text() }
    if kind != .person || chance(2) { create.owner = address() }
    create.aliases = several { $0.address() }
    create.lists = several { $0.address() }
    if chance(2) { create.expires = day(from: "2026-11-22", 100_000) }
    return create
  }

  private mutating func modify(atomic: Bool) -> Change.Modify {
    var modify = Change.Modify(address: address())
    if !atomic, chance(6) {
      modify.reset = .password
      return modify
    }
    var fields = Change.Fields()
    if chance(3) { fields.address = address() }
    if chance(3) { fields.status = chance(2) ? .active : .suspended }
    if chance(3) { fields.name = chance(2) ? .person(given: text(), family: text()) : .display(text()) }
    if chance(3) { fields.department = text() }
    fields.document = setting { $0.word(of: "0123456789ABC.-", most: 32) }
    fields.position = setting { $0.text() }
    fields.phone = setting { $0.word(of: "0123456789'()+:", most: 64) }
    fields.owner = setting { $0.address() }
    fields.keepCopy = setting { $0.chance(2) }
    fields.quota = setting {
      ByteCount(bytes: UInt64(1 + $0.below(1000)) << 30) ?? ByteCount(parsing: "1 B") ?? $0.quota
    }
    fields.expires = setting { $0.day(from: "2026-11-22", 1000) }
    fields.aliases = listSetting { $0.address() }
    fields.forward = listSetting { $0.external() }
    fields.lists = listSetting { $0.address() }
    fields.members = listSetting { $0.external() }
    if fields.forward.replacement?.isEmpty == true { fields.keepCopy = .keep }
    if fields == Change.Fields() { fields.position = .clear }
    modify.fields = fields
    return modify
  }

  private var quota: ByteCount {
    guard let quota = ByteCount(bytes: 1) else { preconditionFailure("one byte is a size") }
    return quota
  }

  private mutating func setting<Value>(_ value: (inout Self) -> Value) -> Change.Setting<Value> {
    switch below(4) {
    case 0: .clear
    case 1: .set(value(&self))
    default: .keep
    }
  }

  private mutating func listSetting<Value>(_ value: (inout Self) -> Value) -> Change.ListSetting<Value> {
    switch below(4) {
    case 0: .init(replacement: several(value))
    case 1: .init(added: several(value), removed: several(value))
    default: .init()
    }
  }

  private mutating func several<Value>(_ value: (inout Self) -> Value) -> [Value] {
    (0..<[0, 0, 1, 2, 3, 12][below(6)]).map { _ in value(&self) }
  }

  // MARK: Values

  private mutating func chance(_ of: Int) -> Bool { below(of) == 0 }
  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  /// Each is given once.
  private mutating func address() -> Address {
    given += 1
    let locals = ["a", "null", "no", "0x1f", "1e3", "true", "-x", "_y", "12.34", "maria.lopez"]
    guard
      let address = Address("\(locals[below(locals.count)])\(given)@\(chance(2) ? "example.org" : "putumayo.gov.co")")
    else { preconditionFailure("an address") }
    return address
  }

  private mutating func external() -> ExternalAddress {
    given += 1
    let locals = ["!#$%&'*+-/=?^_`{|}~", "*x", "&y", "a", "#", "{b}", "-", "?", "|", "%z"]
    guard let address = ExternalAddress("\(locals[below(locals.count)])\(given)@example.com") else {
      preconditionFailure("an address")
    }
    return address
  }

  private mutating func number() -> String {
    ["2026-0142", "0142", "1e3", "2026-11-21", "1_000", "0x1F", "null", "12.5", "A", "1-2-3", "no", "7"][below(12)]
  }

  private mutating func day(from first: String, _ days: Int) -> Day {
    guard let day = Day(parsing: first)?.adding(days: below(days)) else { preconditionFailure("a day") }
    return day
  }

  private mutating func word(of letters: String, most: Int) -> String {
    let letters = Array(letters.unicodeScalars)
    var word = "\(below(10))"
    for _ in 0..<below(most - 1) { word.unicodeScalars.append(letters[below(letters.count)]) }
    return word + "7"
  }

  private static let pieces = [
    "\"", "'", "\\", ": ", ":", " #", "#", "- ", "-", "--", "? ", "?", "!", "&", "*", "%", "@", "`", "|", ">", "{", "}",
    "[", "]", ", ", ",", "<<", "=", "~", "null", "true", "no", "Yes", "on", "0x1F", "1e3", "1:30", "12", ".5",
    "2026-11-21",
    "010", "+1", ".inf", "...", "---", "\\n", "\\u0041", " ", "  ", "a", "ñ", "É", "María", "قسم", "שלום", "部門", "👩🏽‍💻",
    "😀",
    "\u{A0}", "\u{3000}", "q\u{0323}\u{0307}", "한국", "x\u{301}", "Z",
  ]

  /// A line of text that a form may hold.
  mutating func text(most: Int = 128) -> String {
    while true {
      var text = ""
      for _ in 0...(chance(10) ? 200 : below(6)) { text += Self.pieces[below(Self.pieces.count)] }
      text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(most)))
      let isGood = Array(text.utf8).withUnsafeBufferPointer {
        NormalForm.isComposed($0) && TextFault.first(in: $0, most: most) == nil
      }
      if isGood { return text }
    }
  }
}
