/// What the server answered (RFC 4511 §4.1.9): an open set, for extensions and vendors add codes.
///
/// Only codes that travel in an LDAP answer stand here. What never reached the server is an ``LDAPError`` of another
/// case, never a code.
public struct ResultCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number as it travels.
  public let rawValue: Int32

  /// A code by its number; every number is allowed.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  private init(_ rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The RFC's name, e.g. `entryAlreadyExists`; of an unknown code `code NNN`.
  public var name: String {
    Self.names[rawValue] ?? "code \(rawValue)"
  }

  /// Number and name, e.g. `68 entryAlreadyExists`.
  public var description: String {
    Self.names[rawValue].map { "\(rawValue) \($0)" } ?? "code \(rawValue)"
  }
}

// The names are the RFC's own; a comment on each would only repeat it.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ResultCode {
  public static let success = ResultCode(0)
  public static let operationsError = ResultCode(1)
  public static let protocolError = ResultCode(2)
  public static let timeLimitExceeded = ResultCode(3)
  public static let sizeLimitExceeded = ResultCode(4)
  public static let compareFalse = ResultCode(5)
  public static let compareTrue = ResultCode(6)
  public static let authMethodNotSupported = ResultCode(7)
  public static let strongerAuthRequired = ResultCode(8)
  public static let referral = ResultCode(10)
  public static let adminLimitExceeded = ResultCode(11)
  public static let unavailableCriticalExtension = ResultCode(12)
  public static let confidentialityRequired = ResultCode(13)
  public static let saslBindInProgress = ResultCode(14)
  public static let noSuchAttribute = ResultCode(16)
  public static let undefinedAttributeType = ResultCode(17)
  public static let inappropriateMatching = ResultCode(18)
  public static let constraintViolation = ResultCode(19)
  public static let attributeOrValueExists = ResultCode(20)
  public static let invalidAttributeSyntax = ResultCode(21)
  public static let noSuchObject = ResultCode(32)
  public static let aliasProblem = ResultCode(33)
  public static let invalidDNSyntax = ResultCode(34)
  public static let aliasDereferencingProblem = ResultCode(36)
  public static let inappropriateAuthentication = ResultCode(48)
  public static let invalidCredentials = ResultCode(49)
  public static let insufficientAccessRights = ResultCode(50)
  public static let busy = ResultCode(51)
  public static let unavailable = ResultCode(52)
  public static let unwillingToPerform = ResultCode(53)
  public static let loopDetect = ResultCode(54)
  public static let namingViolation = ResultCode(64)
  public static let objectClassViolation = ResultCode(65)
  public static let notAllowedOnNonLeaf = ResultCode(66)
  public static let notAllowedOnRDN = ResultCode(67)
  public static let entryAlreadyExists = ResultCode(68)
  public static let objectClassModsProhibited = ResultCode(69)
  public static let affectsMultipleDSAs = ResultCode(71)
  public static let other = ResultCode(80)
  /// Cancel (RFC 3909).
  public static let canceled = ResultCode(118)
  public static let noSuchOperation = ResultCode(119)
  public static let tooLate = ResultCode(120)
  public static let cannotCancel = ResultCode(121)
  /// The assertion control's filter does not hold (RFC 4528).
  public static let assertionFailed = ResultCode(122)
  /// Proxied authorization (RFC 4370).
  public static let authorizationDenied = ResultCode(123)
  /// Content synchronization: the cookie is of no use any more (RFC 4533).
  public static let syncRefreshRequired = ResultCode(4096)
  /// The no-op control: the operation would have succeeded (OpenLDAP, 0x410e).
  public static let noOperation = ResultCode(16654)

  private static let names: [Int32: String] = [
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    5: "compareFalse", 6: "compareTrue", 7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral",
    11: "adminLimitExceeded", 12: "unavailableCriticalExtension", 13: "confidentialityRequired",
    14: "saslBindInProgress", 16: "noSuchAttribute", 17: "undefinedAttributeType", 18: "inappropriateMatching",
    19: "constraintViolation", 20: "attributeOrValueExists", 21: "invalidAttributeSyntax", 32: "noSuchObject",
    33: "aliasProblem", 34: "invalidDNSyntax", 36: "aliasDereferencingProblem", 48: "inappropriateAuthentication",
    49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform",
    54: "loopDetect", 64: "namingViolation", 65: "objectClassViolation", 66: "notAllowedOnNonLeaf",
    67: "notAllowedOnRDN", 68: "entryAlreadyExists", 69: "objectClassModsProhibited", 71: "affectsMultipleDSAs",
    80: "other", 118: "canceled", 119: "noSuchOperation", 120: "tooLate", 121: "cannotCancel",
    122: "assertionFailed", 123: "authorizationDenied", 4096: "syncRefreshRequired", 16654: "noOperation",
  ]
}
