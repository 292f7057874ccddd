import Accounts
import Forms
import LDAP
import Testing
import Text

/// What forms would do: each change on what those before it leave, an account's changes as one operation.
@Suite("Planning forms") struct FormPlannerTests {
  private static func address(_ name: String) -> Forms.Address { .init(known: "\(name)@example.org") }

  private func account(_ name: String, aliases: [String] = []) -> Entry {
    Fixture.entry(
      "\(name)@example.org",
      [
        "entryUUID": [Value("uuid-\(name)")],
        "mailLocalAddress": ([name] + aliases).map { Value("\($0)@example.org") },
      ])
  }

  private func modify(_ name: String, reuse: Bool = false, _ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: Self.address(name), fields: fields, reuse: reuse))
  }

  private func create(_ name: String, aliases: [String] = []) -> Change {
    .create(
      .init(
        address: Self.address(name), name: .person(given: "N", family: "M"), aliases: aliases.map(Self.address)))
  }

  private func planner(_ entries: [Entry], memory: Int64 = 0, handedOver: Set<String> = []) -> FormPlanner {
    var context = Fixture.context
    context.addressMemory = memory
    return FormPlanner(
      holders: AddressIndex(entries), retired: [:], handedOver: handedOver, context: context)
  }

  private func request(_ changes: [Change], atomic: Bool = false) -> Request {
    Request(
      number: "P", department: "Salud", requester: .init(name: "Ana"),
      approval: .init(by: "jefe", date: .init(nearest: 20_779)), atomic: atomic,
      changes: changes)
  }

  /// Plans all changes and accepts them, but for those that are refused.
  ///
  /// - Parameter refused: those that the directory refuses.
  /// - Returns: of each change whether it would be applied, and whether the directory can judge it.
  @discardableResult
  private func plan(_ planner: inout FormPlanner, _ changes: [Change], refused: Set<Int> = []) -> [String] {
    let request = request(changes)
    let promised = PromisedAccounts(changes)
    return changes.enumerated().map { index, change in
      switch planner.step(change, of: request, at: index, promised: promised.references(of: change, at: index)) {
      case .unchanged: return "unchanged"
      case .refuse(let error): return "\(error.code.rawValue)"
      case .apply(let candidate):
        if refused.contains(index) { return "refused" }
        planner.accept(candidate)
        return candidate.dependsOnEarlier ? "depends" : "applied"
      }
    }
  }

  @Test func theChangesOfAnAccountAreOneOperation() throws {
    var planner = planner([account("ana")])
    let outcomes = plan(
      &planner,
      [
        modify("ana") { $0.position = .set("Jefa") }, create("beto"), modify("ana") { $0.status = .suspended },
        modify("beto") { $0.aliases.added = [Self.address("b2")] }, modify("ana") { $0.position = .set("Secretaria") },
      ])
    #expect(outcomes == ["applied", "applied", "applied", "applied", "applied"])
    #expect(planner.accounts.map(\.address) == ["ana@example.org", "beto@example.org"])
    #expect(planner.accounts[0].values.map(\.key) == ["status"])
    #expect(planner.accounts[0].changes.map(\.description) == ["P#0", "P#2", "P#4"])
    guard case .add(_, let attributes) = try #require(planner.accounts[1].operation) else {
      Issue.record("no add")
      return
    }
    #expect(planner.accounts[1].grantsPassword)
    let names = attributes.map(\.name)
    #expect(!names.contains("userPassword") && !names.contains("entryUUID") && names.contains("pwdReset"))
    #expect(attributes.first { $0.name == "mailLocalAddress" }?.values.count == 2)
    // What the directory is asked has the password's mark, and is guarded by what was read.
    #expect(planner.accounts[1].intent(withPassword: true)?.grantsPassword == true)
    #expect(planner.accounts[0].intent(withPassword: true)?.stampRead == "2026-0001#0")
  }

  @Test func whatTheDirectoryRefusesIsNotDone() {
    var planner = planner([])
    #expect(
      plan(&planner, [create("ana"), modify("ana") { $0.position = .set("X") }], refused: [0]) == ["refused", "32"])
    #expect(planner.accounts.isEmpty)
  }

  @Test func whatIsCreatedAndDeletedLeavesNothing() {
    var planner = planner([])
    let delete = Change.delete(.init(address: Self.address("ana"), immediately: true))
    #expect(plan(&planner, [create("ana"), delete, create("ana")]).first == "applied")
    #expect(planner.accounts.count == 2)
    #expect(planner.accounts[0].operation == nil && planner.accounts[1].operation?.name == "add")
  }

  @Test func theDirectoryCannotJudgeWhatAnEarlierChangeFrees() {
    var planner = planner([account("ana", aliases: ["x"]), account("beto")])
    let outcomes = plan(
      &planner,
      [
        modify("ana") { $0.aliases.removed = [Self.address("x")] },
        modify("beto") { $0.aliases.added = [Self.address("x")] }, modify("beto") { $0.position = .set("Y") },
        modify("ana") { $0.position = .set("Z") },
      ])
    #expect(outcomes == ["applied", "depends", "depends", "applied"])
  }

  @Test func anAddressThatLeavesAnAccountIsRemembered() {
    let changes = [
      modify("ana") { $0.aliases.removed = [Self.address("x")] },
      modify("beto") { $0.aliases.added = [Self.address("x")] },
      modify("beto", reuse: true) { $0.aliases.added = [Self.address("x")] },
      Change.delete(.init(address: Self.address("ana"), immediately: true)), create("ana"),
    ]
    let entries = [account("ana", aliases: ["x"]), account("beto")]
    var first = planner(entries, memory: 86_400, handedOver: ["uuid-ana"])
    #expect(plan(&first, changes) == ["applied", "19", "depends", "applied", "19"])
    #expect(first.accounts[1].reused == ["x@example.org"])
    // Nobody ever had the password of one that goes.
    var second = planner(entries, memory: 86_400)
    #expect(plan(&second, changes).last == "depends")
  }

  @Test func anAtomicFormIsPlannedWholeOrNotAtAll() {
    let planner = planner([account("ana", aliases: ["x"]), account("beto")])
    let good = [
      modify("beto") { $0.aliases.added = [Self.address("x")] },
      modify("ana") { $0.aliases.removed = [Self.address("x")] },
    ]
    func step(_ changes: [Change]) -> FormPlanner.AtomicStep {
      planner.step(atomic: request(changes, atomic: true), promised: changes.map { _ in References() })
    }
    // Who takes an address that is not free yet comes too early, in an atomic form too.
    guard case .refuse(let index, _) = step(good) else {
      Issue.record("taken before it is free")
      return
    }
    #expect(index == 0)
    guard case .apply(let candidates, let unchanged) = step(good.reversed()) else {
      Issue.record("refused")
      return
    }
    #expect(candidates.map(\.account.address) == ["ana@example.org", "beto@example.org"] && unchanged.isEmpty)
    #expect(candidates.map(\.dependsOnEarlier) == [false, true])
  }

  @Test func recordsStandInAnOrderThatTheDirectoryTakes() throws {
    var first = planner([account("ana", aliases: ["x"]), account("beto")])
    plan(
      &first,
      [
        modify("beto") { $0.position = .set("X") }, modify("ana") { $0.aliases.removed = [Self.address("x")] },
        modify("beto") { $0.aliases.added = [Self.address("x")] },
      ])
    let order = try #require(PlannedAccount.order(first.accounts))
    #expect(order.map { first.accounts[$0].address } == ["ana@example.org", "beto@example.org"])
    var second = planner([account("ana", aliases: ["x"]), account("beto", aliases: ["y"])])
    plan(
      &second,
      [
        modify("ana") { $0.aliases.removed = [Self.address("x")] },
        modify("beto") { $0.aliases = .init(added: [Self.address("x")], removed: [Self.address("y")]) },
        modify("ana") { $0.aliases.added = [Self.address("y")] },
      ])
    #expect(PlannedAccount.order(second.accounts) == nil)
  }
}
