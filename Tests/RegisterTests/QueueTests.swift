import Accounts
import Foundation
import GRDB
import LDAP
import Testing

@testable import Register

@Suite("Requests that wait for an operator")
struct HoldTests {
  @Test("A held request is out of the queue until it is released, and says why and by whom")
  func holdAndRelease() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a", "b")[0]
    #expect(try await test.register.hold(id, cause: .operator, reason: "held by ana", at: Sample.time).value())
    #expect(try await !test.register.hold(id, cause: .trouble, reason: "again", at: Sample.time).value(), "held once")
    #expect(try test.register.ready(after: 0, changes: 10).map(\.number) == ["b"])
    #expect(try test.register.holdCause(id) == .operator)
    #expect(try test.register.request(id: id)?.reason == "held by ana")
    _ = try await test.register.countDeath(of: .change(request: "a", index: 0)).value()
    #expect(try await test.register.release(id).value())
    #expect(try await !test.register.release(id).value(), "released once")
    #expect(try test.register.ready(after: 0, changes: 10).map(\.number) == ["a", "b"])
    #expect(try test.register.holdCause(id) == nil)
    #expect(
      try await test.register.countDeath(of: .change(request: "a", index: 0)).value() == 1, "its deaths are forgotten")
  }

  @Test("A request that is done can't be held")
  func done() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a")[0]
    _ = try await test.register.settle(
      [Sample.settled(id, "a")], completed: [CompletedRequest(id: id, outcome: .applied)], at: 2
    ).value()
    #expect(try await !test.register.hold(id, cause: .operator, reason: "late", at: Sample.time).value())
    #expect(try test.register.holdCause(id) == nil)
  }

  @Test("The day's demands are counted over its forms; the one that goes beyond waits, and isn't counted")
  func demands() async throws {
    let test = try TestRegister()
    func accept(_ number: String, deletes: Int, day: Int = 7) async throws -> String {
      var form = Sample.form(number)
      form.demands = [Demand(.deletes, count: deletes, atMost: 5, day: day)]
      switch try await test.register.accept([form]).value()[0] {
      case .accepted: return "accepted"
      case .held(_, let reason): return reason
      default: return "?"
      }
    }
    #expect(try await accept("a", deletes: 3) == "accepted")
    #expect(try await accept("b", deletes: 3).contains("3 deletes make 6 today, where policy.limits allows 5"))
    #expect(try await accept("c", deletes: 2) == "accepted")
    #expect(try await accept("d", deletes: 1).contains("1 delete makes 6"))
    #expect(try await accept("e", deletes: 5, day: 8) == "accepted")
    #expect(try test.register.openNumbers(.held).map(\.number) == ["b", "d"])
    #expect(try test.register.holdCause(2) == .limits)
  }

  @Test("A form of too much by itself waits from the start")
  func perForm() async throws {
    let test = try TestRegister()
    var form = Sample.form("a")
    form.hold = "too much"
    guard case .held(let id, "too much") = try await test.register.accept([form]).value()[0] else {
      Issue.record("not held")
      return
    }
    #expect(try test.register.holdCause(id) == .limits)
  }

  @Test("An order waits until it is answered")
  func orders() async throws {
    let test = try TestRegister()
    let ids = try await test.register.order("hold", numbers: ["a", "b"], actor: "ana").value()
    let all = try await test.register.order("release", numbers: nil, actor: "ana").value()
    #expect(try test.register.openOrders().map(\.number) == ["a", "b", nil])
    try await test.register.answer(ids[0], "a\tdone").value()
    #expect(try test.register.answers(to: ids[0]) == "a\tdone")
    #expect(try test.register.answers(to: ids[1]) == nil)
    #expect(try test.register.openOrders().map(\.id) == [ids[1], all[0]])
  }

  @Test("What was done to a request is told in order")
  func events() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a")[0]
    _ = try await test.register.hold(
      id, cause: .operator, reason: "held by ana", by: "ana", because: "the card is missing", at: 5
    ).value()
    try await test.register.addEvent("released", of: id, actor: "luis", detail: "looked at", at: 9).value()
    let events = try test.register.events(of: id)
    #expect(events.map(\.event) == ["held", "released"])
    #expect(events.map(\.actor) == ["ana", "luis"])
    #expect(events.map(\.detail) == ["the card is missing", "looked at"])
  }
}

