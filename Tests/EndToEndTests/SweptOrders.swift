import Support
import Testing

/// One place with requests that `policy.limits` holds, one for each kill.
struct SweptOrders: Sendable {
  static let verbs = ["release", "hold", "cancel"]
  /// Requests for each verb.
  static let each = 120
  let place: Workplace

  init(_ site: Site) async throws {
    place = try site.workplace("orders", .with { $0.more = "policy: {limits: {suspensions: {per_form: 0}}}" })
    let names = Self.verbs.flatMap { verb in (0..<Self.each).map { "\(verb)\($0)" } }
    try place.drop(
      form(
        number: "S", changes: names.map { "create: {address: \($0)@example.org, name: {given: A, family: B}}" }),
      as: "0.yaml")
    for name in names {
      try place.drop(
        form(number: name, changes: ["modify: {address: \(name)@example.org, set: {status: suspended}}"]),
        as: "\(name).yaml")
    }
    let run = try await place.run("run", "--once")
    #expect(run.status == 75)
    let held = try SQLite.rows(
      place.state + "/register.sqlite", "SELECT number FROM request WHERE state = 'held'"
    ).compactMap { $0["number"]?.text }
    let others = Set(names).subtracting(held)
    #expect(
      others.isEmpty,
      "\(others) not held; \(place.names(in: place.spool + "/incoming")) left; \(run.errors.suffix(4_000))")
    // Only what is ready can be held.
    let released = try await place.start(["release"] + (0..<Self.each).map { "hold\($0)" }).outcome()
    #expect(released.status == 0, "\(released.output) \(released.errors)")
  }

  @discardableResult
  func order(_ verb: String, _ index: Int, environment: [String: String] = [:]) async throws -> Int32 {
    try await place.run(verb, "\(verb)\(index)", environment: environment).status
  }

  func check(_ verb: String, _ index: Int) async throws {
    let number = "\(verb)\(index)"
    let row = try SQLite.rows(
      place.state + "/register.sqlite", "SELECT state, outcome FROM request WHERE number = '\(number)'"
    ).first
    let state = ["release": "ready", "hold": "held", "cancel": "done"][verb]
    #expect(row?["state"]?.text == state, "\(number)")
    #expect(row?["outcome"]?.text == (verb == "cancel" ? "cancelled" : nil), "\(number)")
  }

  /// What was released is carried out once, and nothing else.
  func checkAll() async throws {
    let held = try SQLite.rows(place.state + "/register.sqlite", "SELECT number FROM request WHERE state = 'held'")
    let ready = try SQLite.rows(place.state + "/register.sqlite", "SELECT number FROM request WHERE state = 'ready'")
    let run = try await place.run("run", "--once")
    #expect(run.status == 75)
    // Whoever died before the record was written left it to this run.
    let cancelled = try SQLite.rows(
      place.state + "/register.sqlite", "SELECT number FROM request WHERE outcome = 'cancelled'"
    ).compactMap { $0["number"]?.text }
    #expect(!cancelled.isEmpty)
    for number in cancelled {
      let record = try place.record(number)
      #expect(record?["outcome"] == "cancelled" && record?["changes"][0]["outcome"] == "skipped", "\(number)")
    }
    let suspended = try place.site.search(filter: "(buzonStatus=suspended)").map { $0["mail"][0] }
    #expect(
      !ready.isEmpty && Set(suspended) == Set(ready.compactMap { $0["number"]?.text.map { "\($0)@example.org" } }))
    let (stamps, _) = try place.site.stampsAndDeletes()
    #expect(stamps.values.allSatisfy { $0 == 1 })
    let open = try SQLite.rows(place.state + "/register.sqlite", "SELECT number FROM request WHERE state <> 'done'")
    #expect(open.count == held.count, "\(open.count) open, \(held.count) were held: \(run.errors.suffix(4_000))")
  }
}
