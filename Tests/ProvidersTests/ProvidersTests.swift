import Accounts
import LDAP
import Providers
import Register
import Testing

@Suite("Which server of several is used")
struct ProvidersTests {
  private let now = ContinuousClock.now

  /// Failures of the server in use, one after the other, and the place that is used after each.
  @Test(arguments: [
    // One that answered before is tried three times: it alone may know what is in doubt.
    (hasAnswered: true, failures: [Providers.Failure.away, .away, .away], places: [0, 0, 1]),
    (true, [.takesNoWrites], [1]),
    // While none answers they are tried in turn; the one that was given up first comes first.
    (true, [.away, .away, .away, .away, .away, .away, .away], [0, 0, 1, 2, 0, 1, 2]),
    (false, [.away, .away, .away], [1, 2, 0]),
  ])
  func table(hasAnswered: Bool, failures: [Providers.Failure], places: [Int]) {
    var providers = Providers(count: 3, hasAnswered: hasAnswered)
    for (round, (failure, place)) in zip(failures, places).enumerated() {
      let before = providers.place
      let step = providers.failed(before, failure, at: now + .milliseconds(round))
      #expect(providers.place == place && (step == .stay) == (place == before), "failure \(round)")
      // Once all were given up there is a pause.
      #expect((step == .goRound) == (place != before && round > places.firstIndex(of: 2) ?? .max), "failure \(round)")
    }
  }

  @Test("One server is used whatever becomes of it")
  func one() {
    var providers = Providers(count: 1)
    for _ in 0..<10 {
      let step = providers.failed(0, .takesNoWrites, at: now)
      #expect(step == .stay)
    }
    #expect(providers.place == 0 && !providers.areSeveral)
  }

  @Test("An answer in between begins the count anew; a late word of another server counts nothing")
  func answers() {
    var providers = Providers(count: 2, hasAnswered: true)
    for _ in 0..<5 {
      for place in [0, 0, 1] { _ = providers.failed(place, place == 0 ? .away : .takesNoWrites, at: now) }
      providers.answered(0)
    }
    #expect(providers.place == 0)
  }

  @Test(
    "A server that takes no writes is passed over while another one may be had, and tried again after the hold-down")
  func holdDown() {
    var providers = Providers(count: 3, hasAnswered: true)
    let later = now + Providers.holdDown + .seconds(1)
    for (place, time, next) in [(0, now, 1), (1, now + .seconds(1), 2), (2, later, 0)] {
      _ = providers.failed(place, .takesNoWrites, at: time)
      #expect(providers.place == next)
    }
    providers.use(2)
    #expect(providers.place == 2)
  }
}

@Suite("A server that lags behind")
struct LagTests {
  private static let old = "20261130120000.000001Z#000000#001#000000"
  private static let csn = "20261130120000.000002Z#000000#001#000000"
  private static let later = "20261130120000.000003Z#000000#002#000000"

  private static func entry(_ csn: String?, _ address: String = "ana@example.org") -> Entry {
    Entry(
      dn: .rdn("uid", "ana").under(DN()),
      attributes: [
        .init("entryUUID", ["u"]), .init("mail", [Value(address)]),
        .init("mailLocalAddress", ["Otra@example.org"]),
      ] + (csn.map { [.init("entryCSN", [Value($0)])] } ?? []))
  }

  /// What the register knows of an account (`nil`: it has gone), what the server shows, and whether it lags.
  @Test(
    arguments: [
      (csn, entry(csn), false), (csn, entry(later), false), (csn, entry(old), true), (csn, nil, true),
      (nil, nil, false), (nil, entry(old), true), (nil, entry(later), true),
      // Which state it is can't be told where it isn't shown; a register that was told to take what there is knows none.
      (csn, entry(nil), false), ("", entry(old), false),
    ] as [(String?, Entry?, Bool)])
  func table(known: String?, shown: Entry?, lags: Bool) {
    let account = RecentAccount(
      entryUUID: "u", address: "ana@example.org", addresses: ["ana@example.org", "a@example.org"], number: "1",
      csn: known)
    let lag = Lag([account], shown: shown.map { [$0] } ?? [])
    #expect(lag.isEmpty == !lags)
    // By all names that it has here or there.
    #expect((lag.account(of: ["a@example.org"]) != nil) == lags)
    #expect((lag.account(of: ["x@example.org", "otra@example.org"]) != nil) == (lags && shown != nil))
    #expect(lag.account(of: ["x@example.org"]) == nil)
  }

  @Test("What is compared reaches back to what the server has heard of each of the others")
  func begin() {
    let now: Int64 = 1_796_040_000_000  // 2026-11-30T12:00:00Z
    let usual = now - Lag.window
    #expect(Lag.begin(now: now, heard: [Self.csn], there: ContextCSN([Self.csn])) == usual)
    #expect(Lag.begin(now: now, heard: [Self.csn], there: ContextCSN([Self.later, Self.csn])) == usual)
    // It shows nothing of that.
    #expect(Lag.begin(now: now, heard: [Self.csn], there: ContextCSN([])) == usual)
    let morning = "20261130080000.000000Z#000000#001#000000"
    #expect(Lag.begin(now: now, heard: [Self.csn], there: ContextCSN([morning])) == now - 4 * 3_600_000 - Lag.slack)
    // It has heard nothing of server 001.
    #expect(Lag.begin(now: now, heard: [Self.csn], there: ContextCSN([Self.later])) == 0)
  }

  @Test("A change is heard where the server's own time of that server is as late")
  func context() {
    let context = ContextCSN([Self.csn, "nonsense"])
    #expect(context.covers(Self.csn) && context.covers(Self.old) && !context.covers(Self.later))
    #expect(!context.covers("20261130120000.000003Z#000000#001#000000") && context.covers(""))
  }

  @Test("An account that a server doesn't show has gone only where the server has heard the account's last change")
  func absence() {
    let now: Int64 = 1_796_040_000_000  // 2026-11-30T12:00:00Z
    #expect(ContextCSN([Self.csn]).knows(Self.csn, now: now) && !ContextCSN([Self.old]).knows(Self.csn, now: now))
    // It shows none: then a change of the last minutes may not be heard yet.
    let (before, after) = (now + Lag.window - 1_000, now + Lag.window + 1_000)
    #expect(!ContextCSN([]).knows(Self.csn, now: before) && ContextCSN([]).knows(Self.csn, now: after))
  }

  @Test("It is waited for as long as the patience, each server by itself, and compared once")
  func waits() {
    let lag = Lag(
      [RecentAccount(entryUUID: "u", address: "ana@example.org", addresses: [], csn: Self.csn)], shown: [])
    let now = ContinuousClock.now
    var wait = LagWait()
    func judge(_ lag: Lag, _ server: String, _ seconds: Int) -> LagWait.Judgement {
      wait.judge(lag, server, at: now + .seconds(seconds), patience: .seconds(10))
    }
    let steps: [(Lag, String, Int, LagWait.Judgement)] = [
      (lag, "a", 0, .wait), (lag, "a", 9, .wait), (lag, "b", 10, .wait), (Lag(), "b", 11, .goOn), (lag, "a", 20, .wait),
      (lag, "a", 30, .goOn),
    ]
    for (lag, server, seconds, judgement) in steps {
      #expect(wait.mustCompare(server))
      let judged = judge(lag, server, seconds)
      #expect(judged == judgement && wait.mustCompare(server) == (judgement == .wait))
      #expect(wait.isWaiting == (judgement == .wait))
    }
  }
}
