/// The server's answer to an operation (RFC 4511 §4.1.9).
public struct Response: Hashable, Sendable {
  /// The result code.
  public var code: ResultCode
  /// The deepest entry above the one named that exists; mostly empty.
  public var matchedDN: String
  /// The server's words; for people, never to be parsed.
  public var diagnostic: String
  /// Where else to ask (code 10). They are never followed here: that would send the password to a stranger.
  public var referrals: [String]
  /// The controls of the answer.
  public var controls: [Control]
  /// The value of an extended answer.
  public var value: [UInt8]?

  /// An answer by its parts.
  public init(
    code: ResultCode, matchedDN: String = "", diagnostic: String = "", referrals: [String] = [],
    controls: [Control] = [], value: [UInt8]? = nil
  ) {
    self.code = code
    self.matchedDN = matchedDN
    self.diagnostic = diagnostic
    self.referrals = referrals
    self.controls = controls
    self.value = value
  }

  /// The entry as it was before the change, where ``Control/preRead(_:)`` asked for it (RFC 4527).
  public var preRead: Entry? { entry(Control.OID.preRead) }
  /// The entry as it is after the change, where ``Control/postRead(_:)`` asked for it (RFC 4527).
  public var postRead: Entry? { entry(Control.OID.postRead) }

  /// What the password policy says, where ``Control/passwordPolicy`` asked (draft-behera-ldap-password-policy-10).
  public var passwordPolicy: PasswordPolicyResponse? {
    controls.first { $0.oid == Control.OID.passwordPolicy }.flatMap { PasswordPolicyResponse(ber: $0.value ?? []) }
  }

  private func entry(_ oid: String) -> Entry? {
    controls.first { $0.oid == oid }.flatMap { $0.value }.flatMap { Entry(ber: $0) }
  }
}
