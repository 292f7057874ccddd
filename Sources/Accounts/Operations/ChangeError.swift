public import LDAP

/// Why a change failed, as the delivery record shows it: a result code of RFC 4511 (the directory's own, or the one
/// that fits what the plan found), what was wrong, and what helps.
public struct ChangeError: Error, Sendable, Hashable {
  public var code: ResultCode
  public var diagnostic: String
  public var remedy: String
  /// The address that no account has, where that is the error.
  public var missing: String?

  public init(code: ResultCode, diagnostic: String, remedy: String, missing: String? = nil) {
    self.missing = missing
    self.code = code
    self.diagnostic = diagnostic
    self.remedy = remedy
  }
}
