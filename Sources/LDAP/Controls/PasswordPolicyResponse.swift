/// The password policy's answer (draft-behera-ldap-password-policy-10, §6.2).
public struct PasswordPolicyResponse: Hashable, Sendable {
  /// Why the policy said no, or what it demands.
  public enum Problem: Int, Hashable, Sendable {
    /// The password is past its life.
    case passwordExpired = 0
    /// The account is locked.
    case accountLocked = 1
    /// The password must be changed before anything else.
    case changeAfterReset = 2
    /// This user may not change the password.
    case passwordModNotAllowed = 3
    /// The old password must be given too.
    case mustSupplyOldPassword = 4
    /// The password isn't good enough.
    case insufficientPasswordQuality = 5
    /// The password is too short.
    case passwordTooShort = 6
    /// The password was changed too little ago.
    case passwordTooYoung = 7
    /// The password was used before.
    case passwordInHistory = 8
    /// The password is too long.
    case passwordTooLong = 9
  }

  /// The problem; nil where there is none.
  public var error: Problem?
  /// Logins left with an expired password.
  public var graceLogins: Int?
  /// How long until the password expires.
  public var expiration: Duration?

  init?(ber bytes: [UInt8]) {
    // SEQUENCE { warning [0] CHOICE { timeBeforeExpiration [0], graceAuthNsRemaining [1] } OPTIONAL, error [1] ENUMERATED OPTIONAL }
    var outer = BERReader(bytes[...])
    guard var sequence = outer.constructed(0x30) else { return nil }
    if var warning = sequence.constructed(0xA0) {
      if let seconds = warning.integer(0x80) { expiration = .seconds(seconds) }
      if let logins = warning.integer(0x81) { graceLogins = logins }
    }
    if let code = sequence.integer(0x81) { error = Problem(rawValue: code) }
  }
}
