public import Text

/// What hands an account over on paper: the account, its temporary password, and what the official has to do with them.
///
/// It holds a secret: it prints as its address alone, and belongs on paper or a terminal, never in a log or a file that
/// stays.
public struct Slip: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The account's primary address.
  public var address: String
  /// What the user may log in with, the best first, e.g. the address, then the uid.
  public var logins: [String]
  /// What the account is called.
  public var name: String
  /// The department that it belongs to.
  public var department: String?
  /// The person's position.
  public var position: String?
  /// The temporary password. Its hyphens belong to it.
  public var password: String
  /// When it stops serving.
  public var validUntil: Timestamp
  /// The number of the request that asked for it.
  public var request: String
  /// Where the user changes it; `nil`: with the help of systems.
  public var changeURL: String?
  /// Who asked for it. This person signs nothing here: the account's own user promises to change the password.
  public var requester: String?
  /// How often it was shown, this time included; from 1.
  public var showing: Int
  /// When it is shown.
  public var printed: Timestamp
  /// Who shows it, e.g. the name of the operator's login.
  public var printedBy: String

  /// A slip by its parts.
  public init(
    address: String, logins: [String], name: String, department: String? = nil, position: String? = nil,
    password: String, validUntil: Timestamp, request: String, changeURL: String? = nil, requester: String? = nil,
    showing: Int, printed: Timestamp, printedBy: String
  ) {
    self.address = address
    self.logins = logins
    self.name = name
    self.department = department
    self.position = position
    self.password = password
    self.validUntil = validUntil
    self.request = request
    self.changeURL = changeURL
    self.requester = requester
    self.showing = showing
    self.printed = printed
    self.printedBy = printedBy
  }

  /// Without the password.
  public var description: String { "slip of \(address), password ***" }
  /// Without the password.
  public var debugDescription: String { description }
  /// Without the password.
  public var customMirror: Mirror { Mirror(self, children: ["address": address, "password": "***"]) }
}
