import Foundation
import Support
import Testing

/// Whatever the directory answers to one request, it keeps unrelated ones waiting no longer than a bounded time: also where
/// it is the only one, and where thousands of changes wait behind it.
@Suite("A request that the directory refuses")
struct UnrelatedTests {
  /// What there is besides the refused request.
  enum Company: String, Sendable, CaseIterable {
    case alone, others
    /// 5,000 changes of the same account, more than the agent admits at a time.
    case dependants

    var changes: Int { self == .dependants ? 5_000 : 0 }
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var code: Code
    var isAtomic: Bool
    var company: Company
    var testDescription: String { "\(code.told), \(isAtomic ? "atomic" : "plain"), \(company)" }
  }

  /// How long an unrelated request may take; the longest that was seen is reported.
  private static let bound = Duration.seconds(120)

  private static let rows: [Row] = Company.allCases.flatMap { company in
    [false, true].flatMap { isAtomic in
      // Each code in the whole; a few, others in each company, in the share.
      Code.drawn(company == .dependants ? 1 : 2, UInt64(company.rawValue.utf8.count) + (isAtomic ? 100 : 0)).map {
        Row(code: $0, isAtomic: isAtomic, company: company)
      }
    }
  }

  @Test("keeps no unrelated one waiting", arguments: [false, true])
  func refused(isAtomic: Bool) async throws {
    let site = try Site()
    var longest: [Company: Duration] = [:]
    let rows = Self.rows.filter { $0.isAtomic == isAtomic }
    for (index, row) in rows.enumerated() {
      let waited = try await Self.wait(row, site, "u\(index)\(isAtomic ? "a" : "p")")
      longest[row.company] = max(longest[row.company] ?? .zero, waited)
    }
    for company in Company.allCases {
      print("unrelated (\(isAtomic ? "atomic" : "plain"), \(company)): longest wait \(longest[company] ?? .zero)")
    }
    Torture.report(
      "unrelated to a refused request", [("codes x company, \(isAtomic ? "atomic" : "plain")", rows.count)], lost: 0)
  }

  private static func wait(_ row: Row, _ site: Site, _ name: String) async throws -> Duration {
    let proxy = try Proxy(site, name)
    let place = try site.behind(proxy, name)
    let agent = try await place.agent()
    let poison = "p\(name)"
    try await place.carryOut(form(number: "S-\(name)", changes: [create(poison), create("o\(name)")]), "S-\(name)")
    proxy.rule { request in
      [.add, .modify, .delete].contains(request.kind) && request.name.hasPrefix("uid=\(poison),")
        ? .refuse(row.code.number) : .pass
    }
    try place.drop(
      form(number: "P-\(name)", atomic: row.isAtomic, changes: [retitle(poison, "A"), retitle("o\(name)", "B")]),
      as: "P-\(name)", modified: Date(timeIntervalSinceNow: -900))
    for part in 0..<(row.company.changes / 250) {
      try place.drop(
        form(number: "D-\(name)-\(part)", changes: (0..<250).map { retitle(poison, "T\(part)-\($0)") }),
        as: "D-\(name)-\(part)", modified: Date(timeIntervalSinceNow: Double(part - 800)))
    }
    // It has met the refusal before the others come, but for those that come with it.
    if row.company != .others {
      let isMet = try await comesTrue {
        if try place.record("P-\(name)") != nil { return true }
        return try await place.answer("queue")["requests"].array.contains { $0["number"].text == "P-\(name)" }
      }
      #expect(isMet, "\(row.testDescription)")
    }
    let start = ContinuousClock.now
    var numbers: [String] = []
    for index in 0..<3 {
      let number = "U-\(name)-\(index)"
      try place.drop(form(number: number, changes: [create("n\(name)\(index)")]), as: number)
      numbers.append(number)
    }
    for number in numbers {
      let isDone = try await comesTrue(within: bound) { try place.record(number)?["outcome"] == "applied" }
      #expect(isDone, "\(row.testDescription): \(agent.log.suffix(4))")
    }
    let waited = ContinuousClock.now - start
    // It fails with the code, or is seen to wait.
    let isSeen = try await comesTrue {
      if try place.record("P-\(name)") != nil { return true }
      return try await place.run("status").status != 0
    }
    #expect(isSeen, "\(row.testDescription)")
    if row.isAtomic, let record = try place.record("P-\(name)") {
      #expect(record["outcome"] != "partly", "\(row.testDescription): all or none")
    }
    _ = await agent.end(SIGKILL)
    return waited
  }

