internal import Configuration
internal import LDAP
internal import Providers
internal import Register
internal import Synchronization

/// The server that writer and mirror use, one for both (``Providers``). Either may find that it fails; both are told of another.
final class ServerChoice: Sendable {
  private struct State {
    var uris: [LDAPURL]
    var providers: Providers
    /// Why the server before was left.
    var why: String?
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
        providers: Providers(count: directory.uris.count, place: place ?? 0, hasAnswered: place != nil)))
    self.log = log
  }

  /// The place in `directory.uris`, and why it is used; `nil`: it was from the beginning.
  var current: (place: Int, why: String?) { state.withLock { ($0.providers.place, $0.why) } }
  var areSeveral: Bool { state.withLock { $0.providers.areSeveral } }

  /// Has the parts told of another server.
  func onSwitch(_ listener: @escaping @Sendable () async -> Void) { state.withLock { $0.listeners.append(listener) } }

  /// A server answered.
  func answered(_ place: Int) { state.withLock { $0.providers.answered(place) } }

  /// A server can't be reached.
  func failed(_ place: Int, _ error: LDAPError) async {
    // The others would refuse the bind too, and count it.
    guard error.triesNextServer else { return }
    await failed(place, .away, why: "\(error)", remedy: "bring that server back (buzon doctor)")
  }

  /// A server takes no writes.
  func refused(_ place: Int, _ trouble: Trouble) async {
    await failed(place, .takesNoWrites, why: trouble.what, remedy: trouble.remedy)
  }

  /// The server in use lags behind, and this one doesn't.
  func use(_ place: Int, because trouble: Trouble) async {
    await change(why: trouble.what, remedy: trouble.remedy) { providers in
      providers.use(place)
      return true
    }
  }

  private func failed(_ place: Int, _ failure: Providers.Failure, why: String, remedy: String) async {
    await change(why: why, remedy: remedy) { $0.failed(place, failure, at: .now) }
  }

  private func change(why: String, remedy: String, _ decide: (inout Providers) -> Bool) async {
    let change: (from: String, to: String, listeners: [@Sendable () async -> Void])? = state.withLock { state in
      let before = state.providers.place
      guard decide(&state.providers) else { return nil }
      state.why = why
      return ("\(state.uris[before])", "\(state.uris[state.providers.place])", state.listeners)
    }
    guard let change else { return }
    log.warning("directory.switched", [("from", change.from), ("to", change.to), ("why", why), ("do", remedy)])
    for listener in change.listeners { await listener() }
  }

  /// Another list of servers came into use; the one in use stays, where it is among them.
  func use(_ directory: Configuration.Directory) {
    state.withLock { state in
      let present = state.uris[state.providers.place].description
      let place = directory.uris.firstIndex { $0.description == present }
      state.uris = directory.uris
      state.providers = Providers(count: directory.uris.count, place: place ?? 0, hasAnswered: place != nil)
      if place == nil { state.why = nil }
    }
  }

  /// A person chose the server that stands first in the list.
  func useFirst() { state.withLock { ($0.why, _) = (nil, $0.providers.use(0)) } }
}
