import Foundation
import Sandbox
import Support
import Testing

/// The promise of the main job, on a real slapd: whatever is asked in whatever mixture, the directory ends as the model
/// says, each request has one record, the list equals the directory, and each operation was applied once.
@Suite("1,000 random requests on the same accounts", .serialized)
struct RandomRequestsTests {
  private static let count = 1_000

  @Test("in one run, and again when days and retentions are over")
  func undisturbed() throws {
    let site = try Site()
    var expected = try Expected.drop(into: site, count: Self.count, seed: 1)
    let outcome = try site.buzon("run", "--once")
    #expect(outcome.status == 1, "\(outcome.errors.suffix(2_000))")
    expectNoDrift(outcome.errors)
    try expected.check(site)
    print("outcomes: \(expected.summary)")

    let clocked = expected.passTime()
    #expect(clocked.modified > 0 && clocked.purged > 0)
    let config = try String(contentsOfFile: site.config, encoding: .utf8)
    try (config + "policy: {clock_jump: 500 d}\n").write(toFile: site.config, atomically: true, encoding: .utf8)
    let later = try site.buzon("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(400 * 86_400)"])
    #expect(later.status == 0, "\(later.errors.suffix(2_000))")
    expectNoDrift(later.errors)
    try expected.check(site)
  }

  @Test("with an agent that hears each of its own changes from the directory too")
  func heard() throws {
    let site = try Site()
    let expected = try Expected.drop(into: site, count: Self.count, seed: Torture.seed &+ 6)
    let agent = try site.start(["run"])
    #expect(
      try eventually { try site.records().keys.count { !$0.hasPrefix("@") } == Self.count },
      "\(agent.written.errors.suffix(2_000))")
    agent.signal(SIGTERM)
    #expect(agent.wait() == 0, "\(agent.written.errors.suffix(2_000))")
    expectNoDrift(agent.written.errors)
    try expected.check(site)
  }
}

/// Nothing that we did is told, be it for a moment, as drift.
func expectNoDrift(_ log: String) {
  let told = log.split(separator: "\n").filter { $0.contains("drift.") }
  #expect(told.isEmpty, "\(told.prefix(5))")
}
