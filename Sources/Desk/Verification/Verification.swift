public import Text

/// What `buzon verify` found.
public struct Verification: Sendable {
  /// What is compared with what.
  public enum Check: String, Sendable, CaseIterable {
    /// The ledger's lines, each with the one before and with what its commitments hold.
    case chain
    /// The ledger's files below `records/ledger` with the register.
    case files
    /// The register's requests with their lines in the ledger, and each form with its digest.
    case requests
    /// The archived forms, their signatures and the delivery records with the register.
    case records
    /// The account list's files with the register and with the ledger.
    case lists
    /// The directory's accounts with the register.
    case directory
  }

  /// What came of a check.
  public enum Result: Sendable, Hashable {
    /// All of so many fit; so many more are not written yet.
    case fits(Int, pending: Int = 0)
    /// The first thing that doesn't, and what that means.
    case differs(what: String, meaning: String)
    /// It could not be told, and why.
    case unread(String)
  }

  /// In the order of ``Check``.
  public internal(set) var results: [(check: Check, result: Result)] = []
  /// The last line of the ledger: its sequence and its hash.
  public internal(set) var head: (sequence: Int64, hash: String)?
  /// Of `--since`: the line that was named, and when it was written.
  public internal(set) var since: (sequence: Int64, at: Timestamp)?

  public var differs: Bool {
    results.contains { if case .differs = $0.result { true } else { false } }
  }
  public var isUnread: Bool {
    results.contains { if case .unread = $0.result { true } else { false } }
  }
}
