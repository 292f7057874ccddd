internal import Configuration
internal import Files
internal import LDAP
internal import Providers
internal import SlapdFiles

/// Reads `cn=config`, where whoever asks may: root over `ldapi`, as a rule. Reports what it has otherwise than
/// `config/slapd`.
struct ConfigurationReader: Sendable {
  /// What was read.
  struct Reading: Sendable {
    var findings: [DoctorFinding]
    /// The policy that accounts have, as the overlay names it.
    var policy: DN?
    /// Whether access rules, limits and schema of `cn=config` were compared with ours.
    var isCompared: Bool
  }

  let configuration: Configuration
  let agent: AgentUser

  /// Debian's schema with `mailLocalAddress`.
  static let mailSchema = "/etc/ldap/schema/misc.ldif"
  private static let configContext = DN.rdn("cn", "config").under(DN())

  private var directory: Configuration.Directory { configuration.directory }

  func read() async -> Reading {
    do {
      let entries = try await entries()
      return Reading(
        findings: try findings(entries), policy: policy(entries),
        isCompared: isUsual && ConfigurationTree(entries).database(of: directory.base) != nil)
    } catch {
      return Reading(
        findings: [
          .unchecked(
            "cn-config", at: directory.uris.first?.description ?? "",
            because: "cn=config (modules, overlays, indexes, limits, access rules, hashing) was not read: \(error)",
            do: "run it as root on the directory's host, where root may read cn=config over ldapi:///")
        ], policy: nil, isCompared: false)
    }
  }

  /// All of `cn=config`.
  private func entries() async throws(LDAPError) -> [Entry] {
    guard let local = directory.uris.first(where: { if case .socket = $0.place { true } else { false } }) else {
      throw .unavailable("no server of directory.uris is of this host (ldapi)")
    }
    return try await Self.entries(local, directory)
  }

  /// - Throws: also where nothing may be seen.
  static func entries(_ url: LDAPURL, _ directory: Configuration.Directory) async throws(LDAPError) -> [Entry] {
    let connection = try await Connection.open(url, credentials: .external, options: directory.options)
    let found: [Entry]
    do throws(LDAPError) {
      found = try await connection.searchAll(base: configContext, limit: 10_000)
    } catch {
      let identified = await connection.identifying(error)
      await connection.close()
      throw identified
    }
    await connection.close()
    guard !found.isEmpty else { throw .unavailable("nothing of it may be seen") }
    return found
  }

  private func findings(_ entries: [Entry]) throws(LDAPError) -> [DoctorFinding] {
    let values = SlapdFile.Values(
      suffix: directory.base.string, database: "", agentUID: agent.uid, agentGID: agent.gid, mailPassword: "")
    let steps = try DirectoryNeeds.steps(
      entries, values, isExternal: directory.bind == .external,
      mailSchema: try? readFile(Self.mailSchema, limit: 1 << 20))
    return steps.filter(isOurs).map { step in
      DoctorFinding(
        step.subject.isError ? .error : .warning, step.subject.rawValue, at: place(of: step.subject), step.what,
        do: step.operations.isEmpty ? step.remedy ?? "" : step.replaces ? "buzon init --yes" : DirectoryFindings.byInit,
        command: step.operations.isEmpty ? nil : step.operations.ldapmodify)
    }
  }

  /// A place that is arranged otherwise than `config/slapd` has rules of its own.
  private func isOurs(_ step: PreparationStep) -> Bool {
    if step.subject == .hashing, configuration.policy.password.hash == .yescrypt { return false }
    return isUsual || ![.access, .uniqueBase, .limits, .policyDefault].contains(step.subject)
  }

  private var isUsual: Bool {
    guard directory.accounts.matches(DN.rdn("ou", "people").under(directory.base)) else { return false }
    switch directory.bind {
    case .external: return true
    case .simple(let dn, _):
      return dn.matches(DN.rdn("cn", "buzon").under(DN.rdn("ou", "services").under(directory.base)))
    case .scram, .gssapi: return false
    }
  }

  /// As ``DirectoryFindings`` name it, so that one fault is one finding.
  private func place(of subject: PreparationStep.Subject) -> String {
    switch subject {
    case .access, .limits, .unique: directory.accounts.string
    default: directory.uris.first?.description ?? ""
    }
  }

  private func policy(_ entries: [Entry]) -> DN? {
    let tree = ConfigurationTree(entries)
    guard let database = tree.database(of: directory.base), let overlay = tree.overlay("ppolicy", of: database.dn)
    else { return nil }
    return overlay.text("olcPPolicyDefault").flatMap { try? DN(parsing: $0) }
  }
}

extension PreparationStep.Subject {
  /// Whether the service does not work without it.
  var isError: Bool {
    switch self {
    case .syncprov, .indexes, .limits, .addContent, .policyDefault: false
    default: true
    }
  }
}
