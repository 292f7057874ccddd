import Foundation
import Sandbox
import Support
import Testing

/// The promise of the main job, on a real slapd: whatever is asked in whatever mixture, the directory ends as the model
/// says, each request has one record, the list equals the directory, and each operation was applied once.
@Suite("1,000 random requests on the same accounts", .serialized)
struct RandomRequestsTests {
  private static let count = 1_000

  /// The moments of the kills; `BUZON_TEST_SEED` gives others.
  private static func seed(_ usual: UInt64) -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["BUZON_TEST_SEED"].flatMap { UInt64($0) } ?? usual
    print("seed of the kills: \(seed)")
    return seed
  }

  @Test("in one run")
  func undisturbed() throws {
    let site = try Site()
    let expected = try Expected.drop(into: site, count: Self.count, seed: 1)
    let outcome = try site.buzon("run", "--once")
    #expect(outcome.status == 1, "\(outcome.errors.suffix(2_000))")
    try expected.check(site)
  }

  @Test("with the agent killed 30 times at random")
  func agentKilled() throws {
    let site = try Site()
    let expected = try Expected.drop(into: site, count: Self.count, seed: 2)
    var random = SeededGenerator(seed: Self.seed(3))
    var killed = 0
    // Dropped files rest before they are taken; the first run waits for that and is killed no sooner.
    for round in 0..<30 {
      let agent = try site.start(["run", "--once"])
      if round == 0 {
        #expect(eventually { !site.names(in: site.sandbox.spool + "/taken").isEmpty || !agent.isRunning })
      }
      let pause = Int.random(in: 10_000...130_000, using: &random)
      usleep(UInt32(pause))
      if agent.isRunning { killed += 1 }
      agent.signal(SIGKILL)
      _ = agent.wait()
    }
    #expect(killed >= 10, "the agent was done before it could be killed: drop more requests")
    _ = try site.buzon("run", "--once")
    try expected.check(site)
  }

  @Test("with slapd killed and restarted under the running agent")
  func directoryKilled() throws {
    let site = try Site()
    let expected = try Expected.drop(into: site, count: Self.count, seed: 4)
    let agent = try site.start(["run"])
    var random = SeededGenerator(seed: Self.seed(5))
    #expect(eventually { try! site.search(filter: "(objectClass=buzonAccount)").count > 0 })
    for _ in 0..<6 {
      usleep(UInt32(Int.random(in: 20_000...150_000, using: &random)))
      try site.restartDirectory()
    }
    #expect(
      try eventually(within: .seconds(120)) { try site.records().count == Self.count },
      "\(agent.written.errors.suffix(2_000))")
    agent.signal(SIGTERM)
    #expect(agent.wait(atMost: .seconds(30)) == 0, "\(agent.written.errors.suffix(2_000))")
    try expected.check(site, directoryKills: 6)
  }
}

/// What a run of random requests should come to.
struct Expected {
  private var model = Model()
  private var outcomes: [String: [String]] = [:]
  private let addresses = "example.org"

  static func drop(into site: Site, count: Int, seed: UInt64) throws -> Expected {
    var expected = Expected()
    var generator = RequestGenerator(seed: seed)
    let start = Date(timeIntervalSinceNow: -3_600)
    for index in 0..<count {
      let number = "R-\(index)"
      let changes = generator.changes()
      let department = ["Salud", "Hacienda", "Gobierno"][index % 3]
      expected.outcomes[number] = changes.map { expected.model.apply($0, department: department) }
      try site.drop(
        form(number: number, department: department, changes: changes.map(\.yaml)), as: "\(number).yaml",
        modified: start + Double(index))
    }
    return expected
  }

  func check(_ site: Site, directoryKills: Int = 0) throws {
    try checkDirectory(site)
    try checkRecords(site)
    try checkList(site)
    try checkOnce(site, directoryKills: directoryKills)
    #expect(site.names(in: site.sandbox.spool + "/incoming") == [])
    #expect(site.names(in: site.sandbox.spool + "/taken") == [])
    for name in site.names(in: site.sandbox.spool + "/rejected") where name.hasSuffix(".report") {
      let report = try String(contentsOfFile: site.sandbox.spool + "/rejected/" + name, encoding: .utf8)
      Issue.record("rejected: \(report)")
    }
  }

