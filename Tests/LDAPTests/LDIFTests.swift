import LDAP
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct LDIFTests {
  let dn = DN.rdn("uid", "maria").under(Slapd.people)

  @Test func anEntryIsWrittenAsAContentRecord() {
    let entry = Entry(
      dn: dn,
      attributes: [Attribute("cn", ["María", "plain", " lead", "trail ", ":x", "<x", "", "two\nlines", "ok:x"])])
    #expect(
      text(LDIF.bytes(of: entry)) == """
        dn: uid=maria,ou=people,dc=example,dc=org
        cn:: TWFyw61h
        cn: plain
        cn:: IGxlYWQ=
        cn:: dHJhaWwg
        cn:: Ong=
        cn:: PHg=
        cn:
        cn:: dHdvCmxpbmVz
        cn: ok:x


        """)
  }

  @Test func anOperationIsWrittenAsAChangeRecord() {
    let modify = Operation.modify(
      dn,
      [
        .add("mail", ["a@example.org"]), .delete("title"), .replace("sn", ["López"]),
        Modification(.increment, "n", ["1"]),
      ])
    #expect(
      text(LDIF.bytes(of: modify, controls: [.assertion(.equal("uid", "m")), .noOp])) == """
        dn: uid=maria,ou=people,dc=example,dc=org
        control: 1.3.6.1.1.12 true:: owgEA3VpZAQBbQ==
        control: 1.3.6.1.4.1.4203.666.5.2 true
        changetype: modify
        add: mail
        mail: a@example.org
        -
        delete: title
        -
        replace: sn
        sn:: TMOzcGV6
        -
        increment: n
        n: 1
        -


        """)
    #expect(
      text(LDIF.bytes(of: .delete(DN.rdn("uid", "ñ").under(DN())))) == "dn:: dWlkPcOx\nchangetype: delete\n\n")
  }

  @Test func whatWasWrittenComesBack() throws {
    let values: [Value] = ["", "a", " ", "\n", "ñ", Value(bytes: Array(0...255)), Value(bytes: [0]), "-", "dn: x"]
    let changes = [
      LDIF.Change(
        .add(dn, [Attribute("cn", values), Attribute("jpegPhoto;x-y", values)]), controls: [.permissiveModify]),
      LDIF.Change(
        .modify(dn, [.add("a", values), .replace("b", []), .delete("c"), .delete("a", ["x"]), .add("a", ["y"])]),
        controls: [.assertion(.present("a")), .preRead(["*", "+"]), Control(oid: "1.2.3", value: [])]),
      LDIF.Change(.modify(dn, [])), LDIF.Change(.delete(DN.rdn("uid", " ,\n").under(dn))),
    ]
    var bytes: [UInt8] = []
    for change in changes { LDIF.append(change.operation, controls: change.controls, to: &bytes) }
    #expect(try LDIF.changes(bytes) == changes)
    #expect(try LDIF.changes(Array(text(bytes).replacingNewlines().utf8)) == changes)

    let entries = (0..<40).map {
      Entry(dn: dn, attributes: [Attribute("cn", [Value(bytes: Array(repeating: 7, count: $0))])])
    }
    bytes = []
    for entry in entries { LDIF.append(entry, to: &bytes) }
    #expect(try LDIF.entries(bytes) == entries)
  }

  @Test func foldedLinesCommentsAndTheVersionAreUnderstood() throws {
    let folded = "version: 1\n# a comment\n that goes on\n\ndn: uid=ma\n ria,dc=or\n g\ncn:: TWFy\n w61h\nsn: x\n"
    let entry = Entry(
      dn: try DN(parsing: "uid=maria,dc=org"), attributes: [Attribute("cn", ["María"]), Attribute("sn", ["x"])])
    #expect(try LDIF.entries(Array(folded.utf8)) == [entry])
  }

  @Test(arguments: [
    ("no dn", "cn: x\n", 1), ("a dn that is none", "dn: x\n", 1), ("a line without a name", "dn: uid=x\n: y\n", 2),
    ("a line without a colon", "dn: uid=x\ncn\n", 2), ("a file", "dn: uid=x\ncn:< file:///etc/passwd\n", 2),
    ("broken base64", "dn: uid=x\ncn:: YQ=\n", 2), ("base64 with rests of bits", "dn: uid=x\ncn:: YR==\n", 2),
    ("a raw byte", "dn: uid=x\ncn: ñ\n", 2), ("an impossible name", "dn: uid=x\nc n: y\n", 2),
  ])
  func aFaultIsToldWithItsLine(_ name: String, _ text: String, _ line: Int) throws {
    let error = try #require(throws: LDAPError.self) { try LDIF.entries(Array(text.utf8)) }
    #expect("\(error)".contains("LDIF line \(line):"), "\(name): \(error)")
  }

  @Test(arguments: [
    ("no changetype", "dn: uid=x\ncn: y\n"), ("another changetype", "dn: uid=x\nchangetype: modrdn\n"),
    ("a delete with more", "dn: uid=x\nchangetype: delete\ncn: y\n"),
    ("a step without end", "dn: uid=x\nchangetype: modify\nadd: cn\ncn: y\n"),
    ("a step's other attribute", "dn: uid=x\nchangetype: modify\nadd: cn\nsn: y\n-\n"),
    ("a control without criticality", "dn: uid=x\ncontrol: 1.2.3\nchangetype: delete\n"),
    ("a dash in an add", "dn: uid=x\nchangetype: add\ncn: y\n-\n"),
  ])
  func aChangeRecordThatIsNoneIsRefused(_ name: String, _ text: String) {
    #expect(throws: LDAPError.self, "\(name)") { try LDIF.changes(Array(text.utf8)) }
  }

  @Test func theServersOwnToolReadsIt() async throws {
    let slapd = try Slapd.shared.get()
    let (dn, attributes) = person("ldif", [Attribute("description", ["María: <ñ>", " x ", "two\nlines"])])
    let file = "\(slapd.folder)/tool.ldif"
    let changes: [Operation] = [
      .add(dn, attributes), .modify(dn, [.replace("title", ["a", "b"]), .delete("title", ["b"])]),
    ]
    try Command.write(changes.map { text(LDIF.bytes(of: $0)) }.joined(), to: file)
    try Command.run(
      ["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", slapd.ldapi.description, "-f", file], log: "\(file).log")
    let connection = try await slapd.connect()
    let entry = try #require(try await connection.entry(dn))
    #expect(Set(entry["description"]) == ["María: <ñ>", " x ", "two\nlines"])
    #expect(entry["title"] == ["a"])
    try await connection.delete(dn)
  }
}

extension String {
  /// The text with CRLF for each LF.
  fileprivate func replacingNewlines() -> String {
    String(decoding: utf8.flatMap { $0 == 10 ? [13, 10] : [$0] }, as: UTF8.self)
  }
}
