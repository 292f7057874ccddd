import Forms
import LDAP
import Support
import Testing

@testable import Accounts

/// Our answers and the directory's telling come in any order, some tellings never: what the mirror has in the end is the
/// same, and what was changed outside Buzón is found whenever it happened.
@Suite("The mirror, whatever comes first") struct MirrorPropertyTests {
  @Test("Ten thousand walks end with the entry as it is, and with its drift", arguments: 0..<10)
  func walks(_ part: UInt64) throws {
    for seed in part * 1_000..<(part + 1) * 1_000 {
      var random = SeededGenerator(seed: seed)
      var world = try MirrorWorld()
      for _ in 0..<Int.random(in: 1...14, using: &random) { try world.step(&random) }
      try world.settle()
      #expect(try world.faults() == [], "seed \(seed): \(world.story)")
    }
  }

  @Test("A rule that is broken on purpose is found")
  func sabotage() throws {
    let isFound = try (0..<1_000).contains { seed in
      var random = SeededGenerator(seed: UInt64(seed))
      var world = try MirrorWorld()
      world.isSabotaged = true
      for _ in 0..<14 { try world.step(&random) }
      try world.settle()
      return try !world.faults().isEmpty
    }
    #expect(isFound)
  }
}

/// One entry, the one who writes it for us, others who do, and what is still on its way to the mirror.
private struct MirrorWorld {
  private struct State {
    var title = "Jefa"
    var phone = "1"
    var stamp = "1#0"
    var csn = 10
  }
  private enum Telling {
    case seen(EntrySnapshot)
    case gone(csn: String)
  }
  private enum Answer {
    case written(EntrySnapshot, ManagedValues, stamp: String)
    case removed
  }

  private static let uuid = Fixture.uuid
  private var model = MirrorModel()
  /// The entry in the directory.
  private var entry: State? = State()
  /// The entry as the procedure left it.
  private var standard: State? = State()
  private var csn = 10
  private var tellings: [Telling] = []
  private var answer: Answer?
  private var hasOthers = false
  private(set) var story: [String] = []
  /// An image of a change whose outcome isn't known yet is judged all the same.
  var isSabotaged = false

  init() throws {
    model.origins["1#0"] = .open
    model.apply(
      try judgement.settled(
        Self.snapshot(State()), claims: .all, handover: .none, state: .none, isNew: true, isClock: false
      ).before, to: Self.uuid)
    model.origins["1#0"] = .settled
  }

  private var judgement: MirrorJudgement<MirrorModel> {
    MirrorJudgement(model, at: Fixture.now * 1_000, isLive: true)
  }

  private static func snapshot(_ state: State) throws -> EntrySnapshot {
    try #require(
      EntrySnapshot(
        Fixture.entry(
          "ana@example.org",
          [
            "title": [Value(state.title)], "telephoneNumber": [Value(state.phone)],
            "buzonRequest": [Value(state.stamp)], "entryCSN": [Value("\(state.csn)")],
          ])))
  }

  // MARK: What happens

  mutating func step(_ random: inout SeededGenerator) throws {
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1: try write("others") { $0.title = "Otra \($0.csn)" }
    case 2:
      let title = standard?.title ?? ""
      try write("others") { $0.title = title }
    case 3: try write("others") { $0.phone = "9" }
    case 4: try write("a failed login") { _ in }
    case 5: try remove("others")
    case 6, 7: try change()
    case 8: if answer == nil, Bool.random(using: &random) { try delete() }
    case 9: try settleAnswer()
    // Of several changes the directory may tell the last alone.
    case 10: if tellings.count > 1 { tellings.removeFirst() }
    default: try hear()
    }
  }

  private mutating func write(_ who: String, _ edit: (inout State) -> Void) throws {
    guard var state = entry else { return }
    csn += 1
    state.csn = csn
    edit(&state)
    if who == "others" { hasOthers = true }
    story.append("\(csn) \(who): \(state.title), \(state.phone)")
    entry = state
    tellings.append(.seen(try Self.snapshot(state)))
  }

  private mutating func remove(_ who: String) throws {
    if entry == nil { return }
    csn += 1
    story.append("\(csn) \(who) removed it")
    entry = nil
    tellings.append(.gone(csn: "\(csn)"))
    if who == "others" { hasOthers = true } else { standard = nil }
  }

  private mutating func change() throws {
    guard answer == nil, entry != nil else { return }
    let stamp = "\(csn + 1)#0"
    model.origins[stamp] = isSabotaged ? .unknown : .open
    let title = "Directora \(csn)"
    try write("we") {
      $0.title = title
      $0.stamp = stamp
    }
    standard?.title = title
    standard?.stamp = stamp
    guard let entry else { return }
    var fields = Change.Fields()
    fields.position = .set("Directora")
    var claims = ManagedValues(.modify(Change.Modify(address: Address(known: "ana@example.org"), fields: fields)))
    claims.formUnion(.stamp)
    answer = .written(try Self.snapshot(entry), claims, stamp: stamp)
  }

  private mutating func delete() throws {
    if entry == nil { return }
    model.deleting = [Self.uuid]
    try remove("we")
    answer = .removed
  }

  // MARK: What the mirror learns

  private mutating func hear() throws {
    if tellings.isEmpty { return }
    switch tellings.removeFirst() {
    case .seen(let snapshot):
      story.append("heard \(snapshot.account.entryCSN)")
      model.apply(try judgement.seen(snapshot), to: Self.uuid)
    case .gone(let csn):
      story.append("heard that it went")
      model.apply(try judgement.gone(Self.uuid, csn: csn), to: Self.uuid)
    }
  }

  private mutating func settleAnswer() throws {
    defer { answer = nil }
    switch answer {
    case nil: return
    case .written(let snapshot, let claims, let stamp):
      story.append("settled \(stamp)")
      model.apply(
        try judgement.settled(
          snapshot, claims: claims, handover: .none, state: .none, isNew: false, isClock: false
        ).before, to: Self.uuid)
      for (other, origin) in model.origins where origin == .settled { model.origins[other] = .overtaken }
      model.origins[stamp] = .settled
    case .removed:
      story.append("settled the delete")
      model.apply(try judgement.removed(Self.uuid), to: Self.uuid)
      model.deleting = []
    }
  }

  /// All that is on its way arrives.
  mutating func settle() throws {
    try settleAnswer()
    while !tellings.isEmpty { try hear() }
  }

  // MARK: What must be so then

  func faults() throws -> [String] {
    var faults: [String] = []
    let known = model.accounts[Self.uuid]
    let drift = (model.drifts[Self.uuid] ?? []).sorted()
    if let entry, let standard {
      let (image, expected) = (try Self.snapshot(entry).image, try Self.snapshot(standard).image)
      if known?.image != image.encoded { faults.append("another image") }
      if known.flatMap({ $0.expected ?? $0.image }) != expected.encoded { faults.append("another standard") }
      let names = image.differences(from: expected).map(\.attribute).sorted()
      if drift != names { faults.append("drift \(drift) instead of \(names)") }
    } else {
      if known != nil { faults.append("it has gone") }
      if drift != (standard == nil ? [] : ["entry"]) { faults.append("drift \(drift) of an entry that went") }
    }
    if !hasOthers, !model.news.isEmpty { faults.append("news of nobody: \(model.news)") }
    return faults
  }
}
