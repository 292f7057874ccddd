import Testing

@testable import Forms

@Suite("A form is written")
struct FormWriterTests {
  @Test("and read back as the same request, whatever its text")
  func roundTrip() throws {
    var random = RandomRequests(seed: 20)
    let rules = try rules { $0.formSize = 64 << 20 }
    for _ in 0..<800 {
      let request = random.request()
      let form = FormWriter.write(request)
      guard case .request(let read) = FormReader.read(form, rules: rules) else {
        Issue.record("\(problems(form, rules))\n\(String(decoding: form, as: UTF8.self))")
        return
      }
      // Strings that are canonically equal are equal to Swift; the bytes must be the same too.
      #expect(read == request)
      #expect(FormWriter.write(read) == form)
      #expect(try FormReader.reread(form) == request)
    }
  }

  @Test("and read back the same for every form of the tables", arguments: Row.accepted)
  func tables(row: Row) throws {
    let request = try FormReader.reread(row.bytes)
    #expect(try FormReader.reread(FormWriter.write(request)) == request)
  }

  @Test("as a person would")
  func layout() throws {
    var text = """
      form: FT-GTI-006
      number: 2026-0142
      department: Secretaría de Salud
      requester:
        name: Ana Lucía Rosero
        address: ana.rosero@example.org
      approval:
        by: jefe.sistemas
        date: 2026-11-21
        reference: "Memorando GTI: 231"
      atomic: true
      changes:
        - create:
            address: maria.lopez@example.org
            name: {given: María Fernanda, family: Ibáñez O'Connor}
            document: "1124850000"
            position: "Jefe, encargada"
            department: "no"
            phone: "+57 8 4201515"
            owner: ana.rosero@example.org
            aliases: [mlopez@example.org]
            forward: [maria@example.com]
            keep_copy: false
            lists: [contratistas@example.org]
            quota: 5 GiB
            expires: 2026-12-31
        - create:
            address: contratistas@example.org
            kind: list
            name: {display: "2026"}
            owner: ana.rosero@example.org
            members:
              - somebody.with.a.long.name@example.com
              - somebody.else.with.a.long.name@example.com
              - x@example.com
        - modify:
            address: juan.perez@example.org
            set: {address: juan@example.org, phone: null, forward: [], quota: 10 GiB}
            add: {aliases: [jperez@example.org]}
            remove: {lists: [old@example.org]}
        - adopt: {address: long.here@example.org}
        - delete: {address: old.user@example.org, reason: Retiro}

      """
    #expect(String(decoding: FormWriter.write(try request(text, rules())), as: UTF8.self) == text)
    text = """
      number: T-1
      department: D
      requester:
        name: A
      approval:
        by: j
        date: 2026-11-21
      changes:
        - modify: {address: a@example.org, reset: password}
        - delete: {address: b@example.org, immediately: true}

      """
    #expect(String(decoding: FormWriter.write(try request(text, rules())), as: UTF8.self) == text)
  }

  @Test(
    "with a text in quotes where another program would take it for something else",
    arguments: [
      ("null", true), ("Yes", true), ("y", true), ("12", true), ("0142", true), ("1e3", true), ("0x1F", true),
      ("12.5", true), ("2026-11-21", true), ("1-2-3", true), ("-a", true), ("~", true), ("a: b", true), ("a #b", true),
      ("<<", true), ("a  b", true), ("\u{A0}", true), ("{a}", true), ("é,b", true), ("2026-0142", false), ("a", false),
      ("Ángel Ibáñez O'Connor", false), ("2 Secretarios", false), ("قسم", false), ("👩🏽‍💻 x", false), ("nulo", false),
      ("Acta 12/2026", false), ("part-time", false),
    ] as [(String, Bool)])
  func quotes(text: String, areNeeded: Bool) {
    var bytes: [UInt8] = []
    FormScalar.append(text, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == (areNeeded ? "\"\(text)\"" : text))
  }

  @Test("with what no form may hold as an escape, so that it is told at its place and nothing else is")
  func forbidden() throws {
    var request = try request(create("position: X"), rules())
    guard case .create(var create) = request.changes[0] else { throw FormReader.Unreadable(findings: []) }
    for (text, finding) in [
      ("a\nb: c\n- d", "has a line break in it"), ("a\u{0}b", "the control character \\u{0} is not allowed"),
      ("a\u{202E}b", "the invisible character \\u{202E} is not allowed"), ("a\u{2028}b", "\\u{2028} is not allowed"),
      ("a\u{1FFFE}b", "\\u{1FFFE} is not allowed"), ("\r", "\\u{D} is not allowed"), ("a ", "begins or ends"),
    ] {
      create.position = text
      request.changes[0] = .create(create)
      let told = problems(FormWriter.write(request), try rules())
      #expect(told.count == 1 && told[0].contains(finding), "\(told)")
    }
  }

  @Test("in NFC, whatever the request's text is in")
  func normalization() throws {
    var request = try request(create("position: X"), rules())
    request.department = "Secretari\u{301}a q\u{307}\u{323} \u{1112}\u{1161}\u{11AB}"
    let read = try FormReader.reread(FormWriter.write(request))
    #expect(read.department.utf8.elementsEqual("Secretaría q\u{323}\u{307} 한".utf8))
  }
}
