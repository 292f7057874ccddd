import Foundation
import Support
import Testing

/// Nothing that was acknowledged is lost, and nothing is done twice, when the power goes.
///
/// What this doesn't model: a disk that lies about a flush, sectors torn in the middle of 4 KiB, and a volatile cache that
/// had written part of what it held in another order (dm-log-writes would show that; it isn't in every kernel). `losing`
/// keeps of such a cache only what the kernel's own write-back had written by then.
@Suite("Power cuts on ext4", .serialized, .enabled(if: PowerCutLab.isPossible))
struct PowerCutTests {
  @Test("at any moment, and right behind each acknowledgement: nothing lost, nothing twice")
  func cuts() async throws {
    let all = Torture.count(share: 10, full: 1_000)
    var (findings, done) = (CutFindings(), 0)
    while done < all {
      let count = min(25, all - done)
      findings += try await Self.cut(count, seed: Torture.seed &+ UInt64(done))
      done += count
    }
    Torture.report(
      "power cuts",
      [
        ("cuts", done), ("acknowledged records", findings.acknowledged.records),
        ("acknowledged submits", findings.acknowledged.submits),
        ("acknowledged deliveries", findings.acknowledged.handovers), ("changes met on their way", findings.recovered),
        ("empty files rejected", findings.stubs),
      ], lost: findings.lost.count, twice: findings.twice.count, failures: findings.failures.count)
    #expect(findings.lost.isEmpty, "\(findings.lost.prefix(10))")
    #expect(findings.twice.isEmpty, "\(findings.twice.prefix(10))")
    #expect(findings.failures.isEmpty, "\(findings.failures.prefix(10))")
    #expect(findings.acknowledged.records > done)
  }

  @Test(
    "with syncs switched off something is lost, and this finds it", arguments: ["skip-folder-sync", "skip-file-sync"])
  func switchedOff(fault: String) async throws {
    let environment = ["LD_PRELOAD": Program.built("libFaults.so"), "BUZON_FAULTS": fault]
    var (findings, done) = (CutFindings(), 0)
    // As many as it takes; in full a hundred, for the figure.
    while done < 100, Torture.isFull || findings.lost.isEmpty {
      findings += try await Self.cut(5, seed: Torture.seed &+ UInt64(done), environment: environment)
      done += 5
    }
    print("\(fault): \(done) cuts, \(findings.lost.count) lost: \(findings.lost.prefix(3))")
    #expect(!findings.lost.isEmpty, "\(done) cuts")
  }

  /// Takes cuts from one institution at work; copies are looked at meanwhile, three at a time, for one mostly waits.
  private static func cut(_ count: Int, seed: UInt64, environment: [String: String] = [:]) async throws -> CutFindings {
    let lab = try await PowerCutLab()
    var load = try await PowerCutLoad(lab, seed: seed, environment: environment)
    return try await withThrowingTaskGroup(of: CutFindings.self) { group in
      var findings = CutFindings()
      for number in 0..<count {
        if number >= 3, let one = try await group.next() { findings += one }
        let notes = try await load.cut(number % 2 == 0 ? .keeping : .losing)
        group.addTask { try await PowerCutCheck.run(lab, notes) }
      }
      for try await one in group { findings += one }
      return findings
    }
  }
}
