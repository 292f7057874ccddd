internal import Forms
public import LDAP

/// How a temporary password came to rest in the directory, as its entry is read back.
///
/// A directory that hashes (`olcPPolicyHashCleartext`, slapo-ppolicy(5)) shows `{SCHEME}…` (RFC 2307 §5.3). One that
/// doesn't shows what was sent, as it came or, with `{CLEARTEXT}` for its hash, behind that word.
public enum RestingPassword: Sendable, Hashable {
  case hashed
  /// Whoever reads the entry, or a copy of the database, can read the password.
  case clearText
  /// The entry is shown without a password: the agent may not read it.
  case unreadable
  /// There is a password that isn't the one that was sent: somebody changed it since.
  case anothers

  /// What is read back.
  public static let attributes = [Schema.password, Schema.status, Schema.lockedTime]

  /// - Parameters:
  ///   - entry: with ``attributes``.
  ///   - password: in clear text, as it was derived, whether or not it was sent so.
  public init(_ entry: Entry, of password: Value) {
    let values = entry[Schema.password]
    if values.isEmpty {
      self = .unreadable
    } else if values.contains(where: { $0.bytes.ends(with: password.bytes) }) {
      self = .clearText
    } else if values.allSatisfy({ $0.bytes.first == UInt8(ascii: "{") }) {
      self = .hashed
    } else {
      self = .anothers
    }
  }
}

extension RestingPassword {
  /// The same password once more on an entry that shows it in clear text: for a directory that hashes by now.
  ///
  /// It applies only while the entry shows the very values that were read, and so never to a password of the user's own.
  ///
  /// - Parameters:
  ///   - entry: with ``attributes``.
  ///   - password: as it is sent.
  public static func again(_ entry: Entry, password: Value) -> (Operation, [Control]) {
    var modifications: [Modification] = [
      .replace(Schema.password, [password]), .replace(Schema.passwordReset, ["TRUE"]),
    ]
    let isLocked = entry.status ?? .active != .active || entry[Schema.lockedTime] == [Schema.lockedForGood]
    if isLocked { modifications += EntryEdit.lockBesidePassword }
    let asRead = entry[Schema.password].map { Filter.equal(Schema.password, $0) }
    return (.modify(entry.dn, modifications), [.assertion(.and(asRead)), .passwordPolicy])
  }
}

extension [UInt8] {
  fileprivate func ends(with other: [UInt8]) -> Bool {
    count >= other.count && self[(count - other.count)...] == other[...]
  }
}
