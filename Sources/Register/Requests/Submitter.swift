internal import GRDB

/// Who dropped a form into the spool: the owner of its file.
public struct Submitter: Sendable, Hashable, CustomStringConvertible {
  /// The user's number on this host.
  public var uid: UInt32
  /// The user's name when the form was accepted; `nil` where the host had none for this number.
  public var name: String?

  public init(uid: UInt32, name: String? = nil) {
    self.uid = uid
    self.name = name
  }

  /// `maria (uid 1004)`, or `uid 1004`.
  public var description: String { name.map { "\($0) (uid \(uid))" } ?? "uid \(uid)" }

  /// `nil` in a request of the clock, which nobody dropped.
  init?(_ row: Row) {
    guard let uid: Int64 = row["submitter_uid"], let user = UInt32(exactly: uid) else { return nil }
    self.init(uid: user, name: row["submitter"])
  }
}
