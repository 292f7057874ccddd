import Foundation
import Support
import Testing

/// The agent under systemd, without systemd: what it tells, and what `buzon reload` waits for.
@Suite("The service")
struct ServiceTests {
  @Test("tells that it started though no directory answers, how it stands, that it reloads and that it stops")
  func notified() async throws {
    let place = try Site().workplace("notify", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
    let receiver = try DatagramReceiver()
    let agent = try place.start(
      ["run"], environment: ["NOTIFY_SOCKET": receiver.path, "WATCHDOG_USEC": "2000000"])
    var heard: [String] = []
    func hears(_ text: String) async -> Bool {
      await comesTrue {
        heard += receiver.heard()
        return heard.contains { $0.hasPrefix(text) }
      }
    }
    #expect(await hears("READY=1"), "\(agent.written.errors)")
    #expect(await hears("WATCHDOG=1"))
    #expect(await hears("STATUS=CRITICAL: "), "\(heard)")
    heard = []
    let reload = try await place.run("reload")
    #expect(reload.status == 0 && reload.output == "the configuration is in use\n", "\(reload)")
    #expect(agent.written.errors.contains(" configuration.reread "), "it comes back when it was read")
    heard += receiver.heard()
    let news = heard.filter { !$0.hasPrefix("STATUS=") && !$0.hasPrefix("WATCHDOG=") }
    #expect(news.count == 2 && news[0].hasPrefix("RELOADING=1\n") && news[1] == "READY=1", "\(heard)")
    agent.signal(SIGTERM)
    #expect(await hears("STOPPING=1"))
    #expect(await agent.outcome().status == 0)
  }

  @Test("reload names an error and the old configuration stays; folders take a restart")
  func reload() async throws {
    let place = try Site().workplace("reload")
    let alone = try await place.run("reload")
    #expect(alone.status != 0, "\(alone)")
    let agent = try await place.agent()
    let whole = try String(contentsOfFile: place.config, encoding: .utf8)
    try (whole + "polcy: {}\n").write(toFile: place.config, atomically: true, encoding: .utf8)
    let refused = try await place.run("reload")
    #expect(refused.status == 78 && refused.errors.contains("polcy"), "\(refused)")
    try whole.replacing(place.records, with: place.folder + "/elsewhere").write(
      toFile: place.config, atomically: true, encoding: .utf8)
    let moved = try await place.run("reload")
    #expect(moved.status == 0 && moved.output.contains("records: takes a restart"), "\(moved)")
    #expect(await agent.end() == 0)
    let ended = try await place.run("reload")
    #expect(ended.status == 69 && ended.errors.contains("no agent runs"), "\(ended)")
  }
}
