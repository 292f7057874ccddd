internal import Configuration
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Register
internal import Text

/// A new password as its owner typed it, fit to be sent: UTF-8 in NFC, as RFC 8265's OpaqueString has it, so that the same
/// keys give the same password on every machine.
public struct NewPassword: Sendable {
  /// Bytes of a password; longer ones take the directory long to hash.
  public static let longest = 1_024

  let secret: Secret
  /// Whether it has letters beyond ASCII, which mail programs may send in another encoding.
  public let isPlain: Bool

  /// - Parameter typed: without the end of the line.
  /// - Throws: ``HandoverDesk/Refusal`` where it can't be a password.
  public init(typed: [UInt8]) throws(HandoverDesk.Refusal) {
    func refusal(_ why: String) -> HandoverDesk.Refusal { HandoverDesk.Refusal(why, 65, isOfPassword: true) }
    if typed.isEmpty { throw refusal("the new password is empty; type one") }
    if typed.count > Self.longest { throw refusal("the new password has more than \(Self.longest) bytes; shorten it") }
    isPlain = typed.allSatisfy { $0 < 0x80 }
    if isPlain {
      guard typed.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw refusal("the new password has a control character; leave it out")
      }
      secret = Secret(bytes: typed)
      return
    }
    guard let text = String(validating: typed, as: UTF8.self) else {
      throw refusal("the new password is not UTF-8; set the terminal to UTF-8, or use letters of ASCII")
    }
    guard text.unicodeScalars.allSatisfy({ ScalarClass($0) != .control }) else {
      throw refusal("the new password has a control character; leave it out")
    }
    secret = Secret(bytes: NormalForm.composed(text).utf8)
  }

  /// Whether both are the same password.
  public func isSame(as other: NewPassword) -> Bool {
    secret.withBytes { mine in other.secret.withBytes { mine.elementsEqual($0) } }
  }
}

/// The final password of an account, set on the spot: the user, beside an operator, takes the place of the temporary
/// password. It is the user's own change: by the account's own DN, with the temporary password.
public struct PasswordChange: Sendable {
  /// The account's address.
  public let address: String
  fileprivate let handover: StoredHandover
  fileprivate let temporary: Secret
  fileprivate let desk: HandoverDesk

  /// Changes the password in the directory. The agent, listening, then closes the hand-over by itself.
  ///
  /// - Parameter actor: who sits at the terminal; it stands in the history of the request.
  /// - Throws: ``HandoverDesk/Refusal``; `RegisterError`.
  public func carryOut(_ new: NewPassword, by actor: String) async throws {
    let isTemporary = temporary.withBytes { mine in new.secret.withBytes { mine.elementsEqual($0) } }
    if isTemporary {
      throw HandoverDesk.Refusal(
        "the new password is the temporary one; choose another, that nobody else has seen", 65, isOfPassword: true)
    }
    do {
      try await change(to: new)
    } catch {
      throw Self.refusal(error)
    }
    let handover = handover
    try await desk.withRegister { register in
      try await register.changed(handover.id, by: actor, at: WallClock.now()).value()
    }
  }

  private func change(to new: NewPassword) async throws(LDAPError) {
    let connection = try await connect()
    do throws(LDAPError) {
      try await connection.passwordModify(old: temporary, new: new.secret, controls: [.passwordPolicy])
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// A connection of the account's own, to the server in use; a password never goes over a network that
  /// everybody can read (the bind sees to that).
  private func connect() async throws(LDAPError) -> Connection {
    try await desk.configuration.connect(
      as: .simple(DN(parsing: handover.dn), password: temporary)
    ).connection
  }

  // MARK: Refusals

  private static func refusal(_ error: LDAPError) -> HandoverDesk.Refusal {
    switch error {
    case .refused(let refusal):
      return refusal.operation == "passwordModify" ? ofPassword(refusal.response) : ofBind(refusal.response)
    case .unavailable: return HandoverDesk.Refusal("\(error); check that the directory runs, then try again", 69)
    case .tls: return HandoverDesk.Refusal("\(error); correct directory.tls, or the server's certificate", 69)
    case .outcomeUnknown:
      return HandoverDesk.Refusal(
        "\(error); whether the new password is in force is not known: try to log in with it, or see buzon handover", 75)
    case .invalid: return HandoverDesk.Refusal("\(error); check directory in the configuration", 78)
    }
  }

  private static func ofBind(_ response: Response) -> HandoverDesk.Refusal {
    let why: String =
      switch response.passwordPolicy?.error {
      case .accountLocked: "the account is locked; activate it by a form (status: active)"
      case .passwordExpired: "the temporary password has expired; a form can grant a new one (reset: password)"
      default:
        response.code == .invalidCredentials
          ? "the directory doesn't take the temporary password: it was changed meanwhile, or the account is locked "
            + "(see buzon handover)"
          : "the directory refuses the login with the temporary password: \(response.code)\(said(response))"
      }
    return HandoverDesk.Refusal(why, 77)
  }

  private static func ofPassword(_ response: Response) -> HandoverDesk.Refusal {
    let why: String =
      switch response.passwordPolicy?.error {
      case .passwordTooShort: "the new password is too short; choose a longer one"
      case .passwordTooLong: "the new password is too long; choose a shorter one"
      case .insufficientPasswordQuality: "the new password is too weak; choose a longer one, of several words"
      case .passwordInHistory: "this password was used before; choose another"
      case .passwordTooYoung: "the password was changed too recently; try again later"
      case .passwordModNotAllowed: "the directory's policy does not let this user change the password"
      default: "the directory refuses the new password: \(response.code)"
      }
    let isOfPassword =
      response.code == .constraintViolation && response.passwordPolicy?.error != .passwordTooYoung
      && response.passwordPolicy?.error != .passwordModNotAllowed
    return HandoverDesk.Refusal(why + said(response), isOfPassword ? 65 : 77, isOfPassword: isOfPassword)
  }

  /// The directory's own words.
  private static func said(_ response: Response) -> String {
    response.diagnostic.isEmpty ? "" : " (\(oneLine(response.diagnostic)))"
  }

  private static func oneLine(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }
}

extension HandoverDesk {
  /// What is needed to set the final password of an account.
  ///
  /// - Throws: ``Refusal`` where its temporary password can't be worked out any more, or a request granted several.
  public func change(_ subject: Subject) async throws -> PasswordChange {
    let found = try await withRegister { register in try handovers(of: subject, in: register) }
    guard found.count == 1, let handover = found.first else {
      throw Refusal("the request granted \(found.count) temporary passwords; name an address", 64)
    }
    guard let salt = handover.salt, hindrance(handover, now: WallClock.now()) == nil else {
      throw Refusal("\(handover.address): \(hindrance(handover, now: WallClock.now()) ?? "nothing to change")", 1)
    }
    return PasswordChange(
      address: handover.address, handover: handover, temporary: Secret(bytes: password.password(salt: salt).bytes),
      desk: self)
  }
}
