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
struct NoOpJudge: Sendable {
  enum Judgement: Sendable {
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

  /// What is to be asked.
  enum Question: Sendable {
    case answered(Judgement)
    /// - Parameter passwords: as in ``Judgement/accepted(passwords:)``.
    case ask(Intent, passwords: String?)
  }

  private let connection: Connection
  private let container: DN
  private let password: TemporaryPassword
  /// By attribute, whether an entry has it.
  private var stored: [String: Bool] = [:]

  /// - Parameter password: makes passwords as new ones are made; nobody gets one of these.
  init(_ connection: Connection, container: DN, password: TemporaryPassword) {
    self.connection = connection
    self.container = container
    self.password = password
  }

  /// What can be asked about an account's operation.
  ///
  /// - Throws: where the directory can't be searched.
  mutating func question(_ account: PlannedAccount) async throws(LDAPError) -> Question {
    var withPassword = account.grantsPassword
    if withPassword {
      for name in Self.ofPasswords where try await !isStored(name) { withPassword = false }
    }
    guard let intent = account.intent(withPassword: withPassword) else { return .answered(.accepted()) }
    for name in intent.operation.attributes.sorted() where try await !isStored(name) {
      return .answered(
        .unasked(
          "no entry of the directory has the attribute \(name) yet, and slapd must not be asked about one that it never "
            + "stored"))
    }
    return .ask(intent, passwords: account.grantsPassword && !intent.grantsPassword ? Self.withoutPassword : nil)
  }

  /// - Throws: where the directory can't be asked.
  func judge(_ question: Question) async throws(LDAPError) -> Judgement {
    guard case .ask(let intent, let passwords) = question else {
      guard case .answered(let judgement) = question else { return .accepted() }
      return judgement
    }
    var secret: Value?
    if intent.grantsPassword { secret = try await password.sent(salt: password.salt()) }
    let answer: Result<Response, LDAPError>
    do throws(LDAPError) {
      answer = .success(
        try await connection.perform(
          intent.operation(temporaryPassword: secret), controls: intent.controls(container: container) + [.noOp]))
    } catch {
      if error.code == .unavailableCriticalExtension { return .unasked("the server does not know the No-Op control") }
      // What was never answered is not known.
      if error.code == nil { throw error }
      answer = .failure(await connection.identifying(error))
    }
    switch Verdict(answer, operation: intent.operation, inDoubt: false) {
    case .applied: return .accepted(passwords: passwords)
    case .failed(let error), .guarded(let error): return .failed(error)
    case .refused(let trouble, _):
      let code = if case .failure(let error) = answer { error.code ?? .other } else { ResultCode.other }
      return .waits(ChangeError(code: code, diagnostic: trouble.what, remedy: trouble.remedy))
    case .lost(let trouble): throw .unavailable(trouble.what)
    }
  }

  /// Asks several questions, as many at a time as the connection has places.
  func judge(_ questions: [Question]) async throws(LDAPError) -> [Judgement] {
    let answers = await withTaskGroup(of: (Int, Result<Judgement, LDAPError>).self) { group in
      var next = 0
      func ask() {
        guard next < questions.count else { return }
        let place = next
        next += 1
        group.addTask {
          do throws(LDAPError) {
            return (place, .success(try await judge(questions[place])))
          } catch {
            return (place, .failure(error))
          }
        }
      }
      for _ in 0..<connection.options.window { ask() }
      var answers: [Int: Result<Judgement, LDAPError>] = [:]
      for await (place, answer) in group {
        answers[place] = answer
        ask()
      }
      return answers
    }
    var judgements: [Judgement] = []
    for place in questions.indices {
      guard let answer = answers[place] else { break }
      judgements.append(try answer.get())
    }
    return judgements
  }

  private static let withoutPassword =
    "whether the directory takes a new password, of a reset, and where no entry shows the attributes of passwords yet"
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
