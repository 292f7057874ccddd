internal import Accounts
internal import Configuration
internal import Files
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Records
internal import Register
internal import Synchronization
internal import Text

/// The configuration as the agent's parts use it, made once from `buzon.yaml` and replaced as a whole by SIGHUP.
struct Settings: Sendable {
  let configuration: Configuration
  let zone: Zone
  /// How long an address that left an account is remembered, seconds.
  var addressMemory: Int64 { configuration.policy.addressMemory.components.seconds }
  var container: DN { configuration.directory.accounts }
  /// `handover.trusted`.
  var trusted: [DN] { configuration.handover.trusted }
  /// `directory.base`.
  var base: DN { configuration.directory.base }
  private let password: TemporaryPassword

  /// - Throws: ``AgentError`` where a value that could only be judged here is no good.
  init(_ configuration: Configuration, key: [UInt8]) throws {
    self.configuration = configuration
    do {
      zone = try Zone(configuration.organization.timezone)
    } catch {
      if case Zone.Failure.unreadable(_, let cause) = error { throw cause }
      throw AgentError.configuration("\(error)")
    }
    let policy = configuration.policy.password
    password = TemporaryPassword(key: key, length: policy.length, areHashed: policy.hash == .yescrypt)
    if policy.hash == .yescrypt {
      do {
        _ = try Yescrypt.hash("", salt: Array(repeating: 0, count: 16))
      } catch {
        throw AgentError.configuration(
          "policy.password.hash: \(error); install libcrypt1 4.4 or newer, or use `directory`")
      }
    }
  }

  var firstRetry: Duration { configuration.directory.firstRetry }
  /// How long a server that lags behind another one is waited for.
  var lagPatience: Duration { configuration.directory.lagPatience }
  /// How many servers `directory.uris` names.
  var serverCount: Int { configuration.directory.uris.count }
  var longestRetry: Duration { configuration.directory.longestRetry }

  /// The rules that a form dropped now is judged by.
  ///
  /// - Parameter now: milliseconds since 1970 UTC.
  func rules(at now: Int64) -> Rules {
    var rules = configuration.rules(today: zone.day(at: Timestamp(milliseconds: now)))
    rules.hostTime = zone.timeAndZone(at: Timestamp(milliseconds: now))
    return rules
  }

  /// A connection of the agent's own to the server at a place of `directory.uris`.
  func connect(to place: Int) async throws(LDAPError) -> Connection {
    try await configuration.directory.connect(from: place, tries: 1).connection
  }

  /// What helps against an error of the directory.
  func remedy(for error: LDAPError) -> String { error.remedy(for: configuration.directory) }

  /// The URI at a place of `directory.uris`.
  func uri(_ place: Int) -> String { configuration.directory.uris[place].description }

  func applier(
    register: Register, proof: PasswordProof, now: @escaping @Sendable () -> Int64,
    wakeClock: @escaping @Sendable () -> Void
  ) -> Applier {
    Applier(
      register: register, context: configuration.planContext(zone: zone, now: now()),
      directory: configuration.directory, password: password, proof: proof, now: now, wakeClock: wakeClock)
  }
}

/// What is in force now: the settings, which SIGHUP replaces, and the clock.
final class CurrentSettings: Sendable {
  private let current: Mutex<Settings>
  /// Milliseconds since 1970 UTC.
  let now: @Sendable () -> Int64

  init(_ settings: Settings, now: @escaping @Sendable () -> Int64 = WallClock.now) {
    current = Mutex(settings)
    self.now = now
  }

  var settings: Settings { current.withLock { $0 } }

  func replace(_ settings: Settings) { current.withLock { $0 = settings } }
}
