import Foundation
import Sandbox
import Support
import Testing

/// `buzon status` and the operator's page.
@Suite("The status")
struct StatusTests {
  private static func create(_ local: String) -> String {
    "create: {address: \(local)@example.org, name: {given: Ada, family: Bo}}"
  }

  private func page(_ place: Workplace) -> String {
    (try? String(contentsOfFile: place.records + "/status.html", encoding: .utf8)) ?? ""
  }

  @Test("exits with 0, 1 and 2 as monitoring plugins do, and tells why")
  func codes() async throws {
    let place = try Site().workplace(
      "status", .with { $0.more = "policy: {limits: {deletes: {per_form: 1}}}" })
    let never = try await place.run("status")
    #expect(never.status == 2 && never.output.contains("no agent has ever run here"), "\(never)")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    let fine = try await place.run("status")
    #expect(fine.status == 0 && fine.output.hasPrefix("OK: "), "\(fine.output)\(fine.errors)")
    try await place.carryOut(form(number: "S-1", changes: [Self.create("una"), Self.create("dos")]), "S-1")
    let report = try await place.answer("status")
    #expect(report["version"] == 1 && report["health"] == "ok", "\(report)")
    #expect(try await place.run("status").output.contains("handovers=2 drift=0 accounts=2"))

    // Something is held, something failed.
    try place.drop(
      form(number: "S-2", changes: ["delete: {address: una@example.org}", "delete: {address: dos@example.org}"]),
      as: "2")
    #expect(try await comesTrue { try await place.answer("queue")["requests"][0]["state"] == "held" })
    let held = try await place.run("status")
    #expect(held.status == 1 && held.output.hasPrefix("WARNING: ") && held.output.contains("held=1"), "\(held.output)")
    #expect(held.output.contains("S-2 is held: ") && held.output.contains("policy.limits"))
    try await place.carryOut(
      form(number: "S-3", changes: ["delete: {address: nadie@example.org}", Self.create("tres")]), "S-3")
    let failed = try await place.run("status")
    #expect(failed.status == 1 && failed.output.contains("failed_today=1"), "\(failed.output)")
    #expect(failed.output.contains("S-3") && failed.output.contains("nadie@example.org"))
    #expect(try await place.run("cancel", "S-2").status == 0)
    #expect(try await place.run("status").output.contains("failed_today=1"), "what is cancelled has not failed")

    // The directory goes while something is to be done; then the agent.
    try place.site.stopDirectory()
    try place.drop(form(number: "S-4", changes: [Self.create("cuatro")]), as: "4")
    #expect(try await comesTrue { try await place.run("status").status == 2 })
    let critical = try await place.run("status")
    #expect(
      critical.output.hasPrefix("CRITICAL: ") && critical.output.contains("Directory     waiting"), "\(critical.output)"
    )
    try place.site.startDirectory()
    try await place.recorded("S-4")
    #expect(try await comesTrue { try await place.run("status").status == 1 })
    #expect(await agent.end() == 0)
    let stopped = try await place.run("status")
    #expect(stopped.status == 2 && stopped.output.contains("not running"), "\(stopped.output)")
    let html = try await place.run("status", "--format", "html")
    #expect(html.status == 2 && html.output.hasPrefix("<!DOCTYPE html>"))
  }

  @Test(
    "names the server that answers, not the first of the configuration; a register that can't be read is not known: 3")
  func provider() async throws {
    let place = try Site().workplace("provider")
    let text = try String(contentsOfFile: place.config, encoding: .utf8)
    try text.replacing("uris: [", with: "uris: [\"ldapi://%2Fnowhere%2Fldapi\", ").write(
      toFile: place.config, atomically: true, encoding: .utf8)
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    let report = try await place.answer("status")
    #expect(report["directory"]["provider"].text == place.site.sandbox.uri && report["health"] == "ok", "\(report)")
    #expect(report["directory"]["answered"].text != nil)
    #expect(await agent.end() == 0)

    // A program that is no agent could have put anything in its place.
    let register = place.state + "/register.sqlite"
    for name in [register, register + "-wal", register + "-shm"] { try? FileManager.default.removeItem(atPath: name) }
    try Data(String(repeating: "no register ", count: 1_000).utf8).write(to: URL(filePath: register))
    let damaged = try await place.run("status")
    #expect(damaged.status == 3 && damaged.output.hasPrefix("UNKNOWN: "), "\(damaged)")
    #expect(damaged.output.contains("the file is no register") && damaged.output.contains("buzon restore"))
    #expect(try await place.run("status", "--json").status == 74)
  }

  @Test("stands on a page in the records: soon after something changed, each minute, and once more at the end of a run")
  func pages() async throws {
    let place = try Site().workplace("page")
    let agent = try await place.agent()
    #expect(await comesTrue { page(place).contains("<!DOCTYPE html>") })
    #expect(mode(place.records + "/status.html") == "644")
    try await place.carryOut(form(number: "P-1", department: "Salud", changes: [Self.create("una")]), "P-1")
    // Promised are 15 s. Three times that is still less than the minute after which the page is written in any case.
    #expect(await comesTrue(within: .seconds(45)) { page(place).contains("una@<wbr>example.org") })
    #expect(page(place).contains("\(agent.program.processIdentifier)"))
    #expect(await agent.end() == 0)
    let last = page(place)
    #expect(last.contains("El agente no está en marcha") && last.contains("una@<wbr>example.org"))

    // Where it can't be written it waits, as the records do, and stops no work.
    try FileManager.default.removeItem(atPath: place.records + "/status.html")
    try FileManager.default.createDirectory(atPath: place.records + "/status.html/x", withIntermediateDirectories: true)
    let next = try await place.agent()
    #expect(await next.says("records.waiting"))
    #expect(try await comesTrue { try await place.run("status").status == 2 })
    let waiting = try await place.answer("status")
    #expect(waiting["findings"][0]["finding"] == "records-waiting", "\(waiting)")
    #expect(waiting["troubles"][0]["reason"].text?.isEmpty == false, "\(waiting)")
    try await place.carryOut(form(number: "P-2", changes: [Self.create("dos")]), "P-2")
    try FileManager.default.removeItem(atPath: place.records + "/status.html")
    #expect(await comesTrue { page(place).contains("dos@<wbr>example.org") })
    #expect(await next.says("records.back"))
    #expect(try await comesTrue { try await place.run("status").status == 0 })
    #expect(await next.end() == 0)
  }

  @Test("folders of records that are moved away while the agent runs are noticed, and made anew")
  func moved() async throws {
    let place = try Site().workplace("moved")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "M-1", changes: [Self.create("una")]), "M-1")
    for (index, folder) in ["/deliveries", ""].enumerated() {
      try FileManager.default.moveItem(atPath: place.records + folder, toPath: place.folder + "/moved-\(index)")
      try await place.carryOut(form(number: "M-2\(index)", changes: [Self.create("otra\(index)")]), "M-2\(index)")
    }
    #expect(await agent.says("records.waiting"))
    #expect(await agent.says("records.back"))
    // Of the moved folder the ledger's file is missed.
    #expect(await agent.says("ledger.differs"))
    #expect(await agent.end() == 0)
  }

  @Test("counts what was rejected and what failed until somebody takes note, and what comes later anew")
  func acknowledged() async throws {
    let place = try Site().workplace("seen")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    try place.drop("number: [\n", as: "broken.yaml")
    try await place.carryOut(form(number: "A-1", changes: ["delete: {address: nadie@example.org}"]), "A-1")
    #expect(try await comesTrue { try await place.answer("status")["unseen"]["rejected"] == 1 })
    let found = try await place.run("status")
    #expect(found.status == 1 && found.output.contains("Files rejected, not seen yet 1; Changes failed today 1"))
    #expect(found.output.contains("Rejected      1\n"), "\(found.output)")

    #expect(try await place.run("status", "--acknowledge").status == 0)
    let seen = try await place.answer("status")
    #expect(seen["health"] == "ok" && seen["unseen"]["since"].text != nil, "\(seen)")
    #expect(seen["unseen"]["rejected"] == 0 && seen["unseen"]["failed"] == 0)
    // The figures of the day stay.
    #expect(seen["days"].array.last?["failed"] == 1)

    try place.drop("number: [\n", as: "again.yaml")
    try await place.carryOut(form(number: "A-2", changes: ["delete: {address: nadie@example.org}"]), "A-2")
    #expect(try await comesTrue { try await place.answer("status")["unseen"]["rejected"] == 1 })
    // Only what is new is counted, named and dated.
    let new = try await place.answer("status")["findings"].array
    #expect(new[0]["reason"].text?.hasSuffix("/rejected/again.yaml.report") == true, "\(new)")
    #expect(new[1]["count"] == 1 && new[1]["reason"] == "the changes are A-2 nadie@example.org", "\(new)")
    // Times are whole seconds.
    #expect(try #require(new[1]["since"].text) >= #require(seen["unseen"]["since"].text))
    let text = try await place.run("status").output
    #expect(text.contains(" · A-2 · ") && !text.contains("A-1"), "\(text)")
    #expect(await agent.end() == 0)
    // Nobody asks the directory any more.
    let stopped = try await place.answer("status")
    #expect(stopped["directory"]["state"] == "unknown" && stopped["health"] == "critical", "\(stopped)")
  }

  @Test("tells the days of the organisation's zone, the figures of each, and the first of what is much")
  func figures() async throws {
    let place = try Site().workplace("figures")
    let locals = (0..<30).map { "f\($0)" }
    try place.drop(
      form(number: "F-1", changes: locals.map(Self.create)), as: "1", modified: Date(timeIntervalSinceNow: -9))
    try place.drop(
      form(number: "F-2", changes: locals.map { "delete: {address: no-\($0)@example.org}" } + [Self.create("ok")]),
      as: "2")
    #expect(try await place.run("run", "--once").status == 1)
    let report = try await place.answer("status")
    let days = report["days"].array
    #expect(days.count == 14)
    #expect(days.dropLast().allSatisfy { $0["accepted"] == 0 && $0["applied"] == 0 && $0["failed"] == 0 })
    #expect(
      days.last?["accepted"] == 2 && days.last?["applied"] == 31 && days.last?["failed"] == 30, "\(days.last ?? .null)")
    // Tomorrow today is yesterday.
    let tomorrow = try await place.start(["status", "--json"], environment: ["BUZON_CLOCK_AHEAD": "86400"]).outcome()
    let later = try JSON(tomorrow.output)["days"].array
    #expect(later.count == 14 && later[12] == days[13] && later[13]["applied"] == 0)
    let text = try await place.run("status")
    #expect(text.output.contains("handovers=31") && text.output.contains("accounts=31"))
    #expect(try await place.answer("status")["failures"].array.count == 20, "\(report.keys)")
  }
}
