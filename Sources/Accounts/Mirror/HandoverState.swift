/// Where the hand-over of a temporary password stands.
public enum HandoverState: String, Sendable, CaseIterable {
  /// The change granted no temporary password.
  case none
  case open
  /// The slip was received.
  case delivered
  /// The user changed the password.
  case closed
  case expired
}

/// What a change does to the hand-over of its account's password.
public enum HandoverEffect: Sendable, Hashable {
  case none
  /// A temporary password was granted; unused, it serves until then (seconds since 1970 UTC).
  case granted(ends: Int64)
  /// The unused password serves longer than was noted.
  case postponed(ends: Int64)
  /// The unused password was scrambled.
  case scrambled
  /// The end of the temporary password was cleared, for the user has one of his own.
  case settled
}
