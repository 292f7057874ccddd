import Foundation
import Sandbox
import Support
import Testing

/// What a run of random requests should come to.
struct Expected {
  private var model = Model()
  private var requests: [String: RequestExpectation] = [:]
  /// Deletes by the clock.
  private var purged = 0
  private var clockModified = 0

  /// How many changes ended how.
  var summary: String {
    var counts: [String: Int] = [:]
    for outcome in requests.values.flatMap({ $0.outcomes ?? ["in a ring"] }) { counts[outcome, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  static func drop(into site: Site, count: Int, seed: UInt64) throws -> Expected {
    var expected = Expected()
    try site.refuse(title: Model.refused)
    try site.modify(RequestGenerator.foreign.map { site.foreign($0.address, $0.account) }.joined())
    for (address, account) in RequestGenerator.foreign { expected.model.found(address, account) }
    var generator = RequestGenerator(seed: seed)
    let start = Date(timeIntervalSinceNow: -3_600)
    for index in 0..<count {
      let number = "R-\(index)"
      let (changes, isAtomic) = generator.request(expected.model)
      let department = ["Salud", "Hacienda", "Gobierno"][index % 3]
      expected.model.stamp.number = number
      expected.requests[number] = expected.apply(changes, isAtomic, department)
      try site.drop(
        form(number: number, department: department, atomic: isAtomic, changes: changes.map(\.yaml)),
        as: "\(number).yaml", modified: start + Double(index))
    }
    return expected
  }

  private mutating func apply(_ changes: [Model.Change], _ isAtomic: Bool, _ department: String) -> RequestExpectation {
    if isAtomic { return model.applyAtomically(changes, department: department) }
    var expectation = RequestExpectation(outcomes: [], count: changes.count)
    for (place, change) in changes.enumerated() {
      model.stamp.place = place
      model.promise(changes, behind: place)
      let outcome = model.apply(change, department: department)
      expectation.outcomes?.append(outcome)
      if outcome == "unchanged", model.hasFollowed(change.address) { expectation.following.insert(place) }
      guard outcome == "applied" else { continue }
      // A delete leaves no stamp behind.
      if case .delete(_, true) = change { expectation.deletes += 1 } else { expectation.stamped.append(place) }
    }
    return expectation
  }

  /// Days and retentions are over, and the clock has done its part.
  mutating func passTime() -> (modified: Int, purged: Int) {
    let clocked = model.passTime()
    clockModified += clocked.modified
    purged += clocked.purged
    return clocked
  }

  /// - Returns: operations that slapd's log of writes doesn't have, and those that it has more than once.
  @discardableResult
  func check(_ site: Site, directoryKills: Int = 0) throws -> (lost: Int, twice: Int) {
    try checkDirectory(site)
    try checkRecords(site)
    try checkList(site)
    try checkDrift(site)
    try checkLedger(site)
    let counts = try checkOnce(site, directoryKills: directoryKills)
    #expect(site.names(in: site.sandbox.spool + "/incoming") == [])
    #expect(site.names(in: site.sandbox.spool + "/taken") == [])
    for name in site.names(in: site.sandbox.spool + "/rejected") where name.hasSuffix(".report") {
      let report = try String(contentsOfFile: site.sandbox.spool + "/rejected/" + name, encoding: .utf8)
      Issue.record("rejected: \(report)")
    }
    return counts
  }

  private func checkLedger(_ site: Site) throws {
    let outcome = try site.buzon("verify", "--json")
    let differing = try JSON(outcome.output)["checks"].array.filter { $0["result"] == "differs" }
    #expect(differing.isEmpty, "\(differing)\(outcome.errors)")
  }

  // MARK: Directory

  private func checkDirectory(_ site: Site) throws {
    let entries = try site.search(
      filter: "(objectClass=inetOrgPerson)", attributes: ["*", "pwdReset", "pwdAccountLockedTime"])
    let found = Dictionary(uniqueKeysWithValues: entries.map { ($0["mail"][0], $0) })
    #expect(Set(found.keys) == Set(model.accounts.keys))
    for (address, account) in model.accounts {
      guard let entry = found[address] else { continue }
      checkAddresses(of: entry, address, account)
      checkFields(of: entry, address, account)
    }
  }

  private func checkAddresses(of entry: LDIFEntry, _ address: String, _ account: Model.Account) {
    let comment = Comment(rawValue: address)
    #expect(entry["mail"] == [address], comment)
    let own = account.isForeign && account.aliases.isEmpty ? [] : account.aliases.union([address])
    #expect(Set(entry["mailLocalAddress"]) == own && entry["mailLocalAddress"].count == own.count, comment)
    // Where another entry has the name already, a number stands behind it.
    let local = String(address.split(separator: "@")[0])
    #expect(entry["uid"].contains { $0 == local || $0.hasPrefix(local + "-") }, comment)
    #expect(entry["objectClass"].contains("buzonAccount") != account.isForeign, comment)
  }

  private func checkFields(of entry: LDIFEntry, _ address: String, _ account: Model.Account) {
    func expect(_ attribute: String, _ values: some Collection<String>) {
      #expect(entry[attribute].sorted() == values.sorted(), "\(attribute) of \(address)")
    }
    func one(_ attribute: String, _ value: String?) { expect(attribute, value.map { [$0] } ?? []) }
    one("cn", account.name)
    one("sn", account.family)
    one("givenName", account.given.isEmpty ? nil : account.given)
    one("pwdAccountLockedTime", account.status == "active" ? nil : "000001010000Z")
    // A list has no password, and what was adopted keeps what it had: here none.
    #expect(entry["userPassword"].allSatisfy { $0.hasPrefix("{SSHA}") })
    #expect(entry["userPassword"].count == (account.mustChange ? 1 : 0), "\(address)")
    one("pwdReset", account.mustChange ? "TRUE" : nil)
    if account.isForeign {
      #expect(entry["buzonRequest"].isEmpty && entry["buzonStatus"].isEmpty && entry["ou"].isEmpty, "\(address)")
      return
    }
    one("title", account.position)
    one("telephoneNumber", account.phone)
    one("ou", account.department)
    one("buzonQuota", account.quota.map { "\($0)" })
    expect("buzonForward", account.forward)
    one("buzonOwner", account.owner)
    expect("buzonList", account.lists)
    expect("buzonMember", account.members)
    one("buzonStatus", account.status)
    one("buzonKind", account.kind)
    one("buzonExpires", account.expires.map { $0.filter { $0 != "-" } + "235959Z" })
    #expect(entry["buzonRetainedSince"].isEmpty != account.isRetained, "\(address)")
  }

  // MARK: Records and list

  private func checkRecords(_ site: Site) throws {
    let records = try site.records()
    #expect(records.keys.count { !$0.hasPrefix("@") } == requests.count)
    for (number, expected) in requests {
      let changes = records[number]?["changes"] as? [[String: Any]] ?? []
      let outcomes = changes.map { $0["outcome"] as? String ?? "" }
      if let wanted = expected.outcomes {
        let found = outcomes.enumerated().map { place, outcome in
          expected.following.contains(place) && outcome == "applied" ? "unchanged" : outcome
        }
        #expect(found == wanted, "\(number): \(changes)")
      } else {
        // They exchange addresses in a ring.
        #expect(outcomes.count { $0 == "failed" } == 1 && outcomes.count { $0 == "skipped" } == expected.count - 1)
      }
      let succeeded = outcomes.count { $0 == "applied" || $0 == "unchanged" }
      let whole = succeeded == expected.count ? "applied" : succeeded == 0 ? "failed" : "partly"
      #expect(records[number]?["outcome"] as? String == whole, "\(number)")
      for (place, change) in changes.enumerated() {
        let handover = model.handovers["\(number)#\(place)"] ?? "none"
        #expect(change["handover"] as? String == handover, "\(number)#\(place)")
      }
    }
    let clocked = records.filter { $0.key.hasPrefix("@") }.values.flatMap { $0["changes"] as? [[String: Any]] ?? [] }
    let others = clocked.filter { !Self.isFollowing($0) }
    #expect(others.allSatisfy { $0["outcome"] as? String == "applied" && $0["handover"] as? String == "none" })
    #expect(others.count { $0["operation"] as? String == "modify" } == clockModified)
    #expect(clocked.count { $0["operation"] as? String == "delete" } == purged)
  }

  /// Whether a change of the clock's makes an account follow what it names, or finds that it does.
  private static func isFollowing(_ change: [String: Any]) -> Bool {
    if change["outcome"] as? String == "unchanged" { return true }
    let keys = (change["values"] as? [[String: Any]] ?? []).map { $0["key"] as? String ?? "" }
    return !keys.isEmpty && keys.allSatisfy(["owner", "lists"].contains)
  }

  private func checkList(_ site: Site) throws {
    let list = try site.accounts()
    let accounts = model.accounts.filter { !$0.value.isForeign }
    #expect(Set(list.keys) == Set(accounts.keys))
    for (address, account) in accounts {
      guard let row = list[address] else { continue }
      #expect(row["kind"] as? String == account.kind, "\(address)")
      #expect(row["name"] as? String == account.name, "\(address)")
      #expect(Set(row["aliases"] as? [String] ?? []) == account.aliases, "\(address)")
      #expect(row["status"] as? String == account.status, "\(address)")
      #expect(row["department"] as? String == account.department, "\(address)")
      #expect(row["quota"] as? Int == account.quota, "\(address)")
      #expect(row["owner"] as? String == account.owner, "\(address)")
      #expect(Set(row["lists"] as? [String] ?? []) == account.lists, "\(address)")
      #expect(row["handover"] as? String == model.handover(of: account), "\(address)")
      #expect((row["drift"] as? [String] ?? []).isEmpty, "\(address)")
    }
  }

  /// Nobody else was here: nothing that we did is reported as drift.
  private func checkDrift(_ site: Site) throws {
    let told = try JSON(site.buzon("drift", "--json").output)
    #expect(told["drift"] == [], "\(told)")
  }

  // MARK: Once

  /// By slapd's own log of writes: each stamp was written once, what was taken back as often as it was applied, and there
  /// are as many deletes as there should be.
  private func checkOnce(_ site: Site, directoryKills: Int) throws -> (lost: Int, twice: Int) {
    let (stamps, deletes) = try site.stampsAndDeletes()
    var (lost, twice) = (0, 0)
    var expectedDeletes = purged
    var known: Set<String> = []
    for (number, expected) in requests {
      expectedDeletes += expected.deletes
      known.formUnion(expected.following.map { "\(number)#\($0)" })
      for place in expected.stamped {
        let stamp = "\(number)#\(place)"
        let times = stamps[stamp] ?? 0
        known.formUnion([stamp, stamp + "-undone"])
        if expected.undone.contains(place) {
          #expect(times == 1 || directoryKills > 0, "\(stamp) \(times) times")
          if expected.undoneWithoutTrace.contains(place) { continue }
          let back = stamps[stamp + "-undone"] ?? 0
          #expect(abs(times - back) <= directoryKills, "\(stamp): \(times) times, taken back \(back) times")
        } else {
          #expect(times <= 1, "\(stamp) \(times) times")
          lost += 1 - min(times, 1)
          twice += max(times, 1) - 1
        }
      }
    }
    let others = stamps.filter { !known.contains($0.key) && !$0.key.hasPrefix("@") }
    #expect(others.isEmpty, "\(others)")
    let followed = try site.records().filter { $0.key.hasPrefix("@") }.values
      .flatMap { $0["changes"] as? [[String: Any]] ?? [] }
      .count { Self.isFollowing($0) && $0["outcome"] as? String == "applied" }
    #expect(stamps.filter { $0.key.hasPrefix("@") }.count == clockModified + followed)
    // slapd logs a write after it has made it, so each kill of slapd may cost the log, not the directory, one line.
    #expect((0...directoryKills).contains(lost))
    let undoneCreates = requests.values.contains { $0.deletes > 0 && !$0.undone.isEmpty }
    #expect(undoneCreates || (0...directoryKills).contains(expectedDeletes - deletes), "\(deletes) deletes")
    return (max(0, lost - directoryKills), twice)
  }
}

extension Site {
  /// The stamps that slapd's own log of writes has below the container, each with how often, and the deletes.
  func stampsAndDeletes() throws -> (stamps: [String: Int], deletes: Int) {
    let writes = try search(
      base: "cn=accesslog",
      filter: "(&(objectClass=auditWriteObject)(reqResult=0)(reqDN:dnSubtreeMatch:=ou=people,\(sandbox.base))"
        + "(!(reqDN=uid=@prime,ou=people,\(sandbox.base))))",
      attributes: ["reqType", "reqMod", "reqDN"])
    var stamps: [String: Int] = [:]
    var deletes = 0
    for write in writes {
      if write["reqType"] == ["delete"] { deletes += 1 }
      for modification in write["reqMod"] where modification.hasPrefix("buzonRequest:") {
        if let stamp = modification.split(separator: " ").last, stamp.contains("#") {
          stamps[String(stamp), default: 0] += 1
        }
      }
    }
    return (stamps, deletes)
  }

  /// An entry as it is made outside Buzón, for ``modify(_:)``.
  func foreign(_ address: String, _ account: Model.Account) -> String {
    let local = address.prefix { $0 != "@" }
    var lines = [
      "dn: \(dn(String(local)))", "changetype: add", "objectClass: inetOrgPerson", "uid: \(local)",
      "cn: \(account.name)", "sn: \(account.family)", "givenName: \(account.given)", "mail: \(address)",
    ]
    if !account.aliases.isEmpty {
      lines.append("objectClass: inetLocalMailRecipient")
      lines += (account.aliases.sorted() + [address]).map { "mailLocalAddress: \($0)" }
    }
    if account.status == "suspended" { lines.append("pwdAccountLockedTime: 000001010000Z") }
    return lines.joined(separator: "\n") + "\n\n"
  }

  /// The directory takes no such title (slapo-constraint(5)): a rule of the place, which no agent can know.
  func refuse(title: String) throws {
    try modify(
      """
      dn: cn=module{0},cn=config
      changetype: modify
      add: olcModuleLoad
      olcModuleLoad: constraint

      dn: olcOverlay=constraint,olcDatabase={1}mdb,cn=config
      changetype: add
      objectClass: olcConstraintConfig
      olcOverlay: constraint
      olcConstraintAttribute: title regex ^[^!]*$

      """)
  }
}
