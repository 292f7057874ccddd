import Foundation
import Support
import Testing

/// All of the changes of an atomic form or none, whoever dies in between.
@Suite("An atomic form")
struct AtomicTests {
  /// Of a document the directory says no only when it is written: its rule also refuses the entry that the agent makes
  /// before it asks with No-Op, so it can't ask, and what comes before is applied and taken back.
  private static let unforeseen = "set: {document: '1124850000'}"
  /// What the plan sees by itself.
  private static let foreseen = "set: {status: active}"

  @Test("of 50 changes that fails at any of them leaves nothing behind")
  func everyPosition() async throws {
    let office = try await FiftyAccounts(Site())
    let before = try office.image()
    for position in 0..<50 {
      try office.drop("U-\(position)", changes: office.changes(position, failing: position, by: Self.unforeseen))
      try office.drop("P-\(position)", changes: office.changes(position + 50, failing: position, by: nil))
    }
    #expect(try await office.place.run("run", "--once", atMost: .seconds(300)).status == 1)
    for position in 0..<50 {
      try office.check("U-\(position)", failed: position, others: "undone")
      try office.check("P-\(position)", failed: position, others: "skipped")
    }
    #expect(try office.image() == before)
    try office.checkOnce()
    print("atomic: 50 positions, each found by the directory and by the plan")
  }

  @Test("moves an alias, folds what one account is asked for, and gives an adopted entry back as it was")
  func shapes() async throws {
    let office = try await FiftyAccounts(Site())
    let site = office.place.site
    try site.modify(site.foreign("ajena@example.org", Model.Account(given: "Otra", family: "Mano")))
    let foreign = try office.image()[site.dn("ajena")]
    func move(_ alias: String, from giver: String, to taker: String) -> [String] {
      [
        "modify: {address: \(giver)@example.org, remove: {aliases: [\(alias)@example.org]}}",
        "modify: {address: \(taker)@example.org, add: {aliases: [\(alias)@example.org]}, reuse: true}",
      ]
    }
    try office.drop("MOVE", changes: move("ka0", from: "k0", to: "k1"))
    // Each would have to be written before the other.
    try office.drop("RING", changes: move("ka2", from: "k2", to: "k3") + move("ka3", from: "k3", to: "k2"))
    try office.drop(
      "FOLD",
      changes: [
        "create: {address: nueva@example.org, name: {given: A, family: B}}",
        "modify: {address: nueva@example.org, set: {position: Jefa}}",
        "modify: {address: nueva@example.org, set: {address: otra@example.org, status: suspended}}",
      ])
    try office.drop(
      "BACK",
      changes: ["adopt: {address: ajena@example.org}", "modify: {address: k4@example.org, \(Self.unforeseen)}"])
    #expect(try await office.place.run("run", "--once").status == 1)
    let outcomes = try office.place.records().mapValues { record in
      (record["changes"] as? [[String: Any]] ?? []).map { $0["outcome"] as? String ?? "" }
    }
    #expect(outcomes["MOVE"] == ["applied", "applied"] && outcomes["FOLD"] == ["applied", "applied", "applied"])
    #expect(outcomes["BACK"] == ["undone", "failed"])
    #expect(outcomes["RING"]?.sorted() == ["failed", "skipped", "skipped", "skipped"])
    #expect(try site.entry("k1")?["mailLocalAddress"].contains("ka0@example.org") == true)
    #expect(try site.entry("k0")?["mailLocalAddress"] == ["k0@example.org"])
    let folded = try site.entry("nueva")
    #expect(folded?["mail"] == ["otra@example.org"] && folded?["title"] == ["Jefa"])
    #expect(folded?["pwdAccountLockedTime"] == ["000001010000Z"] && folded?["buzonRequest"] == ["FOLD#2"])
    #expect(try site.writes(on: site.dn("nueva")).count == 1)
    #expect(try office.image()[site.dn("ajena")] == foreign)
    #expect(try site.entry("ajena")?["buzonRequest"] == [])
  }

