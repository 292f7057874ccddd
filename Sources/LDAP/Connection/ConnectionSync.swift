extension Connection {
  /// Synchronizes content: what a search finds, what has changed of it since a cookie, and, where asked for, every
  /// change from now on (RFC 4533, the consumer's side).
  ///
  /// Entries go by their UUID: deletions often bring nothing else, so keep what you store by it. A cookie belongs to
  /// exactly this base, scope, filter and attributes: with any other, begin without one. Referral entries come as plain
  /// ones (RFC 3296).
  ///
  /// The search has a place in the connection's window as long as it lasts. Other operations run beside it, but then a
  /// reader that is far behind can't slow the server down, and the search fails (``Options/searchBuffer``): what must
  /// read slowly has a connection of its own.
  ///
  /// slapd (seen with 2.5.13) needs the overlay `syncprov` with a session log and `olcSpCheckpoint: 1 1`, for without
  /// checkpoints a deletion before it was killed is never sent; `entryCSN` and `entryUUID` indexed; and a reader
  /// with read access to both and no size and time limit.
  ///
  /// - Parameters:
  ///   - base: where the content begins.
  ///   - scope: how far it goes.
  ///   - filter: which entries.
  ///   - attributes: which attributes; none: all user attributes; `+`: the operational ones.
  ///   - mode: whether to stay after the refresh.
  ///   - cookie: the last one that came. With nil everything is sent, and what isn't is gone, whichever phase
  ///     (``SyncPhase``) the server names: slapd names the delete phase.
  ///   - reloadHint: what a server may do whose memory doesn't reach back to the cookie: tell everything again (true), or
  ///     refuse with ``ResultCode/syncRefreshRequired``. slapd looks at it only under `olcSpReloadHint`.
  ///   - deadline: the longest silence of the server in the refresh stage; ``Options/operation`` by default. After it
  ///     silence has no end; a peer that vanished is found by TCP (``Options/keepalive``).
  public func sync(
    base: DN, scope: SearchScope = .subtree, filter: Filter = .present("objectClass"), attributes: [String] = [],
    mode: SyncMode, cookie: [UInt8]? = nil, reloadHint: Bool = false, deadline: Duration? = nil
  ) async throws(LDAPError) -> SyncMessages {
    let request = SearchRequest(
      base: base, scope: scope, filter: filter, attributes: attributes, sizeLimit: 0, wantsEntryControls: true,
      persists: mode == .refreshAndPersist)
    var referralsAreEntries = Control.manageDSAIT
    referralsAreEntries.isCritical = false
    let control = Control.syncRequest(mode, cookie: cookie, reloadHint: reloadHint)
    return SyncMessages(
      token: SearchMessages.Token(self, try await startSearch(request, [control, referralsAreEntries], deadline)),
      mode: mode)
  }

  /// Whether the server says that it can do content synchronization. slapd says so as soon as its module is loaded; a
  /// database without the overlay refuses with 12 ``ResultCode/unavailableCriticalExtension``.
  public func supportsSync(deadline: Duration? = nil) async throws(LDAPError) -> Bool {
    let root = try await entry(DN(), attributes: ["supportedControl"], deadline: deadline)
    return root?["supportedControl"].contains(Value(Control.OID.syncRequest)) ?? false
  }
}
