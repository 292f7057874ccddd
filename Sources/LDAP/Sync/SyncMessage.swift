/// How content is synchronized (RFC 4533 §3.3, §3.4).
public enum SyncMode: Hashable, Sendable {
  /// What has changed since the cookie, and no more.
  case refreshOnly
  /// The same, and then every change when it happens, until the search is left.
  case refreshAndPersist
}

/// What a message says of an entry (RFC 4533 §2.3).
public enum SyncState: Int, Hashable, Sendable {
  /// It is as it was; it comes without attributes.
  case present = 0
  /// It is there, as sent. In the refresh stage this is said of changed entries as well.
  case add = 1
  /// It was changed (or renamed) and is now as sent.
  case modify = 2
  /// It is gone, or no longer matches; it comes without attributes, and its DN may be empty, or another than the one known.
  case delete = 3
}

/// How the refresh stage shows what is gone (RFC 4533 §3.3.2). There is one phase, or a present phase and then a delete
/// phase.
public enum SyncPhase: Hashable, Sendable {
  /// Everything that is there was mentioned, by an entry or by a set of those present. **What was not mentioned since the
  /// search began is gone.**
  case present
  /// Deleted entries were sent as deleted. What was not mentioned is as it was.
  case delete
}

/// What content synchronization brings, one by one (RFC 4533).
///
/// A cookie stands for the content after all that has come up to it, its own message included: store it together with
/// what came, never before. The last one counts.
public enum SyncMessage: Hashable, Sendable {
  /// An entry is there, was changed or is gone.
  case entry(SyncState, SyncUUID, Entry, cookie: [UInt8]?)
  /// Entries that are as they were (`areDeleted` false) or are gone (true).
  case ids([SyncUUID], areDeleted: Bool, cookie: [UInt8]?)
  /// Only a newer cookie.
  case cookie([UInt8])
  /// A phase of the refresh stage is over; with `refreshDone` the whole stage is, and what comes now happens now.
  case phaseEnded(SyncPhase, refreshDone: Bool, cookie: [UInt8]?)
  /// The end in ``SyncMode/refreshOnly``: nothing follows. With `refreshDeletes` the last phase was a delete phase
  /// (``SyncPhase/delete``), else the only one was a present phase (``SyncPhase/present``).
  case done(cookie: [UInt8]?, refreshDeletes: Bool)

  /// The cookie that came with it.
  public var cookie: [UInt8]? {
    switch self {
    case .cookie(let cookie): cookie
    case .entry(_, _, _, let cookie), .ids(_, _, let cookie), .phaseEnded(_, _, let cookie), .done(let cookie, _):
      cookie
    }
  }
}
