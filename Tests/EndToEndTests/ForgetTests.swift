import Foundation
import Support
import Testing

/// What is held about a person, and that it can be removed (Ley 1581 de 2012).
@Suite("Persons: what is held, and forgetting it")
struct ForgetTests {
  /// Texts that are about nobody else.
  private static let marks = [
    "Zoraida", "Quinonez", "Quiñonez", "1124850077", "1.124.850.077", "zoraida.q", "zq-alias", "Hidrografa", "4201599",
    "Traslado-a-Nariño",
  ]
  private static let ahead = ["BUZON_CLOCK_AHEAD": "\(40 * 86_400)"]

  private func run(_ place: Workplace, days: Int) async throws -> Int32 {
    try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(days * 86_400)"]).status
  }

  private func person(_ place: Workplace, _ who: String, format: String = "json") async throws -> Outcome {
    try await Program.run(
      Program.built("buzon"), ["person", "-", "--format", format], environment: ["BUZON_CONFIG": place.config],
      input: who + "\n")
  }

  /// Files below state and records that hold one of the texts.
  private func holding(_ texts: [String], in place: Workplace) throws -> [String] {
    try [place.state, place.records].flatMap { root in
      try FileManager.default.subpathsOfDirectory(atPath: root).compactMap { path in
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: root + "/" + path)) else { return nil }
        let found = texts.filter { bytes.range(of: Data($0.utf8)) != nil || path.contains($0) }
        return found.isEmpty ? nil : "\(root)/\(path): \(found)"
      }
    }
  }

  private func differences(_ place: Workplace) async throws -> [String] {
    let outcome = try await place.run("verify", "--json")
    return try JSON(outcome.output)["checks"].array.filter { $0["result"] == "differs" }.map {
      "\($0["check"].text ?? ""): \($0["what"].text ?? "")"
    }
  }

  private func sql(_ place: Workplace, _ statement: String) async throws {
    let program = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
    let outcome = try await Program.run(
      "/usr/bin/env", ["python3", "-c", program, place.state + "/register.sqlite", statement])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// A person who came by a form of three, was changed, failed once, and left; by the third day the clock has purged her.
  private func lived() async throws -> Workplace {
    let place = try Site().workplace(
      "forget",
      .with { $0.more = "policy: {retention: 1 d, address_memory: 400 d, archive: 30 d, clock_jump: 400 d}" })
    let zoraida =
      "{given: Zoraida, family: Quiñonez}, document: \"1.124.850.077\", position: Hidrografa, phone: \"+57 4201599\""
    try place.drop(
      form(
        number: "P-1",
        changes: [
          "create: {address: zoraida.q@example.org, name: \(zoraida), aliases: [zq-alias@example.org]}",
          "create: {address: juan@example.org, name: {given: Juan, family: Chindoy}, document: \"998877\"}",
          "create: {address: mesa@example.org, kind: functional, name: {display: Mesa}, owner: juan@example.org}",
        ]), as: "p1.yaml")
    #expect(try await run(place, days: 0) == 0)
    #expect(try await place.run("handover", "zoraida.q@example.org").status == 0)
    #expect(
      try await place.run("handover", "zoraida.q@example.org", "--received-by", "Zoraida Quiñonez").status == 0)
    try place.drop(
      form(
        number: "P-2", atomic: true,
        changes: ["modify: {address: zoraida.q@example.org, set: {position: Hidrografa mayor, document: 1124850077}}"]),
      as: "zoraida.q-cambio.yaml")
    try Data("a signature".utf8).write(
      to: URL(fileURLWithPath: place.spool + "/incoming/zoraida.q-cambio.yaml.sig"))
    #expect(try await run(place, days: 0) == 0)
    try place.drop(
      form(number: "P-3", changes: ["create: {address: zoraida.q@example.org, name: \(zoraida)}"]), as: "p3.yaml")
    #expect(try await run(place, days: 0) == 1)
    try place.drop(
      form(number: "P-4", changes: ["delete: {address: zoraida.q@example.org, reason: Traslado-a-Nariño}"]),
      as: "p4.yaml")
    #expect(try await run(place, days: 0) == 0)
    #expect(try await run(place, days: 3) == 0)
    #expect(try place.site.entry("zoraida.q") == nil)
    return place
  }

  @Test("All of a person is found, removed from the disk and accounted for; what is others' stays")
  func life() async throws {
    let place = try await lived()
    // By address and by number, however it is spelled, from standard input.
    let byAddress = try await person(place, "Zoraida.Q@example.org")
    #expect(byAddress.status == 0, "\(byAddress.errors)")
    let found = try JSON(byAddress.output)
    let numbers = found["requests"].array.compactMap({ $0["number"].text })
    #expect(numbers.prefix(4) == ["P-1", "P-2", "P-3", "P-4"] && numbers.count == 5, "\(numbers)")
    #expect(found["accounts"][0]["addresses"].array.count == 2 && found["retired"].array.count == 2)
    #expect(found["requests"][0]["changes"].array.map { $0["index"] } == [0])
    #expect(found["requests"][0]["changes"][0]["keys"].array.contains("document"))
    #expect(found["files"].array.contains { $0.text?.hasSuffix("P-2.yaml.sig") == true })
    for spelling in ["1124850077", "1.124.850.077", "1124 850 077"] {
      let byNumber = try await person(place, spelling)
      let same = try JSON(byNumber.output)["requests"].array.compactMap({ $0["number"].text })
      #expect(spelling.contains(" ") || same == numbers, "\(spelling): \(same) \(byNumber.errors)")
    }
    let argument = try await place.run("person", "1124850077")
    #expect(argument.status == 0 && argument.errors.contains("give - instead"))
    #expect(argument.output.contains("Zoraida") && !argument.output.contains("850.077"))
    #expect(try await person(place, "555000111").status == 66)

    // Too early, nobody asked, only looked at.
    func forget(_ more: String..., environment: [String: String] = Self.ahead) async throws -> Outcome {
      try await place.start(
        ["forget", "zoraida.q@example.org", "--because", "tiempo cumplido"] + more, environment: environment
      ).outcome()
    }
    let early = try await forget("--yes", environment: [:])
    #expect(early.status == 75 && early.errors.contains("policy.archive"), "\(early.errors)")
    #expect(try await forget().status == 64)
    let trial = try await forget("--dry-run", "--json")
    #expect(trial.status == 0 && trial.output.contains("\"P-4\""), "\(trial.errors)")
    #expect(try await place.run("forget", "juan@example.org", "--because", "x", "--yes").status == 65)
    #expect(try await place.run("forget", "nadie@example.org", "--because", "x", "--yes").status == 66)
    #expect(try await differences(place) == [])
    #expect(try !holding(["Zoraida"], in: place).isEmpty)

    let done = try await forget("--yes", "--json")
    #expect(done.status == 0, "\(done.errors)")
    #expect(done.errors.contains("backups that were made before"))
    #expect(try holding(Self.marks, in: place) == [])
    #expect(try await differences(place) == [])
    #expect(try await forget("--yes").errors.contains("forgotten already"))

    // What is others' stands as it stood.
    let archived = String(decoding: try #require(try place.archivedForm("P-1")), as: UTF8.self)
    #expect(archived.contains("forgotten: {operation: create}") && archived.contains("Chindoy"))
    #expect(try place.record("P-1")?["changes"][1]["name"] == "Juan Chindoy")
    #expect(try await person(place, "998877").status == 0)

    // Everybody who asks hears it.
    for command in [
      ["show", "P-1"], ["show", "P-2", "--json"], ["history", "zoraida.q@example.org"],
      ["history", "zq-alias@example.org", "--json"], ["person", "zoraida.q@example.org"], ["undo", "P-2"],
      ["show", "P-2", "--html"],
    ] {
      let outcome = try await place.start(command).outcome()
      #expect((outcome.output + outcome.errors).contains("tiempo cumplido"), "\(command): \(outcome.errors)")
    }
    let folder = place.folder + "/evidence"
    #expect(try await place.run("evidence", "P-2", "-o", folder).status == 0)
    let proof = try await Program.run("/usr/bin/env", ["-C", folder, "python3", "verify.py", "P-2.yaml"])
    #expect(proof.status == 0, "\(proof.errors)")
    #expect(try await place.run("rebuild").status == 0)
    #expect(try await differences(place) == [])
    #expect(try holding(Self.marks, in: place) == [])
    try await tamper(place)
    try await reserve(place)
  }

  /// Whoever edits the register afterwards is found.
  private func tamper(_ place: Workplace) async throws {
    let register = place.state + "/register.sqlite"
    let rows: [(statement: String, says: String)] = [
      ("UPDATE change SET name = 'X' WHERE request = 1 AND change_index = 0", "change 0 was forgotten, and"),
      ("UPDATE change SET address = 'x@example.org' WHERE request = 1 AND change_index = 0", "about another account"),
      ("UPDATE change SET pre_image = x'0102' WHERE request = 1 AND change_index = 0", "change 0 was forgotten, and"),
      ("UPDATE change SET diagnostic = 'X' WHERE request = 1 AND change_index = 0", "change 0 was forgotten, and"),
      (
        "UPDATE change SET name = 'X', address = 'x@example.org' WHERE request = 1 AND change_index = 1",
        "about another"
      ),
      ("UPDATE change SET outcome = 'failed' WHERE request = 2", "change 0 is failed"),
      (
        "UPDATE ledger SET openings = NULL WHERE request = 1 AND line LIKE '%settled%\"index\":1%'",
        "not in the register any"
      ),
      ("UPDATE ledger SET openings = NULL WHERE line LIKE '%\"event\":\"forgotten\"%'", "not in the register any more"),
      (
        "UPDATE request SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Chindoy', 'Chindoi') AS BLOB) WHERE id = 1",
        "digest"
      ),
      ("UPDATE event SET detail = 'otro' WHERE event = 'forgotten'", "forgotten"),
      ("DELETE FROM forgotten_line", "not in the register any more"),
    ]
    for row in rows {
      let copy = register + ".kept"
      try FileManager.default.copyItem(atPath: register, toPath: copy)
      try await sql(place, row.statement)
      let found = try await differences(place)
      #expect(found.contains { $0.contains(row.says) }, "\(row.statement): \(found)")
      for name in [register, register + "-wal", register + "-shm"] { try? FileManager.default.removeItem(atPath: name) }
      try FileManager.default.moveItem(atPath: copy, toPath: register)
    }
    #expect(try await differences(place) == [])
  }

  /// The address stays reserved for as long as the memory of addresses says.
  private func reserve(_ place: Workplace) async throws {
    let again = form(
      number: "P-9", changes: ["create: {address: zq-alias@example.org, name: {given: Otra, family: Persona}}"]
    ).replacingOccurrences(of: today(), with: day(ahead: 40))
    try place.drop(again, as: "p9.yaml")
    #expect(try await run(place, days: 41) == 1)
    #expect(try place.record("P-9")?["changes"][0]["error"]["diagnostic"].text?.contains("address_memory") == true)
    #expect(try await differences(place) == [])
  }

  @Test("Killed between any two steps, the next start or the same command does the rest")
  func killed() async throws {
    let place = try Site().workplace("forget-kill", .with { $0.more = "policy: {archive: 0 d}" })
    let count = 60
    let names = (0..<count).map { "Persona\(100 + $0)x" }
    try place.drop(
      form(
        number: "K-0",
        changes: ["create: {address: stays@example.org, name: {given: A, family: B}}"]
          + names.map { "create: {address: \($0.lowercased())@example.org, name: {given: \($0), family: Z}}" }),
      as: "k0.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    try place.drop(
      form(
        number: "K-1",
        changes: names.map { "delete: {address: \($0.lowercased())@example.org, immediately: true}" }), as: "k1.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    func forget(_ name: String, _ environment: [String: String]) async throws -> Outcome {
      try await place.start(
        ["forget", "\(name.lowercased())@example.org", "--because", "x", "--yes"], environment: environment
      ).outcome()
    }
    let trace = place.folder + "/trace"
    #expect(try await forget(names[0], ["BUZON_FAILPOINT_TRACE": trace]).status == 0)
    let points = try Failpoints.count(trace)
    let kills = Failpoints.kills(points, share: max(1, points * 2 / count + 1))
    try #require(kills.count < count, "make room for more: \(kills.count)")
    var killed = 0
    for (kill, name) in zip(kills, names.dropFirst()) {
      if try await forget(name, ["BUZON_FAILPOINT": kill.target]).status == -SIGKILL { killed += 1 }
      // Either the agent is next, or the command; what had not begun is begun.
      if kill.point.isMultiple(of: 2) { #expect(try await place.run("run", "--once").status == 0, "\(kill.target)") }
      let second = try await forget(name, [:])
      #expect([0, 66].contains(second.status), "\(kill.target): \(second.errors)")
      #expect(try holding([name, name.lowercased()], in: place) == [], "\(kill.target)")
    }
    #expect(killed >= kills.count / 2, "\(killed) of \(kills.count)")
    #expect(try await differences(place) == [])
    #expect(try holding([names[count - 1]], in: place).isEmpty == false)
  }
}
