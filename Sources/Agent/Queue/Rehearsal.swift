internal import Accounts
internal import Installation
internal import LDAP
internal import Register

/// Carries a made-up account through its life (``RehearsedAccount``): added, found by its address, modified and deleted,
/// with the controls of a request. It is how the agent learns whether the directory refuses everybody or one account alone,
/// without waiting for other requests.
///
/// Where a password was refused it carries one too, which is read back: a directory that keeps clear text doesn't pass.
///
/// It costs six operations at most, and is done only after a refusal that doesn't say whose fault it is.
struct Rehearsal {
  /// What is made up: an entry, or one that has a password too.
  enum Scope: Comparable {
    case entry
    case entryAndPassword
  }

  enum Outcome {
    /// The directory takes what the agent does: what it refused is refused alone.
    case passed
    /// At which step, and why.
    case refused(step: String, Trouble)
    case lost(LDAPError)
  }

  let applier: Applier
  let scope: Scope

  func run(over connection: Connection) async -> Outcome {
    let container = applier.context.container
    let dn = RehearsedAccount.dn(under: container)
    let withPassword = scope == .entryAndPassword
    var step = "clean"
    do throws(LDAPError) {
      // What a crash left.
      do throws(LDAPError) { try await connection.delete(dn) } catch { if error.code != .noSuchObject { throw error } }
      step = "add"
      let salt = applier.password.salt()
      try await perform(RehearsedAccount.add(under: container, withPassword: withPassword), salt, over: connection)
      step = "search"
      let found = try await connection.searchAll(
        base: container, scope: .subtree, filter: RehearsedAccount.filter, attributes: Schema.synced, limit: 10
      ).first { $0.dn.matches(dn) }
      guard let found else { return await refused(step, Self.notFound(dn), over: connection) }
      if withPassword {
        step = "password"
        if let entry = try await connection.entry(dn, attributes: RestingPassword.attributes),
          RestingPassword(entry, of: applier.password.password(salt: salt)) == .clearText
        {
          return await refused(step, Applier.clearText(dn), over: connection)
        }
      }
      step = "modify"
      let modify: Intent
      do throws(ChangeError) {
        modify = try RehearsedAccount.modify(found, withPassword: withPassword)
      } catch {
        return await refused(step, Trouble(what: error.diagnostic, remedy: error.remedy), over: connection)
      }
      try await perform(modify, salt, over: connection)
      step = "delete"
      try await perform(RehearsedAccount.delete(found), salt, over: connection)
      return .passed
    } catch {
      if error.code == nil { return .lost(error) }
      return await refused(
        step, Trouble(what: "\(error)", remedy: "run buzon doctor"), over: connection)
    }
  }

  private static func notFound(_ dn: DN) -> Trouble {
    Trouble(
      what: "\(dn) was added, but is not found by its address",
      remedy: "give the agent the access rights of config/slapd (search on mail and mailLocalAddress)")
  }

  /// The end of one that was refused; what can't be removed now is removed by the next one.
  private func refused(_ step: String, _ trouble: Trouble, over connection: Connection) async -> Outcome {
    do throws(LDAPError) {
      try await connection.delete(RehearsedAccount.dn(under: applier.context.container))
    } catch {
      if error.code == nil { return .lost(error) }
    }
    return .refused(step: step, trouble)
  }

  private func perform(_ intent: Intent, _ salt: [UInt8], over connection: Connection) async throws(LDAPError) {
    let secret = intent.grantsPassword ? try await applier.password.sent(salt: salt) : nil
    try await connection.perform(
      intent.operation(temporaryPassword: secret), controls: intent.controls(container: applier.context.container))
  }
}