  @Test("that fails leaves nothing behind where agent and slapd are killed meanwhile", arguments: [false, true])
  func killed(directoryToo: Bool) async throws {
    let office = try await FiftyAccounts(Site())
    let before = try office.image()
    var random = SystemRandomNumberGenerator()
    let positions = [0, 7, 20, 33, 49]
    for position in positions {
      try office.drop("U-\(position)", changes: office.changes(position, failing: position, by: Self.unforeseen))
    }
    let kills = try await office.killed(directoryToo: directoryToo, using: &random) {
      try office.place.records().keys.count { !$0.hasPrefix("@") } == positions.count + 1
    }
    for position in positions { try office.check("U-\(position)", failed: position, others: "undone") }
    #expect(try office.image() == before)
    try await office.checkNothingIsLeft()
    print("atomic, failing, \(kills.agent) kills of the agent and \(kills.directory) of slapd")
  }

  @Test(
    "that succeeds is applied as a whole, once, where agent and slapd are killed meanwhile", arguments: [false, true])
  func succeedsUnderKill(directoryToo: Bool) async throws {
    let office = try await FiftyAccounts(Site())
    var random = SystemRandomNumberGenerator()
    for round in 0..<5 { try office.drop("S-\(round)", changes: office.changes(round, failing: nil, by: nil)) }
    let kills = try await office.killed(directoryToo: directoryToo, using: &random) {
      try office.place.records().keys.count { !$0.hasPrefix("@") } == 6
    }
    for round in 0..<5 {
      let record = try office.place.record("S-\(round)")
      #expect(record?["outcome"] == "applied")
      #expect(record?["changes"].array.allSatisfy { $0["outcome"] == "applied" } == true)
    }
    let entries = try office.image()
    #expect(entries.count == 27 + 5 * 25)
    #expect(entries.values.count { $0["title"]?.first?.hasPrefix("Cargo 4") == true } == 25, "the last form's")
    if !directoryToo { try office.checkOnce() }
    try await office.checkNothingIsLeft()
    print("atomic, succeeding, \(kills.agent) kills of the agent and \(kills.directory) of slapd")
  }
}

/// 25 accounts, and atomic forms of 50 changes: each of the accounts is changed, and 25 others are created.
struct FiftyAccounts: Sendable {
  let place: Workplace

  init(_ site: Site) async throws {
    try site.refuseDocuments()
    place = try site.workplace("atomic")
    let creates = (0..<25).map { index in
      "create: {address: k\(index)@example.org, name: {given: Ana, family: Ruiz}, aliases: [ka\(index)@example.org], "
        + "position: Antes, forward: [f\(index)@example.com], lists: [l@example.org]}"
    }
    let lists = ["l", "lotra"].map {
      "create: {address: \($0)@example.org, kind: list, name: {display: L}, owner: k0@example.org}"
    }
    try place.drop(
      form(number: "BASE", changes: creates + lists), as: "base.yaml", modified: Date(timeIntervalSinceNow: -9_000))
    #expect(try await place.run("run", "--once").status == 0)
  }

  func drop(_ number: String, changes: [String]) throws {
    try place.drop(form(number: number, atomic: true, changes: changes), as: number + ".yaml")
  }

  /// - Parameters:
  ///   - round: gives the created ones their addresses.
  ///   - failing: the place of the change that fails.
  ///   - reason: what it asks for; `nil`: it names an account that isn't there.
  func changes(_ round: Int, failing: Int?, by reason: String?) -> [String] {
    (0..<50).map { place in
      let index = place / 2
      let isFailing = place == failing
      if place % 2 == 0 {
        let address = isFailing && reason == nil ? "nadie\(round)" : "k\(index)"
        return
          "modify: {address: \(address)@example.org, \(isFailing ? reason ?? edit(index, round) : edit(index, round))}"
      }
      let taken = isFailing && reason == nil
      return
        "create: {address: \(taken ? "k\(index)" : "c\(round)-\(index)")@example.org, name: {given: C, family: \(index)}"
        + (isFailing && reason != nil ? ", document: '1124850000'}" : "}")
    }
  }