  @Test("by its own mistake fails with the true reason, though thousands of changes wait behind it")
  func renamedAndNamedAgain() async throws {
    let site = try Site()
    let place = try site.workplace("renamed", .quick)
    let agent = try await place.agent()
    try await place.carryOut(form(number: "R-0", changes: [create("ra")]), "R-0")
    try place.drop(
      form(
        number: "R-1", atomic: true,
        changes: ["modify: {address: ra@example.org, set: {address: rb@example.org}}", retitle("ra")]), as: "R-1",
      modified: Date(timeIntervalSinceNow: -900))
    for part in 0..<21 {
      try place.drop(
        form(number: "R-2-\(part)", changes: (0..<200).map { retitle("ra", "T\(part)-\($0)") }), as: "R-2-\(part)",
        modified: Date(timeIntervalSinceNow: Double(part - 800)))
    }
    let record = try await place.recorded("R-1", within: .seconds(120))
    #expect(record["outcome"] == "failed")
    #expect(record["changes"][1]["error"]["code"] == 32)
    #expect(record["changes"][1]["error"]["diagnostic"].text?.contains("ra@example.org is an alias of rb@") == true)
    #expect(!agent.log.contains { $0.contains("directory.waiting") || $0.contains("request.held") })
    try await place.carryOut(form(number: "R-3", changes: [create("rc")]), "R-3")
    _ = await agent.end(SIGKILL)
  }

  @Test("by cutting the connection each time lets the others through, and is set aside in the end")
  func cuts() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "cuts")
    let place = try site.behind(proxy, "cuts")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "C-0", changes: [create("cut")]), "C-0")
    proxy.rule { $0.kind == .modify && $0.name.hasPrefix("uid=cut,") ? .cutBefore : .pass }
    try place.drop(
      form(number: "C-1", changes: [retitle("cut")]), as: "C-1", modified: Date(timeIntervalSinceNow: -900))
    for index in 0..<40 {
      try place.drop(form(number: "C-2-\(index)", changes: [create("c2-\(index)")]), as: "C-2-\(index)")
    }
    for index in 0..<40 {
      #expect(try await place.recorded("C-2-\(index)", within: Self.bound)["outcome"] == "applied")
    }
    // Each time that others were applied meanwhile counts.
    var index = 0
    while index < 60, try await place.answer("show", "C-1")["state"] != "held" {
      try await place.carryOut(form(number: "C-3-\(index)", changes: [create("c3-\(index)")]), "C-3-\(index)")
      try await Task.sleep(for: .milliseconds(200))
      index += 1
    }
    #expect(try await place.answer("show", "C-1")["state"] == "held", "\(agent.log.suffix(5))")
    #expect(await agent.says("request.held", "C-1"))
    // What waits behind it keeps its place; when the cause has gone, the operator lets both go on.
    try place.drop(form(number: "C-4", changes: [retitle("cut", "Otra")]), as: "C-4")
    proxy.rule { _ in .pass }
    #expect(try await place.run("retry", "C-1").status == 0)
    #expect(try await place.recorded("C-1", "C-4")["outcome"] == "applied")
    #expect(try site.entry("cut")?["title"] == ["Otra"])
    #expect(try site.timesApplied("C-").values.allSatisfy { $0 == 1 })
    #expect(await agent.end() == 0)
  }
}
