internal import Configuration
internal import LDAP
internal import Providers
internal import Register
internal import Synchronization

/// The server that writer and mirror use (``Providers``). Either of them reports a server that fails, and both learn when
/// another one is used.
final class ServerChoice: Sendable {
  private struct State {
    var uris: [LDAPURL]
    var providers: Providers
    /// The place of the server that answered last.
    var lastUsed: Int
    /// Why the server before was left; `nil`: a person chose.
    var trouble: Trouble?
    var listeners: [@Sendable () async -> Void] = []
  }

  private let state: Mutex<State>
  private let log: EventLog

  /// Begins with the server that the run before used, where it is still one of ours.
  ///
  /// - Throws: `RegisterError`.
  init(_ directory: Configuration.Directory, _ register: Register, log: EventLog) throws {
    let last = try register.contact()?.provider
    let place = directory.uris.firstIndex { $0.description == last }
    state = Mutex(
      State(
        uris: directory.uris,
        providers: Providers(count: directory.uris.count, place: place ?? 0, hasAnswered: place != nil),
        lastUsed: place ?? 0))
    self.log = log
  }

  /// The place in `directory.uris`, and why it is used; `nil`: it was from the beginning.
  var current: (place: Int, why: String?) { state.withLock { ($0.providers.place, $0.trouble?.what) } }
  var areSeveral: Bool { state.withLock { $0.providers.areSeveral } }

  /// Has the parts told of another server.
  func onSwitch(_ listener: @escaping @Sendable () async -> Void) { state.withLock { $0.listeners.append(listener) } }

  /// A server answered: from now on it is the one in use.
  func answered(_ place: Int) {
    let change: (from: String, to: String, why: Trouble?, listeners: [@Sendable () async -> Void])? = state.withLock {
      state in
      state.providers.answered(place)
      guard place == state.providers.place, place != state.lastUsed else { return nil }
      defer { state.lastUsed = place }
      return ("\(state.uris[state.lastUsed])", "\(state.uris[place])", state.trouble, state.listeners)
    }
    guard let change else { return }
    log.warning(
      "directory.switched",
      [
        ("from", change.from), ("to", change.to), ("why", change.why?.what ?? "a person chose"),
        ("do", change.why?.remedy ?? "nothing"),
      ])
    tell(change.listeners)
  }

  /// A server can't be reached.
  func failed(_ place: Int, _ error: LDAPError) {
    // The others would refuse the bind too, and count it.
    guard error.triesNextServer else { return }
    failed(place, .away, Trouble(what: "\(error)", remedy: "bring that server back (buzon doctor)"))
  }

  /// A server takes no writes.
  func refused(_ place: Int, _ trouble: Trouble) { failed(place, .takesNoWrites, trouble) }

  private func failed(_ place: Int, _ failure: Providers.Failure, _ trouble: Trouble) {
    let listeners = state.withLock { state in
      let step = state.providers.failed(place, failure, at: .now)
      // Why the one that was in use is left: that the next one fails too says nothing of that.
      if step != .stay, place == state.lastUsed { state.trouble = trouble }
      return step == .change ? state.listeners : []
    }
    tell(listeners)
  }

  /// The server in use lags behind, and this one doesn't.
  func use(_ place: Int, because trouble: Trouble) {
    let listeners = state.withLock { state in
      state.providers.use(place)
      state.trouble = trouble
      return state.listeners
    }
    tell(listeners)
  }

  private func tell(_ listeners: [@Sendable () async -> Void]) {
    if listeners.isEmpty { return }
    Task { for listener in listeners { await listener() } }
  }

  /// Another list of servers came into use; the one in use stays, where it is among them.
  func use(_ directory: Configuration.Directory) {
    state.withLock { state in
      let present = state.uris[state.providers.place].description
      let place = directory.uris.firstIndex { $0.description == present }
      state.uris = directory.uris
      state.providers = Providers(count: directory.uris.count, place: place ?? 0, hasAnswered: place != nil)
      state.lastUsed = place ?? 0
      if place == nil { state.trouble = nil }
    }
  }

  /// A person chose the server that stands first in the list.
  func useFirst() { state.withLock { ($0.trouble, _) = (nil, $0.providers.use(0)) } }
}
