/// Whether a server that lags behind is waited for. Pure.
///
/// | the server | it is |
/// |---|---|
/// | was compared since the run, the configuration or the server began | not compared again |
/// | lags behind with nothing | used |
/// | lags behind, for less than the patience | waited for: nothing is written |
/// | lags behind longer | used, and the accounts that lag are left out |
package struct LagWait: Sendable {
  package typealias Instant = ContinuousClock.Instant

  package enum Judgement: Sendable, Hashable {
    /// Use it, without what it lags behind with.
    case goOn
    /// Ask again later.
    case wait
  }

  /// The server that was compared last, and found fit to be used.
  private var compared: String?
  private var lagging: (server: String, since: Instant)?

  package init() {}

  /// Whether a server is waited for.
  package var isWaiting: Bool { lagging != nil }

  package func mustCompare(_ server: String) -> Bool { compared != server }

  /// A server was compared, and lags behind with nothing.
  package mutating func found(_ server: String) { (compared, lagging) = (server, nil) }

  package mutating func judge(_ lag: Lag, _ server: String, at now: Instant, patience: Duration) -> Judgement {
    let since = lagging.flatMap { $0.server == server ? $0.since : nil }
    if lag.isEmpty || since.map({ $0 + patience <= now }) ?? false {
      (compared, lagging) = (server, nil)
      return .goOn
    }
    compared = nil
    lagging = (server, since ?? now)
    return .wait
  }
}
