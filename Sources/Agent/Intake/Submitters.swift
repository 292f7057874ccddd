internal import Files
internal import Register

/// Who dropped a file: its owner, as fstat(2) saw it when it was read, and the name that the host has for that number. The
/// owner can't be made up: only root gives files away.
///
/// Names are remembered for a while, for a name service may be slow, and thousands of forms come from one user.
struct Submitters {
  private static let remembered = Duration.seconds(300)

  private var known: [UInt32: (submitter: Submitter, until: ContinuousClock.Instant)] = [:]

  /// - Throws: where the name can't be asked for just now.
  mutating func submitter(_ user: UInt32, now: ContinuousClock.Instant = .now) throws(FileError) -> Submitter {
    if let (submitter, until) = known[user], now < until { return submitter }
    known = known.filter { now < $0.value.until }
    let submitter = Submitter(uid: user, name: try userName(user))
    known[user] = (submitter, now + Self.remembered)
    return submitter
  }
}

extension Submitter {
  /// The fields of a log line: `uid`, and `user` where the host has a name for it.
  var fields: [EventLog.Field] {
    var fields: [EventLog.Field] = [("uid", "\(uid)")]
    if let name { fields.append(("user", name)) }
    return fields
  }
}
