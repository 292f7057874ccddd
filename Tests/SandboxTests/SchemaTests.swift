import Glibc
import Sandbox
import Testing

@Suite struct SchemaForms {
  @Test func bothFormsOfTheSchemaDefineTheSame() throws {
    let folder = try temporaryFolder()
    defer { _ = try? Program.run("/bin/rm", ["-rf", folder]) }
    for name in ["from-schema", "from-ldif"] { #expect(mkdir("\(folder)/\(name)", 0o700) == 0) }
    let standard = ["core", "cosine", "inetorgperson", "misc"]

    let conf = (standard.map { "/etc/ldap/schema/\($0).schema" } + ["\(project)/schema/buzon.schema"])
      .map { "include \($0)\n" }.joined()
    try write("\(folder)/slapd.conf", conf)
    let slaptest = try Program.run(
      try Program.path("slaptest", package: "slapd"), ["-f", "\(folder)/slapd.conf", "-F", "\(folder)/from-schema"])
    #expect(slaptest.status == 0, "\(slaptest.text)")

    let ldif =
      "dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n"
      + "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
      + (standard.map { "/etc/ldap/schema/\($0).ldif" } + ["\(project)/schema/buzon.ldif"])
      .map { "include: file://\($0)\n\n" }.joined()
    let slapadd = try Program.run(
      try Program.path("slapadd", package: "slapd"), ["-n", "0", "-F", "\(folder)/from-ldif"], input: Array(ldif.utf8))
    #expect(slapadd.status == 0, "\(slapadd.text)")

    let fromSchema = try definitions("\(folder)/from-schema/cn=config/cn=schema/cn={4}buzon.ldif")
    let fromLDIF = try definitions("\(folder)/from-ldif/cn=config/cn=schema/cn={4}buzon.ldif")
    #expect(fromSchema == fromLDIF)
    #expect(fromLDIF.count == 3 + 11 + 1)
  }

  @Test func theReadmeListsEveryObjectIdentifier() throws {
    let readme = try Program.run("/bin/cat", ["\(project)/schema/README.md"]).text
    let schema = try Program.run("/bin/cat", ["\(project)/schema/buzon.schema"]).text
    var names = 0
    for line in schema.utf8.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard words.count >= 5, ["attributetype", "objectclass"].contains(words[0]) else { continue }
      let arc = words[0] == "attributetype" ? "1" : "2"
      let number = String(decoding: words[2].utf8.split(separator: UInt8(ascii: ":"))[1], as: UTF8.self)
      let name = String(decoding: words[4].utf8.filter { $0 != UInt8(ascii: "'") }, as: UTF8.self)
      #expect(readme.contains("| .\(arc).\(number) | `\(name)` |"), "\(name)")
      names += 1
    }
    #expect(names == 12)
  }

  @Test(arguments: [
    ("buzonKind", "buzonKind: person\n"), ("buzonStatus", "buzonStatus: active\n"),
    ("mailLocalAddress", "mailLocalAddress: rosa@example.org\n"), ("mail", "mail: rosa@example.org\n"),
  ])
  func anAccountMustHave(attribute: String, line: String) throws {
    let fixture = try Fixture()
    let whole = Array(accountRecord("rosa", base: fixture.sandbox.base).utf8)
    let start = try #require(
      whole.indices.first { whole[$0...].starts(with: line.utf8) && whole[$0 - 1] == UInt8(ascii: "\n") })
    let without = String(decoding: whole[..<start] + whole[(start + line.utf8.count)...], as: UTF8.self)
    #expect(try fixture.agent.apply(without) == Code.objectClassViolation)
  }

  @Test(arguments: [
    "buzonKind", "buzonStatus", "buzonQuota", "buzonForward", "buzonKeepCopy", "buzonOwner", "buzonList", "buzonMember",
    "buzonExpires", "buzonRetainedSince", "buzonRequest",
  ])
  func aValueCanBeAssertedAndDeletedByName(attribute: String) throws {
    let fixture = try Fixture()
    let extra = "buzonMember: fuera@example.net\nbuzonRetainedSince: 20261122120000Z"
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base, extra: extra)) == Code.success)
    let rosa = fixture.account("rosa")
    let line = try #require(try fixture.agent.read(rosa, attribute)?.first)
    let value = String(decoding: line.utf8.dropFirst(attribute.utf8.count + 2), as: UTF8.self)
    #expect(try fixture.agent.search("ou=people,\(fixture.sandbox.base)", "(\(attribute)=\(value))") == ["dn: \(rosa)"])
    let required = ["buzonKind", "buzonStatus"].contains(attribute)
    let change = "dn: \(rosa)\nchangetype: modify\ndelete: \(attribute)\n\(line)\n"
    #expect(try fixture.agent.apply(change) == (required ? Code.objectClassViolation : Code.success))
  }

  /// Extra lines of a line folded by LDIF joined, the numbers in braces and doubled spaces dropped.
  private func definitions(_ path: String) throws -> Set<String> {
    let text = try Program.run("/bin/cat", [path])
    #expect(text.status == 0, "\(text.text)")
    var lines: [[UInt8]] = []
    for line in text.output.split(separator: UInt8(ascii: "\n")) {
      if line.first == UInt8(ascii: " "), !lines.isEmpty {
        lines[lines.count - 1] += line.dropFirst()
      } else {
        lines.append(Array(line))
      }
    }
    let wanted = lines.filter { line in
      ["olcObjectIdentifier:", "olcAttributeTypes:", "olcObjectClasses:"].contains { line.starts(with: $0.utf8) }
    }
    return Set(
      wanted.map { line in
        var words = line.split(separator: UInt8(ascii: " ")).map(Array.init)
        if words.count > 1, words[1].first == UInt8(ascii: "{"), let end = words[1].firstIndex(of: UInt8(ascii: "}")) {
          words[1].removeSubrange(...end)
        }
        return words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      })
  }
}