  private func checkDirectory(_ site: Site) throws {
    let entries = try site.search(
      filter: "(objectClass=buzonAccount)", attributes: ["*", "pwdReset", "pwdAccountLockedTime"])
    let found = Dictionary(uniqueKeysWithValues: entries.map { ($0["mail"][0], $0) })
    #expect(Set(found.keys) == Set(model.accounts.keys))
    for (address, account) in model.accounts {
      guard let entry = found[address] else { continue }
      func expect(_ attribute: String, _ values: [String]) {
        #expect(entry[attribute].sorted() == values.sorted(), "\(attribute) of \(address)")
      }
      expect("mail", [address])
      expect("mailLocalAddress", [address] + account.aliases)
      expect("cn", ["\(account.given) \(account.family)"])
      expect("sn", [account.family])
      expect("givenName", [account.given])
      expect("title", account.position.map { [$0] } ?? [])
      expect("telephoneNumber", account.phone.map { [$0] } ?? [])
      expect("ou", [account.department])
      expect("buzonQuota", ["\(account.quota)"])
      expect("buzonForward", Array(account.forward))
      expect("buzonStatus", [account.status])
      expect("buzonKind", ["person"])
      expect("pwdReset", ["TRUE"])
      expect("pwdAccountLockedTime", account.status == "active" ? [] : ["000001010000Z"])
      // Where another entry has the name already, a number stands behind it.
      let local = String(address.split(separator: "@")[0])
      #expect(entry["uid"].contains { $0 == local || $0.hasPrefix(local + "-") })
      #expect(entry["userPassword"].allSatisfy { $0.hasPrefix("{SSHA}") } && entry["userPassword"].count == 1)
    }
  }

  private func checkRecords(_ site: Site) throws {
    let records = try site.records()
    #expect(records.count == outcomes.count)
    for (number, expected) in outcomes {
      let changes = records[number]?["changes"] as? [[String: Any]] ?? []
      #expect(changes.map { $0["outcome"] as? String } == expected, "\(number)")
      let succeeded = expected.filter { $0 != "failed" }.count
      let whole = succeeded == expected.count ? "applied" : succeeded == 0 ? "failed" : "partly"
      #expect(records[number]?["outcome"] as? String == whole, "\(number)")
    }
  }

  private func checkList(_ site: Site) throws {
    let list = try site.accounts()
    #expect(Set(list.keys) == Set(model.accounts.keys))
    for (address, account) in model.accounts {
      guard let row = list[address] else { continue }
      #expect(row["name"] as? String == "\(account.given) \(account.family)", "\(address)")
      #expect(Set(row["aliases"] as? [String] ?? []) == account.aliases, "\(address)")
      #expect(row["status"] as? String == account.status, "\(address)")
      #expect(row["department"] as? String == account.department, "\(address)")
      #expect(row["quota"] as? Int == account.quota, "\(address)")
    }
  }

  /// By slapd's own log of writes: each stamp was written once, and there are as many deletes as there should be.
  private func checkOnce(_ site: Site, directoryKills: Int) throws {
    let writes = try site.search(
      base: "cn=accesslog",
      filter: "(&(objectClass=auditWriteObject)(reqResult=0)(reqDN:dnSubtreeMatch:=ou=people,\(site.sandbox.base)))",
      attributes: ["reqType", "reqMod", "reqDN"])
    var stamps: [String: Int] = [:]
    var deletes = 0
    for write in writes {
      if write["reqType"] == ["delete"] { deletes += 1 }
      for modification in write["reqMod"] where modification.hasPrefix("buzonRequest:") {
        if let stamp = modification.split(separator: " ").last { stamps[String(stamp), default: 0] += 1 }
      }
    }
    let applied = outcomes.flatMap { number, changes in
      changes.enumerated().filter { $0.element == "applied" }.map { "\(number)#\($0.offset)" }
    }
    #expect(stamps.values.allSatisfy { $0 == 1 }, "twice: \(stamps.filter { $0.value > 1 }.keys.sorted())")
    #expect(Set(stamps.keys).isSubset(of: Set(applied)))
    // A delete leaves no stamp behind: what is applied is stamped or a delete.
    // slapd logs a write after it has made it, so each kill of slapd may cost the log, not the directory, one line.
    #expect((0...directoryKills).contains(applied.count - stamps.count - deletes))
  }
}

/// A form with these changes, a year's worth of approval behind it.
func form(number: String, department: String = "Secretaría de Salud", changes: [String]) -> String {
  """
  form: FT-GTI-006
  number: \(number)
  department: \(department)
  requester: {name: Ana Lucía Rosero}
  approval: {by: jefe.sistemas, date: \(today())}
  changes:
  \(changes.map { "  - \($0)" }.joined(separator: "\n"))

  """
}

/// Yesterday in UTC, which is in the future nowhere.
func today() -> String {
  let formatter = DateFormatter()
  formatter.dateFormat = "yyyy-MM-dd"
  formatter.timeZone = TimeZone(identifier: "UTC")
  formatter.locale = Locale(identifier: "en_US_POSIX")
  return formatter.string(from: Date(timeIntervalSinceNow: -86_400))
}
