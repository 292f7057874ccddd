import Forms
import LDAP
import Testing
import Text

@testable import Accounts

/// What has moved between a plan and the change as it stands now.
@Suite("Plans that forms are bound to") struct BoundPlanTests {
  typealias Reading = BoundPlan.Reading

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var planned: Reading?
    var now: Reading?
    /// `nil`: nothing has moved.
    var movement: String?

    init(_ name: String, _ planned: BoundPlan.Reading?, _ now: BoundPlan.Reading?, _ movement: String?) {
      (testDescription, self.planned, self.now, self.movement) = (name, planned, now, movement)
    }
  }

  private static func reading(
    _ uuid: String? = "u", stamp: String? = "A#0", state: UInt8 = 1, rest: UInt8? = 1, csn: String? = nil
  ) -> Reading {
    Reading(entryUUID: uuid, csn: csn, stamp: stamp, state: [state], rest: rest.map { [$0] })
  }

  private static let rows: [Row] = [
    Row("none, none", nil, nil, nil),
    Row("none, an entry", nil, reading(), "appeared"),
    Row("an entry, none", reading(), nil, "gone"),
    Row("the same", reading(), reading(), nil),
    Row("the same, written by bookkeeping", reading(csn: "1"), reading(csn: "2"), nil),
    Row("another entry", reading(), reading("v"), "replaced"),
    Row("changed outside Buzón", reading(), reading(state: 2, rest: 2), "changed"),
    Row("its lists were changed outside Buzón", reading(), reading(state: 2), "changed"),
    Row("changed by a request", reading(), reading(stamp: "B#0"), "changed"),
    Row("its stamp was removed", reading(), reading(stamp: nil), "changed"),
    Row("its stamp is no stamp", reading(), reading(stamp: "x"), "changed"),
    Row("adopted meanwhile", reading(stamp: nil), reading(stamp: "B#0"), "changed"),
    Row("without a stamp, as before", reading(stamp: nil), reading(stamp: nil), nil),
    Row("made by the form itself", reading(nil, stamp: "P#0"), reading("new", stamp: "P#0"), nil),
    Row("made by the form, then changed by another", reading(nil, stamp: "P#0"), reading("n", stamp: "B#0"), "changed"),
    Row(
      "made by the form, then outside", reading(nil, stamp: "P#0"), reading("n", stamp: "P#0", state: 2, rest: 2),
      "changed"),
    Row("written by the form, its owner followed", reading(stamp: "P#0"), reading(stamp: "P#0", state: 2), nil),
    Row("not written by the form yet", reading(stamp: "P#0"), reading(stamp: "A#0"), "changed"),
    Row("followed by the clock", reading(), reading(stamp: "@2#0", state: 2), nil),
    Row("suspended by the clock", reading(), reading(stamp: "@2#0", state: 2, rest: 2), "changed"),
    Row("the clock's before, and outside now", reading(stamp: "@2#0"), reading(stamp: "@2#0", state: 2), "changed"),
    Row("taken back by the form", reading(), reading(stamp: "P#0-undone"), nil),
    Row("taken back, then changed", reading(), reading(stamp: "P#0-undone", state: 2), "changed"),
    Row("taken back by another form", reading(), reading(stamp: "B#0-undone"), "changed"),
  ]

  private static func name(_ movement: PlanMovement?) -> String? {
    switch movement {
    case nil: nil
    case .appeared: "appeared"
    case .gone: "gone"
    case .replaced: "replaced"
    case .changed: "changed"
    case .refused: "refused"
    case .different: "different"
    }
  }

  private static let change = Change.modify(.init(address: .init(known: "ana@example.org"), fields: .init()))

  @Test("The change's own entry", arguments: rows)
  func own(row: Row) {
    let planned = BoundPlan.Change(result: .applied([1]), own: row.planned, references: [])
    let now = BoundPlan.Change(result: .applied([1]), own: row.now, references: [])
    #expect(Self.name(planned.movement(to: now, of: Self.change, number: "P")?.0) == row.movement)
    // Its own entry comes before what it comes to.
    let refused = BoundPlan.Change(result: .refused(Self.error), own: row.now, references: [])
    let movement = planned.movement(to: refused, of: Self.change, number: "P")?.0
    #expect(Self.name(movement) == row.movement ?? "refused")
  }

  private static let error = ChangeError(code: .constraintViolation, diagnostic: "d", remedy: "r")

  @Test(
    "What it comes to",
    arguments: [
      (BoundPlan.Result.applied([1]), BoundPlan.Result.applied([1]), String?.none),
      (.applied([1]), .applied([2]), "different"), (.applied([1]), .unchanged, "different"),
      (.unchanged, .applied([1]), "different"), (.unchanged, .unchanged, nil), (.applied(nil), .applied(nil), nil),
      (.applied([1]), .refused(error), "refused"), (.unchanged, .refused(error), "refused"),
    ])
  func result(planned: BoundPlan.Result, now: BoundPlan.Result, movement: String?) {
    let one = BoundPlan.Change(result: planned, own: Self.reading(), references: [])
    let other = BoundPlan.Change(result: now, own: Self.reading(), references: [])
    #expect(Self.name(one.movement(to: other, of: Self.change, number: "P")?.0) == movement)
  }

  @Test func anErrorNamesTheEntryAndItsTimes() {
    let address = Forms.Address(known: "ana@example.org")
    let (then, now) = ("20261128224856.1Z#000000#000#000000", "20261128225002.1Z#000000#000#000000")
    let changed = PlanMovement.changed(Self.reading(csn: then), to: Self.reading(stamp: "B#3", csn: now))
    let error = changed.error(about: address, zone: .utc)
    #expect(error.code == .assertionFailed)
    #expect(
      error.diagnostic
        == "moved since the plan: B#3 wrote the entry u of ana@example.org at 2026-11-28 22:50 UTC, which was of "
        + "2026-11-28 22:48 UTC")
    // What was read is nobody's text to trust.
    let hostile = PlanMovement.appeared(Self.reading("a\u{1B}[1m", csn: "x")).error(about: address, zone: .utc)
    #expect(!hostile.diagnostic.unicodeScalars.contains("\u{1B}") && hostile.diagnostic.contains("of ?"))
    #expect(PlanMovement.refused(Self.error).error(about: address, zone: .utc).code == .constraintViolation)
  }

  // MARK: Forms

  private func modify(_ name: String, _ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: .init(known: "\(name)@example.org"), fields: fields))
  }

  private func create(_ name: String, owner: String? = nil) -> Change {
    .create(
      .init(
        address: .init(known: "\(name)@example.org"), name: .person(given: "N", family: "M"),
        owner: owner.map { .init(known: "\($0)@example.org") }))
  }

  private func request(_ changes: [Change]) -> Request {
    Request(
      number: "P", department: "Salud", requester: .init(name: "Ana"),
      approval: .init(by: "jefe", date: .init(nearest: 20_779)), atomic: false, changes: changes)
  }

  private func planner(_ entries: [Entry], at now: Int64 = Fixture.now) -> FormPlanner {
    var context = Fixture.context
    context.now = now
    return FormPlanner(holders: AddressIndex(entries), retired: [:], context: context)
  }

  private func plan(_ request: Request, _ entries: [Entry]) -> BoundPlan {
    var planner = planner(entries)
    let promised = PromisedAccounts(request.changes)
    var changes: [BoundPlan.Change] = []
    for (index, change) in request.changes.enumerated() {
      let references = promised.references(of: change, at: index)
      let step = planner.step(change, of: request, at: index, promised: references)
      changes.append(planner.bound(change, BoundPlan.Result(step)))
      if case .apply(let candidate) = step { planner.accept(candidate) }
    }
    return BoundPlan(changes: changes)
  }

  private func entry(_ name: String, _ other: [String: [Value]] = [:]) -> Entry {
    Fixture.entry("\(name)@example.org", ["entryUUID": [Value("uuid-\(name)")]].merging(other) { $1 })
  }

  @Test func aFormIsTheSameLaterAndReadInAnotherOrder() {
    let request = request([
      create("nueva", owner: "ana"), modify("ana") { $0.position = .set("Jefa") },
      modify("nueva") { $0.phone = .set("7") }, modify("ana") { $0.status = .suspended },
      .delete(.init(address: .init(known: "beto@example.org"))),
      modify("beto") { $0.status = .active },
    ])
    let plan = plan(request, [entry("ana"), entry("beto")])
    #expect(plan.changes.allSatisfy { if case .applied = $0.result { true } else { false } })
    let entries = [entry("beto"), entry("ana", ["pwdReset": ["TRUE"], "entryCSN": ["x"]])]
    var later = planner(entries, at: Fixture.now + 9_000)
    #expect(later.movement(of: request, from: plan) == nil)
  }

  @Test func theFirstChangeThatHasMovedIsNamed() throws {
    let request = request([
      create("nueva", owner: "ana"), modify("beto") { $0.position = .set("Jefe") },
    ])
    let plan = plan(request, [entry("ana"), entry("beto")])
    func moved(_ entries: [Entry]) -> String? {
      var planner = planner(entries)
      return planner.movement(of: request, from: plan).map {
        "\($0.index) \(Self.name($0.movement) ?? "") \($0.address.text)"
      }
    }
    #expect(moved([entry("ana"), entry("beto")]) == nil)
    #expect(moved([entry("ana", ["title": ["X"]]), entry("beto")]) == nil, "an owner's position is no matter")
    #expect(moved([entry("ana", ["buzonStatus": ["suspended"]]), entry("beto")]) == "0 changed ana@example.org")
    #expect(moved([entry("beto")]) == "0 gone ana@example.org")
    #expect(moved([entry("ana"), entry("beto", ["title": ["X"]])]) == "1 changed beto@example.org")
    #expect(moved([entry("ana"), entry("beto"), entry("nueva")]) == "0 appeared nueva@example.org")
    #expect(moved([entry("ana"), entry("beto", ["employeeNumber": ["9"]])]) == "1 changed beto@example.org")
    #expect(
      moved([entry("ana"), entry("beto"), entry("x", ["uid": ["x", "nueva"]])]) == "0 different nueva@example.org")
  }

  @Test func anExactGuardAssertsWhoWroteTheEntryLast() {
    let intent = Fixture.modify([Fixture.entry()]) { $0.position = .set("X") }.intent
    let csn = "entryCSN=20261122110000.000001Z#000000#000#000000"
    #expect(intent?.assertion(container: Fixture.container, isExact: true).map { "\($0)".contains(csn) } == true)
    #expect(intent?.assertion(container: Fixture.container).map { "\($0)".contains("entryCSN") } == false)
  }
}
