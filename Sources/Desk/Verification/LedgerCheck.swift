internal import Records
internal import Register
internal import Text

/// The ledger by itself: does each line follow the one before, and do its commitments hold what the register says they hold?
struct LedgerCheck {
  private static let chunk = 2_048

  private(set) var result: Verification.Result = .fits(0)
  /// The last line that was read.
  private var head: LedgerHead?
  /// Whether the register was ever restored from a backup.
  private(set) var isRestored = false
  /// The first line without openings that came from the files, if no restore explains it.
  private var unopened: Int64?
  /// The lines that lost openings when a person was forgotten, as the ledger says.
  private let forgotten: ForgottenParts
  /// What the last line about each part of the account list says of its files, by the part's name.
  private(set) var published: [String: [String: Commitment]] = [:]

  init(_ register: Register, progress: (Int) -> Void) throws {
    forgotten = ForgottenParts(try register.forgottenLines().compactMap { LedgerLine($0.text) })
    var chain = LedgerChain()
    var count = 0
    while true {
      let lines = try register.ledger(after: Int64(count), limit: Self.chunk)
      for line in lines {
        if let fault = check(line, &chain) {
          result = fault
          return
        }
        count += 1
      }
      progress(count)
      if lines.count < Self.chunk { break }
    }
    head = chain.head
    result = try unopened.map(Self.unopened) ?? Self.missing(register) ?? .fits(count)
  }

  /// What was published since.
  mutating func hearMore(_ register: Register) throws {
    var chain = LedgerChain(after: head)
    for line in try register.ledger(after: head?.sequence ?? 0, limit: 100_000) { _ = check(line, &chain) }
  }

  private static func unopened(_ sequence: Int64) -> Verification.Result {
    .differs(
      what: "what line \(sequence) of the ledger speaks of is not in the register any more",
      meaning: "somebody removed the salts and values of its commitments, so that nothing can be compared with it")
  }

  private static func missing(_ register: Register) throws -> Verification.Result? {
    if let line = try register.ledgerOfNoRequest(), let number = LedgerLine(line.text)?.number {
      return .differs(
        what: "request \(number) stands in the ledger (line \(line.sequence)), and the register has no such request",
        meaning: "somebody took it out of the register; restore a backup (buzon restore) and look at what it was")
    }
    return nil
  }

  private mutating func check(_ line: StoredLedgerLine, _ chain: inout LedgerChain) -> Verification.Result? {
    let place = "line \((chain.head?.sequence ?? 0) + 1) of the ledger"
    switch chain.take(line.text) {
    case nil: break
    case .unreadable:
      return .differs(
        what: "\(place) is not as Buzón writes lines", meaning: "it was changed by hand, or the disk failed")
    case .misplaced(let expected, let found):
      return .differs(
        what: "line \(expected) of the ledger is missing; line \(found) stands in its place",
        meaning: "lines were taken out or put in")
    case .broken:
      return .differs(
        what: "\(place) does not follow the line before it",
        meaning: "the line before was changed after it had been written, or this one was put in")
    }
    guard line.hash == chain.head?.hash else {
      return .differs(what: "the stored hash of \(place) is not its hash", meaning: "the register was changed by hand")
    }
    guard let parsed = LedgerLine(line.text) else { return nil }
    for (name, commitment) in line.openings where parsed.fields[name] != commitment.digest {
      return .differs(
        what: "\(place) does not speak of the \(name) that the register has for it",
        meaning: "the value was changed in the register after the line had been written")
    }
    let committed = parsed.fields.filter { $0.value.utf8.count == 64 && $0.key != "part" }
    if committed.keys.contains(where: { line.openings[$0] == nil }), !forgotten.hasClosed(parsed) {
      // After a restore they are lost of the lines that came from the files; those are about no request that is known.
      if line.request != nil { return Self.unopened(parsed.sequence) }
      unopened = unopened ?? parsed.sequence
    }
    if parsed.event == "restored" {
      isRestored = true
      unopened = nil
    }
    if parsed.event == "published", let part = parsed.fields["part"] { published[part] = line.openings }
    return nil
  }
}
