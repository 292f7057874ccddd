import Accounts
import Forms
import LDAP
import Testing
import Text

/// Every field of a modify, each way it can be named: what it makes of one entry, and of the entry that is so already.
@Suite struct ModifyTests {
  typealias Fields = Change.Fields

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var entry: Entry
    var change: @Sendable (inout Fields) -> Void
    /// Empty: nothing differs.
    var expected: [Modification]
    var testDescription: String { name }

    init(
      _ name: String, _ other: [String: [Value]] = [:], _ expected: [Modification] = [],
      _ change: @escaping @Sendable (inout Fields) -> Void
    ) {
      self.name = name
      self.entry = Fixture.entry("ana@example.org", other)
      self.change = change
      self.expected = expected
    }
  }

  static let texts: [Row] = [
    Row("position set", [:], [.replace("title", ["Jefa"])]) { $0.position = .set("Jefa") },
    Row("position so already") { $0.position = .set("Secretaria") },
    Row("position in other letters", [:], [.replace("title", ["SECRETARIA"])]) { $0.position = .set("SECRETARIA") },
    Row("position null", [:], [.replace("title", [])]) { $0.position = .clear },
    Row("position null where there is none", ["title": []]) { $0.position = .clear },
    Row("position set where there are two", ["title": ["Secretaria", "Jefa"]], [.replace("title", ["Jefa"])]) {
      $0.position = .set("Jefa")
    },
    Row("document set", [:], [.replace("employeeNumber", ["1124850000"])]) { $0.document = .set("1124850000") },
    Row("document so already", ["employeeNumber": ["1124850000"]]) { $0.document = .set("1124850000") },
    Row("document null", ["employeeNumber": ["1124850000"]], [.replace("employeeNumber", [])]) { $0.document = .clear },
    Row("document null where there is none") { $0.document = .clear },
    Row("department set", [:], [.replace("ou", ["Hacienda"])]) { $0.department = "Hacienda" },
    Row("department so already") { $0.department = "Sistemas" },
    Row("phone set", [:], [.replace("telephoneNumber", ["+57 8 4201515"])]) { $0.phone = .set("+57 8 4201515") },
    Row("phone null", ["telephoneNumber": ["+57 8 4201515"]], [.replace("telephoneNumber", [])]) { $0.phone = .clear },
    Row("phone null where there is none") { $0.phone = .clear },
    Row("owner set", [:], [.replace("buzonOwner", ["jefe@example.org"])]) {
      $0.owner = .set(Forms.Address(known: "jefe@example.org"))
    },
    Row("owner so already", ["buzonOwner": ["jefe@example.org"]]) {
      $0.owner = .set(Forms.Address(known: "Jefe@example.org"))
    },
    Row("owner null", ["buzonOwner": ["jefe@example.org"]], [.replace("buzonOwner", [])]) { $0.owner = .clear },
    Row("keep_copy set", ["buzonForward": ["a@example.com"]], [.replace("buzonKeepCopy", ["FALSE"])]) {
      $0.keepCopy = .set(false)
    },
    Row("keep_copy set again", ["buzonKeepCopy": ["FALSE"]], [.replace("buzonKeepCopy", ["TRUE"])]) {
      $0.keepCopy = .set(true)
    },
    Row("keep_copy so already", ["buzonKeepCopy": ["TRUE"]]) { $0.keepCopy = .set(true) },
    Row("keep_copy null", ["buzonKeepCopy": ["FALSE"]], [.replace("buzonKeepCopy", [])]) { $0.keepCopy = .clear },
    Row("quota set", [:], [.replace("buzonQuota", ["10737418240"])]) { $0.quota = .set(ByteCount(known: 10 << 30)) },
    Row("quota so already") { $0.quota = .set(ByteCount(known: 1 << 30)) },
    Row("quota null is the policy's", [:], [.replace("buzonQuota", ["5368709120"])]) { $0.quota = .clear },
    Row("quota null where it is the policy's", ["buzonQuota": ["5368709120"]]) { $0.quota = .clear },
    Row("expires set", [:], [.replace("buzonExpires", ["20270228235959Z"])]) {
      $0.expires = Day(year: 2027, month: 2, day: 28).map(Change.Setting.set) ?? .keep
    },
    Row("expires so already", ["buzonExpires": ["20270228235959Z"]]) {
      $0.expires = Day(year: 2027, month: 2, day: 28).map(Change.Setting.set) ?? .keep
    },
    Row("expires null", ["buzonExpires": ["20270228235959Z"]], [.replace("buzonExpires", [])]) { $0.expires = .clear },
    Row("expires null where there is none") { $0.expires = .clear },
    Row(
      "name set", [:],
      [
        .replace("cn", ["Ana Lucía Rosero"]), .replace("givenName", ["Ana Lucía"]),
        .replace("displayName", ["Ana Lucía Rosero"]),
      ]
    ) { $0.name = .person(given: "Ana Lucía", family: "Rosero") },
    Row("name so already") { $0.name = .person(given: "Ana", family: "Rosero") },
    Row("a name that was left half outside Buzón", ["displayName": []], [.replace("displayName", ["Ana Rosero"])]) {
      $0.name = .person(given: "Ana", family: "Rosero")
    },
    Row(
      "name of a functional account", ["buzonKind": ["functional"]],
      [
        .replace("cn", ["Prensa"]), .replace("sn", ["Prensa"]), .replace("givenName", []),
        .replace("displayName", ["Prensa"]),
      ]
    ) { $0.name = .display("Prensa") },
    Row(
      "several fields", [:],
      [.replace("title", ["Jefa"]), .replace("ou", ["Hacienda"]), .add("buzonList", ["todos@example.org"])]
    ) {
      $0.position = .set("Jefa")
      $0.department = "Hacienda"
      $0.lists.added = [Forms.Address(known: "todos@example.org")]
    },
    Row("one of several differs", [:], [.replace("ou", ["Hacienda"])]) {
      $0.position = .set("Secretaria")
      $0.department = "Hacienda"
    },
  ]

  private static func addresses(_ texts: String...) -> [Forms.Address] { texts.map { Forms.Address(known: $0) } }
  private static func external(_ texts: String...) -> [ExternalAddress] { texts.map { ExternalAddress(known: $0) } }
  private static let held: [Value] = ["Ana@example.org", "a@example.org", "b@example.org"]

  static let lists: [Row] = [
    Row("alias added", [:], [.add("mailLocalAddress", ["a@example.org"])]) {
      $0.aliases.added = addresses("a@example.org")
    },
    Row("alias added twice", [:], [.add("mailLocalAddress", ["a@example.org"])]) {
      $0.aliases.added = addresses("a@example.org", "A@example.org")
    },
    Row("alias set twice", [:], [.add("mailLocalAddress", ["a@example.org"])]) {
      $0.aliases.replacement = addresses("a@example.org", "a@example.org")
    },
    Row("alias that is there in capitals", ["mailLocalAddress": ["ana@example.org", "A@Example.org"]]) {
      $0.aliases.added = addresses("a@example.org")
    },
    Row("alias removed", ["mailLocalAddress": held], [.delete("mailLocalAddress", ["a@example.org"])]) {
      $0.aliases.removed = addresses("a@example.org")
    },
    Row(
      "alias removed that is there in capitals", ["mailLocalAddress": ["ana@example.org", "A@Example.org"]],
      [.delete("mailLocalAddress", ["A@Example.org"])]
    ) { $0.aliases.removed = addresses("a@example.org") },
    Row("alias removed that isn't there") { $0.aliases.removed = addresses("a@example.org") },
    Row(
      "one alias added, one removed", ["mailLocalAddress": held],
      [.delete("mailLocalAddress", ["a@example.org"]), .add("mailLocalAddress", ["c@example.org"])]
    ) {
      $0.aliases.added = addresses("c@example.org")
      $0.aliases.removed = addresses("a@example.org")
    },
    Row(
      "aliases set", ["mailLocalAddress": held],
      [.delete("mailLocalAddress", ["a@example.org"]), .add("mailLocalAddress", ["c@example.org"])]
    ) { $0.aliases.replacement = addresses("b@example.org", "c@example.org") },
    Row("aliases so already", ["mailLocalAddress": held]) {
      $0.aliases.replacement = addresses("b@example.org", "a@example.org")
    },
    Row(
      "aliases null leaves the primary", ["mailLocalAddress": held],
      [.delete("mailLocalAddress", ["a@example.org", "b@example.org"])]
    ) { $0.aliases.replacement = [] },
    Row("the primary can't be removed as an alias") { $0.aliases.removed = addresses("ana@example.org") },
    Row(
      "a primary missing among the addresses comes back with any change", ["mailLocalAddress": ["a@example.org"]],
      [.add("mailLocalAddress", ["ana@example.org"]), .replace("title", ["Jefa"])]
    ) { $0.position = .set("Jefa") },
    Row("forward added", [:], [.add("buzonForward", ["ana@example.com"])]) {
      $0.forward.added = external("ana@example.com")
    },
    Row("forward removed", ["buzonForward": ["ana@example.com"]], [.delete("buzonForward", ["ana@example.com"])]) {
      $0.forward.removed = external("ana@example.com")
    },
    Row(
      "forward set", ["buzonForward": ["ana@example.com"]],
      [.delete("buzonForward", ["ana@example.com"]), .add("buzonForward", ["b@example.com"])]
    ) { $0.forward.replacement = external("b@example.com") },
    Row("forward null", ["buzonForward": ["ana@example.com"]], [.delete("buzonForward", ["ana@example.com"])]) {
      $0.forward.replacement = []
    },
    Row("forward null where there is none") { $0.forward.replacement = [] },
    Row("list added", ["buzonList": ["a@example.org"]], [.add("buzonList", ["b@example.org"])]) {
      $0.lists.added = addresses("a@example.org", "b@example.org")
    },
    Row("list removed", ["buzonList": ["a@example.org"]], [.delete("buzonList", ["a@example.org"])]) {
      $0.lists.removed = addresses("a@example.org")
    },
    Row("lists set", ["buzonList": ["a@example.org"]], [.add("buzonList", ["b@example.org"])]) {
      $0.lists.replacement = addresses("a@example.org", "b@example.org")
    },
    Row("member added", ["buzonKind": ["list"], "buzonQuota": []], [.add("buzonMember", ["x@example.com"])]) {
      $0.members.added = external("x@example.com")
    },
    Row(
      "member removed", ["buzonKind": ["list"], "buzonMember": ["x@example.com", "y@example.com"]],
      [.delete("buzonMember", ["x@example.com"])]
    ) { $0.members.removed = external("x@example.com") },
    Row(
      "members set", ["buzonKind": ["list"], "buzonMember": ["x@example.com", "y@example.com"]],
      [.delete("buzonMember", ["x@example.com"])]
    ) { $0.members.replacement = external("y@example.com") },
  ]

  @Test(arguments: texts + lists) func aModifyNamesWhatDiffersAndNoMore(_ row: Row) {
    let plan = Fixture.modify([row.entry], row.change)
    if row.expected.isEmpty {
      #expect(plan == .unchanged(row.entry))
    } else {
      #expect(plan.modifications == row.expected)
      #expect(plan.intent?.operation.dn == row.entry.dn)
    }
  }

  @Test func aListOfThousandsCostsWhatChangesInIt() {
    let members = (0..<5_000).map { ExternalAddress(known: "m\($0)@example.com") }
    let entry = Fixture.entry(
      "ana@example.org", ["buzonKind": ["list"], "buzonMember": members.map { Value($0.text) }])
    let kept = Array(members.dropFirst()) + [ExternalAddress(known: "new@example.com")]
    let clock = ContinuousClock()
    let took = clock.measure {
      let plan = Fixture.modify([entry]) { $0.members.replacement = kept }
      #expect(
        plan.modifications == [.delete("buzonMember", ["m0@example.com"]), .add("buzonMember", ["new@example.com"])])
      #expect(Fixture.modify([entry]) { $0.members.removed = members }.modifications?.first?.values.count == 5_000)
    }
    // 25 million comparisons would take many times as long, in a debug build too.
    #expect(took < .seconds(30))
  }
}
