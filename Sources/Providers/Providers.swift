/// Which server of `directory.uris` is used, by writer and mirror alike, and when another one is. Pure.
///
/// | what is known of the server in use | what follows |
/// |---|---|
/// | it answers | it is used, whatever becomes of the others |
/// | it has answered before, and can't be reached | it is tried ``patience`` times: it alone may know what is in doubt |
/// | it has not answered since it was chosen, and can't be reached | the next one |
/// | it takes no writes: a replica, or read-only | the next one, at once |
/// | it refuses our bind | it stays: the others refuse it too, and count it as a failed login |
///
/// The next one is the next of the list, all around, that was not given up within ``holdDown``; where all were, the one that
/// was given up first. Nothing goes back by itself: two servers that come and go would have the queue go back and forth.
package struct Providers: Sendable {
  /// So many times in a row a server that answered before is tried.
  package static let patience = 3
  /// So long a server that was given up is passed over while there are others.
  package static let holdDown = Duration.seconds(30)

  package typealias Instant = ContinuousClock.Instant

  /// How a server failed.
  package enum Failure: Sendable {
    /// It can't be reached, or answers nothing.
    case away
    /// It answers, and takes no writes.
    case takesNoWrites
  }

  /// The place in `directory.uris` of the server in use.
  package private(set) var place: Int
  private let count: Int
  /// In a row, of the server in use.
  private var failures = 0
  private var hasAnswered: Bool
  /// When servers were given up.
  private var givenUp: [Int: Instant] = [:]

  /// - Parameters:
  ///   - count: how many servers there are, 1 or more.
  ///   - place: of the one to begin with.
  ///   - hasAnswered: whether that one was in use in an earlier run.
  package init(count: Int, place: Int = 0, hasAnswered: Bool = false) {
    (self.count, self.place, self.hasAnswered) = (count, place, hasAnswered)
  }

  /// Whether there is another server at all.
  package var areSeveral: Bool { count > 1 }

  /// A server answered.
  package mutating func answered(_ place: Int) {
    guard place == self.place else { return }
    failures = 0
    hasAnswered = true
  }

  /// What follows from a failure.
  package enum Step: Sendable, Hashable {
    /// The same one is tried again.
    case stay
    /// Another one, which was not given up lately, at once.
    case change
    /// Another one too, but all were given up lately: after a pause.
    case goRound
  }

  /// A server failed. What is said of one that isn't in use any more comes too late.
  package mutating func failed(_ place: Int, _ failure: Failure, at now: Instant) -> Step {
    guard place == self.place, areSeveral else { return .stay }
    failures += 1
    let patience =
      switch failure {
      case .away: hasAnswered ? Self.patience : 1
      case .takesNoWrites: 1
      }
    guard failures >= patience else { return .stay }
    givenUp[place] = now
    let others = (1..<count).map { (place + $0) % count }
    let free = others.first { givenUp[$0].map { $0 + Self.holdDown <= now } ?? true }
    use(free ?? others.min { (givenUp[$0] ?? now, $0) < (givenUp[$1] ?? now, $1) } ?? place)
    return free == nil ? .goRound : .change
  }

  /// A person chose a server.
  package mutating func use(_ place: Int) {
    (self.place, failures, hasAnswered) = (place, 0, false)
  }
}
