import Testing

@testable import LDAP

/// A task that keeps what a persistent synchronization brings.
final class SyncRecorder: Sendable {
  private struct State {
    var messages: [SyncMessage] = []
    var batches: [Int] = []
    var isLive = false
    var end: LDAPError?
    var hasEnded = false
  }

  private let state: Shared
  private let task: Task<Void, Never>

  private final class Shared: Sendable {
    // Not a Mutex, which ThreadSanitizer does not see on Linux.
    let state = Locked(State())
  }

  init(_ connection: Connection, cookie: [UInt8]? = nil, deadline: Duration? = nil) {
    let shared = Shared()
    state = shared
    task = Task {
      do throws(LDAPError) {
        let messages = try await connection.sync(
          base: Slapd.people, filter: SyncTests.filter, attributes: SyncTests.attributes, mode: .refreshAndPersist,
          cookie: cookie, deadline: deadline)
        while true {
          let batch = try await messages.nextBatch()
          if batch.isEmpty { break }
          shared.state.withLock { state in
            state.batches.append(batch.count)
            for message in batch {
              if case .phaseEnded(_, true, _) = message { state.isLive = true }
              state.messages.append(message)
            }
          }
        }
      } catch {
        shared.state.withLock { $0.end = error }
      }
      shared.state.withLock { $0.hasEnded = true }
    }
  }

  deinit { task.cancel() }

  var messages: [SyncMessage] { state.state.withLock { $0.messages } }
  var batches: [Int] { state.state.withLock { $0.batches } }

  /// Waits for the end of the refresh stage, and takes what it brought.
  func live() async throws -> [SyncMessage] {
    try await waitUntil("the refresh is over") { state.state.withLock { $0.isLive || $0.hasEnded } }
    return state.state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// Waits for that many messages.
  func messages(_ count: Int) async throws -> [SyncMessage] {
    try await waitUntil("\(count) messages have come") { messages.count >= count }
    return messages
  }

  /// Waits for the end, which must be an error.
  func failure() async throws -> LDAPError? {
    try await waitUntil("the synchronization ends") { state.state.withLock { $0.hasEnded } }
    return state.state.withLock { $0.end }
  }

  func cancel() { task.cancel() }
}
