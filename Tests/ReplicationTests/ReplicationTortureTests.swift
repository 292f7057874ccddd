import Foundation
import Support
import Testing

/// Two providers under a stream of all operations, while the one in use is killed, frozen, cut off, made read-only, and lags.
@Suite("Two providers that fail")
struct ReplicationTortureTests {
  private enum Fault: String, CaseIterable { case killed, frozen, cutOff, readOnly, killedWhileCut, lagging, restored }

  private let each = 20

  private func create(_ local: String) -> String {
    "create: {address: \(local)@example.org, name: {given: \(local), family: Muestra}, document: \"1000000001\", position: Prueba}"
  }
  private func address(_ local: String, _ change: String) -> String { "\(change): {address: \(local)@example.org" }

  @Test("nothing acknowledged is undone, nothing is done twice, nothing fails for it, and both are equal at the end")
  func stream() async throws {
    let pair = try ProviderPair("lag_patience: 1 s", "timeouts: {connect: 1 s, operation: 2 s}")
    let agent = try await pair.agent()
    var generator = SeededGenerator(seed: Torture.seed)
    let rounds = Torture.count(share: Fault.allCases.count, full: 60)
    try await pair.carryOut(form(number: "S-0", changes: (0..<each).map { create("m\($0)") }), "S-0")
    var slowest = Duration.zero
    for round in 0..<rounds {
      let fault = Fault.allCases[round % Fault.allCases.count]
      let doomed = (0..<each).map { create("d\(round)x\($0)") }
      try await pair.carryOut(form(number: "D-\(round)", changes: doomed), "D-\(round)")
      for index in 0..<each {
        let changes = [
          create("k\(round)x\(index)"), address("m\(index)", "modify") + ", set: {position: T\(round)}}",
          address("m\(index)", "modify") + ", reset: password}",
          address("d\(round)x\(index)", "delete") + ", immediately: true}", create("d\(round)x\(index)"),
        ]
        try pair.drop(form(number: "K-\(round)-\(index)", changes: changes), as: "K-\(round)-\(index).yaml")
      }
      let moment = Int.random(in: 1...each, using: &generator)
      func done() -> Int { pair.paths(below: "deliveries", suffix: ".json").keys.count { $0.hasPrefix("K-\(round)-") } }
      #expect(await comesTrue { done() >= min(moment, each / 2) })
      let uri = try await pair.answer("status")["directory"]["provider"].text
      let place = uri == pair.uri(0) ? 0 : 1
      let backup = fault == .restored ? try pair.backUp(place) : ""
      let begin = ContinuousClock.now
      try await strike(fault, pair, place, backup, done)
      #expect(await comesTrue(within: .seconds(120)) { done() == each }, "\(fault) \(round): \(agent.log.suffix(3))")
      slowest = max(slowest, begin.duration(to: .now))
      #expect(await comesTrue(within: .seconds(120)) { (try? pair.areEqual()) == true }, "\(fault) \(round)")
    }
    let records = try pair.records()
    let wrong = records.filter { $0.value["outcome"] as? String != "applied" }
    #expect(wrong.isEmpty, "\(wrong.mapValues { "\($0)".prefix(600) }.prefix(2))")
    var undone = 0
    for place in [0, 1] {
      let entries = try pair.accounts(place)
      #expect(entries.count == each + rounds * each * 2)
      for index in 0..<each {
        let entry = entries.first { $0.dn.hasPrefix("uid=m\(index),") }
        if entry?["title"] != ["T\(rounds - 1)"] || entry?["buzonRequest"] != ["K-\(rounds - 1)-\(index)#2"] {
          undone += 1
        }
      }
    }
    let secret = try #require(try await pair.answer("handover", "m0@example.org")["password"].text)
    for place in [0, 1] { #expect(try pair.logsIn("m0", secret, place)) }
    #expect(await comesTrue { (try? pair.accounts().count) == each + rounds * each * 2 })
    #expect(!agent.log.contains { $0.contains("drift.") }, "\(agent.log.filter { $0.contains("drift.") }.prefix(3))")
    #expect(await agent.end() == 0)
    let verified = try pair.buzon("verify")
    #expect(verified.status == 0, "\(verified)")
    Torture.report(
      "two providers that fail",
      [
        ("faults", rounds), ("changes", (rounds * 6 + 1) * each),
        ("s at most for a fault", Int(slowest.components.seconds)),
      ],
      lost: undone, twice: 0, failures: wrong.count)
  }

  /// Does it, waits until the other one is used or all is done, and undoes it.
  private func strike(_ fault: Fault, _ pair: ProviderPair, _ place: Int, _ backup: String, _ done: () -> Int)
    async throws
  {
    func goesOn() async { _ = await comesTrue(within: .seconds(15)) { done() == each } }
    switch fault {
    case .killed:
      try pair.kill(place)
      await goesOn()
      try pair.start()
    case .frozen:
      try pair.kill(place, SIGSTOP)
      await goesOn()
      try pair.kill(place, SIGCONT)
    case .cutOff:
      pair.cut()
      await goesOn()
      try pair.connect()
    case .readOnly:
      try pair.setReadOnly(true, place)
      await goesOn()
      try pair.setReadOnly(false, place)
    case .lagging:
      // The other one stands still while this one goes on, and is the one that is left.
      let before = done()
      try pair.kill(1 - place, SIGSTOP)
      _ = await comesTrue(within: .seconds(5)) { done() > before }
      try pair.kill(place)
      try pair.kill(1 - place, SIGCONT)
      _ = await comesTrue(within: .seconds(3)) { done() == each }
      try pair.start()
    case .restored:
      let before = done()
      _ = await comesTrue(within: .seconds(5)) { done() > before }
      try pair.restore(place, backup)
    case .killedWhileCut:
      pair.cut()
      let before = done()
      _ = await comesTrue(within: .seconds(5)) { done() > before }
      try pair.kill(place)
      _ = await comesTrue(within: .seconds(3)) { done() == each }
      try pair.connect()
      try pair.start()
    }
  }
}