@Suite("What the clock finds")
struct ClockTests {
  @Test("Active accounts whose day is over and retained ones whose time is over are due, each once")
  func due() async throws {
    let test = try TestRegister()
    func account(_ name: String, _ status: String, expires: Int64? = nil, retained: Int64? = nil) -> Account {
      var account = Sample.account("\(name)@example.org")
      account.status = status
      account.expires = expires
      account.retainedSince = retained
      return account
    }
    let accounts = [
      account("over", "active", expires: 99), account("today", "active", expires: 100),
      account("later", "active", expires: 101), account("suspended", "suspended", expires: 1),
      account("old", "retained", retained: 40), account("young", "retained", retained: 60),
      account("back", "active", retained: 1),
    ]
    try await test.register.mirror(accounts)
    let due = try test.register.due(now: 100, retention: 50, limit: 10)
    #expect(due.map(\.address) == ["over@example.org", "today@example.org", "old@example.org"])
    #expect(due.map(\.reason) == [.expired, .expired, .retainedLongEnough])

    var form = Sample.form("@1")
    form.clock = due
    _ = try await test.register.accept([form]).value()
    #expect(try test.register.due(now: 100, retention: 50, limit: 10).isEmpty, "in hand")
    // Its entry changed, and it is still due.
    var changed = accounts[0]
    changed.entryCSN += "+"
    changed.aliases = ["o@example.org"]
    try await test.register.mirror([changed])
    #expect(try test.register.due(now: 100, retention: 50, limit: 10).map(\.address) == ["over@example.org"])
  }

  @Test("A purged account's addresses are remembered until their time is over")
  func memory() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("@1", "a")
    try await test.register.mirror([
      Sample.account("ana@example.org", uuid: "u", aliases: ["a@example.org"]),
      Sample.account("v@example.org", uuid: "v"),
    ])
    func purge(_ id: Int64, _ uuid: String, at: Int64) async throws {
      _ = try await test.register.settle(
        [Sample.settled(id, "@1", mirror: .remove(entryUUID: uuid))], completed: [], at: at, addressMemory: 1_000
      ).value()
    }
    let addresses = ["ana@example.org", "a@example.org"]
    try await purge(ids[0], "u", at: 1_000_000)
    #expect(try test.register.accountCount() == 1)
    let memory = RetiredAddress(until: 2_000, holder: "u")
    #expect(
      try test.register.retired(addresses + ["other@example.org"]) == [addresses[0]: memory, addresses[1]: memory])
    // Forgotten when the next one is retired after their time.
    try await purge(ids[1], "v", at: 3_000_000)
    #expect(try test.register.retired(addresses).isEmpty)
  }

  @Test("An account that was never handed over leaves no memory; one whose slip was received does", arguments: [0, 1])
  func neverHandedOver(_ received: Int) async throws {
    let test = try TestRegister()
    let ids = try await test.accept("1", "2")
    let account = Sample.account("ana@example.org", uuid: "u")
    _ = try await test.register.settle(
      [
        Sample.settled(
          ids[0], "1", Sample.result(0, handover: .open),
          mirror: .put(Sample.sighting(account, mustChange: true), claims: .all, effect: .granted(ends: 9)))
      ], completed: [], at: 1_000
    ).value()
    if received == 1 {
      let id = ChangeID(request: ids[0], index: 0)
      #expect(try await test.register.receive(id, by: "Ana", actor: "root", at: 2).value())
    }
    _ = try await test.register.settle(
      [Sample.settled(ids[1], "2", mirror: .remove(entryUUID: "u"))], completed: [], at: 2_000, addressMemory: 1_000
    ).value()
    #expect(try test.register.retired(["ana@example.org"]).count == received)
  }
}

