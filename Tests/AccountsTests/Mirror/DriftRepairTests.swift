import Accounts
import Forms
import LDAP
import Support
import Testing
import Text

/// The form that puts an account right again, after its entry was changed outside Buzón.
@Suite struct DriftRepairTests {
  private static let rules: Rules = {
    guard let today = Day(year: 2026, month: 11, day: 22) else { preconditionFailure("2026-11-22 is a day") }
    return Rules(domains: ["example.org"], today: today, approvers: ["*": ["jefe"]])
  }()

  private static func entry(_ other: [String: [Value]] = [:]) -> Entry { Fixture.entry("ana@example.org", other) }

  /// What the repair of one account comes to, alone in its directory; its notes without its address.
  private struct Alone: Equatable {
    var changes: [Change]
    var notes: [String]
  }

  private static func repair(_ expected: Entry?, _ present: Entry?) -> Alone {
    let address = "ana@example.org"
    let repair = DriftRepair(
      [.init(entryUUID: Fixture.uuid, address: address, expected: expected.map { ManagedImage($0) })],
      entries: present.map { [$0] } ?? [], references: nil, rules: rules, context: Fixture.context)
    return Alone(
      changes: repair.changes, notes: repair.notes.map { String($0.dropFirst(address.count + 2)) })
  }

  /// The form of a repair as the reader takes it: what is carried out is what was approved.
  private static func read(_ changes: [Change]) throws -> [Change] {
    let request = Request(
      number: "R-1", department: "Sistemas", requester: .init(name: "Ana"),
      approval: .init(by: "jefe", date: rules.today), changes: changes)
    guard case .request(let read) = FormReader.read(FormWriter.write(request), rules: rules) else {
      Issue.record("\(FormReader.read(FormWriter.write(request), rules: rules))")
      return []
    }
    return read.changes
  }

  /// The entry after the form: planned and applied change after change.
  private static func applied(_ changes: [Change], to entry: Entry?) throws -> Entry? {
    var tree = SmallTree(entry.map { [$0] } ?? [])
    if changes.isEmpty { return entry }
    for (index, change) in try read(changes).enumerated() {
      let plan = Plan.make(
        change, department: "Sistemas", stamp: Stamp(number: "R-1", index: index), holders: tree.holders,
        context: Fixture.context)
      #expect(tree.perform(try #require(plan.intent, "\(plan)")) == nil)
    }
    #expect(tree.entries.count == 1)
    return tree.entries.values.first
  }

  private static func lines(_ changes: [Change]) -> [String] {
    let request = Request(
      number: "R-1", department: "D", requester: .init(name: "A"), approval: .init(by: "j", date: rules.today),
      changes: changes)
    let text = String(decoding: FormWriter.write(request), as: UTF8.self)
    return text.split(separator: "\n").drop { $0 != "changes:" }.dropFirst().map { String($0.drop { $0 == " " }) }
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var expected: [String: [Value]]
    var present: [String: [Value]]
    var form: [String]
    var notes: [String]

    init(
      _ name: String, expected: [String: [Value]] = [:], present: [String: [Value]], form: [String],
      notes: [String] = []
    ) {
      (testDescription, self.expected, self.present, self.form, self.notes) = (name, expected, present, form, notes)
    }
  }

  private static let modify = ["- modify:", "address: ana@example.org"]

