import Foundation
import Sandbox
import Support
import Testing

/// `buzon hold`, `release`, `retry` and `cancel`, with an agent that runs and without one.
@Suite("The queue commands")
struct OrderTests {
  private func create(_ local: String) -> String {
    "create: {address: \(local)@example.org, name: {given: A, family: B}}"
  }

  private func modify(_ local: String, _ position: String) -> String {
    "modify: {address: \(local)@example.org, set: {position: \(position)}}"
  }

  /// A place whose directory is away, with these forms accepted and waiting.
  private func waiting(_ forms: (String, [String])...) async throws -> (Workplace, RunningAgent) {
    let place = try Site().workplace("orders")
    try place.site.stopDirectory()
    let agent = try await place.agent()
    for (index, (number, changes)) in forms.enumerated() {
      try place.drop(
        form(number: number, changes: changes), as: number + ".yaml",
        modified: Date(timeIntervalSinceNow: -1_000 + Double(index)))
    }
    for (number, _) in forms {
      #expect(try await comesTrue { try await place.run("show", number).status == 0 }, "\(number) is accepted")
    }
    return (place, agent)
  }

  private func state(_ place: Workplace, _ number: String) async throws -> String? {
    try await place.answer("show", number)["state"].text
  }

  private func events(_ place: Workplace, _ number: String) async throws -> [JSON] {
    try await place.answer("show", number)["history"].array
  }

  @Test("a running agent obeys, also while the directory is away", arguments: [true, false])
  func holdReleaseCancel(isRunning: Bool) async throws {
    let (place, agent) = try await waiting(
      ("O-1", [create("uno")]), ("O-2", [create("dos")]), ("O-3", [create("tres")]))
    if !isRunning { #expect(await agent.end() == 0) }
    let held = try await place.run("hold", "O-1", "O-2")
    #expect(held.status == 0 && held.output == "O-1 held\nO-2 held\n", "\(held.output)\(held.errors)")
    #expect(try await state(place, "O-1") == "held")
    #expect(try await state(place, "O-2") == "held")
    let again = try await place.run("hold", "O-1")
    #expect(again.status == 1 && again.errors.contains("held already"))
    #expect(try await place.run("release", "O-3").errors.contains("isn't held"))
    let unknown = try await place.run("hold", "O-9")
    #expect(unknown.status == 66 && unknown.errors.contains("O-9"))

    // A form that was dropped just now is no request yet, and isn't unknown either.
    if !isRunning {
      try place.drop(form(number: "O-9", changes: [create("nueve")]), as: "any name")
      let early = try await place.run("hold", "O-9")
      #expect(early.status == 1 && early.errors.contains("its form waits in the spool"), "\(early)")
      #expect(try await place.run("show", "O-9").errors.contains("its form waits in the spool"))
      try FileManager.default.removeItem(atPath: place.spool + "/incoming/any name")
    }

    let cancelled = try await place.run("cancel", "O-2")
    #expect(cancelled.status == 0 && cancelled.output == "O-2 cancelled\n", "\(cancelled.output)\(cancelled.errors)")
    let record = try await place.recorded("O-2")
    #expect(record["outcome"] == "cancelled" && record["changes"][0]["outcome"] == "skipped")
    #expect(record["changes"][0]["error"] == nil && record["changes"].array.count == 1)
    #expect(try place.archivedForm("O-2") != nil)
    #expect(try await place.run("cancel", "O-2").errors.contains("done already"))

    try place.site.startDirectory()
    if isRunning {
      try await place.recorded("O-3")
    } else {
      #expect(try await place.run("run", "--once").status == 75)
    }
    #expect(try place.record("O-1") == nil && place.site.entry("uno") == nil)
    #expect(try await place.run("release", "ALL").output == "O-1 released\n")
    if isRunning {
      try await place.recorded("O-1")
      #expect(await agent.end() == 0)
    } else {
      #expect(try await place.run("run", "--once").status == 0)
    }
    #expect(try place.record("O-1")?["outcome"] == "applied")
    #expect(try place.site.entry("uno") != nil && place.site.entry("dos") == nil && place.site.entry("tres") != nil)
    let story = try await events(place, "O-1")
    #expect(
      story.compactMap { $0["event"].text }.filter { ["held", "released"].contains($0) } == ["held", "released"])
    #expect(story.filter { $0["event"] == "held" }.allSatisfy { $0["by"].text?.isEmpty == false }, "\(story)")
  }

