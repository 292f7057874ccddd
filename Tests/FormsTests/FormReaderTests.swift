import Forms
import Testing
import Text
import Translations

@Suite("A form is read")
struct FormReaderTests {
  private static let refusedRows = [
    Row.refusedDocuments, Row.refusedForms, Row.refusedAddresses, Row.refusedCreates, Row.refusedModifies,
    Row.refusedDeletes, Row.refusedJSON,
  ].flatMap(\.self)

  @Test("and refused with every finding at its place", arguments: refusedRows)
  func refused(row: Row) throws {
    #expect(problems(row.bytes, try rules()) == row.findings)
  }

  @Test("and each finding is one harmless line with a remedy", arguments: refusedRows)
  func lines(row: Row) throws {
    guard case .invalid(let findings) = FormReader.read(row.bytes, rules: try rules()) else {
      Issue.record("the form was accepted")
      return
    }
    for finding in findings {
      #expect(!finding.remedy.isEmpty)
      let line = finding.line(file: "evil\u{1B}[2J\nname\u{202E}.yaml")
      #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E })
      #expect(line.utf8.count < 700)
    }
  }

  @Test("and each finding has its Spanish", arguments: refusedRows)
  func spanish(row: Row) throws {
    guard case .invalid(let findings) = FormReader.read(row.bytes, rules: try rules()) else { return }
    for finding in findings {
      for text in [finding.problem, finding.remedy] where !text.isEmpty {
        #expect(Catalogue.spanish.text(of: text) != nil, "\(text)")
      }
    }
  }

  @Test("and accepted", arguments: Row.accepted)
  func accepted(row: Row) throws {
    #expect(problems(row.bytes, try rules()) == [])
    guard case .request(let request) = FormReader.read(row.bytes, rules: try rules()) else { return }
    #expect(request.changes.count == 1)
    // What was accepted once is read for ever, whatever the policy says by then.
    #expect(try FormReader.reread(row.bytes) == request)
  }

  @Test("again by its shape alone, whatever the policy says now")
  func rereadIgnoresThePolicy() throws {
    let text = create("expires: 2026-12-31").replacing("number", with: "form: FT-GTI-006\nnumber")
    let then = try request(text, rules())
    let later = try rules { rules in
      rules.formCode = "FT-GTI-007"
      rules.domains = ["example.net"]
      rules.today = Day(parsing: "2028-01-01") ?? rules.today
    }
    #expect(problems(Array(text.utf8), later).count == 4)
    #expect(try FormReader.reread(Array(text.utf8)) == then)
    #expect(throws: FormReader.Unreadable.self) { try FormReader.reread(Array("number: 1".utf8)) }
  }

  @Test("with text as it stands and addresses in lower case")
  func values() throws {
    let text = """
      number: 0142
      department: Secretaría de Salud
      requester: {name: "Ana Lucía", address: Ana@Example.ORG}
      approval: {by: jefe, date: 2026-11-21, reference: no}
      atomic: true
      changes:
        - create:
            address: M.Lopez@example.org
            name: {given: María, family: 1.0}
            document: 0112
            forward: [Maria@Example.COM]
            keep_copy: false
            quota: 1536 MiB
            expires: 2026-12-31
        - modify:
            address: a@example.org
            set: {phone: null, quota: 5 GiB, forward: [], department: E}
            add: {aliases: [b@example.org]}
            remove: {lists: [l@example.org]}
        - delete: {address: b@example.org, immediately: false, reason: "~"}
      """
    var fields = Change.Fields()
    fields.phone = .clear
    fields.quota = .set(try #require(ByteCount(bytes: 5 << 30)))
    fields.forward.replacement = []
    fields.department = "E"
    fields.aliases.added = [try #require(Address("b@example.org"))]
    fields.lists.removed = [try #require(Address("l@example.org"))]
    let expected = Request(
      number: "0142", department: "Secretaría de Salud",
      requester: Request.Requester(name: "Ana Lucía", address: Address("ana@example.org")),
      approval: Request.Approval(by: "jefe", date: try #require(Day(parsing: "2026-11-21")), reference: "no"),
      atomic: true,
      changes: [
        .create(
          Change.Create(
            address: try #require(Address("m.lopez@example.org")), name: .person(given: "María", family: "1.0"),
            document: "0112", forward: [try #require(ExternalAddress("maria@example.com"))], keepCopy: false,
            quota: ByteCount(bytes: 1_610_612_736), expires: Day(parsing: "2026-12-31"))),
        .modify(Change.Modify(address: try #require(Address("a@example.org")), fields: fields)),
        .delete(Change.Delete(address: try #require(Address("b@example.org")), reason: "~")),
      ])
    #expect(try request(text, rules()) == expected)
  }

  @Test("in JSON as in YAML, letter by letter")
  func json() throws {
    let json = #"{"number":"T-1","department":"D\/E \ud83d\ude00\u00f1 \"\\","requester":{"name":"A"},"#
    let rest = #""approval":{"by":"j","date":"2026-11-21"},"changes":[{"adopt":{"address":"a@example.org"}}]}"#
    #expect(try request(json + rest, rules()).department == #"D/E 😀ñ "\"#)
  }

  @Test("and its size is bounded by the rules")
  func size() throws {
    let text = create("")
    #expect(problems(Array(text.utf8), try rules { $0.formSize = text.utf8.count }) == [])
    #expect(
      problems(Array(text.utf8), try rules { $0.formSize = text.utf8.count - 1 }) == [
        "1:1: file: the document has \(text.utf8.count) bytes, and \(text.utf8.count - 1) are allowed"
      ])
  }

  @Test("and its approver must be one of the department's, where any are named")
  func approvers() throws {
    let text = Array(create("").utf8)
    let finding = "4:16: approval.by: 'jefe' may not approve for 'D'"
    #expect(problems(text, try rules { $0.approvers = ["D": ["jefe"]] }) == [])
    #expect(problems(text, try rules { $0.approvers = ["*": ["jefe"], "E": ["otro"]] }) == [])
    #expect(problems(text, try rules { $0.approvers = ["D": ["otro"], "*": ["jefe"]] }) == [finding])
    #expect(problems(text, try rules { $0.approvers = ["E": ["jefe"]] }) == [finding])
  }

  @Test("and its local parts are of the characters that the policy allows")
  func localParts() throws {
    let text = Array(change("adopt: {address: a+b@example.org}").utf8)
    let plus = try #require(LocalPart(extra: "+"))
    #expect(problems(text, try rules { $0.localPart = plus }) == [])
    let dotted = Array(change("adopt: {address: a.b@example.org}").utf8)
    #expect(problems(dotted, try rules { $0.localPart = plus }).count == 1)
    #expect(LocalPart(extra: "@") == nil)
    #expect(LocalPart(extra: "ñ") == nil)
  }

  @Test("and no finding shows an identity number")
  func identityNumbers() throws {
    let number = "1124850000"
    for value in [
      "\(number)ñ", "[\(number)]", "{cc: \(number)}", "'\(number) '", "\(number)\(number)\(number)\(number)",
    ] {
      for form in [
        create("document: \(value)"), modify("set: {document: \(value)}"), create("documento: \(value)"),
        create("document: \(value), document: \(value)"),
      ] {
        let told = problems(Array(form.utf8), try rules())
        #expect(!told.isEmpty)
        #expect(told.allSatisfy { !$0.contains(number) })
      }
    }
  }
}
