import Foundation
import Sandbox
import Support
import Testing

/// `buzon plan` says what forms would do, and does nothing of it.
@Suite("buzon plan")
struct PlanTests {
  /// A directory in which every attribute is in use, so that the directory can be asked about each operation.
  private func begin(_ more: String = "") async throws -> Workplace {
    let place = try Site().workplace("plan", .with { $0.more = more })
    try place.drop(
      form(
        number: "PL-0",
        changes: [
          "create: {address: jefa@example.org, name: {given: Una, family: Jefa}}",
          """
          create: {address: lista@example.org, kind: list, name: {display: Lista}, owner: jefa@example.org, \
          members: [m@example.com]}
          """,
          """
          create: {address: ana@example.org, name: {given: Ana, family: Paz}, position: Técnica, phone: "+57 8 4201515", \
          document: "1124850000", aliases: [ana2@example.org], forward: [f@example.com], keep_copy: true, \
          lists: [lista@example.org], quota: 1 GiB, expires: \(day(ahead: 30))}
          """,
          "create: {address: quieto@example.org, name: {given: Q, family: Q}, owner: jefa@example.org}",
          "create: {address: cerrado@example.org, name: {given: C, family: C}}",
          "delete: {address: cerrado@example.org}",
        ]), as: "PL-0.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    return place
  }

  private func write(_ text: String, _ name: String, _ place: Workplace) throws -> String {
    let file = place.folder + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// The program where other users may run it, and what it reads where they may read it.
  private func copy(_ place: Workplace) throws -> String {
    for path in [place.site.folder, place.site.folder + "/places", place.folder] { chmod(path, 0o755) }
    for path in [place.config, place.folder + "/0.yaml"] { chmod(path, 0o644) }
    return Program.built("buzon")
  }

  /// All that a plan could have touched: each entry with its operational attributes, slapd's log, and every file.
  private func world(_ place: Workplace) throws -> [String] {
    func line(_ entry: LDIFEntry) -> String {
      "\(entry.dn) " + entry.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
    var world = try place.site.search(attributes: ["*", "+"]).map(line)
    world += try place.site.search(
      base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0))", attributes: ["reqType", "reqDN"]
    ).map(line)
    for folder in [place.spool, place.records, place.state] {
      let files = FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
      for file in files.sorted() {
        var status = stat()
        #expect(lstat(folder + "/" + file, &status) == 0)
        // SQLite's readers touch the index of the log (-shm) alone.
        if file.hasSuffix("-shm") { continue }
        world.append("\(folder)/\(file) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)")
      }
    }
    return world.sorted()
  }

  private static let changes = [
    """
    create: {address: nueva@example.org, name: {given: Nueva, family: Cuenta}, owner: jefa@example.org, \
    lists: [lista@example.org], document: "99"}
    """,
    """
    modify: {address: ana@example.org, set: {address: ana.paz@example.org, quota: 2 GiB, phone: null}, \
    remove: {aliases: [ana2@example.org]}}
    """,
    "modify: {address: nueva@example.org, set: {position: Auxiliar}, add: {aliases: [nueva2@example.org]}}",
    "modify: {address: nadie@example.org, set: {position: X}}",
    "modify: {address: jefa@example.org, set: {status: suspended}}",
    "modify: {address: quieto@example.org, reset: password}",
    "delete: {address: lista@example.org}",
  ]

  @Test(
    "prints each account's changes as one record that ldapmodify reads, with what they mean, judged by the directory")
  func records() async throws {
    let place = try await begin()
    let file = try write(form(number: "PL-1", changes: Self.changes), "uno.yaml", place)
    let outcome = try await place.run("plan", file)
    #expect(outcome.status == 2 && outcome.errors.isEmpty, "\(outcome)")
    for line in [
      "# PL-1 (\(file)): 7 changes", "#   #0 create nueva@example.org: applied\n",
      "#   #3 modify nadie@example.org: failed: 32 noSuchObject: there is no account nadie@example.org; check the address",
      "# nueva@example.org (Nueva Cuenta): PL-1#0, PL-1#2\n", "#   aliases: nueva2@example.org\n",
      "#   document: ***\n", "#   a temporary password is granted;",
      "#   address: ana@example.org → ana.paz@example.org\n", "#   quota: 1 GiB → 2 GiB\n",
      "#   phone: +57 8 4201515 → nothing\n", "#   ana2@example.org leaves it, and is given to nobody else until ",
      "#   without an owner then: lista@example.org, quieto@example.org\n",
    ] {
      #expect(outcome.output.contains(line), "\(line)\n\(outcome.output)")
    }
    #expect(!outcome.output.contains("(compared)"), "\(outcome.output)")
    #expect(!outcome.output.contains("userPassword:") && !outcome.output.contains("temporary}"))
    let records = LDIFEntry.parse(outcome.output).filter { !$0["changetype"].isEmpty }
    #expect(records.count == 5, "\(records)")
    let ldif = try write(outcome.output, "plan.ldif", place)
    let dry = try await Program.run("/usr/bin/ldapmodify", ["-n", "-f", ldif])
    #expect(dry.status == 0, "\(dry)")
  }

  @Test("writes nothing, to no file and not to the directory, however often it asks; and slapd's database stays sound")
  func dry() async throws {
    let place = try await begin()
    let file = try write(form(number: "PL-2", changes: Self.changes), "dos.yaml", place)
    let atomic = try write(
      form(number: "PL-3", atomic: true, changes: [Self.changes[0], Self.changes[1], Self.changes[4]]), "tres.yaml",
      place)
    let before = try world(place)
    for _ in 0..<3 {
      #expect(try await place.run("plan", file).status == 2)
      #expect(try await place.run("plan", "--json", file, atomic).status == 2)
    }
    let after = try world(place)
    #expect(after == before, "\(Set(after).symmetricDifference(before))")
    // What a killed slapd has written of its contextCSN is its own matter.
    func entries(_ world: [String]) -> [String] { world.filter { !$0.contains("contextcsn=") } }
    try place.site.restartDirectory()
    #expect(try entries(world(place)) == entries(before))
  }

  @Test("works on a directory that was never written to, and does not ask it what would damage it")
  func fresh() async throws {
    let place = try Site().workplace("plan-fresh")
    let file = try write(
      form(number: "PL-4", changes: ["create: {address: a@example.org, name: {given: A, family: A}}"]), "a.yaml", place)
    let outcome = try await place.run("plan", file)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.output.contains("# - no entry of the directory has the attribute buzonKind"), "\(outcome.output)")
    #expect(outcome.output.contains("#0 create a@example.org: applied (compared)"))
    #expect(outcome.output.contains("# Not judged: there is no register"))
    #expect(try place.site.search(filter: "(mail=a@example.org)").isEmpty)
  }

