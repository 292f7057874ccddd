import Foundation
import Support
import Testing

private func create(_ local: String) -> String {
  """
  create: {address: \(local)@example.org, name: {given: \(local), family: Muestra}, document: "1000000001", position: Prueba}
  """
}
private func retitle(_ local: String, _ title: String) -> String {
  "modify: {address: \(local)@example.org, set: {position: \(title)}}"
}
private func purge(_ local: String) -> String { "delete: {address: \(local)@example.org, immediately: true}" }
private func reset(_ local: String) -> String { "modify: {address: \(local)@example.org, reset: password}" }

/// What two providers did to an agent that took the directory for one: row by row as it was seen.
@Suite("Two providers")
struct SwitchTests {
  private static let short = "lag_patience: 1 s"

  private func password(_ pair: ProviderPair, _ local: String) async throws -> String {
    try #require(try await pair.answer("handover", "\(local)@example.org")["password"].text)
  }

  private func provider(_ pair: ProviderPair) async throws -> String? {
    try await pair.answer("status")["directory"]["provider"].text
  }

  @Test("What was done at a server that dies before it told the other is not undone, there or later")
  func nothingIsUndone() async throws {
    let pair = try ProviderPair(Self.short)
    let agent = try await pair.agent()
    try await pair.carryOut(form(number: "A-1", changes: ["uno", "dos", "tres"].map(create)), "A-1")
    #expect(await comesTrue { (try? pair.accounts(1).count) == 3 })
    pair.cut()
    // 1. Acknowledged by the first alone.
    try await pair.carryOut(
      form(
        number: "A-2",
        changes: [
          reset("uno"), purge("dos"),
          "modify: {address: tres@example.org, set: {status: suspended, aliases: [t@example.org]}}",
        ]), "A-2")
    let secret = try await password(pair, "uno")
    try pair.kill(0)
    // 2. The other one is used, but for these accounts.
    try pair.drop(form(number: "A-3", changes: [retitle("uno", "Nuevo")]), as: "A-3.yaml")
    try pair.drop(form(number: "A-4", changes: [create("dos")]), as: "A-4.yaml")
    try pair.drop(
      form(number: "A-5", changes: ["modify: {address: tres@example.org, set: {position: Otra}}"]), as: "A-5.yaml")
    try pair.drop(form(number: "A-6", atomic: true, changes: [retitle("uno", "Dos"), create("cinco")]), as: "A-6.yaml")
    try await pair.carryOut(form(number: "A-7", changes: [create("cuatro")]), "A-7")
    #expect(await agent.says("directory.switched", "from=\(pair.uri(0))", "to=\(pair.uri(1))"))
    #expect(await agent.says("directory.lags", "2 accounts"))
    for number in ["A-3", "A-5"] { #expect(await agent.says("change.waiting", "request=\(number)")) }
    // The last waits behind the first.
    for number in ["A-3", "A-5", "A-6"] { #expect(try pair.record(number) == nil) }
    // What was deleted is deleted there too, before its address is given again.
    #expect(await agent.says("directory.deleted", "dos@example.org"))
    try await pair.recorded("A-4")
    let findings = try await pair.answer("status")["findings"].array.compactMap { $0["finding"].text }
    #expect(findings.contains("provider-lags") && findings.contains("provider-switched"), "\(findings)")
    // 3. The first is back: it has all, and is used again; what waited is carried out there.
    try pair.connect()
    try pair.start()
    try await pair.recorded("A-3", "A-5", "A-6")
    let outcomes = try ["A-3", "A-4", "A-5", "A-6"].map { try pair.record($0)?["outcome"].text }
    #expect(outcomes == Array(repeating: "applied", count: 4), "\(outcomes)")
    #expect(await comesTrue { (try? pair.areEqual()) == true })
    for place in [0, 1] {
      #expect(try pair.logsIn("uno", secret, place))
      let three = try #require(try pair.accounts(place).first { $0.dn.hasPrefix("uid=tres,") })
      #expect(three["buzonStatus"] == ["suspended"] && three["mailLocalAddress"].contains("t@example.org"))
    }
    #expect(!agent.log.contains { $0.contains("drift.found") })
    #expect(
      await comesTrue {
        (try? await pair.answer("status")["findings"].array.contains { $0["finding"].text == "provider-lags" }) == false
      })
    #expect(await agent.end() == 0)
    let verified = try pair.buzon("verify")
    #expect(verified.status == 0, "\(verified)")
  }

  @Test(
    "A server that is behind ends no hand-over, takes nothing off the list and is no drift: at a start, and at a reload"
  )
  func staleAtStart() async throws {
    let pair = try ProviderPair("lag_patience: 1 h")
    var agent = try await pair.agent()
    try await pair.carryOut(form(number: "B-1", changes: [create("uno")]), "B-1")
    #expect(await comesTrue { (try? pair.accounts(1).count) == 1 })
    pair.cut()
    try pair.kill(0)
    try await pair.carryOut(form(number: "B-2", changes: [create("dos"), reset("uno")]), "B-2")
    let secret = try await password(pair, "dos")
    // The first is back, and does not know of it.
    try pair.start()
    #expect(try pair.accounts(0).count == 1)
    for round in ["restart", "reload", "reload --first"] {
      if round == "restart" {
        #expect(await agent.end(SIGKILL) == -SIGKILL)
        agent = try await pair.agent()
      } else {
        let outcome = try await pair.start(round.split(separator: " ").map(String.init)).outcome()
        #expect(outcome.status == 0, "\(outcome)")
      }
      try await pair.carryOut(
        form(number: "B-\(round.count)", changes: [retitle("dos", "T\(round.count)")]), "B-\(round.count)")
      #expect(try await provider(pair) == pair.uri(1), "\(round)")
      let open = try await pair.answer("handover")["handovers"].array.compactMap { $0["address"].text }
      #expect(Set(open) == ["uno@example.org", "dos@example.org"], "\(round)")
      #expect(try await password(pair, "dos") == secret)
      #expect(await comesTrue { (try? pair.accounts().count) == 2 }, "\(round)")
    }
    #expect(!agent.log.contains { $0.contains("drift.") || $0.contains("mirror.back") }, "\(agent.log)")
    try pair.connect()
    #expect(await comesTrue { (try? pair.areEqual()) == true })
    #expect(await agent.end() == 0)
  }

  @Test("A server that takes no writes is passed over, first or last, and kept from by no reload")
  func readOnly() async throws {
    let pair = try ProviderPair()
    let agent = try await pair.agent()
    // 1. The first URI is read-only: the second is used.
    try pair.setReadOnly(true, 0)
    try await pair.carryOut(form(number: "C-1", changes: [create("uno")]), "C-1")
    #expect(try await provider(pair) == pair.uri(1))
    #expect(await agent.says("directory.switched", "53 unwillingToPerform"))
    // 2. The second goes, and then takes no writes either; the first is back.
    try pair.setReadOnly(false, 0)
    try pair.setReadOnly(true, 1)
    try await pair.carryOut(form(number: "C-2", changes: [create("dos")]), "C-2")
    #expect(try await provider(pair) == pair.uri(0))
    // 3. Both take none: the queue waits, and goes on with whichever takes them first.
    try pair.setReadOnly(true, 0)
    try pair.drop(form(number: "C-3", changes: [create("tres")]), as: "C-3.yaml")
    #expect(await agent.says("directory.waiting", "53"))
    try pair.setReadOnly(false, 1)
    try await pair.recorded("C-3")
    #expect(await agent.end() == 0)
  }

  @Test("A server that stands still is left, with no false drift, and its names stand nowhere as the one in use")
  func frozen() async throws {
    let pair = try ProviderPair("timeouts: {connect: 1 s, operation: 2 s}")
    let agent = try await pair.agent()
    try await pair.carryOut(form(number: "D-1", changes: (0..<20).map { create("u\($0)") }), "D-1")
    try pair.kill(0, SIGSTOP)
    try await pair.carryOut(
      form(number: "D-2", changes: (0..<20).map { retitle("u\($0)", "Nuevo") } + [create("otro")]), "D-2")
    #expect(try pair.record("D-2")?["outcome"].text == "applied")
    #expect(try await provider(pair) == pair.uri(1))
    let metrics = try String(contentsOfFile: pair.records + "/metrics/buzon.prom", encoding: .utf8)
    #expect(
      await comesTrue {
        (try? String(contentsOfFile: pair.records + "/metrics/buzon.prom", encoding: .utf8))?
          .contains("buzon_directory_provider{uri=\"\(pair.uri(1))\"} 1") == true
      }, "\(metrics)")
    try pair.kill(0, SIGCONT)
    #expect(await comesTrue { (try? pair.areEqual()) == true })
    #expect(!agent.log.contains { $0.contains("drift.") }, "\(agent.log)")
    _ = try pair.buzon("status", "--acknowledge")
    let status = try pair.buzon("status")
    #expect(status.output.hasPrefix("OK"), "\(status)")
    #expect(await agent.end() == 0)
  }

