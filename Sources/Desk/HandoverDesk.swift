internal import Accounts
public import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Installation
internal import LDAP
public import Records
internal import Register
internal import Text

/// Hands over temporary passwords (PT-GTI-002, step 4). A slip can be shown until it is received, and never after that.
///
/// It works beside a running agent or without one, as root or as the owner of the state.
public struct HandoverDesk: Sendable {
  /// What is asked for.
  public enum Subject: Sendable, Hashable {
    /// All that a request granted.
    case number(String)
    /// The latest of the account that has this address.
    case address(String)

    /// A request's number or an account's address: the numbers that begin with `@` are the clock's own.
    public init(_ text: String) {
      let at = text.utf8.firstIndex(of: UInt8(ascii: "@"))
      guard let at, at > text.utf8.startIndex else {
        self = .number(text)
        return
      }
      self = .address(String(decoding: text.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self))
    }
  }

  /// Why nothing, or not all, was done.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String
    /// The exit code of sysexits(3).
    public var exitCode: Int32
    /// Whether another new password may do.
    public var isOfPassword = false

    init(_ description: String, _ exitCode: Int32, isOfPassword: Bool = false) {
      self.description = description
      self.exitCode = exitCode
      self.isOfPassword = isOfPassword
    }

    /// The new password was typed in two ways.
    public static let different = Refusal(
      "the two are not the same; type the new password twice", 65, isOfPassword: true)
  }

  /// What was shown.
  public struct Showing: Sendable {
    /// Slips, each with the DN of its account.
    public var slips: [(slip: Slip, dn: String)] = []
    /// What can't be shown any more: a line each, with why.
    public var others: [String] = []
    /// Whether the subject is one account.
    public var isOfOne = true
  }

  let configuration: Configuration
  let zone: Zone
  let password: TemporaryPassword

  /// - Throws: ``AgentError`` where the caller may not, or the key of the passwords is missing; `FileError`.
  public init(_ configuration: Configuration) throws {
    try configuration.actAsOwnerOfState()
    self.configuration = configuration
    zone = try RecordStyle(configuration).zone
    password = TemporaryPassword(
      key: try StateFiles.key(configuration.state), length: configuration.policy.password.length)
  }

  // MARK: The slip

  /// Notes that slips are shown, and then gives them.
  ///
  /// - Parameter actor: who looks at them; it stands in the history of the request.
  /// - Throws: ``Refusal`` where there is nothing; `RegisterError`.
  public func show(_ subject: Subject, by actor: String) async throws -> Showing {
    let now = WallClock.now()
    return try await withRegister { register in
      let found = try handovers(of: subject, in: register)
      let open = found.filter { hindrance($0, now: now) == nil }
      let times = try await register.show(open.map(\.id), by: actor, at: now).value()
      var requesters: [String: String] = [:]
      var showing = Showing()
      showing.isOfOne = found.count == 1
      for handover in found {
        guard let time = times[handover.id], let salt = handover.salt else {
          let why = hindrance(handover, now: now) ?? "its slip was received just now"
          showing.others.append("\(handover.address): \(why)")
          continue
        }
        if requesters[handover.number] == nil {
          requesters[handover.number] = try requester(of: handover.number, in: register)
        }
        let slip = Slip(
          address: handover.address, logins: [handover.address], name: handover.name, department: handover.department,
          position: handover.position,
          password: String(decoding: password.password(salt: salt).bytes, as: UTF8.self),
          validUntil: Timestamp(seconds: handover.ends), request: handover.number,
          changeURL: configuration.handover.changeURL, requester: requesters[handover.number], showing: time,
          printed: Timestamp(milliseconds: now), printedBy: actor)
        showing.slips.append((slip, handover.dn))
      }
      return showing
    }
  }

  /// The responsible official of the request's form.
  private func requester(of number: String, in register: Register) throws -> String? {
    try register.request(number: number)?.origin.requester.name
  }

  // MARK: The receipt

  /// Notes that slips were received: what their passwords are derived from is destroyed, so that nobody can show them
  /// again. The agent, if one runs, is asked to write the records anew; else the next run does.
  ///
  /// - Parameters:
  ///   - receiver: who received them.
  ///   - actor: who says so.
  /// - Returns: the addresses whose slips were received; a line each for the others, with why not.
  /// - Throws: ``Refusal`` where there is nothing; `RegisterError`.
  public func receive(_ subject: Subject, by receiver: String, actor: String) async throws
    -> (received: [String], others: [String])
  {
    let now = WallClock.now()
    let result = try await withRegister { register in
      let found = try handovers(of: subject, in: register)
      var (received, others): ([String], [String]) = ([], [])
      // All are posted before the first is waited for: they go into one commit.
      let posted = found.map { handover in
        hindrance(handover, now: nil) == nil ? register.receive(handover.id, by: receiver, actor: actor, at: now) : nil
      }
      for (handover, commit) in zip(found, posted) {
        if try await commit?.value() == true {
          received.append(handover.address)
        } else {
          others.append("\(handover.address): \(hindrance(handover, now: nil) ?? "its slip was received just now")")
        }
      }
      // The receipt is noted; what can't be overwritten now is with the agent's next start.
      if !received.isEmpty { try? register.scrub() }
      return (received: received, others: others)
    }
    if !result.received.isEmpty { callAgent() }
    return result
  }

  /// Tells a running agent to look into the register.
  private func callAgent() {
    if let pid = (try? LockFile.holder("agent.lock", in: Files.Directory(configuration.spool)))?.flatMap(\.pid) {
      kill(pid, SIGUSR1)
    }
  }

  // MARK: What is there

  func withRegister<Result: Sendable>(_ body: (Register) async throws -> Result) async throws -> Result {
    let register = try Register(writing: configuration.state + "/register.sqlite", checkpointing: false)
    defer { try? register.close(checkpointing: false) }
    return try await body(register)
  }

  /// - Throws: ``Refusal`` 66 where there is none.
  func handovers(of subject: Subject, in register: Register) throws -> [StoredHandover] {
    let found: [StoredHandover]
    let missing: String
    switch subject {
    case .number(let number):
      found = try register.handovers(.number(number))
      if found.isEmpty {
        let isKnown = try register.standing(of: number) != nil
        missing =
          isKnown
          ? "request \(displayed(number.utf8)) has granted no temporary password (buzon show)"
          : try SpoolForms.absence(of: number, register, configuration)
      } else {
        missing = ""
      }
    case .address(let address):
      found = try register.handovers(.address(address))
      missing =
        "no account has the address \(displayed(address.utf8)), or none was granted a temporary password for it; "
        + "`buzon handover` lists the open hand-overs"
    }
    if found.isEmpty { throw Refusal(missing, 66) }
    return found
  }

  /// Why a slip can't be shown any more; `nil` where it can.
  ///
  /// - Parameter now: milliseconds since 1970 UTC; `nil`: its end doesn't count.
  func hindrance(_ handover: StoredHandover, now: Int64?) -> String? {
    func on(_ time: Int64?) -> String {
      time.map { " on \(zone.dateAndTime(at: Timestamp(milliseconds: $0)))" } ?? ""
    }
    let again = "a form can grant a new one (reset: password)"
    switch handover.state {
    case .none: return "no temporary password was granted"
    case .open:
      let end = Timestamp(seconds: handover.ends)
      if let now, end.milliseconds <= now {
        return "the password served until \(zone.dateAndTime(at: end)); \(again)"
      }
      return handover.salt == nil ? "the password can't be derived any more; \(again)" : nil
    case .delivered:
      let receiver = handover.receivedBy.map { " by \(displayed($0.utf8))" } ?? ""
      return "the slip was received\(receiver)\(on(handover.delivered)), and nobody can show it again; \(again)"
    case .closed: return "the user changed the password\(on(handover.ended)); the hand-over is closed"
    case .expired:
      switch handover.endedBy {
      case "reset": return "another temporary password was granted\(on(handover.ended)), by a later request"
      case "delete": return "the account was deleted\(on(handover.ended))"
      case "clock": return "the password was not used in time and expired\(on(handover.ended)); \(again)"
      case let other?: return "\(displayed(other.utf8)) set the password\(on(handover.ended)); \(again)"
      case nil: return "the password was set outside Buzón\(on(handover.ended)); \(again)"
      }
    }
  }
}
