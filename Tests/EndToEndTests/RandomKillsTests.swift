import Foundation
import Support
import Synchronization
import Testing

/// SIGKILL at moments that nobody chose, under random requests on the same accounts: directory, records and list end as
/// the model says, and slapd's own log of writes has each operation once.
@Suite("Killed at random under 1,000 random requests (a share: 300)", .serialized)
struct RandomKillsTests {
  private static let requests = Torture.count(share: 300, full: 1_000)

  @Test("the agent, and now and then one that rebuilds")
  func agent() throws {
    let lanes = Torture.count(share: 1, full: 2)
    let aim = Torture.count(share: 15, full: 10_000) / lanes
    let sum = Mutex(Sum())
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
      do {
        try agent(aim, lane: UInt64(lane), into: sum)
      } catch {
        Issue.record(error)
      }
    }
    let all = sum.withLock { $0 }
    #expect(all.killed == aim * lanes, "the agent was done before it could be killed")
    Torture.report(
      "random kills of the agent", [("kills", all.killed), ("requests", all.sites * Self.requests)], lost: all.lost,
      twice: all.twice)
  }

  private struct Sum {
    var (sites, killed, lost, twice) = (0, 0, 0, 0)
  }

  private func agent(_ aim: Int, lane: UInt64, into sum: borrowing Mutex<Sum>) throws {
    var (sites, killed) = (0, 0)
    while killed < aim, sites < aim {
      let seed = Torture.seed &+ lane &* 1_000 &+ UInt64(sites)
      sites += 1
      let site = try Site()
      let expected = try Expected.drop(into: site, count: Self.requests, seed: seed)
      var random = SeededGenerator(seed: seed)
      // Dropped files rest before they are taken; the first run waits for that and is killed no sooner.
      killed += try kill(site, after: Self.moment(&random)) {
        !site.names(in: site.spool + "/taken").isEmpty
      }
      var kills = 0
      while killed < aim, try site.records().count < Self.requests {
        let rebuilds = Int.random(in: 0..<20, using: &random) == 0
        // As often while it starts as while it works. What kills the agent ten times in a row is set aside, so every sixth
        // that doesn't rebuild is let end something.
        if !rebuilds { kills += 1 }
        let letsEnd = !rebuilds && kills.isMultiple(of: 6)
        // On a busy machine that may still be ten in a row with one thing in work. Then somebody has a look.
        if letsEnd { _ = try site.buzon("release", "ALL") }
        let begun = letsEnd || Int.random(in: 0..<3, using: &random) > 0
        killed += try kill(
          site, rebuilds ? ["rebuild"] : ["run", "--once"], after: Self.moment(&random), letsEnd: letsEnd
        ) { !begun }
      }
      _ = try site.buzon("release", "ALL")
      let last = try site.buzon("run", "--once")
      let queue = try site.buzon("queue").output
      #expect([0, 1].contains(last.status), "\(last.errors.suffix(2_000))\n\(queue)")
      let counts = try expected.check(site)
      sum.withLock { sum in
        sum.sites += 1
        sum.lost += counts.lost
        sum.twice += counts.twice
      }
    }
    sum.withLock { $0.killed += killed }
  }

  /// Microseconds: now at once, now later, up to a tenth of a second.
  private static func moment(_ random: inout SeededGenerator) -> UInt32 {
    UInt32.random(in: 0..<(1 << UInt32.random(in: 10...17, using: &random)), using: &random)
  }

  /// Starts the agent and kills it.
  ///
  /// - Parameters:
  ///   - pause: microseconds from the moment when it has said that it started or `isReady` says yes.
  ///   - letsEnd: not before one change has ended.
  /// - Returns: 1 where it was killed, 0 where it had ended.
  private func kill(
    _ site: Site, _ arguments: [String] = ["run", "--once"], after pause: UInt32, letsEnd: Bool = false,
    isReady: () -> Bool
  ) throws -> Int {
    let agent = try site.start(arguments)
    #expect(
      eventually {
        isReady() || agent.written.errors.contains("agent.started") || !agent.isRunning
      })
    if letsEnd { #expect(eventually { agent.written.errors.contains("change.settled") || !agent.isRunning }) }
    usleep(pause)
    agent.signal(SIGKILL)
    let status = agent.wait()
    expectNoDrift(agent.written.errors)
    return status == -SIGKILL ? 1 : 0
  }

  @Test("slapd, restarted under the running agent")
  func directory() throws {
    let aim = Torture.count(share: 3, full: 500)
    let each = min(aim, 20)
    var (killed, sites, lost, twice) = (0, 0, 0, 0)
    while killed < aim {
      let seed = Torture.seed &+ UInt64(sites)
      sites += 1
      let site = try Site()
      let expected = try Expected.drop(into: site, count: Self.requests, seed: seed)
      let agent = try site.start(["run"])
      var random = SeededGenerator(seed: seed)
      #expect(eventually { (try? site.search(filter: "(objectClass=buzonAccount)").isEmpty) == false })
      var kills = 0
      while kills < each, try site.records().count < Self.requests {
        usleep(UInt32.random(in: 20_000...150_000, using: &random))
        try site.restartDirectory()
        kills += 1
      }
      #expect(
        try eventually { try site.records().keys.count { !$0.hasPrefix("@") } == Self.requests },
        "\(agent.written.errors.suffix(2_000))")
      agent.signal(SIGTERM)
      #expect(agent.wait() == 0, "\(agent.written.errors.suffix(2_000))")
      expectNoDrift(agent.written.errors)
      let counts = try expected.check(site, directoryKills: kills)
      (killed, lost, twice) = (killed + kills, lost + counts.lost, twice + counts.twice)
    }
    Torture.report(
      "random kills of slapd", [("kills", killed), ("requests", sites * Self.requests)], lost: lost, twice: twice)
  }
}