  static let rows = [
    Row("no drift", present: [:], form: []),
    Row("a value", present: ["title": ["Jefa"]], form: modify + ["set: {position: Secretaria}"]),
    Row("a value that was none", present: ["telephoneNumber": ["1"]], form: modify + ["set: {phone: null}"]),
    Row(
      "an identity number", expected: ["employeeNumber": ["1124850000"]], present: ["employeeNumber": ["4711"]],
      form: modify + ["set: {document: \"1124850000\"}"]),
    Row(
      "a forward from outside Buzón", expected: ["buzonForward": ["x@example.com"]],
      present: ["buzonForward": ["x@example.com", "eve@example.com"]],
      form: modify + ["remove: {forward: [eve@example.com]}"]),
    Row(
      "a forward that is not an address", present: ["buzonForward": ["eve"]], form: modify + ["set: {forward: []}"]),
    Row(
      "a lock without a status", present: ["pwdAccountLockedTime": ["000001010000Z"]],
      form: modify + ["set: {status: active}"]),
    Row(
      "a lock that was taken away",
      expected: ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]],
      present: ["buzonStatus": ["suspended"]], form: modify + ["set: {status: suspended}"]),
    Row(
      "another primary address",
      present: ["mail": ["eve@example.org"], "mailLocalAddress": ["eve@example.org", "ana@example.org"]],
      form: [
        "- modify:", "address: eve@example.org", "set: {address: ana@example.org}", "- modify:",
        "address: ana@example.org", "remove: {aliases: [eve@example.org]}",
      ]),
    Row(
      "a second primary address", present: ["mail": ["ana@example.org", "eve@example.org"]],
      form: [
        "- modify:", "address: eve@example.org", "set: {address: ana@example.org}", "- modify:",
        "address: ana@example.org", "remove: {aliases: [eve@example.org]}",
      ]),
    Row(
      "the primary isn't among the addresses", present: ["mailLocalAddress": ["b@example.org"]],
      form: modify + ["set: {aliases: []}"]),
    Row(
      "retained outside Buzón",
      expected: ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]],
      present: [
        "buzonStatus": ["retained"], "pwdAccountLockedTime": ["000001010000Z"],
        "buzonRetainedSince": ["20260101000000Z"],
      ], form: modify + ["set: {status: active}"] + modify + ["set: {status: suspended}"]),
    Row(
      "activated outside Buzón",
      expected: [
        "buzonStatus": ["retained"], "pwdAccountLockedTime": ["000001010000Z"],
        "buzonRetainedSince": ["20261122110523Z"],
      ], present: ["title": ["Jefa"]],
      form: modify + ["set: {position: Secretaria}", "- delete: {address: ana@example.org}"]),
    Row(
      "retained, and changed",
      expected: ["buzonStatus": ["retained"]], present: ["buzonStatus": ["retained"], "title": ["Jefa"]], form: [],
      notes: [
        "ana@example.org is retained after a delete",
        "title should be Secretaria and is Jefa; no form can put that right",
      ]),
    Row(
      "no account any more",
      present: ["buzonKind": [], "buzonStatus": [], "buzonQuota": [], "objectClass": ["inetOrgPerson"]],
      form: ["- adopt: {address: ana@example.org}"] + modify + ["set: {quota: 1 GiB}"]),
    Row(
      "a name", present: ["cn": ["Eve"], "displayName": ["Eve"]],
      form: modify + ["set: {name: {given: Ana, family: Rosero}}"]),
    Row(
      "a name that no form can say", expected: ["cn": ["A. Rosero"]], present: ["cn": ["Eve"]], form: [],
      notes: ["cn should be A. Rosero and is Eve; no form can put that right"]),
    Row(
      "an identity number that no form can say", expected: ["employeeNumber": ["112 é 4850000"]], present: [:],
      form: [],
      notes: [
        "modify.set.document: is not written as it should be",
        "employeeNumber lacks ***; no form can put that right",
      ]),
    Row(
      "a uid, a kind, a value under an option",
      present: ["uid": ["ana", "eve"], "buzonKind": ["functional"], "mailLocalAddress;lang-es": ["eve@example.org"]],
      form: [],
      notes: [
        "uid has eve besides; no form can put that right",
        "mailLocalAddress has (lang-es) eve@example.org besides; no form can put that right",
        "buzonKind should be person and is functional; no form can put that right",
      ]),
    Row(
      "a last day that is over", expected: ["buzonExpires": ["20261121235959Z"]],
      present: ["title": ["Jefa"]], form: modify + ["set: {position: Secretaria}"],
      notes: [
        "modify.set.expires: 2026-11-21 is in the past",
        "buzonExpires lacks 20261121235959Z; no form can put that right",
      ]),
    Row(
      "the stamp alone", present: ["buzonRequest": ["x"]], form: [],
      notes: ["buzonRequest was changed outside Buzón; the next request writes its own"]),
    Row(
      "the stamp, and more", present: ["buzonRequest": ["x"], "title": []],
      form: modify + ["set: {position: Secretaria}"]),
    Row(
      "a primary address that no form can name", present: ["mail": ["ana@example.com"]], form: [],
      notes: [
        "modify.address: 'ana@example.com' is not in a domain of ours",
        "mail should be ana@example.org and is ana@example.com; no form can put that right",
      ]),
  ]

  @Test(arguments: rows) func driftIsPutRightByAForm(_ row: Row) throws {
    let (expected, present) = (Self.entry(row.expected), Self.entry(row.present))
    let repair = Self.repair(expected, present)
    #expect(Self.lines(repair.changes) == row.form)
    #expect(repair.notes == row.notes)
    let after = try #require(try Self.applied(repair.changes, to: present))
    let left = ManagedImage(after).differences(from: ManagedImage(expected)).filter { $0.attribute != "buzonRequest" }
    let noted = row.notes.filter { $0.hasSuffix("no form can put that right") }
    #expect(left.count == noted.count)
  }

  @Test func anEntryThatHasGoneIsMadeAgain() throws {
    let expected = Self.entry([
      "buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"], "employeeNumber": ["1124850000"],
      "mailLocalAddress": ["ana@example.org", "a@example.org"], "buzonForward": ["x@example.com"],
      "buzonKeepCopy": ["FALSE"], "buzonList": ["l@example.org"], "buzonExpires": ["20261231235959Z"],
      "buzonOwner": ["b@example.org"], "telephoneNumber": ["1"],
    ])
    let repair = Self.repair(expected, nil)
    #expect(repair.changes.map(\.name) == ["create", "modify"] && repair.notes == [])
    let after = try #require(try Self.applied(repair.changes, to: nil))
    #expect(ManagedImage(after).differences(from: ManagedImage(expected)).map(\.attribute) == ["buzonRequest"])
  }

  @Test(
    arguments: [
      ("retained", ["buzonStatus": ["retained"]], []), ("of no kind", ["buzonKind": ["robot"]], []),
      ("without a given name", ["givenName": []], []),
      (
        "of a functional account without an owner", ["buzonKind": ["functional"]],
        ["create.owner: is missing"]
      ),
    ] as [(String, [String: [Value]], [String])])
  func whatNoFormCanMakeAgainIsTold(_ name: String, _ other: [String: [Value]], _ why: [String]) {
    let repair = Self.repair(Self.entry(other), nil)
    #expect(repair.changes == [])
    #expect(repair.notes == ["the entry has gone, and no form can make it again as it was"] + why)
  }

  @Test func anEntryOfOtherHandsIsAdopted() throws {
    let foreign = Self.entry(["objectClass": ["inetOrgPerson"], "buzonKind": [], "buzonStatus": [], "buzonRequest": []])
    let repair = Self.repair(nil, foreign)
    #expect(Self.lines(repair.changes) == ["- adopt: {address: ana@example.org}"] && repair.notes == [])
    // An account of our class that no request made gets its stamp by it.
    let unmarked = Self.repair(nil, Self.entry(["buzonRequest": []]))
    #expect(Self.lines(unmarked.changes) == ["- adopt: {address: ana@example.org}"] && unmarked.notes == [])
    // An adopt that changes nothing in the entry makes it the procedure's all the same.
    let copied = Self.repair(nil, Self.entry())
    #expect(Self.lines(copied.changes) == ["- adopt: {address: ana@example.org}"] && copied.notes == [])
    #expect(Self.repair(nil, Self.entry(["mail": ["x"]])).notes.count == 1)
    #expect(Self.repair(nil, Self.entry(["mail": ["x@example.com"]])).notes.count == 1)
    #expect(Self.repair(nil, nil) == Self.repair(Self.entry(), Self.entry()))
  }

  /// The heart of it: what a repair leaves is as it should be but for what it tells, and its form is a good one.
  @Test func whateverOtherHandsDidTheFormPutsItRightOrSaysSo() throws {
    var random = SeededGenerator(seed: 2_026)
    var whole = 0
    var noted = 0
    for round in 0..<1_500 {
      let expected = RandomAccount.entry(&random)
      let present = RandomDrift.apply(to: expected, &random)
      let repair = Self.repair(expected, present)
      let note: Comment = "round \(round): \(Self.lines(repair.changes)) \(repair.notes)"
      let after = try Self.applied(repair.changes, to: present)
      let left = after.map {
        ManagedImage($0).differences(from: ManagedImage(expected)).map(\.attribute).filter { $0 != "buzonRequest" }
      }
      if let left {
        for attribute in left { #expect(repair.notes.contains { $0.hasPrefix("\(attribute) ") }, note) }
        if left.isEmpty { whole += 1 } else { noted += 1 }
      } else {
        #expect(repair.notes.first?.contains("has gone") == true, note)
      }
    }
    #expect(whole > 300 && noted > 300)
  }

  /// Of an account that a request left as forms leave them a form can say all but these.
  @Test func whatAFormCouldSayItSays() throws {
    var random = SeededGenerator(seed: 2_027)
    var whole = 0
    for round in 0..<1_000 {
      let expected = RandomDrift.wellFormed(&random)
      let present = RandomDrift.apply(
        to: expected, but: ["buzonKind", expected["buzonKind"] == ["list"] ? "buzonQuota" : "buzonMember"], &random)
      if present["buzonStatus"] == ["retained"], expected["buzonStatus"] == ["retained"] { continue }
      let repair = Self.repair(expected, present)
      let after = try #require(try Self.applied(repair.changes, to: present))
      let left = ManagedImage(after).differences(from: ManagedImage(expected)).map(\.attribute)
      #expect(
        Set(left).isSubset(of: ["buzonRequest", "uid", "buzonRetainedSince"]),
        "round \(round): \(Self.lines(repair.changes)) \(repair.notes)")
      if Set(left).isSubset(of: ["buzonRequest"]) { whole += 1 }
    }
    #expect(whole > 500)
  }

  @Test func hostileEntriesAreNoMatter() throws {
    let evil: [Value] = [
      Value(bytes: [0, 0xFF]), "a\nb: c", Value(bytes: Array(repeating: 0x41, count: 100_000)), "", "*)(uid=*",
    ]
    for name in [
      "uid", "mail", "mailLocalAddress", "title", "buzonKind", "buzonStatus", "buzonForward", "buzonExpires", "cn",
    ] {
      for present in [[evil[0]], evil] {
        let repair = Self.repair(Self.entry(), Self.entry([name: present]))
        #expect((repair.notes + [""]).allSatisfy { !$0.utf8.contains { $0 < 0x20 } && $0.unicodeScalars.count < 700 })
        _ = try Self.read(
          repair.changes.isEmpty ? [.adopt(.init(address: Forms.Address(known: "a@example.org")))] : repair.changes)
        _ = Self.repair(Self.entry([name: present]), Self.entry())
        _ = Self.repair(Self.entry([name: present]), nil)
        _ = Self.repair(nil, Self.entry([name: present]))
      }
    }
  }
}