  /// One of each kind of edit, on each account another position too.
  private func edit(_ index: Int, _ round: Int) -> String {
    let more = [
      "phone: '+57 \(round)'", "status: suspended", "lists: [lotra@example.org]", "forward: []",
      "aliases: [nuevo\(round)-\(index)@example.org]", "quota: \(round + 1) GiB",
      "name: {given: Otra, family: R\(round)}",
      "keep_copy: true",
    ]
    return "set: {position: Cargo \(round), \(more[index % more.count])}"
  }

  func check(_ number: String, failed: Int, others: String) throws {
    let record = try place.record(number)
    #expect(record?["outcome"] == "failed", "\(number)")
    let outcomes = record?["changes"].array.map { $0["outcome"].text ?? "" } ?? []
    let expected = (0..<50).map { $0 == failed ? "failed" : $0 < failed ? others : "skipped" }
    #expect(outcomes == expected, "\(number)")
    #expect(record?["changes"][failed]["error"]["code"].integer != nil, "\(number)")
  }

  /// All accounts, every value of every attribute but the stamp and what the directory writes by itself.
  func image() throws -> [String: [String: [String]]] {
    var image: [String: [String: [String]]] = [:]
    for entry in try place.site.search(
      filter: "(mail=*)", attributes: ["*", "pwdReset", "pwdEndTime", "pwdAccountLockedTime"])
    {
      var values = entry.values.mapValues { $0.sorted() }
      values["buzonrequest"] = nil
      image[entry.dn] = values
    }
    return image
  }

  /// Every stamp was written once, and every one of those taken back was taken back once.
  func checkOnce() throws {
    let (stamps, _) = try place.site.stampsAndDeletes()
    #expect(stamps.values.allSatisfy { $0 == 1 }, "\(stamps.filter { $0.value != 1 })")
  }

  /// One more run changes nothing.
  func checkNothingIsLeft() async throws {
    let before = try place.site.search(
      base: "cn=accesslog", filter: "(objectClass=auditWriteObject)", attributes: ["1.1"])
    #expect(try await place.run("run", "--once").status == 0)
    let after = try place.site.search(
      base: "cn=accesslog", filter: "(objectClass=auditWriteObject)", attributes: ["1.1"])
    #expect(after.count == before.count)
  }

  /// Runs the agent until it is done, killed at random moments, 20 times at most. What kills it ten times in a row is set
  /// aside, so every sixth time one request is let end.
  func killed(
    directoryToo: Bool, using random: inout some RandomNumberGenerator, until isDone: () throws -> Bool
  ) async throws -> (agent: Int, directory: Int) {
    var kills = (agent: 0, directory: 0)
    for round in 1...20 where try !isDone() {
      let agent = try await place.agent()
      if round.isMultiple(of: 6) {
        #expect(try await comesTrue { try agent.log.contains { $0.contains("request.done") } || isDone() })
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &random)))
      if directoryToo {
        try place.site.restartDirectory()
        kills.directory += 1
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...300, using: &random)))
      }
      if try !isDone() { kills.agent += 1 }
      #expect(await agent.end(SIGKILL) == -SIGKILL)
    }
    let agent = try await place.agent()
    #expect(try await comesTrue(isDone))
    #expect(await agent.end() == 0)
    return kills
  }
}

extension Site {
  /// The directory takes no document of anybody (a DIT content rule, RFC 4512 §4.1.6).
  func refuseDocuments() throws {
    try modify(
      """
      dn: cn=rules,cn=schema,cn=config
      changetype: add
      objectClass: olcSchemaConfig
      cn: rules
      olcDitContentRules: ( 2.16.840.1.113730.3.2.2 NAME 'noDocuments' AUX ( inetLocalMailRecipient $ buzonAccount ) NOT employeeNumber )

      """)
  }
}
