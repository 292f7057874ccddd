import Accounts
import LDAP
import Testing

@testable import Register

@Suite struct ClockStateTests {
  private static let hour: Int64 = 3_600_000
  private static let jump = 26 * hour

  private func account(_ local: String, written at: Int64) -> Account {
    var account = Sample.account("\(local)@example.org")
    let time = String(decoding: GeneralizedTime.value(at / 1_000).bytes.dropLast(), as: UTF8.self)
    account.entryCSN = "\(time).123456Z#000000#000#000000"
    return account
  }

  @Test func nothingIsStoredAtFirst() async throws {
    let test = try TestRegister()
    #expect(try test.register.clockState() == nil)
    #expect(try test.register.firstKnownTime() == nil)
    #expect(try await !test.register.releaseClock(by: "root", at: Sample.time).value(), "it isn't held")
  }

  @Test func aHoldStandsUntilItIsReleasedOnce() async throws {
    let test = try TestRegister()
    try await test.register.setClock(known: 5).value()
    #expect(try test.register.clockState() == ClockState(known: 5))
    #expect(try await !test.register.releaseClock(by: "root", at: Sample.time).value())
    try await test.register.holdClock(at: 9, known: 5).value()
    #expect(try test.register.clockState() == ClockState(known: 5, held: 9))
    // As after a crash.
    let (_, image) = try test.image()
    #expect(try image.clockState() == ClockState(known: 5, held: 9))
    #expect(try await test.register.releaseClock(by: "maria", at: Sample.time).value())
    #expect(try test.register.clockState() == ClockState(known: 5, held: 9, releasedBy: "maria"))
    #expect(try await !test.register.releaseClock(by: "root", at: Sample.time).value())
    try await test.register.setClock(known: 9).value()
    #expect(try test.register.clockState() == ClockState(known: 9))
  }

  @Test func theFirstTimeKnownIsOfTheDirectoryBeforeTheRequests() async throws {
    let test = try TestRegister()
    _ = try await test.register.accept([Sample.form("1", received: Sample.time + 400 * 24 * Self.hour)]).value()
    #expect(try test.register.firstKnownTime() == Sample.time + 400 * 24 * Self.hour)
    try await test.register.mirror([
      account("a", written: Sample.time), account("b", written: Sample.time - Self.hour),
    ])
    #expect(try test.register.firstKnownTime() == Sample.time)
  }

  @Test func whatFollowsWithoutAJumpIsKnown() async throws {
    let test = try TestRegister()
    let register = test.register
    let now = Sample.time + 100 * Self.hour
    func newest() throws -> Int64 { try register.newestTime(from: Sample.time, jump: Self.jump, now: now) }
    #expect(try newest() == Sample.time)
    // Far ahead alone proves nothing: who wrote it may have had the same wrong time.
    try await register.mirror([account("far", written: now - Self.hour)])
    #expect(try newest() == Sample.time)
    // An acceptance, an entry, an acceptance, each within a jump of the one before.
    _ = try await register.accept([Sample.form("1", received: Sample.time + 25 * Self.hour)]).value()
    #expect(try newest() == Sample.time + 25 * Self.hour)
    try await register.mirror([account("near", written: Sample.time + 50 * Self.hour)])
    #expect(try newest() == Sample.time + 50 * Self.hour)
    _ = try await register.accept([Sample.form("2", received: Sample.time + 75 * Self.hour)]).value()
    #expect(try newest() == Sample.time + 75 * Self.hour, "25 hours are no jump: further isn't looked")
    #expect(
      try register.newestTime(from: Sample.time, jump: Self.jump, now: now + 10 * Self.hour) == now - Self.hour)
  }

  @Test func anOutcomeCountsAndTheDirectoryAsAWhole() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("1")
    _ = try await test.register.settle(
      ids.map { Sample.settled($0, "1", mirror: .keep) },
      completed: ids.map { CompletedRequest(id: $0, outcome: .applied) }, at: Sample.time + 20 * Self.hour
    ).value()
    func newest() throws -> Int64 {
      try test.register.newestTime(from: Sample.time, jump: Self.jump, now: Sample.time + 100 * Self.hour)
    }
    #expect(try newest() == Sample.time + 20 * Self.hour)
    var batch = MirrorUpdate(isLive: false, isFirst: true)
    let time = String(
      decoding: GeneralizedTime.value((Sample.time + 40 * Self.hour) / 1_000).bytes.dropLast(), as: UTF8.self)
    batch.cookie = Array("rid=000,csn=\(time).000000Z#000000#000#000000".utf8)
    _ = try await test.register.observe(batch, what: "test", at: 1, addressMemory: 0).value()
    #expect(try newest() == Sample.time + 40 * Self.hour)
    #expect(try test.register.firstKnownTime() != Sample.time + 40 * Self.hour, "it has no account of ours")
  }
}
