internal import Foundation

/// Carries out `body` for all, so many at a time: a run waits for its syncs more than it works.
///
/// - Returns: what it said, in order.
public func lanes<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ width: Int, _ body: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results: [Result?] = items.map { _ in nil }
    var rest = items.enumerated().makeIterator()
    func next() {
      guard let (index, item) = rest.next() else { return }
      group.addTask { (index, try await body(item)) }
    }
    for _ in 0..<width { next() }
    for try await (index, result) in group {
      results[index] = result
      next()
    }
    return results.compactMap(\.self)
  }
}

/// Until files written just now count as whole: 2 s, and a tick of the clock.
public func sleepUntilFilesRest() { usleep(2_100_000) }
