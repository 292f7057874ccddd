import CLDAP
import Synchronization

/// What a search brings, one by one.
public enum SearchMessage: Sendable {
  /// An entry, with the controls it came with (where they were asked for).
  case entry(Entry, controls: [Control])
  /// A part of the answer is elsewhere: URLs that are not followed.
  case reference([String])
  /// An intermediate answer (RFC 4511 §4.13), as content synchronization sends.
  case intermediate(oid: String, value: [UInt8])
}

/// The connection's side of one search: what has come and was not taken. Lives on the connection's thread alone, but for
/// ``isFinished``.
final class SearchStream {
  /// The message id of the request.
  let id: Int32
  /// Whether the end has come: nothing is left to be abandoned. For any thread.
  let isFinished = Atomic(false)
  /// The longest silence of the server; nil: it may be silent for ever.
  private(set) var patience: Duration?
  let request: SearchRequest
  private let limit: Int
  private(set) var buffer: [SearchMessage] = []
  private(set) var result: Result<Response, LDAPError>?
  /// Whether the reader of a synchronization knows of the end.
  var endWasTaken = false
  private var names = AttributeNames()
  private var consumer: UnsafeContinuation<Void, Never>?

  init(_ id: Int32, _ request: SearchRequest, patience: Duration, limit: Int) {
    self.id = id
    self.request = request
    self.patience = patience
    self.limit = limit
  }

  var isFull: Bool { buffer.count >= limit }
  var isOverfull: Bool { buffer.count >= limit * 16 }

  /// When the silence that begins now has lasted too long.
  func deadline(from now: MonotonicTime) -> MonotonicTime {
    patience.map { now + $0 } ?? .never
  }

  /// Keeps a message of the search; one that can't be decoded ends it.
  func receive(_ message: borrowing Message, _ type: ber_tag_t) {
    guard result == nil else { return }
    switch type {
    case LDAP_RES_SEARCH_ENTRY:
      // In this order: reading the entry writes NULs over the tags that reading the controls begins with.
      guard let controls = request.wantsEntryControls ? message.entryControls() : [],
        let entry = message.entry(&names)
      else { return undecodable() }
      buffer.append(.entry(entry, controls: controls))
    case LDAP_RES_SEARCH_REFERENCE:
      guard let urls = message.reference() else { return undecodable() }
      buffer.append(.reference(urls))
    case LDAP_RES_INTERMEDIATE:
      guard let (oid, value) = message.intermediate() else { return undecodable() }
      if request.persists, oid == Control.OID.syncInfo, SyncMessage.endsRefresh(value) { patience = nil }
      buffer.append(.intermediate(oid: oid, value: value))
    default: return
    }
    wakeConsumer()
  }

  private func undecodable() {
    finish(.failure(.unavailable("an answer to the search is not LDAP")))
  }

  /// The end; the first one counts.
  func finish(_ result: Result<Response, LDAPError>) {
    if self.result == nil { self.result = result }
    isFinished.store(true, ordering: .releasing)
    wakeConsumer()
  }

  /// The end for every reader, whatever has come.
  func abandon(because reason: LDAPError) {
    buffer = []
    result = .failure(reason)
    finish(.failure(reason))
  }

  /// All that has come.
  func take() -> [SearchMessage] {
    let batch = buffer
    buffer = []
    return batch
  }

  /// Resumes the reader when there is something to take. Something may have come since it looked: `await` may let other
  /// jobs of the actor in even where it calls the actor itself.
  func wait(_ continuation: UnsafeContinuation<Void, Never>) {
    guard buffer.isEmpty, result == nil else { return continuation.resume() }
    consumer?.resume()  // a second reader of one search: both look again
    consumer = continuation
  }

  private func wakeConsumer() {
    // Resumed once: here it is taken out.
    let waiting = consumer
    consumer = nil
    waiting?.resume()
  }
}
