import Foundation
import Support
import Testing
import Text

/// The host's time is wrong: what the clock does by itself is held as a whole, until an operator says that it is right.
@Suite("A clock that jumps")
struct ClockJumpTests {
  private static func ahead(_ days: Int) -> [String: String] { ["BUZON_CLOCK_AHEAD": "\(days * 86_400)"] }

  /// A place with an account that expires, one that is retained, one with a temporary password and one whose user changed
  /// it: in 400 days each of them is due.
  private func place(_ name: String) async throws -> Workplace {
    let place = try Site().workplace(name)
    let site = place.site
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "J-1",
        changes: [
          "create: {address: una@example.org, name: {given: A, family: B}, expires: \(day(ahead: 30))}",
          "create: {address: dos@example.org, name: {given: A, family: B}}",
          "create: {address: tres@example.org, name: {given: A, family: B}}",
        ]), "J-1")
    try await place.carryOut(
      form(number: "J-2", changes: ["delete: {address: dos@example.org, reason: Retiro}"]), "J-2")
    #expect(await agent.end() == 0)
    #expect(try site.entry("dos")?["buzonStatus"] == ["retained"])
    return place
  }

  /// Nothing was suspended, purged or scrambled.
  private func expectUntouched(_ place: Workplace, _ line: SourceLocation = #_sourceLocation) throws {
    #expect(try place.site.entry("una")?["buzonStatus"] == ["active"], sourceLocation: line)
    #expect(try place.site.entry("dos")?["buzonStatus"] == ["retained"], sourceLocation: line)
    #expect(try place.site.entry("tres")?["buzonRequest"] == ["J-1#2"], sourceLocation: line)
    let clocked = try place.records().keys.filter { $0.hasPrefix("@") }
    #expect(clocked.isEmpty, sourceLocation: line)
  }

  private func expectDone(_ place: Workplace, _ line: SourceLocation = #_sourceLocation) throws {
    #expect(try place.site.entry("una")?["buzonStatus"] == ["suspended"], sourceLocation: line)
    #expect(try place.site.entry("dos") == nil, sourceLocation: line)
    #expect(try place.site.entry("tres")?["buzonRequest"].first?.hasPrefix("@") == true, sourceLocation: line)
  }

  @Test("400 days ahead suspends, purges and scrambles nothing until buzon release CLOCK, and does then")
  func once() async throws {
    let place = try await place("jump")
    let jumped = try await place.run("run", "--once", environment: Self.ahead(400))
    #expect(jumped.status == 75 && jumped.errors.contains("clock.held"), "\(jumped.errors)")
    try expectUntouched(place)
    // It stays so: at the next start, and when the host's time was put right.
    for days in [401, 0] {
      let run = try await place.run("run", "--once", environment: Self.ahead(days))
      #expect(run.status == 75 && run.errors.contains("clock.held"), "\(run.errors)")
    }
    try expectUntouched(place)
    // Forms are carried out meanwhile.
    try place.drop(
      form(number: "J-3", changes: ["modify: {address: tres@example.org, set: {position: X}}"]), as: "3.yaml")
    #expect(try await place.run("run", "--once").status == 75)
    #expect(try place.record("J-3")?["outcome"] == "applied")

    let queue = try await place.run("queue")
    #expect(queue.output.contains("The clock is held") && queue.output.contains("buzon release CLOCK"))
    #expect(try await place.answer("queue")["clock"]["what"].text?.contains("policy.clock_jump") == true)
    let status = try await place.answer("status")
    #expect(status["findings"].array.contains { $0["finding"] == "clock-held" })
    #expect(status["holds"][0]["what"] == "CLOCK" && status["holds"].array.count == 1)
    #expect(!status["findings"].array.contains { $0["finding"] == "held" }, "no request is")
    let page = try await place.run("status", "--format", "html").output
    #expect(page.contains("El reloj"))
    let metrics = try String(contentsOfFile: place.records + "/metrics/buzon.prom", encoding: .utf8)
    #expect(metrics.contains("\nbuzon_clock_held 1\n"))

    for verb in ["hold", "cancel", "retry"] {
      let refused = try await place.run(verb, "CLOCK")
      #expect(refused.status == 1 && refused.errors.contains("released only"), "\(verb): \(refused.errors)")
    }
    #expect(try await place.run("release", "ALL").status == 0)
    #expect(try await place.answer("queue")["clock"] != JSON.null, "ALL is every request")
    let released = try await place.run("release", "CLOCK")
    #expect(released.status == 0 && released.output.hasPrefix("CLOCK released"), "\(released.errors)")
    #expect(try await place.answer("queue")["clock"] == JSON.null)
    let twice = try await place.run("release", "CLOCK")
    #expect(twice.status == 1 && twice.errors.contains("it isn't held"), "\(twice.errors)")

    let after = try await place.run("run", "--once", environment: Self.ahead(400))
    #expect(after.status == 0 && after.errors.contains("clock.released"), "\(after.errors)")
    #expect(!after.errors.contains("clock.held"))
    try expectDone(place)
    #expect(try await !place.answer("status")["findings"].array.contains { $0["finding"] == "clock-held" })
    // The released time is known: the next day is no jump.
    #expect(try await place.run("run", "--once", environment: Self.ahead(401)).status == 0)
  }

  @Test("a release is of the time that was shown: a later jump is held anew")
  func laterJump() async throws {
    let place = try await place("jump-later")
    let (first, second) = (day(ahead: 400), day(ahead: 900))
    #expect(try await place.run("run", "--once", environment: Self.ahead(400)).status == 75)
    let released = try await place.run("release", "CLOCK")
    #expect(
      released.output.contains(first) || released.output.contains(day(ahead: 400)),
      "\(released.output)\(released.errors)")
    let later = try await place.run("run", "--once", environment: Self.ahead(900))
    #expect(later.status == 75 && later.errors.contains("clock.held"), "\(later.errors)")
    try expectUntouched(place)
    let again = try await place.run("release", "CLOCK")
    #expect(again.output.contains(second) || again.output.contains(day(ahead: 900)), "\(again.output)\(again.errors)")
    #expect(try await place.run("run", "--once", environment: Self.ahead(900)).status == 0)
    try expectDone(place)
  }

  @Test("a running agent is released by the order, at once")
  func running() async throws {
    let place = try await place("jump-running")
    let agent = try place.start(["run"], environment: Self.ahead(400))
    #expect(await comesTrue(within: .seconds(120)) { agent.written.errors.contains("clock.held") })
    try expectUntouched(place)
    let released = try await place.run("release", "CLOCK")
    #expect(released.status == 0 && released.output.hasPrefix("CLOCK released"), "\(released.errors)")
    #expect(
      try await comesTrue(within: .seconds(120)) {
        try place.site.entry("dos") == nil && place.site.entry("una")?["buzonStatus"] == ["suspended"]
          && place.site.entry("tres")?["buzonRequest"].first?.hasPrefix("@") == true
      }, "\(agent.written.errors)")
    #expect(agent.written.errors.contains("clock.released"))
    agent.signal(SIGTERM)
    #expect(await agent.outcome().status == 0)
    try expectDone(place)
  }

  @Test("a day after the other is no jump, nor is what policy.clock_jump allows")
  func steps() async throws {
    let place = try await place("jump-steps")
    for days in [1, 2, 3] {
      let run = try await place.run("run", "--once", environment: Self.ahead(days))
      #expect(run.status == 0 && !run.errors.contains("clock.held"), "\(run.errors)")
    }
    let week = try await place.run("run", "--once", environment: Self.ahead(10))
    #expect(week.status == 75 && week.errors.contains("clock.held"), "an agent that was stopped for a week")
    #expect(try await place.run("release", "CLOCK").status == 0)
    #expect(try await place.run("run", "--once", environment: Self.ahead(10)).status == 0)
    try place.configure(.with { $0.more = "policy: {clock_jump: 500 d}" })
    let allowed = try await place.run("run", "--once", environment: Self.ahead(400))
    #expect(allowed.status == 0 && !allowed.errors.contains("clock.held"), "\(allowed.errors)")
    try expectDone(place)
  }

  @Test("a register that is new beside a directory that isn't takes the directory's time for known")
  func fresh() async throws {
    let old = try await place("jump-old")
    let place = try old.site.workplace("jump-new")
    // A form that comes with the wrong time is no proof of it.
    let text = form(number: "F-1", changes: ["modify: {address: tres@example.org, set: {phone: '1'}}"])
    try place.drop(text.replacingOccurrences(of: today(), with: day(ahead: 399)), as: "1.yaml")
    let run = try await place.run("run", "--once", environment: Self.ahead(400))
    #expect(run.status == 75 && run.errors.contains("clock.held"), "\(run.errors)")
    #expect(try place.record("F-1")?["outcome"] == "applied")
    #expect(try place.site.entry("una")?["buzonStatus"] == ["active"] && place.site.entry("dos") != nil)
    #expect(try await place.run("release", "CLOCK").status == 0)
    #expect(try await place.run("run", "--once", environment: Self.ahead(400)).status == 0)
    // This register granted no password, so it scrambles none.
    #expect(try place.site.entry("una")?["buzonStatus"] == ["suspended"] && place.site.entry("dos") == nil)
  }

  @Test("CLOCK and ALL are no numbers of requests")
  func reserved() async throws {
    let place = try Site().workplace("jump-names")
    for number in ["CLOCK", "ALL"] {
      let file = place.folder + "/\(number).yaml"
      try form(number: number, changes: ["delete: {address: a@example.org}"])
        .write(toFile: file, atomically: true, encoding: .utf8)
      let check = try await place.run("check", file)
      #expect(
        check.status == 65 && check.errors.contains(": number: '\(number)' means something else"), "\(check.errors)")
      try place.drop(try String(contentsOfFile: file, encoding: .utf8), as: "\(number).yaml")
    }
    #expect(try await place.run("run", "--once").status == 1)
    #expect(try await place.rejection(of: "CLOCK.yaml").contains("write another number"))
  }

  @Test("An approval in the future is shown with the host's own time and zone")
  func future() async throws {
    let place = try Site().workplace("jump-future")
    let config = try String(contentsOfFile: place.config, encoding: .utf8)
      .replacingOccurrences(of: "{name: Prueba}", with: "{name: Prueba, timezone: America/Bogota}")
    try config.write(toFile: place.config, atomically: true, encoding: .utf8)
    let file = place.folder + "/form.yaml"
    let text = form(number: "FUT-1", changes: ["delete: {address: a@example.org}"])
      .replacingOccurrences(of: today(), with: day(ahead: 3))
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let time = /is in the future; this host's time is \d{4}-\d\d-\d\d \d\d:\d\d \(America\/Bogota, UTC-05:00\); write/
    let check = try await place.run("check", file)
    #expect(check.status == 65 && check.errors.contains(time), "\(check.errors)")
    try place.drop(text, as: "future.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    #expect(try await place.rejection(of: "future.yaml").contains(time))
  }
}