@Suite("Accounts that were removed outside Buzón")
struct ForgottenTests {
  @Test("One whose address no entry has any more leaves the list, and its aliases with it; others stay")
  func forgotten() async throws {
    let test = try TestRegister()
    let id = try await test.accept("@1")[0]
    let gone = Sample.account("gone@example.org", aliases: ["g@example.org"])
    try await test.register.mirror([gone, Sample.account("stays@example.org")])
    _ = try await test.register.settle(
      [Sample.settled(id, "@1", Sample.result(0, .unchanged), mirror: .forget(address: "gone@example.org"))],
      completed: [], at: 1
    ).value()
    var left: [String] = []
    try test.register.forEachAccount { left.append($0.account.address) }
    #expect(left == ["stays@example.org"])
    #expect(try test.register.companions(of: ["g@example.org"]).isEmpty)
  }
}

@Suite("Owners that go")
struct OrphanTests {
  @Test(
    "What an owner answers for is told when the owner goes, by whichever address it is named",
    arguments: ["suspended", "retained", "gone"])
  func orphans(_ how: String) async throws {
    let test = try TestRegister()
    let id = try await test.accept("a", changes: 2)[0]
    var owner = Sample.account("ana@example.org", uuid: "u", aliases: ["a@example.org"])
    var box = Sample.account("box@example.org")
    box.owner = "ana@example.org"
    var list = Sample.account("list@example.org")
    list.owner = "a@example.org"
    var retained = Sample.account("old@example.org")
    retained.owner = "ana@example.org"
    retained.status = "retained"
    try await test.register.mirror([owner, box, list, retained])
    if how != "gone" { owner.status = how }
    let mirror: SettledChange.Mirror = how == "gone" ? .remove(entryUUID: "u") : .put(owner)
    var changes = [Sample.settled(id, "a", mirror: mirror)]
    // An account goes once.
    if how != "gone" { changes.append(Sample.settled(id, "a", Sample.result(1), mirror: mirror)) }
    let settled = try await test.register.settle(changes, completed: [], at: 1).value()
    #expect(settled[0].orphans == ["box@example.org", "list@example.org"])
    #expect(settled.dropFirst().allSatisfy { $0.orphans.isEmpty }, "told once")
    #expect(try test.register.request(id: id)?.changes[0]?.orphans == ["box@example.org", "list@example.org"])
  }
}

@Suite("Atomic requests in the register")
struct AtomicTests {
  private func changes(_ operations: [[Int]]) -> [AtomicChange] {
    operations.enumerated().flatMap { turn, indices in
      indices.map { index in
        AtomicChange(
          index: index, address: "p\(index)@example.org", operation: "modify", turn: turn,
          stored: index == indices.last
            ? StoredIntent(intent: Intent(operation: Sample.modify, entryUUID: "u\(turn)", stampRead: nil), salt: nil)
            : nil)
      }
    }
  }

  @Test("Its operations come back in their order, with the changes that each carries out")
  func order() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a", changes: 5)[0]
    let idle = AtomicChange(index: 3, address: "p3@example.org", operation: "modify", turn: nil, stored: nil)
    try await test.register.begin(id, changes([[2], [0, 1, 4]]) + [idle], at: 1).value()
    let stored = try #require(try test.register.request(id: id))
    #expect(stored.atomic?.folds == [[2], [0, 1, 4]])
    #expect(stored.atomic?.failure == nil)
    #expect(stored.intents.keys.sorted() == [2, 4])
    #expect(stored.intents[4]?.intent.entryUUID == "u1")
    #expect(stored.state == .working)
  }

  @Test("That it is being undone, and why, survives; abandoned it is as if it had never been begun")
  func undo() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a", changes: 2)[0]
    try await test.register.begin(id, changes([[0], [1]]), at: 1).value()
    let error = ChangeError(code: .entryAlreadyExists, diagnostic: "there", remedy: "another")
    try await test.register.undo(id, because: 1, error).value()
    let failure = try #require(try test.register.request(id: id)?.atomic?.failure)
    #expect(failure.index == 1 && failure.error == error)
    try await test.register.abandon(id).value()
    let stored = try #require(try test.register.request(id: id))
    #expect(stored.atomic == nil && stored.changes.isEmpty && stored.state == .ready)
  }
}
