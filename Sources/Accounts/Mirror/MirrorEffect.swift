/// What is to be done where an entry was seen.
public enum MirrorEffect: Sendable, Hashable {
  // MARK: The account

  /// Its row is written as the entry was seen.
  ///
  /// - `expected`: what the procedure left; `nil`: as it is.
  /// - `handover`: `none`: that stays as it is.
  /// - `isNew`: whether it holds no address yet.
  case write(EntrySnapshot, expected: [UInt8]?, handover: HandoverState = .none, isNew: Bool = false)
  /// What the procedure left, beside an image that is later.
  case expect([UInt8])
  /// The entry has gone, and its address, its hand-over and its drift with it.
  ///
  /// - `csn`: nothing of it up to this one counts any more; `nil`: it is only known not to be there now.
  case remove(entryUUID: String, csn: String?)
  /// These addresses left the account: nobody else gets them until then, seconds since 1970 UTC.
  case retire([String], holder: String, until: Int64)
  /// The account no longer goes by this address. What names it as its owner or list is to follow it, or to name nobody where
  /// it has gone, from then on, seconds since 1970 UTC.
  case detach(address: String, from: String, due: Int64)
  /// What names this address as its owner, or its list where it is one, is right again.
  case attach(address: String, isList: Bool)

  // MARK: Drift

  /// The entry is otherwise than the procedure left it.
  ///
  /// - `request`: the stamp of the change that it should show.
  /// - `gone`: how the procedure left it, where it went.
  case noteDrift(attribute: String, address: String, by: String?, request: String?, gone: [UInt8]? = nil)
  case endDrift(attribute: String)
  /// The procedure has spoken of this address since its entry went.
  case forgetVanished(address: String)

  // MARK: The hand-over

  /// A temporary password was granted; the hand-over of an earlier one ends.
  case openHandover(department: String?, ends: Int64)
  /// `by`: the DN that ended it, or what did: `delete`, `clock`. Its salt is destroyed.
  case endHandover(HandoverState, by: String?, next: ClockTime)
  /// Somebody took the duty away to change the temporary password, which serves on.
  case releaseHandover(by: String?)
  /// The password serves until then, seconds since 1970 UTC.
  case postpone(ends: Int64)
  /// The change that granted it shows where it stands, once its outcome is written.
  case showHandover
  /// The clock has nothing more to do with the entry's hand-overs.
  case endClock
  /// What the clock could not do may be tried again, for the entry changed.
  case retryClock

  case report(MirrorNews)

  /// When the clock has something to do with a hand-over that ended.
  public enum ClockTime: Sendable, Hashable {
    case never
    /// As was noted for it while it was open.
    case kept
    /// Seconds since 1970 UTC.
    case at(Int64)
  }
}

/// What is to be logged.
public enum MirrorNews: Sendable, Hashable {
  /// What the procedure manages was changed outside Buzón; `request`: the stamp of the change that the entry should show.
  case drifted(address: String, ManagedImage.Difference, by: String?, request: String?)
  /// It is again as the procedure left it.
  case mended(address: String, attribute: String)
  /// An account was made outside Buzón.
  case appeared(address: String, by: String?, request: String?)
  /// An account was removed outside Buzón; `fields`: what the procedure had left of it, `request`: the stamp of the change
  /// that it should show.
  case vanished(address: String, fields: [ManagedImage.Difference], request: String?)
  /// The user has a password of his own; `isCertain`: it was seen that he set it himself; `portal`: who wrote it for him.
  case closed(address: String, number: String, isCertain: Bool, portal: String? = nil)
  /// Somebody else set the password.
  case overridden(address: String, number: String, by: String?)
  /// Somebody took the duty away to change the temporary password, which serves on.
  case released(address: String, number: String, by: String?)
}