  @Test("hold ALL sets aside whatever waits, release - takes numbers from standard input")
  func all() async throws {
    let (place, agent) = try await waiting(
      ("O-1", [create("uno")]), ("O-2", [create("dos")]), ("O-3", [create("tres")]))
    #expect(try await place.run("hold", "ALL").output.split(separator: "\n").count == 3)
    #expect(try await place.run("hold", "ALL", "O-1").status == 64)
    try place.site.startDirectory()
    let released = try await Program(
      Program.built("buzon"), ["release", "-"], environment: ["BUZON_CONFIG": place.config], input: "O-3\nO-1\nO-3\n"
    ).outcome()
    #expect(released.status == 0 && released.output == "O-3 released\nO-1 released\n", "\(released.errors)")
    try await place.recorded("O-1", "O-3")
    #expect(try place.record("O-2") == nil)
    #expect(try await place.run("cancel", "ALL").output == "O-2 cancelled\n")
    #expect(try await place.recorded("O-2")["outcome"] == "cancelled")
    let nothing = try await place.run("cancel", "ALL")
    #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.errors.contains("no request"))
    #expect(await agent.end() == 0)
  }

  @Test("others overtake what is held, on the same address too, and released it comes after them")
  func overtaking() async throws {
    let (place, agent) = try await waiting(
      ("O-1", [create("uno")]), ("O-2", [modify("uno", "A"), modify("uno", "B")]), ("O-3", [modify("uno", "C")]))
    #expect(try await place.run("hold", "O-2").status == 0)
    try place.site.startDirectory()
    try await place.recorded("O-1", "O-3")
    #expect(try place.site.entry("uno")?["title"] == ["C"])
    #expect(try await place.run("release", "O-2").status == 0)
    #expect(try await place.recorded("O-2")["outcome"] == "applied")
    #expect(try place.site.entry("uno")?["title"] == ["B"])
    #expect(try place.site.writes(on: place.site.dn("uno")).count == 4)
    #expect(await agent.end() == 0)
  }

  @Test("retry tries a directory that is away at once, and lets go what was held for trouble alone")
  func retry() async throws {
    let place = try Site().workplace(
      "orders",
      .with {
        $0.firstRetry = "1 s"; $0.longestRetry = "60 s"
      })
    try place.site.stopDirectory()
    let agent = try await place.agent()
    try place.drop(form(number: "O-1", changes: [create("uno")]), as: "O-1.yaml")
    #expect(await agent.says("directory.waiting"))
    #expect(try await place.run("hold", "O-1").status == 0)
    let refused = try await place.run("retry", "O-1")
    #expect(refused.status == 1 && refused.errors.contains("buzon release"))
    #expect(try await place.run("release", "O-1").status == 0)
    try place.site.startDirectory()
    #expect(try await place.run("retry", "ALL").status == 0)
    #expect(try await place.recorded("O-1")["outcome"] == "applied")
    let done = try await place.run("retry", "O-1")
    #expect(done.status == 1 && done.errors.contains("done already"))
    #expect(await agent.end() == 0)
  }

