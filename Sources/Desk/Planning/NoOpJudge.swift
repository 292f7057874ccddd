internal import Accounts
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// Asks the directory whether it would take an operation, without its doing it (No-Op control): uniqueness, schema, access
/// rights, password policy.
///
/// A no-op damages slapd's database where it names an attribute that no entry there ever had (``Control/noOp``). The agent
/// stores such an entry first; a plan writes nothing. So it asks only where an entry that is there has each attribute of the
/// operation, which it finds out by searching.
struct NoOpJudge {
  enum Judgement {
    /// It would be applied.
    ///
    /// - Parameter passwords: why the password policy was not asked; `nil`: it was, or there is no password.
    case accepted(passwords: String? = nil)
    /// The change would fail.
    case failed(ChangeError)
    /// The directory refuses it for a reason that isn't the change's: it would wait.
    case waits(ChangeError)
    /// Why it was not asked.
    case unasked(String)
  }

  private let connection: Connection
  private let container: DN
  private let password: TemporaryPassword
  /// By attribute, whether an entry has it.
  private var stored: [String: Bool] = [:]
  /// The server doesn't know the control.
  private var isUnknown = false

  /// - Parameter password: makes passwords as new ones are made; nobody gets one of these.
  init(_ connection: Connection, container: DN, password: TemporaryPassword) {
    self.connection = connection
    self.container = container
    self.password = password
  }

  /// - Throws: where the directory can't be asked.
  mutating func judge(_ account: PlannedAccount) async throws(LDAPError) -> Judgement {
    if isUnknown { return .unasked(Self.unknown) }
    var withPassword = account.grantsPassword
    if withPassword {
      for name in Self.ofPasswords where try await !isStored(name) { withPassword = false }
    }
    guard let intent = account.intent(withPassword: withPassword) else { return .accepted() }
    for name in intent.operation.attributes.sorted() where try await !isStored(name) {
      return .unasked(
        "no entry of the directory has the attribute \(name) yet, and slapd must not be asked about one that it never "
          + "stored")
    }
    var secret: Value?
    if intent.grantsPassword { secret = try await password.sent(salt: password.salt()) }
    let answer: Result<Response, LDAPError>
    do throws(LDAPError) {
      answer = .success(
        try await connection.perform(
          intent.operation(temporaryPassword: secret), controls: intent.controls(container: container) + [.noOp]))
    } catch {
      if error.code == .unavailableCriticalExtension {
        isUnknown = true
        return .unasked(Self.unknown)
      }
      // What was never answered is not known.
      if error.code == nil { throw error }
      answer = .failure(await connection.identifying(error))
    }
    switch Verdict(answer, operation: intent.operation, inDoubt: false) {
    case .applied:
      let isWithout = account.grantsPassword && !intent.grantsPassword
      return .accepted(passwords: isWithout ? Self.withoutPassword : nil)
    case .failed(let error), .guarded(let error): return .failed(error)
    case .refused(let trouble, _):
      let code = if case .failure(let error) = answer { error.code ?? .other } else { ResultCode.other }
      return .waits(ChangeError(code: code, diagnostic: trouble.what, remedy: trouble.remedy))
    case .lost(let trouble): throw .unavailable(trouble.what)
    }
  }

  private static let withoutPassword =
    "whether the directory takes a new password, of a reset, and where no entry shows the attributes of passwords yet"
  private static let unknown = "the server does not know the No-Op control"
  /// What an add with a password stores: the policy writes the last one.
  private static let ofPasswords = ["userPassword", "pwdReset", "pwdEndTime", "pwdChangedTime"]

  private mutating func isStored(_ name: String) async throws(LDAPError) -> Bool {
    if let known = stored[name] { return known }
    var isFound = false
    do throws(LDAPError) {
      let entries = try await connection.search(
        base: container, scope: .subtree, filter: .present(name), attributes: ["1.1"], sizeLimit: 1)
      var iterator = entries.makeAsyncIterator()
      while try await iterator.next() != nil { isFound = true }
    } catch {
      // With more than the one that was asked for the search ends with 4.
      if error.code == nil { throw error }
    }
    stored[name] = isFound
    return isFound
  }
}

extension Operation {
  fileprivate var attributes: Set<String> {
    switch self {
    case .add(_, let attributes): Set(attributes.map(\.name))
    case .modify(_, let modifications): Set(modifications.map(\.attribute))
    case .delete: []
    }
  }
}