  @Test("doctor looks at each server, and whether they show the same accounts")
  func doctor() async throws {
    let pair = try ProviderPair()
    func findings() async throws -> [String] {
      try await pair.answer("doctor")["findings"].array.compactMap { $0["finding"].text ?? $0["name"].text }
    }
    #expect(try pair.buzon("run", "--once").status == 0)
    #expect(try await !findings().contains("providers-differ"))
    pair.cut()
    try pair.drop(form(number: "E-1", changes: [create("uno")]), as: "E-1.yaml")
    #expect(try pair.buzon("run", "--once").status == 0)
    #expect(try await findings().contains("providers-differ"))
    try pair.connect()
    #expect(await comesTrue { (try? pair.areEqual()) == true })
    #expect(try await !findings().contains("providers-differ"))
    try pair.kill(1)
    #expect(try await findings().contains("server-down"))
  }

  @Test("An account that went while nobody listened leaves the list, though it was made a moment ago")
  func goneUnheard() async throws {
    let pair = try ProviderPair()
    var agent = try await pair.agent()
    try await pair.carryOut(form(number: "F-1", changes: ["uno", "dos"].map(create)), "F-1")
    #expect(await comesTrue { (try? pair.accounts(1).count) == 2 })
    #expect(await agent.end() == 0)
    // A session log of deletes does not outlive its server.
    try pair.modify(0, "dn: uid=dos,ou=people,\(pair.base)\nchangetype: delete\n")
    #expect(await comesTrue { (try? pair.accounts(1).count) == 1 })
    for place in [0, 1] { try pair.kill(place, SIGTERM) }
    #expect(await comesTrue { (try? pair.process(0)) == nil && (try? pair.process(1)) == nil })
    try pair.start()
    agent = try await pair.agent()
    #expect(await comesTrue { (try? pair.accounts().keys.sorted()) == ["uno@example.org"] })
    #expect(await agent.says("drift.found", "dos@example.org"))
    #expect(await agent.end() == 0)
  }
}