  @Test("says what the directory itself would refuse: schema, uniqueness, and that a right is missing")
  func refused() async throws {
    let place = try await begin()
    try place.site.refuse(title: Model.refused)
    // Found by nobody who asks for addresses, and still unique.
    try place.site.modify(
      """
      dn: cn=oculto,ou=people,\(place.site.sandbox.base)
      changetype: add
      objectClass: device
      objectClass: extensibleObject
      cn: oculto
      uid: oculto

      """)
    let file = try write(
      form(
        number: "PL-5",
        changes: [
          "modify: {address: ana@example.org, set: {position: \"\(Model.refused)\"}}",
          "modify: {address: ana@example.org, set: {position: Jefa}}",
          "create: {address: otra@example.org, name: {given: O, family: O}, position: \"\(Model.refused)\"}",
          "modify: {address: otra@example.org, set: {position: Jefa}}",
        ]), "a.yaml", place)
    let plan = try JSON(try await place.run("plan", "--json", file).output)
    let changes = plan["forms"][0]["changes"]
    #expect(changes.array.map { $0["outcome"].text } == ["failed", "applied", "failed", "failed"], "\(plan)")
    #expect(changes[0]["error"]["code"] == 19 && changes[0]["judge"] == "directory")
    #expect(changes[3]["error"]["code"] == 32)
    #expect(plan["accounts"].array.count == 1)
    try place.drop(try Data(contentsOf: URL(fileURLWithPath: file)), as: "PL-5.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    let record = try place.record("PL-5")
    #expect(record?["changes"].array.map { $0["outcome"].text } == ["failed", "applied", "failed", "failed"])
  }

  @Test(
    "asks the password policy where slapd has stored all that it writes beside a password, and else says that it did not"
  )
  func passwords() async throws {
    let place = try await begin()
    let file = try write(
      form(
        number: "PL-16",
        changes: [
          "create: {address: nueva@example.org, name: {given: N, family: N}, owner: jefa@example.org}",
          "create: {address: otra@example.org, kind: list, name: {display: O}, owner: jefa@example.org}",
        ]), "p.yaml", place)
    let before = try JSON(try await place.run("plan", "--json", file).output)
    #expect(before["unjudged"][0].text?.contains("a new password") == true, "\(before)")
    #expect(before["forms"][0]["changes"].array.allSatisfy { $0["judge"] == "directory" && $0["outcome"] == "applied" })
    let policies = try place.site.search(filter: "(pwdMinLength=*)", attributes: ["pwdMinLength"])
    try place.site.modify(
      policies.map { "dn: \($0.dn)\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 40\n" }
        .joined(separator: "\n"))
    // Somebody changed his password.
    let long = String(repeating: "Una-clave-larga-7", count: 4)
    let change = try await Program.run(
      "/usr/bin/ldappasswd",
      [
        "-x", "-H", place.site.sandbox.uri, "-D", place.site.dn("quieto"), "-w",
        try await place.temporaryPassword("PL-0", change: 3), "-s", long,
      ])
    #expect(change.status == 0, "\(change)")
    let after = try JSON(try await place.run("plan", "--json", file).output)
    let changes = after["forms"][0]["changes"]
    #expect(changes[0]["outcome"] == "waits" && changes[0]["error"]["code"] == 19, "\(after)")
    #expect(changes[0]["error"]["remedy"].text?.contains("password policy") == true, "\(after)")
    #expect(changes[1]["outcome"] == "applied" && after["unjudged"] == [])
  }

  @Test("exit codes: 0 nothing, 1 nothing and a failure, 2 changes, 65 a mistake, 66 no file, 69 no directory")
  func exitCodes() async throws {
    let place = try await begin()
    let unchanged = try write(
      form(number: "PL-6", changes: ["modify: {address: ana@example.org, set: {position: Técnica}}"]), "0.yaml", place)
    #expect(try await place.run("plan", unchanged).status == 0)
    let failing = try write(
      form(number: "PL-7", changes: ["delete: {address: nadie@example.org}"]), "1.yaml", place)
    #expect(try await place.run("plan", failing).status == 1)
    let mistaken = try write(form(number: "PL-8", changes: ["delete: {adress: nadie@example.org}"]), "65.yaml", place)
    let outcome = try await place.run("plan", unchanged, mistaken)
    #expect(outcome.status == 65 && outcome.output.isEmpty && outcome.errors.contains("65.yaml:"), "\(outcome)")
    #expect(try await place.run("plan", place.folder + "/none.yaml").status == 66)
    let elsewhere = try place.site.workplace("plan-down", .with { $0.uri = "ldapi://%2Fnowhere" })
    let down = try await elsewhere.run("plan", unchanged)
    #expect(down.status == 69 && down.output.isEmpty, "\(down)")
    // Who may see nothing is told so, and gets no plan of an empty directory.
    let stranger = try await Program.run(
      "/usr/bin/setpriv", ["--reuid", "65534", "--clear-groups", try copy(place), "plan", unchanged],
      environment: ["BUZON_CONFIG": place.config])
    if getuid() == 0 { #expect(stranger.status == 77 && stranger.output.isEmpty, "\(stranger)") }
  }

  @Test("says what no directory knows: numbers, remembered addresses, limits, a missing signature")
  func foresight() async throws {
    let place = try await begin("policy: {limits: {deletes: {per_form: 1}, resets: {per_day: 1}}}")
    // The number is used, by this form or by another.
    let used = try write(form(number: "PL-0", changes: ["delete: {address: ana@example.org}"]), "used.yaml", place)
    let other = try await place.run("plan", used)
    #expect(other.status == 1 && other.output.contains("REJECTED: number PL-0 belongs to another form"), "\(other)")
    let same = place.folder + "/same.yaml"
    try #require(try place.archivedForm("PL-0")).write(to: URL(fileURLWithPath: same))
    let again = try await place.run("plan", same)
    #expect(again.status == 0 && again.output.contains("it was accepted before (done)"), "\(again)")
    // Limits of a form, and of a day over two forms.
    let deletes = try write(
      form(number: "PL-9", changes: ["ana", "quieto"].map { "delete: {address: \($0)@example.org}" }), "d.yaml", place)
    let resets = try ["ana", "jefa"].map { name in
      try write(
        form(number: "PL-\(name)", changes: ["modify: {address: \(name)@example.org, reset: password}"]),
        "\(name).yaml", place)
    }
    let held = try await place.run("plan", deletes, resets[0], resets[1])
    #expect(held.output.contains("note: it would be held: it asks for 2 deletes"), "\(held.output)")
    #expect(held.output.components(separatedBy: "it would be held").count == 3, "\(held.output)")
    // An address that left an account.
    let moved = try write(
      form(
        number: "PL-10",
        changes: [
          "modify: {address: ana@example.org, remove: {aliases: [ana2@example.org]}}",
          "modify: {address: jefa@example.org, add: {aliases: [ana2@example.org]}}",
          "modify: {address: jefa@example.org, add: {aliases: [ana2@example.org]}, reuse: true}",
        ]), "m.yaml", place)
    let memory = try JSON(try await place.run("plan", "--json", moved).output)
    #expect(memory["forms"][0]["changes"].array.map { $0["outcome"].text } == ["applied", "failed", "applied"])
    #expect(memory["accounts"].array.map { $0["address"].text } == ["ana@example.org", "jefa@example.org"])
    #expect(memory["accounts"][1]["reused"] == ["ana2@example.org"])
    #expect(memory["accounts"][0]["remembered"][0]["address"] == "ana2@example.org")
  }

  @Test("without the register, and with a signature that is missing or no good, says so")
  func unjudged() async throws {
    let place = try await begin()
    let signing = try Signing(place)
    try await signing.make("boss")
    try await signing.make("other")
    try signing.allow(try signing.line("jefe.sistemas", "boss"))
    let signed = try place.site.workplace("plan-signed", signing.options())
    let text = form(number: "PL-14", changes: ["modify: {address: ana@example.org, set: {position: Jefa}}"])
    let file = try write(text, "s.yaml", place)
    func notes() async throws -> JSON {
      let plan = try JSON(try await signed.run("plan", "--json", file).output)
      #expect(plan["unjudged"][0].text?.contains("there is no register") == true)
      return plan["forms"][0]["notes"]
    }
    let missing = try await notes()
    #expect(missing[0].text?.hasPrefix("its approval is missing") == true, "\(missing)")
    let signature = URL(fileURLWithPath: file + ".sig")
    try await signing.signature(of: text, by: "other").write(to: signature)
    let refused = try await notes()
    #expect(refused[0].text?.contains("would be refused") == true, "\(refused)")
    try await signing.signature(of: text, by: "boss").write(to: signature)
    #expect(try await notes() == [])
  }

  @Test("has the keys that docs/formats.md shows")
  func documented() async throws {
    let place = try await begin("policy: {limits: {deletes: {per_form: 1}}}")
    let file = try write(
      form(
        number: "PL-15",
        changes: [
          "modify: {address: ana@example.org, set: {quota: 2 GiB}, remove: {aliases: [ana2@example.org]}}",
          "delete: {address: nadie@example.org}", "delete: {address: nadie2@example.org}",
        ]), "doc.yaml", place)
    let plan = try JSON(try await place.run("plan", "--json", file).output)
    let page = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/formats.md"), encoding: .utf8)
    let section = try #require(page.components(separatedBy: "## `buzon plan --json`").last)
    let block = try #require(section.components(separatedBy: "```json\n").dropFirst().first)
    let shown = try JSON(try #require(block.components(separatedBy: "```").first))
    #expect(Self.keys(plan) == Self.keys(shown), "\(Self.keys(plan).symmetricDifference(Self.keys(shown)))")
  }

  /// All keys with what they stand in.
  private static func keys(_ json: JSON, _ path: String = "") -> Set<String> {
    var keys: Set<String> = []
    for element in json.array { keys.formUnion(self.keys(element, path)) }
    for key in json.keys {
      keys.insert("\(path).\(key)")
      keys.formUnion(self.keys(json[key], "\(path).\(key)"))
    }
    return keys
  }

  @Test("plans a folder in the order of the spool, each form on what those before it leave")
  func folder() async throws {
    let place = try await begin()
    let folder = place.folder + "/formularios"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func put(_ name: String, _ text: String, _ age: Double) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: "\(folder)/\(name)")
    }
    try put("a.yaml", form(number: "PL-13", changes: ["delete: {address: x2@example.org}"]), 10)
    let rename = "modify: {address: x@example.org, set: {address: x2@example.org}}"
    try put("b.yml", form(number: "PL-12", changes: [rename]), 20)
    let json = #"""
      {"number":"PL-11","department":"Salud","requester":{"name":"Ana"},"approval":{"by":"jefe","date":"\#(today())"},
       "changes":[{"create":{"address":"x@example.org","name":{"given":"X","family":"X"}}}]}
      """#
    try put("c.json", json, 30)
    try put("d.yaml.tmp", "no form", 40)
    try put("leeme.txt", "no form", 40)
    let plan = try JSON(try await place.run("plan", "--json", folder).output)
    #expect(plan["forms"].array.map { $0["number"].text } == ["PL-11", "PL-12", "PL-13"], "\(plan)")
    #expect(plan["forms"].array.flatMap { $0["changes"].array }.allSatisfy { $0["outcome"] == "applied" })
    #expect(plan["accounts"].array.count == 1 && plan["accounts"][0]["address"] == "x2@example.org")
    #expect(plan["accounts"][0]["changes"] == ["PL-11#0", "PL-12#0", "PL-13#0"])
  }
}
