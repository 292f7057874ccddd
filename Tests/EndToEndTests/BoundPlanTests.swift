import Foundation
import Sandbox
import Support
import Testing

/// A form that is bound to its plan is carried out only while nothing has moved that the plan depended on.
@Suite("buzon plan --out, buzon submit --plan")
struct BoundPlanTests {
  /// A place with accounts, without a running agent.
  private func begin(_ options: Workplace.Options = .with { $0.more = "spool_rest: 100 ms" }, signing: Signing? = nil)
    async throws -> Workplace
  {
    let place = try Site().workplace("bound", options)
    try place.drop(
      form(
        number: "BP-0",
        changes: [
          "create: {address: jefa@example.org, name: {given: Una, family: Jefa}}",
          "create: {address: lista@example.org, kind: list, name: {display: Lista}, owner: jefa@example.org}",
          """
          create: {address: ana@example.org, name: {given: Ana, family: Paz}, document: "1124850000", phone: "1", \
          aliases: [ana2@example.org], lists: [lista@example.org], quota: 1 GiB}
          """,
          "create: {address: beto@example.org, name: {given: Beto, family: Paz}}",
          "create: {address: caro@example.org, name: {given: Caro, family: Paz}}",
        ]), as: "BP-0.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    return place
  }

  private func write(_ text: String, _ name: String, _ place: Workplace) throws -> String {
    let file = place.folder + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Plans a form, and binds it to that.
  private func plan(_ number: String, atomic: Bool = false, _ changes: [String], _ place: Workplace) async throws -> (
    form: String, plan: String
  ) {
    let file = try write(form(number: number, atomic: atomic, changes: changes), number + ".yaml", place)
    let plan = place.folder + "/" + number + ".plan"
    let outcome = try await place.run("plan", file, "--out", plan)
    #expect(outcome.status == 2, "\(outcome)")
    return (file, plan)
  }

  private func submit(_ bound: (form: String, plan: String), _ place: Workplace) async throws {
    let outcome = try await place.run("submit", "--plan", bound.plan, bound.form)
    #expect(outcome.status == 0, "\(outcome)")
  }

  private func entry(_ address: String, _ place: Workplace) throws -> LDIFEntry {
    try #require(place.site.search(filter: "(mail=\(address))", attributes: ["*"]).first)
  }

  /// Changes an entry as somebody who doesn't use Buzón.
  private func write(_ address: String, _ attribute: String, _ value: String, _ place: Workplace) throws {
    try place.site.modify(
      """
      dn: \(try entry(address, place).dn)
      changetype: modify
      replace: \(attribute)
      \(attribute): \(value)

      """)
  }

  /// Many changes: of one account several, of every operation, that lean on one another.
  private static let changes = [
    """
    create: {address: nueva@example.org, name: {given: Nueva, family: Cuenta}, owner: jefa@example.org, \
    lists: [lista@example.org], document: "99"}
    """,
    "modify: {address: ana@example.org, set: {address: ana.paz@example.org, quota: 2 GiB, phone: null}}",
    "modify: {address: nueva@example.org, set: {position: Auxiliar}, add: {aliases: [nueva2@example.org]}}",
    "modify: {address: ana.paz@example.org, set: {position: Jefa}, remove: {lists: [lista@example.org]}}",
    "modify: {address: beto@example.org, reset: password}",
    "delete: {address: caro@example.org}",
    "modify: {address: caro@example.org, set: {status: active}}",
    "create: {address: socia@example.org, name: {given: S, family: S}, owner: nueva@example.org}",
  ]

  @Test("Nothing has moved: every change is applied as it was planned; show, record, evidence and verify know the plan")
  func unchanged() async throws {
    let place = try await begin()
    let bound = try await plan("BP-1", Self.changes, place)
    var status = stat()
    #expect(lstat(bound.plan, &status) == 0 && status.st_mode & 0o777 == 0o600)
    let text = try String(contentsOfFile: bound.plan, encoding: .utf8)
    for word in ["ana", "paz", "jefa", "1124850000", "99\""] { #expect(!text.lowercased().contains(word), "\(word)") }
    // Bookkeeping of a failed login writes entries without changing anything that a plan depends on.
    _ = try await place.site.bind(entry("beto@example.org", place).dn, password: "wrong")
    try await submit(bound, place)
    let run = try await place.run("run", "--once")
    #expect(run.status == 0, "\(run)")
    let record = try #require(try place.record("BP-1"))
    #expect(record["outcome"] == "applied", "\(record)")
    #expect(record["plan"].text?.hasPrefix("sha256:") == true)
    #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/taken") == [])
    #expect(try await place.run("show", "BP-1").output.contains("carried out only as planned"))
    let verify = try await place.run("verify")
    #expect(verify.status == 0, "\(verify)")
    let evidence = place.folder + "/evidence"
    #expect(try await place.run("evidence", "BP-1", "-o", evidence).status == 0)
    #expect(try String(contentsOfFile: evidence + "/BP-1.yaml.plan", encoding: .utf8) == text)
    let check = try await Program.run(
      "/bin/sh",
      [
        "-c",
        "cd '\(evidence)' && python3 verify.py BP-1.yaml && echo x >> BP-1.yaml.plan && "
          + "! python3 verify.py BP-1.yaml",
      ])
    #expect(check.status == 0, "\(check)")
    let program = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
    let sql = "UPDATE request SET plan = x'00' WHERE number = 'BP-1'"
    _ = try await Program.run("/usr/bin/env", ["python3", "-c", program, place.state + "/register.sqlite", sql])
    let changed = try await place.run("verify")
    #expect(changed.status != 0 && changed.output.contains("its plan is not the one"), "\(changed)")
  }

  @Test("An atomic form whose plan holds is applied as a whole; one whose plan doesn't is not begun")
  func atomic() async throws {
    let place = try await begin()
    let changes = [Self.changes[0], Self.changes[1], Self.changes[2], Self.changes[5], Self.changes[7]]
    let first = try await plan("BP-2", atomic: true, changes, place)
    let second = try await plan(
      "BP-3", atomic: true,
      [
        "modify: {address: beto@example.org, set: {position: X}}",
        "modify: {address: jefa@example.org, set: {position: X}}",
      ], place)
    try await submit(first, place)
    let run = try await place.run("run", "--once")
    #expect(run.status == 0, "\(run)")
    #expect(try place.record("BP-2")?["outcome"] == "applied")

    try write("jefa@example.org", "title", "Otra", place)
    try await submit(second, place)
    #expect(try await place.run("run", "--once").status == 1)
    let record = try #require(try place.record("BP-3"))
    #expect(record["outcome"] == "failed" && record["changes"][0]["outcome"] == "skipped", "\(record)")
    #expect(record["changes"][1]["error"]["code"] == 122, "\(record)")
    #expect(try place.site.timesApplied("BP-3#").isEmpty)
  }

  struct Move: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What the record says of the change that has moved.
    var says: String
    /// The change that is named.
    var index: Int
    /// What it may be instead, where the clock takes references to an account that went off at once.
    var other: (says: String, index: Int)?
    var move: @Sendable (BoundPlanTests, Workplace) async throws -> Void
  }

  private static let moves: [Move] = [
    Move(testDescription: "an account was changed outside Buzón", says: "changed outside Buzón at", index: 1) {
      try $0.write("ana@example.org", "title", "Otra", $1)
    },
    Move(testDescription: "one of the last changes' account was changed outside Buzón", says: "outside Buzón", index: 5)
    {
      try $0.write("caro@example.org", "title", "Otra", $1)
    },
    Move(testDescription: "an account was changed by another request", says: "BP-9#0 wrote the entry", index: 4) {
      try $1.drop(
        form(number: "BP-9", changes: ["modify: {address: beto@example.org, set: {phone: \"7\"}}"]), as: "nine.yaml")
      #expect(try await $1.run("run", "--once").status == 0, "\($0)")
    },
    Move(testDescription: "an account was made that the form creates", says: "and was of none", index: 0) {
      try $1.drop(
        form(
          number: "BP-9", changes: ["create: {address: nueva@example.org, name: {given: A, family: B}}"]),
        as: "nine.yaml")
      #expect(try await $1.run("run", "--once").status == 0, "\($0)")
    },
    Move(testDescription: "an owner has gone", says: "is not there any more", index: 0) {
      try $1.drop(
        form(number: "BP-9", changes: ["delete: {address: jefa@example.org, immediately: true}"]), as: "nine.yaml")
      #expect(try await $1.run("run", "--once").status == 0, "\($0)")
    },
    Move(
      testDescription: "an account was removed", says: "is not there any more", index: 5,
      other: ("would write something else now", 4)
    ) {
      let dn = try $0.entry("caro@example.org", $1).dn
      try $1.site.modify("dn: \(dn)\nchangetype: delete\n\n")
    },
    Move(testDescription: "an address was given to another account", says: "not as planned any more", index: 2) {
      try $1.drop(
        form(
          number: "BP-9", changes: ["modify: {address: caro@example.org, add: {aliases: [nueva2@example.org]}}"]),
        as: "nine.yaml")
      #expect(try await $1.run("run", "--once").status == 0, "\($0)")
    },
    Move(testDescription: "the configuration has another quota", says: "would write something else now", index: 0) {
      try $1.configure(.with { $0.more = "spool_rest: 100 ms\npolicy: {quota: 9 GiB}" })
      #expect("\($0)" != "")
    },
  ]

  @Test(
    "Something has moved: nothing of the request is written, the record says what, another form is not delayed",
    arguments: moves)
  func moved(move: Move) async throws {
    let place = try await begin()
    let bound = try await plan("BP-4", Self.changes, place)
    try await move.move(self, place)
    try await submit(bound, place)
    try place.drop(
      form(number: "BP-5", changes: ["create: {address: otra@example.org, name: {given: A, family: B}}"]),
      as: "five.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    #expect(try place.record("BP-5")?["outcome"] == "applied")
    let record = try #require(try place.record("BP-4"))
    #expect(record["outcome"] == "failed", "\(record)")
    let errors = record["changes"].array.filter { $0["error"] != nil }
    let says = errors.first?["index"].integer == move.other?.index ? move.other?.says ?? "" : move.says
    #expect(errors.count == 1 && [move.index, move.other?.index].contains(errors.first?["index"].integer), "\(record)")
    #expect(errors.first?["error"]["diagnostic"].text?.contains(says) == true, "\(errors)")
    #expect(errors.first?["error"]["remedy"].text?.contains("plan the form again") == true, "\(errors)")
    for change in record["changes"].array where change["error"] == nil { #expect(change["outcome"] == "skipped") }
    #expect(try place.site.timesApplied("BP-4#").isEmpty)
  }

  @Test("submit refuses what can't bind the form: edited after the plan, another form's plan, damaged, too large, none")
  func refused() async throws {
    let place = try await begin()
    let bound = try await plan("BP-6", ["modify: {address: ana@example.org, set: {position: X}}"], place)
    let other = try await plan("BP-7", ["modify: {address: beto@example.org, set: {position: X}}"], place)
    let text = try String(contentsOfFile: bound.form, encoding: .utf8)
    let edited = try write(text + "# more\n", "edited.yaml", place)
    let plan = try String(contentsOfFile: bound.plan, encoding: .utf8)
    let cases: [(form: String, plan: String, says: String)] = [
      (edited, bound.plan, "changed after it was planned"), (bound.form, other.plan, "of another form, number BP-7"),
      (bound.form, try write(plan.replacing("2026", with: "2027"), "a", place), "changed or damaged"),
      (bound.form, try write(plan.replacing("\"version\":1", with: "\"version\":2"), "b", place), "of version 2"),
      (bound.form, try write(String(plan.dropLast(9)), "c", place), "no plan of buzon plan"),
      (bound.form, try write(plan + " ", "d", place), "changed or damaged"),
      (bound.form, try write(String(repeating: "[", count: 5_000), "e", place), "no plan of buzon plan"),
      (bound.form, try write(String(repeating: " ", count: 1 << 20), "f", place), "bytes at most"),
    ]
    for one in cases {
      let outcome = try await place.run("submit", "--plan", one.plan, one.form)
      #expect(outcome.status == 65 && outcome.errors.contains(one.says), "\(outcome)")
    }
    #expect(try await place.run("submit", "--plan", place.folder + "/none", bound.form).status == 66)
    #expect(try await place.run("submit", "--plan", bound.plan, bound.form, other.form).status == 64)
    #expect(place.names(in: place.spool + "/incoming") == [])
  }

  @Test("The agent rejects a form beside which something else lies than its plan; a plan alone is rejected")
  func dropped() async throws {
    let place = try await begin(.with { $0.more = "spool_rest: 100 ms" })
    let bound = try await plan("BP-8", ["modify: {address: ana@example.org, set: {position: X}}"], place)
    let text = try String(contentsOfFile: bound.form, encoding: .utf8)
    let plan = try Data(contentsOf: URL(fileURLWithPath: bound.plan))
    var flipped = plan
    flipped[plan.count / 2] ^= 1
    let cases: [(name: String, plan: Data, says: String)] = [
      ("a", flipped, "changed or damaged"), ("b", Data(), "no plan of buzon plan"),
      ("c", Data(repeating: 0xFF, count: 60), "no plan of buzon plan"),
      ("d", Data(repeating: UInt8(ascii: "{"), count: 3_000), "no plan of buzon plan"),
      ("e", Data(repeating: 32, count: 1 << 20), "more than the"),
      ("f", Data("{\"version\":1,\"changes\":[]}".utf8), "changed or damaged"),
      ("g", Data("{\"version\":99999999999999999999}".utf8), "no plan of buzon plan"),
    ]
    for one in cases {
      try place.drop(one.plan, as: one.name + ".yaml.plan")
      try place.drop(text, as: one.name + ".yaml")
    }
    try place.drop(plan, as: "edited.yaml.plan")
    try place.drop(text + "# more\n", as: "edited.yaml")
    symlink("/etc/passwd", place.spool + "/incoming/link.yaml.plan")
    try place.drop(text, as: "link.yaml")
    try place.drop(plan, as: "lone.yaml.plan")
    let agent = try await place.agent()
    for one in cases {
      let report = try await place.rejection(of: one.name + ".yaml")
      #expect(report.contains(one.says), "\(one.name): \(report)")
      #expect(exists(place.spool + "/rejected/\(one.name).yaml.plan"))
    }
    #expect(try await place.rejection(of: "edited.yaml").contains("changed after it was planned"))
    #expect(try await place.rejection(of: "link.yaml").contains("symbolic link"))
    #expect(try await place.rejection(of: "lone.yaml.plan").contains("without its form"))
    #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/taken") == [])
    #expect(try await place.run("show", "BP-8").status == 66, "the number isn't used up")
    #expect(await agent.end() == 0)
  }

  @Test("--out writes for one form that would be done, once, and needs the register")
  func out() async throws {
    let place = try await begin()
    let bound = try await plan("BP-10", ["modify: {address: ana@example.org, set: {position: X}}"], place)
    #expect(try await place.run("plan", bound.form, "--out", bound.plan).status == 73)
    #expect(try await place.run("plan", bound.form, "--out", bound.plan, "--force").status == 2)
    #expect(try await place.run("plan", bound.form, bound.form, "--out", place.folder + "/x").status == 64)
    let bad = try write(
      form(
        number: "BP-11",
        changes: [
          "modify: {address: ana@example.org, set: {position: X}}",
          "modify: {address: no@example.org, set: {phone: \"1\"}}",
        ]), "bad.yaml", place)
    let outcome = try await place.run("plan", bad, "--out", place.folder + "/x")
    #expect(outcome.status == 1 && outcome.errors.contains("no plan is written"), "\(outcome)")
    #expect(!exists(place.folder + "/x"))
  }

  @Test("Held and released, a bound request is compared again; so is one that was begun")
  func held() async throws {
    let place = try await begin()
    let bound = try await plan(
      "BP-12", Array(Self.changes.prefix(5)) + ["modify: {address: caro@example.org, reset: password}"], place)
    try place.configure(.with { $0.more = "spool_rest: 100 ms\npolicy: {limits: {resets: {per_form: 1}}}" })
    try await submit(bound, place)
    #expect(try await place.run("run", "--once").status == 75)
    #expect(try await place.answer("show", "BP-12")["state"] == "held")
    try write("ana@example.org", "title", "Otra", place)
    #expect(try await place.run("release", "BP-12").status == 0)
    #expect(try await place.run("run", "--once").status == 1)
    let record = try #require(try place.record("BP-12"))
    #expect(record["outcome"] == "failed" && record["changes"][1]["outcome"] == "failed", "\(record)")
    #expect(try place.site.timesApplied("BP-12#").isEmpty)
  }

  @Test("Accounts follow a rename of the same form, by their own changes or by the clock's: nothing has moved")
  func following() async throws {
    let place = try await begin()
    let bound = try await plan(
      "BP-15",
      [
        "modify: {address: lista@example.org, set: {address: lista2@example.org}}",
        "modify: {address: jefa@example.org, set: {address: directora@example.org}}",
        "modify: {address: ana@example.org, set: {position: X}}",
        "modify: {address: lista2@example.org, set: {name: {display: Otra}}}",
        "modify: {address: ana@example.org, set: {phone: \"3\"}}",
      ], place)
    try await submit(bound, place)
    let run = try await place.run("run", "--once")
    #expect(run.status == 0, "\(run)")
    #expect(try place.record("BP-15")?["outcome"] == "applied")
    #expect(try entry("ana@example.org", place)["buzonList"] == ["lista2@example.org"])
  }

  @Test("slapd itself refuses what was planned on an entry that was written since (entryCSN)")
  func assertion() async throws {
    let place = try await begin()
    let entry = try #require(
      place.site.search(filter: "(mail=ana@example.org)", attributes: ["entryCSN"]).first)
    try write("ana@example.org", "title", "Otra", place)
    let outcome = try await Program.run(
      "/usr/bin/ldapmodify",
      [
        "-x", "-H", place.site.sandbox.uri, "-D", place.site.sandbox.admin, "-y", place.site.sandbox.passwordFile, "-e",
        "!assert=(entryCSN=\(entry["entrycsn"].first ?? ""))",
      ], input: "dn: \(entry.dn)\nchangetype: modify\nreplace: title\ntitle: Y\n\n")
    #expect(outcome.status == 122, "\(outcome)")
  }

  @Test("Something moves while a request is carried out: what was applied stays, and nothing more is written")
  func begun() async throws {
    let place = try await begin()
    let changes = [
      "modify: {address: ana@example.org, set: {position: X}}",
      "modify: {address: ana@example.org, set: {phone: \"3\"}}",
      "modify: {address: ana@example.org, add: {lists: [lista@example.org]}, set: {department: Otra}}",
    ]
    let bound = try await plan("BP-16", changes, place)
    try await submit(bound, place)
    let first = try await place.run("run", "--once", environment: ["BUZON_FAILPOINT": "ldap.modify#1:after"])
    #expect(first.status == -SIGKILL, "\(first)")
    try write("ana@example.org", "title", "Otra", place)
    #expect(try await place.run("run", "--once").status == 1)
    let record = try #require(try place.record("BP-16"))
    #expect(record["outcome"] == "partly", "\(record)")
    #expect(record["changes"].array.map { $0["outcome"] } == ["applied", "failed", "skipped"], "\(record)")
    #expect(record["changes"][1]["error"]["diagnostic"].text?.contains("changed outside Buzón") == true, "\(record)")
    #expect(try place.site.timesApplied("BP-16#") == ["BP-16#0": 1])
    #expect(try entry("ana@example.org", place)["title"] == ["Otra"])
    let verify = try await place.run("verify", "--json")
    #expect(!verify.output.contains("\"check\":\"requests\",\"result\":\"differs\""), "\(verify)")
  }

  @Test("With its signature a form stays bound, also where that comes later; refused, it lies there with its plan")
  func signed() async throws {
    let place = try await begin()
    let signing = try Signing(place)
    try await signing.make("boss")
    try signing.allow(try signing.line("jefe.sistemas", "boss"))
    try place.configure(signing.options())
    let first = try await plan("BP-13", ["modify: {address: ana@example.org, set: {position: X}}"], place)
    let key = signing.folder + "/boss"
    #expect(try await place.run("submit", "--plan", first.plan, "--sign", key, first.form).status == 0)
    #expect(try await place.run("run", "--once").status == 0)
    let record = try #require(try place.record("BP-13"))
    #expect(record["approval"]["signature"] == "verified" && record["plan"].text != nil, "\(record)")

    let later = try await plan("BP-14", ["modify: {address: beto@example.org, set: {position: X}}"], place)
    try await submit(later, place)
    #expect(try await place.run("run", "--once").status == 75)
    try write("beto@example.org", "title", "Otra", place)
    // The form comes again with its signature alone: it stays bound.
    #expect(try await place.run("submit", "--sign", key, later.form).status == 0)
    #expect(try await place.run("run", "--once").status == 1)
    let failed = try #require(try place.record("BP-14"))
    #expect(failed["outcome"] == "failed" && failed["plan"].text != nil, "\(failed)")
    #expect(try place.site.timesApplied("BP-14#").isEmpty)

    let never = try await plan("BP-17", ["modify: {address: ana@example.org, set: {position: Y}}"], place)
    try await submit(never, place)
    #expect(try await place.run("run", "--once").status == 75)
    #expect(try await place.run("cancel", "BP-17").status == 0)
    _ = try await place.run("run", "--once")
    let rejected = place.names(in: place.spool + "/rejected")
    #expect(rejected.count == 3 && rejected.contains { $0.hasSuffix(".yaml.plan") }, "\(rejected)")
  }

  @Test(
    "Killed at any call, a bound request goes on: its own writes are nothing that has moved", .timeLimit(.minutes(20)))
  func killed() async throws {
    let place = try await begin()
    func changes(_ name: String) -> [String] {
      [
        """
        create: {address: n\(name)@example.org, name: {given: N, family: N}, owner: jefa@example.org, \
        lists: [lista@example.org]}
        """,
        "modify: {address: n\(name)@example.org, set: {position: Auxiliar}, add: {aliases: [m\(name)@example.org]}}",
        "create: {address: o\(name)@example.org, name: {given: O, family: O}, owner: n\(name)@example.org}",
        "modify: {address: n\(name)@example.org, set: {phone: \"9\"}}",
      ]
    }
    func run(_ name: String, atomic: Bool, _ environment: [String: String]) async throws -> Outcome {
      let number = "BK-\(name)"
      let bound = try await plan(number, atomic: atomic, changes(name), place)
      try await submit(bound, place)
      return try await place.run("run", "--once", environment: environment)
    }
    for atomic in [false, true] {
      let kind = atomic ? "t" : "p"
      let trace = place.folder + "/trace-\(kind)"
      #expect(try await run("\(kind)0", atomic: atomic, ["BUZON_FAILPOINT_TRACE": trace]).status == 0)
      let points = try Failpoints.count(trace)
      var killed = 0
      for kill in Failpoints.kills(points, share: 5) {
        let name = "\(kind)-\(kill.name)"
        let first = try await run(name, atomic: atomic, ["BUZON_FAILPOINT": kill.target])
        if first.status == -SIGKILL { killed += 1 }
        let second = try await place.run("run", "--once")
        #expect(second.status == 0, "\(kill.target): \(second.errors)")
        let record = try #require(try place.record("BK-\(name)"), "\(kill.target)")
        #expect(record["outcome"] == "applied" && record["plan"].text != nil, "\(kill.target): \(record)")
        #expect(try place.site.timesApplied("BK-\(name)#").values.allSatisfy { $0 == 1 }, "\(kill.target)")
      }
      Failpoints.report("bound \(kind)", points: points, killed: killed, share: 5)
    }
    #expect(try await place.run("verify").status == 0)
  }
}
