/// What content synchronization brings, as it comes: from ``Connection/sync(base:scope:filter:attributes:mode:cookie:reloadHint:deadline:)``.
/// It can be gone through once; leaving it, or cancelling the task that waits, abandons the search.
///
/// In ``SyncMode/refreshOnly`` it ends after ``SyncMessage/done(cookie:refreshDeletes:)``. In
/// ``SyncMode/refreshAndPersist`` it ends when the server has had enough; then synchronize again, with the last cookie.
public struct SyncMessages: AsyncSequence, Sendable {
  /// A message of the synchronization.
  public typealias Element = SyncMessage

  let token: SearchMessages.Token
  let mode: SyncMode

  /// The messages that have come since the last call, in their order, waiting where none has; empty at the end.
  ///
  /// A batch is what had arrived, so it can be one message or some thousand (``Connection/Options/searchBuffer``).
  ///
  /// - Throws: ``LDAPError/refused(_:)`` where the server ended the search with an error, ``ResultCode/syncRefreshRequired``
  ///   when the cookie is of no use: forget it and begin without one (slapd also says 53
  ///   ``ResultCode/unwillingToPerform``, to a cookie that is ahead of a directory restored from an older copy);
  ///   ``LDAPError/unavailable(_:)`` when the connection is lost, the server is silent in the refresh stage, or what it
  ///   sends isn't RFC 4533. What came before holds, up to its last cookie.
  public func nextBatch(isolation: isolated (any Actor)? = #isolation) async throws(LDAPError) -> [SyncMessage] {
    while true {
      let arrived = try await token.connection.nextMessages(of: token)
      if arrived.isEmpty { return try await end() }
      var batch: [SyncMessage] = []
      batch.reserveCapacity(arrived.count)
      for message in arrived {
        switch message {
        case .entry(let entry, let controls):
          guard let control = controls.first(where: { $0.oid == Control.OID.syncState }),
            let value = SyncStateValue(ber: control.value ?? [])
          else { throw await malformed("an entry without a whole Sync State Control") }
          batch.append(.entry(value.state, value.uuid, entry, cookie: value.cookie))
        case .intermediate(Control.OID.syncInfo, let value):
          guard let message = SyncMessage(info: value) else {
            throw await malformed("a Sync Info Message that isn't one")
          }
          batch.append(message)
        case .intermediate, .reference: break  // what lies elsewhere is another synchronization (RFC 4533 §3.2)
        }
      }
      if !batch.isEmpty { return batch }
    }
  }

  /// What the server's last answer says, once.
  private func end() async throws(LDAPError) -> [SyncMessage] {
    guard let (response, refreshIsOver) = await token.connection.takeEnd(of: token) else { return [] }
    guard let control = response.controls.first(where: { $0.oid == Control.OID.syncDone }) else {
      // Without the control nobody could say what is gone.
      if refreshIsOver { return [] }
      throw await malformed("an end without a Sync Done Control")
    }
    guard let value = SyncDoneValue(ber: control.value ?? []) else {
      throw await malformed("a Sync Done Control that isn't one")
    }
    if mode == .refreshOnly { return [.done(cookie: value.cookie, refreshDeletes: value.refreshDeletes)] }
    guard refreshIsOver else { throw await malformed("an end in the middle of the refresh") }
    return value.cookie.map { [.cookie($0)] } ?? []
  }

  private func malformed(_ what: String) async -> LDAPError {
    await token.connection.forgetSearch(token)
    return .unavailable("\(token.connection.url): the synchronization brought \(what) (RFC 4533)")
  }

  /// The messages one by one.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(messages: self)
  }

  /// Goes through the messages.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let messages: SyncMessages
    var batch: ArraySlice<SyncMessage> = []

    init(messages: SyncMessages) {
      self.messages = messages
    }

    /// The next message; nil at the end.
    nonisolated(nonsending) public mutating func next() async throws(LDAPError) -> SyncMessage? {
      try await next(isolation: #isolation)
    }

    /// The next message; nil at the end.
    public mutating func next(isolation: isolated (any Actor)?) async throws(LDAPError) -> SyncMessage? {
      if batch.isEmpty { batch = try await messages.nextBatch(isolation: isolation)[...] }
      return batch.popFirst()
    }
  }
}
