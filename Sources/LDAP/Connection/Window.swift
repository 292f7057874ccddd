/// The places for outstanding operations of one connection, and the callers that wait for one, in the order they came.
struct Window {
  typealias Waiter = UnsafeContinuation<LDAPError?, Never>

  private let size: Int
  private var taken = 0
  private var waiters: [(waiter: Waiter, deadline: MonotonicTime)] = []
  private var first = 0

  init(size: Int) {
    self.size = size
  }

  /// Whether somebody waits for a place.
  var hasWaiters: Bool { first < waiters.count }

  /// Takes a place if one is free and nobody waits.
  mutating func enter() -> Bool {
    guard taken < size, first == waiters.count else { return false }
    taken += 1
    return true
  }

  /// Waits at the end of the queue. Who is resumed with nil has a place.
  mutating func wait(_ waiter: Waiter, until deadline: MonotonicTime) {
    waiters.append((waiter, deadline))
  }

  /// Gives a place back: to the first that waits, if any.
  mutating func leave() {
    guard first < waiters.count else {
      taken -= 1
      return
    }
    let next = waiters[first].waiter
    first += 1
    // The array is a queue: what was taken from its front goes when it is the larger half.
    if first > 32, first * 2 > waiters.count {
      waiters.removeFirst(first)
      first = 0
    }
    next.resume(returning: nil)
  }

  /// Takes out those whose time is up; answers the nearest deadline of the others.
  mutating func removeExpired(_ now: MonotonicTime) -> (expired: [Waiter], nearest: MonotonicTime) {
    guard first < waiters.count else { return ([], .never) }
    let expired = waiters[first...].filter { $0.deadline <= now }.map(\.waiter)
    waiters = waiters[first...].filter { $0.deadline > now }
    first = 0
    return (expired, waiters.map(\.deadline).min() ?? .never)
  }

  /// Takes out all.
  mutating func removeAll() -> [Waiter] {
    defer {
      waiters = []
      first = 0
    }
    return waiters[first...].map(\.waiter)
  }
}
