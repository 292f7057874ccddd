import Foundation
import Support
import Testing

/// The crash argument, swept: the agent is killed at every call that changes state, started again, and the
/// directory's own log of writes must show each operation once, the records and the list what happened.
@Suite("Killed at every failpoint")
struct FailpointSweepTests {
  @Test("every operation of the form: nothing lost, nothing twice, all or nothing")
  func forms() async throws {
    let site = try Site()
    try site.addGuests()
    try SweptForms.prepare(site, names: ["count"])
    let counting = try SweptForms(site, name: "count")
    sleepUntilFilesRest()
    let trace = counting.place.folder + "/trace"
    #expect(try await counting.run(["BUZON_FAILPOINT_TRACE": trace]).status == 1)
    try counting.check(SweptForms.Directory(site))
    let points = try Failpoints.count(trace)
    #expect(points > 100)

    let kills = Failpoints.kills(points)
    try SweptForms.prepare(site, names: kills.map(\.name))
    let scenarios = try kills.map { try ($0, SweptForms(site, name: $0.name)) }
    // Dropped files must come to rest before they are taken; all scenarios rest together.
    sleepUntilFilesRest()
    let killed = try await lanes(scenarios) { kill, scenario in
      let first = try await scenario.run(["BUZON_FAILPOINT": kill.target])
      let second = try await scenario.run([:])
      #expect([0, 1].contains(second.status), "\(kill.target): \(second.errors)")
      return first.status == -SIGKILL
    }
    let directory = try SweptForms.Directory(site)
    for (_, scenario) in scenarios { try scenario.check(directory) }
    Failpoints.report("forms", points: points, killed: killed)
  }

  @Test("the clock's expiries and purges: nothing lost, nothing twice")
  func clock() async throws {
    let swept = try await SweptClock(Site())
    let trace = swept.place.folder + "/trace"
    #expect(try await swept.run(["BUZON_FAILPOINT_TRACE": trace], day: 0).status == 0)
    let points = try Failpoints.count(trace)
    let kills = Failpoints.kills(points)
    try #require(kills.count < SweptClock.days, "make room for more")
    var killed = 0
    for (index, kill) in kills.enumerated() {
      if try await swept.run(["BUZON_FAILPOINT": kill.target], day: index + 1).status == -SIGKILL { killed += 1 }
      let second = try await swept.run([:], day: index + 1)
      #expect(second.status == 0, "\(kill.target): \(second.errors)")
    }
    try swept.check(days: kills.count + 1)
    Failpoints.report("clock", points: points, killed: killed)
  }

  @Test("hold, release and cancel where no agent runs: nothing lost, nothing carried out that was cancelled")
  func orders() async throws {
    let swept = try await SweptOrders(Site())
    for verb in SweptOrders.verbs {
      let trace = swept.place.folder + "/trace-\(verb)"
      try await swept.order(verb, 0, environment: ["BUZON_FAILPOINT_TRACE": trace])
      let points = try Failpoints.count(trace)
      let kills = Failpoints.kills(points)
      try #require(kills.count < SweptOrders.each, "make room for more")
      var killed = 0
      for (index, kill) in kills.enumerated() {
        let first = try await swept.order(verb, index + 1, environment: ["BUZON_FAILPOINT": kill.target])
        if first == -SIGKILL { killed += 1 }
        // What was done before the kill is refused now.
        let second = try await swept.order(verb, index + 1)
        #expect([0, 1].contains(second), "\(verb) \(kill.target)")
        try await swept.check(verb, index + 1)
      }
      Failpoints.report(verb, points: points, killed: killed)
    }
    try await swept.checkAll()
  }
}

/// A point, and whether before or after it.
struct Kill: Sendable {
  var point: Int
  var moment: String

  var target: String { "\(point):\(moment)" }
  var name: String { "\(point)\(moment)" }
}

enum Failpoints {
  static func count(_ trace: String) throws -> Int {
    try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count
  }

  /// Behind a call is before the next one, so a kill behind each of them, and one before the first, are all there are but
  /// for what happens beside; `BUZON_TEST_SWEEP=full` kills before each of them too.
  private static let isFull = ProcessInfo.processInfo.environment["BUZON_TEST_SWEEP"] == "full"

  static func kills(_ points: Int) -> [Kill] {
    (1...max(1, points)).flatMap { point in
      (isFull || point == 1 ? ["before", "after"] : ["after"]).map { Kill(point: point, moment: $0) }
    }
  }

  /// Batches form by chance, so the last points of a run may not be reached by another.
  static func report(_ what: String, points: Int, killed: Int) {
    #expect(killed >= (points - max(4, points / 10)) * (isFull ? 2 : 1), "\(what): only \(killed) kills")
    print("failpoints, \(what): \(points) points, \(killed) kills, each followed by a recovery")
  }
}

/// Carries out `body` for all, four at a time: a run waits for its syncs more than it works.
///
/// - Returns: for how many it said yes.
private func lanes<Item: Sendable>(
  _ items: [(Kill, Item)], _ body: @escaping @Sendable (Kill, Item) async throws -> Bool
) async throws -> Int {
  try await withThrowingTaskGroup(of: Bool.self) { group in
    var rest = items[...]
    func next() {
      guard let (kill, item) = rest.popFirst() else { return }
      group.addTask { try await body(kill, item) }
    }
    for _ in 0..<4 { next() }
    var count = 0
    for try await isYes in group {
      if isYes { count += 1 }
      next()
    }
    return count
  }
}

/// Until files written just now count as whole: 2 s, and a tick of the clock.
private func sleepUntilFilesRest() { usleep(2_100_000) }
