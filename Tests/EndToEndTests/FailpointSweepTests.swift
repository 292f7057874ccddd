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

    let kills = Failpoints.kills(points, share: 4)
    try SweptForms.prepare(site, names: kills.map(\.name))
    let scenarios = try kills.map { try ($0, SweptForms(site, name: $0.name)) }
    // Dropped files must come to rest before they are taken; all scenarios rest together.
    sleepUntilFilesRest()
    let killed = try await lanes(scenarios, 4) { kill, scenario in
      let first = try await scenario.run(["BUZON_FAILPOINT": kill.target])
      let second = try await scenario.run([:])
      #expect([0, 1].contains(second.status), "\(kill.target): \(second.errors)")
      return first.status == -SIGKILL
    }.count { $0 }
    let directory = try SweptForms.Directory(site)
    for (_, scenario) in scenarios { try scenario.check(directory) }
    Failpoints.report("forms", points: points, killed: killed, share: 4)
  }

  @Test("the clock's expiries and purges: nothing lost, nothing twice")
  func clock() async throws {
    let swept = try await SweptClock(Site())
    let trace = swept.place.folder + "/trace"
    #expect(try await swept.run(["BUZON_FAILPOINT_TRACE": trace], day: 0).status == 0)
    let points = try Failpoints.count(trace)
    let kills = Failpoints.kills(points, share: 3)
    try #require(kills.count < SweptClock.days, "make room for more")
    var killed = 0
    for (index, kill) in kills.enumerated() {
      if try await swept.run(["BUZON_FAILPOINT": kill.target], day: index + 1).status == -SIGKILL { killed += 1 }
      let second = try await swept.run([:], day: index + 1)
      #expect(second.status == 0, "\(kill.target): \(second.errors)")
    }
    try swept.check(days: kills.count + 1)
    Failpoints.report("clock", points: points, killed: killed, share: 3)
  }

  @Test("hand-overs and changes outside Buzón: each ends once, and nothing is reported twice")
  func handovers() async throws {
    let swept = try await SweptHandover(Site())
    let trace = swept.place.folder + "/trace"
    try await swept.begin(day: 0)
    // Held requests wait, which is no failure.
    let counting = try await swept.run(["BUZON_FAILPOINT_TRACE": trace], day: 0)
    #expect(counting.status == 75, "\(counting.errors)")
    // The second day has an expiry more.
    try await swept.begin(day: 1)
    let second = try await swept.run(["BUZON_FAILPOINT_TRACE": trace + "-2"], day: 1)
    #expect(second.status == 75)
    let points = try Failpoints.count(trace + "-2")
    // A day with all that belongs to it takes a second.
    let kills = Failpoints.kills(points, share: 6)
    try #require(kills.count + 2 < SweptHandover.days, "make room for more")
    var (killed, log) = (0, [counting.errors, second.errors])
    for (index, kill) in kills.enumerated() {
      let day = index + 2
      try await swept.begin(day: day)
      let first = try await swept.run(["BUZON_FAILPOINT": kill.target], day: day)
      if first.status == -SIGKILL { killed += 1 }
      let second = try await swept.run([:], day: day)
      #expect(second.status == 75, "\(kill.target): \(second.errors)")
      log += [first.errors, second.errors]
    }
    Failpoints.report("hand-overs", points: points, killed: killed, share: 6)

    let receipt = swept.place.folder + "/trace-receipt"
    #expect(try await swept.receive(0, environment: ["BUZON_FAILPOINT_TRACE": receipt]).status == 0)
    let receipts = Failpoints.kills(try Failpoints.count(receipt), share: 2)
    for (index, kill) in receipts.enumerated() {
      _ = try await swept.receive(index + 1, environment: ["BUZON_FAILPOINT": kill.target])
      // What was noted before the kill can't be noted again.
      #expect(try await [0, 1].contains(swept.receive(index + 1).status), "\(kill.target)")
    }
    let last = try await swept.run([:], day: kills.count + 1)
    log.append(last.errors)
    #expect(last.status == 75)
    try await swept.check(
      days: kills.count + 2, receipts: receipts.count + 1,
      told: log.flatMap { $0.split(separator: "\n").map(String.init) })
  }

  @Test("hold, release and cancel where no agent runs: nothing lost, nothing carried out that was cancelled")
  func orders() async throws {
    let swept = try await SweptOrders(Site())
    for verb in SweptOrders.verbs {
      let trace = swept.place.folder + "/trace-\(verb)"
      try await swept.order(verb, 0, environment: ["BUZON_FAILPOINT_TRACE": trace])
      let points = try Failpoints.count(trace)
      let kills = Failpoints.kills(points, share: 2)
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
      Failpoints.report(verb, points: points, killed: killed, share: 2)
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
  /// for what happens beside; `make torture` kills before each of them too.
  static let isFull = Torture.isFull

  /// The kills of a sweep over so many points.
  ///
  /// - Parameter share: where a kill takes long, one in so many; which, changes from day to day. The full sweep has all.
  static func kills(_ points: Int, share: Int = 1) -> [Kill] {
    let dayNumber = Int(Date().timeIntervalSince1970) / 86_400
    return (1...max(1, points)).filter { isFull || ($0 + dayNumber).isMultiple(of: share) }.flatMap { point in
      (isFull || point == 1 ? ["before", "after"] : ["after"]).map { Kill(point: point, moment: $0) }
    }
  }

  /// Batches form by chance, so the last points of a run may not be reached by another.
  static func report(_ what: String, points: Int, killed: Int, share: Int = 1) {
    // How many commits a run makes depends on how many changes are ready at once, and so on the machine's pace.
    #expect(killed >= points / share / 2 * (isFull ? 2 : 1), "\(what): only \(killed) kills")
    Torture.report("failpoints, \(what)", [("points", points), ("kills, each followed by a recovery", killed)])
  }
}
