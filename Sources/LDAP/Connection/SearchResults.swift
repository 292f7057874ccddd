import Synchronization

/// The entries of a search, as they come. It can be gone through once; leaving the loop early abandons the search.
///
/// Entries pass in batches, so a step mostly costs no change of thread. After the last entry the loop ends, or throws
/// ``LDAPError/refused(_:)`` where the search did not end in success: entries may have come before.
public struct SearchResults: AsyncSequence, Sendable {
  /// An entry.
  public typealias Element = Entry

  /// The search, or its first page.
  let messages: SearchMessages
  /// How the other pages are asked for; nil: there are none.
  let paging: Paging?

  /// The entries one by one. A second iterator of the same results throws ``LDAPError/invalid(_:)``.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(messages: messages.makeAsyncIterator(), paging: paging)
  }

  /// Goes through the entries; references and intermediate answers are passed over.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var messages: SearchMessages.AsyncIterator
    let paging: Paging?

    /// The next entry; nil at the end.
    nonisolated(nonsending) public mutating func next() async throws(LDAPError) -> Entry? {
      try await next(isolation: #isolation)
    }

    /// The next entry; nil at the end.
    public mutating func next(isolation: isolated (any Actor)?) async throws(LDAPError) -> Entry? {
      while true {
        while let message = try await messages.next(isolation: isolation) {
          if case .entry(let entry, _) = message { return entry }
        }
        guard let paging,
          let page = try await messages.token.connection.nextPage(of: paging, after: messages.token)
        else { return nil }
        messages = page.makeAsyncIterator()
      }
    }
  }
}

/// Everything a search brings, as it comes. It can be gone through once; leaving the loop early abandons the search.
public struct SearchMessages: AsyncSequence, Sendable {
  /// A message of the search.
  public typealias Element = SearchMessage

  let token: Token

  /// The messages one by one. A second iterator of the same search throws ``LDAPError/invalid(_:)``.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(token: token, isFirst: !token.hasReader.exchange(true, ordering: .relaxed))
  }

  /// The server's last answer, with its controls, once the loop has ended.
  public var response: Response? {
    get async { await token.connection.searchResponse(token) }
  }

  /// Goes through the messages.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let token: Token
    /// Whether no other iterator was made before: what one has read, another would miss.
    let isFirst: Bool
    var batch: ArraySlice<SearchMessage> = []

    init(token: Token, isFirst: Bool) {
      (self.token, self.isFirst) = (token, isFirst)
    }

    /// The next message; nil at the end.
    nonisolated(nonsending) public mutating func next() async throws(LDAPError) -> SearchMessage? {
      try await next(isolation: #isolation)
    }

    /// The next message; nil at the end.
    public mutating func next(isolation: isolated (any Actor)?) async throws(LDAPError) -> SearchMessage? {
      guard isFirst else { throw .invalid("the results of a search can be gone through once; search again") }
      if batch.isEmpty { batch = try await token.connection.nextMessages(of: token)[...] }
      return batch.popFirst()
    }
  }

  /// Abandons the search when nobody can read it any more.
  final class Token: Sendable {
    let connection: Connection
    /// Touched on the connection's thread alone, but for `isFinished`, which is atomic.
    nonisolated(unsafe) let stream: SearchStream
    /// Whether an iterator was made.
    let hasReader = Atomic(false)

    init(_ connection: Connection, _ stream: SearchStream) {
      self.connection = connection
      self.stream = stream
    }

    deinit {
      if !stream.isFinished.load(ordering: .acquiring) { connection.drop(stream.id) }
    }
  }
}
