import Forms
import Support
import Testing
import Text

@testable import Agent

/// The queue in small worlds, in which anything may happen that the outside can do: the directory answers as it likes or
/// not at all, people hold, release and cancel, the agent dies and starts again. Nothing may be sent beside or past what
/// shares an address with it and is open or in doubt, nothing settled twice; and once the directory answers, everything
/// ends but what is held, what the directory refuses for ever, and what shares an address with these.
@Suite struct ExplorationTests {
  /// All that can happen, in every order, so many events long.
  @Test(arguments: Worlds.all)
  func everySequence(_ name: String, _ world: @Sendable () throws -> World) throws {
    var count = 0
    try Self.explore(world(), depth: Torture.isFull ? 4 : 2, &count, [])
    Torture.report("queue, every sequence, \(name)", [("sequences", count)], failures: 0)
  }

  @Test(arguments: 0..<4)
  func longOnesByChance(_ part: Int) throws {
    let runs = Torture.count(share: 150, full: 10_000)
    for run in 0..<runs {
      let seed = Torture.seed &* 1_000_003 &+ UInt64(part * runs + run)
      var generator = SeededGenerator(seed: seed)
      var world = try Worlds.random(&generator)
      var events: [World.Event] = []
      do {
        for _ in 0..<60 {
          guard let event = world.events.randomElement(using: &generator) else { break }
          events.append(event)
          try world.happen(event)
        }
        try world.calm()
      } catch {
        Issue.record("\(error); seed \(seed), of \(world) after \(events)")
        return
      }
    }
    Torture.report("queue, long sequences", [("sequences", runs)], failures: 0)
  }

  /// A test that finds nothing must be able to. Each of these breaks one rule.
  @Test(arguments: Worlds.sabotages)
  func aRuleThatIsBrokenIsFound(_ name: String, _ sabotage: @escaping @Sendable (inout RequestQueue) -> Void) throws {
    var found: (any Error)?
    for seed in 0..<2_000 where found == nil {
      var generator = SeededGenerator(seed: UInt64(seed))
      do {
        var world = try Worlds.random(&generator, sabotage)
        for _ in 0..<40 {
          guard let event = world.events.randomElement(using: &generator) else { break }
          try world.happen(event)
        }
        try world.calm()
      } catch {
        found = error
      }
    }
    #expect(found is World.Violation, "\(name) isn't found")
    print("queue: broken on purpose: \(name): found: \(found.map { "\($0)" } ?? "nothing")")
  }

  private static func explore(_ world: World, depth: Int, _ count: inout Int, _ path: [World.Event]) throws {
    func explain(_ error: any Error) -> World.Violation { World.Violation("\(error), after \(path)") }
    if depth == 0 {
      count += 1
      var world = world
      do { try world.calm() } catch { throw explain(error) }
      return
    }
    for event in world.events {
      var next = world
      do { try next.happen(event) } catch { throw World.Violation("\(error), after \(path + [event])") }
      try explore(next, depth: depth - 1, &count, path + [event])
    }
  }
}

enum Worlds {
  typealias Make = @Sendable () throws -> World
  typealias Sabotage = @Sendable (inout RequestQueue) -> Void

  static let all: [(String, Make)] = [
    ("one account", { try World([form(1, ["a"]), form(2, ["a"]), form(3, ["a"])]) }),
    (
      "two accounts, one atomic", { try World([form(1, ["a", "b"], isAtomic: true), form(2, ["a"]), form(3, ["b"])]) }
    ),
    ("a request of two", { try World([form(1, ["a", "b"]), form(2, ["b"], isAtomic: true), form(3, ["c"])]) }),
    (
      "one that is always refused",
      { try World([form(1, ["a"]), form(2, ["b"]), form(3, ["a"])], bad: [1: .refusedAlone]) }
    ),
    ("one without rights", { try World([form(1, ["a"]), form(2, ["b"]), form(3, ["c"])], bad: [1: .refused]) }),
    (
      "one that waits for the clock",
      { try World([form(1, ["a"]), form(2, ["b"]), form(3, ["a"])], bad: [1: .refusedForClock]) }
    ),
    (
      "one that comes late",
      { try World([form(1, ["a", "a"])], late: [form(2, ["a"]), form(3, ["b"], isAtomic: true)]) }
    ),
    (
      "more than there is room for",
      { try World([form(1, ["a", "b", "c"]), form(2, ["a"]), form(3, ["d"])], limits: .init(admitted: 4, most: 8)) }
    ),
    (
      "an atomic one that is always refused",
      { try World([form(1, ["a"], isAtomic: true), form(2, ["b"]), form(3, ["b"])], bad: [1: .refusedAlone]) }
    ),
    (
      "one that costs the connection", { try World([form(1, ["a"]), form(2, ["b"]), form(3, ["c"])], bad: [1: .lost]) }
    ),
  ]

  static let sabotages: [(String, Sabotage)] = [
    (
      "what got no answer keeps its addresses",
      { queue in
        for (ticket, entry) in queue.entries where entry.isInDoubt { queue.order.finish(ticket) }
      }
    ),
    ("what waits alone is tried again", { queue in queue.deferred = Queue() }),
    (
      "addresses are free when outcomes are durable, not before",
      { queue in
        for flight in queue.flights.values { for entry in flight.finished { queue.order.finish(entry.ticket) } }
      }
    ),
    (
      "what is in doubt and held isn't forgotten",
      { queue in
        for ticket in queue.heldInDoubt { queue.entries[ticket] = nil }
      }
    ),
    ("what was passed over comes in again", { queue in queue.hasBacklog = false }),
  ]

  /// Up to six requests on up to three accounts, some atomic, up to two of them bad.
  static func random(_ generator: inout SeededGenerator, _ sabotage: Sabotage? = nil) throws -> World {
    let addresses = ["a", "b", "c"]
    let forms = (1...Int.random(in: 2...6, using: &generator)).map { number in
      form(
        number,
        (0..<Int.random(in: 1...3, using: &generator)).map { _ in addresses.randomElement(using: &generator) ?? "a" },
        isAtomic: Int.random(in: 0..<3, using: &generator) == 0)
    }
    var bad: [Int64: World.Answer] = [:]
    for _ in 0..<max(0, Int.random(in: -1...2, using: &generator)) {
      bad[Int64.random(in: 1...Int64(forms.count), using: &generator)] =
        [.refused, .refusedAlone, .refusedForClock, .lost].randomElement(using: &generator)
    }
    // So small that most wait in the register.
    let small = RequestQueue.Limits(admitted: 4, most: 8, batches: 2, batch: 2)
    let limits = Bool.random(using: &generator) ? small : RequestQueue.Limits()
    let late = Int.random(in: 0..<forms.count, using: &generator)
    return try World(
      Array(forms.dropLast(late)), late: Array(forms.suffix(late)), bad: bad, limits: limits, sabotage: sabotage)
  }

  /// A request that deletes these accounts, one after the other.
  static func form(_ number: Int, _ accounts: [String], isAtomic: Bool = false) -> Request {
    Request(
      number: "R-\(number)", department: "Salud", requester: .init(name: "Ana Rosero"),
      approval: .init(by: "jefe", date: Day(nearest: 20_000)), atomic: isAtomic,
      changes: accounts.map { account in
        guard let address = Address("\(account)@example.org") else { preconditionFailure(account) }
        return .delete(Change.Delete(address: address, immediately: true))
      })
  }
}