  @Test("a request that is carried out in part is cancelled for the rest, and recorded as partly")
  func partly() async throws {
    let place = try Site().workplace("orders")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "BASE", changes: [create("uno"), create("dos")]), "BASE")
    try place.site.readOnly("uno")
    try place.drop(form(number: "O-1", changes: [modify("dos", "X"), modify("uno", "X")]), as: "O-1.yaml")
    #expect(try await comesTrue { try place.site.entry("dos")?["title"] == ["X"] })
    var others = 0
    while others < 20, try await state(place, "O-1") != "held" {
      try await place.carryOut(form(number: "N-\(others)", changes: [modify("dos", "P\(others)")]), "N-\(others)")
      others += 1
    }
    #expect(try await state(place, "O-1") == "held")
    let cancelled = try await place.run("cancel", "O-1")
    #expect(
      cancelled.status == 0 && cancelled.output.contains("1 of 2 changes"), "\(cancelled.output)\(cancelled.errors)")
    let record = try await place.recorded("O-1")
    #expect(record["outcome"] == "partly")
    #expect(record["changes"].array.map { $0["outcome"] } == ["applied", "skipped"])
    #expect(try await events(place, "O-1").contains { $0["event"] == "cancelled" })
    #expect(await agent.end() == 0)
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.site.entry("uno")?["title"] == [])
  }

  @Test("what may have been carried out already can be held, and not cancelled until the directory was asked")
  func inDoubt() async throws {
    let place = try Site().workplace("orders", .with { $0.operationTimeout = "1 s" })
    let first = try await place.agent()
    try await place.carryOut(form(number: "BASE", changes: [create("uno")]), "BASE")
    // slapd takes the operation and doesn't answer.
    let slapd = try place.site.directoryProcess()
    kill(slapd, SIGSTOP)
    defer { kill(slapd, SIGCONT) }
    try place.drop(form(number: "O-1", changes: [modify("uno", "X")]), as: "O-1.yaml")
    #expect(await first.says("directory.waiting"))
    let isSent = try await comesTrue {
      try !SQLite.rows(
        place.state + "/register.sqlite",
        "SELECT change_index FROM change JOIN request ON id = request WHERE number = 'O-1' AND intent IS NOT NULL"
      ).isEmpty
    }
    // Where not even the entry could be read nothing is in doubt, and cancel may have it.
    if isSent {
      let refused = try await place.run("cancel", "O-1")
      #expect(refused.status == 1 && refused.errors.contains("may have been carried out"), "\(refused.errors)")
    }
    kill(slapd, SIGCONT)
    #expect(try await place.recorded("O-1")["outcome"] == "applied")
    #expect(await first.end() == 0)
  }

  @Test("cancel never undoes what a record says: every number is either applied or cancelled, as it is told")
  func racing() async throws {
    let place = try Site().workplace("orders")
    let agent = try await place.agent()
    var count = 0
    var cancelled = 0
    // Until some were caught in the act.
    while count < 4_000, cancelled < 20 {
      async let first = place.run("cancel", "ALL")
      async let second = place.run("cancel", "ALL")
      for index in count..<count + 100 {
        try place.drop(form(number: "Q-\(index)", changes: [create("q\(index)")]), as: "Q-\(index).yaml")
      }
      count += 100
      for outcome in try await [first, second] {
        #expect([0, 1].contains(outcome.status))
        cancelled += outcome.output.split(separator: "\n").count
      }
    }
    #expect(try await comesTrue { try place.records().count == count })
    #expect(await agent.end() == 0)
    let made = try Set(place.site.search(filter: "(objectClass=buzonAccount)").map { $0["mail"][0] })
    var outcomes: [String: Int] = [:]
    for (number, record) in try place.records() {
      let outcome = record["outcome"] as? String ?? ""
      outcomes[outcome, default: 0] += 1
      let address = number.replacingOccurrences(of: "Q-", with: "q") + "@example.org"
      #expect(made.contains(address) == (outcome == "applied"), "\(number) is \(outcome)")
      #expect(["applied", "cancelled"].contains(outcome), "\(number) is \(outcome)")
    }
    #expect(outcomes["cancelled"] ?? 0 > 0)
    print("cancelled meanwhile: \(outcomes)")
  }
}

extension Site {
  /// From now on the agent may read this account's entry and not write it.
  func readOnly(_ uid: String) throws {
    try modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      add: olcAccess
      olcAccess: {0}to dn.exact="\(dn(uid))" by dn.exact="\(sandbox.agent)" read by * break

      """)
  }
}