/// Changes of an entry outside Buzón.
enum RandomDrift {
  /// An account as forms leave one.
  static func wellFormed(_ random: inout SeededGenerator) -> Entry {
    var entry = RandomAccount.entry(&random)
    func put(_ name: String, _ values: [Value]) {
      entry.attributes.removeAll { $0.name == name }
      if !values.isEmpty { entry.attributes.append(Attribute(name, values)) }
    }
    let isPerson = entry["buzonKind"] == ["person"]
    put("cn", ["Ana Rosero"])
    put("displayName", ["Ana Rosero"])
    put("sn", isPerson ? ["Rosero"] : ["Ana Rosero"])
    put("givenName", isPerson ? ["Ana"] : [])
    for name in ["title", "ou", "telephoneNumber", "employeeNumber"] {
      put(name, name == "ou" || !entry[name].isEmpty ? [Value("\(random.next() % 3)")] : [])
    }
    put("buzonList", entry["buzonList"].filter { $0 != "ana@example.org" })
    put(
      "mailLocalAddress",
      entry["mailLocalAddress"].filter { $0 != "ANA@example.org" && $0 != "ana@example.org" } + ["ana@example.org"])
    if entry["buzonForward"].isEmpty { put("buzonKeepCopy", []) }
    if entry["buzonStatus"] == ["retained"] { put("buzonRetainedSince", ["20261122110523Z"]) }
    return entry
  }

  static func apply(to entry: Entry, but kept: Set<String> = [], _ random: inout SeededGenerator) -> Entry {
    let other = RandomAccount.entry(&random)
    var attributes = entry.attributes
    for _ in 0...random.next() % 4 {
      let name =
        [
          "title", "ou", "displayName", "employeeNumber", "telephoneNumber", "cn", "buzonOwner", "buzonKeepCopy",
          "buzonQuota", "buzonExpires", "buzonForward", "buzonList", "buzonMember", "mailLocalAddress", "uid", "mail",
          "buzonStatus", "buzonKind", "pwdAccountLockedTime", "buzonRequest", "buzonRetainedSince",
        ].randomElement(using: &random) ?? "title"
      if kept.contains(name) { continue }
      attributes.removeAll { $0.name == name }
      let values = name == "mail" && random.next() % 2 == 0 ? ["eve@example.org"] : other[name]
      if !values.isEmpty { attributes.append(Attribute(name, values)) }
      if name == "mailLocalAddress", values.isEmpty { attributes.append(Attribute(name, ["eve@example.org"])) }
    }
    return Entry(dn: entry.dn, attributes: attributes)
  }
}
