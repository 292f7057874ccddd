import Foundation
import Support
import Testing

/// Nothing that was acknowledged is lost, and nothing is done twice, when the power goes.
///
/// What this doesn't model: a disk that lies about a flush, and sectors torn in the middle of 4 KiB. Of what a volatile
/// cache may do, all, nothing and a random half is tried (``PowerCutLab/Cache``), not every subset, as a kernel with
/// dm-log-writes would let one do.
@Suite("Power cuts on ext4", .serialized, .enabled(if: PowerCutLab.isPossible, "needs root and a btrfs"))
struct PowerCutTests {
  @Test("at any moment, and right behind each acknowledgement: nothing lost, nothing twice")
  func cuts() async throws {
    let all = Torture.count(share: 6, full: 1_000)
    var (findings, done) = (CutFindings(), 0)
    while done < all {
      let count = min(25, all - done)
      do {
        findings += try await Self.cut(count, seed: Torture.seed &+ UInt64(done))
      } catch {
        findings.failures.append("\(error)")
      }
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
    #expect(findings.lost.isEmpty, "\(findings.lost.prefix(3))")
    #expect(findings.twice.isEmpty, "\(findings.twice.prefix(3))")
    #expect(findings.failures.isEmpty, "\(findings.failures.prefix(3))")
    #expect(findings.acknowledged.records > done)
  }

  @Test(
    "with syncs switched off something is lost, and this finds it", arguments: ["skip-folder-sync", "skip-file-sync"])
  func switchedOff(fault: String) async throws {
    let environment = ["LD_PRELOAD": Program.built("libFaults.so"), "BUZON_FAULTS": fault]
    var (findings, done) = (CutFindings(), 0)
    // The agent's next commit to its register soon carries an unsynced name to the disk with it: ext4's journal has one
    // transaction for all. So a share looks where that can't hide the loss.
    let moments = Torture.isFull ? PowerCutLoad.Moment.allCases : [.submitAlone]
    // As many as it takes; in full a hundred, for the figure.
    let count = Torture.isFull ? 25 : 3
    while done < 100, Torture.isFull || findings.lost.isEmpty {
      findings += try await Self.cut(count, seed: Torture.seed &+ UInt64(done), at: moments, environment: environment)
      done += count
    }
    print("\(fault): \(done) cuts, \(findings.lost.count) lost: \(findings.lost.prefix(3))")
    #expect(!findings.lost.isEmpty, "\(done) cuts")
  }

  /// Takes cuts from one institution at work; copies are looked at meanwhile, three at a time, for one mostly waits.
  private static func cut(
    _ count: Int, seed: UInt64, at moments: [PowerCutLoad.Moment] = PowerCutLoad.Moment.allCases,
    environment: [String: String] = [:]
  ) async throws -> CutFindings {
    let caches = PowerCutLab.Cache.allCases
    let lab = try await PowerCutLab()
    var load = try await PowerCutLoad(lab, seed: seed, environment: environment)
    return try await withThrowingTaskGroup(of: CutFindings.self) { group in
      var findings = CutFindings()
      for number in 0..<count {
        if number >= 3, let one = try await group.next() { findings += one }
        let notes = try await load.cut(caches[number % caches.count], moments)
        group.addTask { try await PowerCutCheck.run(lab, notes) }
      }
      for try await one in group { findings += one }
      if Torture.isFull {
        print("power cuts: \(count) more, \(findings.lost.count) lost, \(findings.failures.count) failures")
      }
      return findings
    }
  }
}
