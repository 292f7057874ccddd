import Foundation
import Support
import Testing

/// Every system call of a run on its files and its connection fails once, with each error that it can give; the cause gone,
/// the next run takes up where that one ended.
@Suite("Every system call fails")
struct ErrorSweepTests {
  /// So many scenarios share a directory.
  private static let batch = 200

  @Test("a run: nothing lost, nothing twice, one clear word, and recovery without hands")
  func run() async throws {
    let calls = try await counted()
    #expect(calls.count > 300, "the library isn't preloaded?")
    let faults = Self.faults(calls)
    var sum = Sum()
    var rest = faults[...]
    while !rest.isEmpty {
      try await sweep(Array(rest.prefix(Self.batch)), into: &sum)
      rest = rest.dropFirst(Self.batch)
    }
    Torture.report(
      "error sweep", [("calls", calls.count), ("errors injected", sum.injected)], lost: sum.lost, twice: sum.twice,
      failures: sum.failures)
    // Batches form by chance, so the last calls of a run may not be reached by another.
    // A call that was the last of its kind may not come in another run.
    #expect(sum.injected > faults.count * 7 / 10, "only \(sum.injected) of \(faults.count)")
  }

  private struct Sum {
    var injected = 0
    var lost = 0
    var twice = 0
    var failures = 0
  }

  /// The calls of a run in peace.
  private func counted() async throws -> [MetCall] {
    let site = try Site()
    try FaultForms.prepare(site, names: ["count"])
    let scenario = try FaultForms(site, name: "count")
    sleepUntilFilesRest()
    let trace = site.folder + "/trace-count"
    let outcome = try await scenario.place.run("run", "--once", environment: scenario.place.faults(nil, trace: trace))
    #expect(outcome.status == 1, "\(outcome.errors)")
    let findings = try scenario.findings(FaultForms.writes(site))
    #expect(findings.complaints == [])
    return try MetCall.trace(trace)
  }

  /// Each call's each error; as a share, some of them, every call and error once at least.
  private static func faults(_ calls: [MetCall]) -> [Fault] {
    var faults: [Fault] = []
    var generator = SeededGenerator(seed: Torture.seed)
    for (call, errors) in Fault.table {
      let count = calls.count { $0.call == call }
      guard count > 0 else { continue }
      for error in errors {
        let first = Int.random(in: 1...(Torture.isFull ? min(count, Torture.stride) : count), using: &generator)
        let numbers = Torture.isFull ? Array(stride(from: first, through: count, by: Torture.stride)) : [first]
        faults += numbers.map { Fault(calls: [call], error: error, at: $0) }
      }
    }
    return faults
  }

  private func sweep(_ faults: [Fault], into sum: inout Sum) async throws {
    let site = try Site()
    let names = faults.indices.map { "s\($0)" }
    try FaultForms.prepare(site, names: names)
    let scenarios = try names.map { try FaultForms(site, name: $0) }
    // Dropped files must come to rest before they are taken; all scenarios rest together.
    sleepUntilFilesRest()
    let runs = try await lanes(Array(zip(faults, scenarios)), 3) { fault, scenario in
      let trace = scenario.place.folder + "-trace"
      let first = try await scenario.place.run(
        "run", "--once", environment: scenario.place.faults(fault, trace: trace))
      let second = try await scenario.place.run("run", "--once")
      return (FaultedRun(fault: fault, outcome: first, met: try MetCall.trace(trace)), second)
    }
    let writes = try FaultForms.writes(site)
    for ((run, second), scenario) in zip(runs, scenarios) {
      guard run.wasHit else { continue }
      sum.injected += 1
      let findings = try scenario.findings(writes)
      var complaints = run.complaints + findings.complaints
      if ![0, 1].contains(second.status) { complaints.append("the next run: \(second.status) \(second.errors)") }
      sum.lost += findings.lost
      sum.twice += findings.twice
      if complaints.isEmpty { continue }
      sum.failures += 1
      Issue.record(
        "\(run.fault) \(run.hits.map { "\($0.call) \($0.path)" }): exit \(run.outcome.status): \(complaints)\n\(run.outcome.errors.suffix(4_000))"
      )
    }
  }
}
