internal import Configuration
internal import LDAP
internal import Providers
internal import SlapdFiles
internal import Text

/// What the facts of a directory mean. Pure.
///
/// One fault makes one finding: where no server answers, or the directory takes the agent for somebody else, what hangs on
/// that is not judged.
struct DirectoryFindings {
  let facts: DirectoryFacts
  let configuration: Configuration
  let agent: AgentUser
  /// Seconds since 1970.
  let now: Int64

  private var directory: Configuration.Directory { configuration.directory }
  private var server: String { directory.uris.first?.description ?? "" }
  /// Days before its end that a certificate is a warning.
  static let shortLife: Int64 = 30
  /// The difference to the directory's clock that is a warning, seconds.
  private static let clockTolerance: Int64 = 60

  /// What `buzon init` puts right.
  static let byInit = "buzon init"

  func all() -> [DoctorFinding] {
    let servers = facts.servers.flatMap(serverFindings)
    guard let identity = facts.identity else {
      return servers + [
        .unchecked("directory", at: server, because: "no server could be asked", do: "correct that, then run it again")
      ]
    }
    if let stranger = strangerFinding(identity) { return servers + [stranger] }
    return servers + placeFindings() + schemaFindings() + controlFindings() + policyFindings() + trialFindings()
      + limitFindings() + clockFindings()
  }

  // MARK: Servers

  private func differenceFinding(_ count: Int, at place: String) -> DoctorFinding {
    let first = facts.servers.first { $0.failure == nil }?.url.description ?? server
    return .warning(
      "providers-differ", at: place, "\(count) accounts are not as \(first) shows them",
      do:
        "see the replication (olcSyncrepl) in slapd's log; where a server was killed it may never hear of some changes: "
        + "load it anew from the other (slapcat, slapadd -w)")
  }

  private func serverFindings(_ one: DirectoryFacts.Server) -> [DoctorFinding] {
    let place = one.url.description
    guard let failure = one.failure else {
      if let count = one.differences, count > 0 { return [differenceFinding(count, at: place)] }
      guard let end = one.certificateEnds, end - now < Self.shortLife * 86_400 else { return [] }
      return [
        .warning(
          "certificate-ends", at: place,
          "the server's certificate ends on \(Timestamp(seconds: end).rfc3339.prefix(10))",
          do:
            "give the server a new certificate (\(directory.certificateCommand(at: one.url) ?? "olcTLSCertificateFile"))"
        )
      ]
    }
    let remedy = failure.remedy(for: directory)
    if !facts.isAgent, failure.isOfPasswordFile {
      return [.unchecked("bind", at: place, because: "you may not read the agent's password", do: Self.asAgent)]
    }
    let isOnlyOne = facts.identity == nil
    return [
      DoctorFinding(
        isOnlyOne || failure.serverFinding != "server-down" ? .error : .warning, failure.serverFinding, at: place,
        "\(failure)", do: remedy)
    ]
  }

  static let asAgent = "run it as the agent's user (sudo -u buzon buzon doctor), or as root"

  private func strangerFinding(_ identity: String) -> DoctorFinding? {
    let isCertificate = facts.base == .absent && !directory.takesForItself(identity)
    guard identity.isEmpty || identity.hasSuffix(",cn=auth") || isCertificate else { return nil }
    guard facts.isAgent else {
      return .unchecked(
        "rights", at: server, because: "the directory takes you for \(identity.isEmpty ? "nobody" : identity)",
        do: Self.asAgent)
    }
    let what = "the directory takes the agent for \(identity.isEmpty ? "nobody" : identity), not for its own entry"
    guard identity.isEmpty || identity.hasSuffix(",cn=peercred,cn=external,cn=auth") else {
      return .error("identity", at: server, what, do: LDAPError.Refusal.mapping(of: identity))
    }
    return .error("identity", at: server, what, do: Self.byInit, command: configurationCommand(.agent))
  }

  // MARK: Entries

  private func placeFindings() -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    func judge(_ name: String, _ dn: DN, _ presence: DirectoryFacts.Presence, isError: Bool = true) {
      switch presence {
      case .there: break
      case .absent:
        findings.append(
          DoctorFinding(
            isError ? .error : .warning, name, at: dn.string, "the entry is not there, or the agent may not see it",
            do: Self.byInit, command: treeCommand(dn)))
      case .unread(let error):
        findings.append(.unchecked(name, at: dn.string, because: "\(error)", do: Self.asAgent))
      }
    }
    judge("base-missing", directory.base, facts.base)
    if facts.base == .absent { return findings }
    judge("container-missing", directory.accounts, facts.container)
    for (dn, presence) in facts.entries { judge("entry-missing", dn, presence, isError: false) }
    return findings
  }

  private func schemaFindings() -> [DoctorFinding] {
    switch facts.definitions {
    case .failure(let error):
      return [.unchecked("schema", at: server, because: "\(error)", do: Self.asAgent)]
    case .success(let present):
      guard let ours = try? LDIF.entries(SlapdFile.schema.text(values)).first else { return [] }
      let missing = DirectoryNeeds.definitions(ours).subtracting(present)
      if missing.isEmpty { return [] }
      let known = Set(present.compactMap(\.name))
      let isOld = missing.contains { $0.name.map(known.contains) ?? false }
      let names = missing.compactMap(\.name).sorted().joined(separator: ", ")
      return [
        .error(
          isOld ? "schema-differs" : "schema-missing", at: server,
          isOld ? "the schema of Buzón is of another version: \(names)" : "the schema of Buzón is not loaded: \(names)",
          do: Self.byInit)
      ]
    }
  }

  private var hasPlace: Bool { facts.base == .there && facts.container == .there }
  private var hasSchema: Bool { schemaFindings().isEmpty }

  // MARK: Abilities

  private func controlFindings() -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    guard facts.hasRoot else { return [hiddenRoot] }
    if !facts.controls.contains("1.3.6.1.1.12") {
      findings.append(
        .error(
          "assertion-missing", at: server, "the server does not know assertions (RFC 4528), which guard every change",
          do: "use OpenLDAP 2.5 or later, without a proxy that hides it"))
    }
    if !facts.controls.contains("1.3.6.1.4.1.42.2.27.8.5.1") {
      findings.append(
        .error("ppolicy-missing", at: server, "the server has no password policies (ppolicy)", do: Self.byInit))
    }
    if hasPlace, let failure = facts.syncFailure {
      findings.append(
        failure.code == .unavailableCriticalExtension
          ? .warning(
            "syncprov-missing", at: server, "changes can't be heard live (syncprov): they are found late",
            do: Self.byInit)
          : .unchecked("syncprov", at: server, because: "\(failure)", do: Self.asAgent))
    }
    return findings
  }

  /// Debian's slapd comes with these rules.
  private var hiddenRoot: DoctorFinding {
    let rules = ["to dn.base=\"\" by * read", "to dn.base=\"cn=Subschema\" by * read"]
    let command = (try? DN(parsing: "olcDatabase={-1}frontend,cn=config")).map { frontend in
      [Operation.modify(frontend, [.add("olcAccess", rules.map { Value($0) })])].ldapmodify
    }
    return .warning(
      "root-hidden", at: server, "the agent may not read what the server can do (root DSE): changes may be found late",
      do: "let everybody read the root DSE and cn=Subschema (olcAccess of the frontend)", command: command)
  }

  private func policyFindings() -> [DoctorFinding] {
    let hasPolicies = !facts.hasRoot || facts.controls.contains("1.3.6.1.4.1.42.2.27.8.5.1")
    guard facts.base == .there, hasPolicies else { return [] }
    let place = PolicyFindings.usualPolicy(directory.base)
    switch facts.policy {
    case .failure(let error):
      return [.unchecked("policy", at: place.string, because: "\(error)", do: Self.asAgent)]
    case .success(nil):
      return [
        .error(
          "policy-missing", at: place.string, "the default password policy is not there, or the agent may not see it",
          do: Self.byInit, command: treeCommand(place))
      ]
    case .success(let policy?):
      return PolicyFindings(
        policy: policy, password: configuration.policy.password, administrator: administrator
      ).all()
    }
  }

  private func trialFindings() -> [DoctorFinding] {
    guard hasPlace, hasSchema else { return [] }
    let place = directory.accounts.string
    switch facts.trial {
    case .untried(let why):
      return [
        .unchecked(
          "rights", at: place, because: why,
          do: "run it again once there are accounts; as root, the access rules of cn=config are compared")
      ]
    case .judged(let add, let taken):
      if let add { return [refusedWrite(add, at: place)] }
      if taken == nil {
        return [
          .error(
            "unique-missing", at: place, "the directory would give an address that is in use to a second account",
            do: Self.byInit)
        ]
      }
      return []
    }
  }

  private func refusedWrite(_ error: LDAPError, at place: String) -> DoctorFinding {
    switch error.code {
    case .insufficientAccessRights:
      return .error("access-rules", at: place, "the agent may not make accounts: \(error)", do: Self.byInit)
    case .referral:
      return .error(
        "replica", at: server, "the server is a replica: \(error)", do: "name the provider in directory.uris")
    case .unwillingToPerform:
      return .error(
        "read-only", at: server, "the directory takes no changes: \(error)",
        do: "set olcReadOnly: FALSE on the database, or name the provider in directory.uris")
    case .unavailableCriticalExtension:
      return .unchecked(
        "rights", at: place, because: "the server does not know the No-Op control",
        do: "run it as root: the access rules of cn=config are compared then")
    default:
      return .error(
        "add-refused", at: place, "the directory would refuse an account: \(error)",
        do: "compare the directory with config/slapd, or run buzon init")
    }
  }

  private func limitFindings() -> [DoctorFinding] {
    switch facts.isLimited {
    case true?:
      return [
        .error(
          "limits", at: directory.accounts.string, "a search of the agent ends before it has all accounts (olcLimits)",
          do: Self.byInit)
      ]
    case false?: return []
    case nil:
      return [
        .unchecked(
          "limits", at: directory.accounts.string, because: "there are fewer accounts than the default limit of 500",
          do: "run it as root: the limits of cn=config are read then")
      ]
    }
  }

  private func clockFindings() -> [DoctorFinding] {
    let ahead = facts.clock.map { $0 - now } ?? facts.newestWrite.map { max($0 - now, 0) }
    if let ahead, abs(ahead) > Self.clockTolerance {
      return [
        .warning(
          "clock-differs", at: server,
          "the directory's clock is \(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") this host's",
          do: "let both hosts keep time (chronyd, systemd-timesyncd)")
      ]
    }
    if facts.clock != nil { return [] }
    return [
      .unchecked(
        "clock", at: server, because: "the directory's own clock can't be read (cn=monitor)",
        do: "let the agent read cn=Current,cn=Time,cn=Monitor, or compare `date` on both hosts")
    ]
  }

  // MARK: Commands

  /// The usual name of the database; `CHANGE-ME` stands for the password, which the reader puts in.
  private var values: SlapdFile.Values {
    SlapdFile.Values(
      suffix: directory.base.string, database: "olcDatabase={1}mdb,cn=config", agentUID: agent.uid,
      agentGID: agent.gid, mailPassword: "CHANGE-ME")
  }

  private func configurationCommand(_ file: SlapdFile) -> String? {
    guard directory.bind == .external, let changes = try? LDIF.changes(file.text(values)) else { return nil }
    return changes.map(\.operation).ldapmodify
  }

  /// The database's administrator, as Debian names him; his password is asked for.
  private var administrator: String { "-x -W -D \("cn=admin,\(directory.base.string)".shellWord)" }

  /// The add of an entry of `tree.ldif`.
  private func treeCommand(_ dn: DN) -> String? {
    guard let changes = try? LDIF.changes(SlapdFile.tree.text(values)),
      let change = changes.first(where: { $0.operation.dn.matches(dn) })
    else { return nil }
    return [change.operation].ldapmodify(as: administrator)
  }
}

extension LDAPError {
  /// The name of what keeps a connection from being opened.
  fileprivate var serverFinding: String {
    switch self {
    case .tls(let failure) where failure.isOfAgent: "bind"
    case .tls: "server-certificate"
    case .unavailable where isOfPasswordFile: "password-file"
    case .unavailable, .outcomeUnknown: "server-down"
    case .invalid: "bind"
    case .refused(let refusal): refusal.operation == "StartTLS" ? "server-certificate" : "bind"
    }
  }
}

extension [Operation] {
  /// ldapmodify(1) with the operations as its input, as root of the directory's host.
  var ldapmodify: String { ldapmodify(as: "-Q -Y EXTERNAL") }

  func ldapmodify(as identity: String) -> String {
    var bytes: [UInt8] = []
    for operation in self { LDIF.append(operation, to: &bytes) }
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return "ldapmodify \(identity) -H ldapi:/// <<'LDIF'\n\(String(decoding: bytes, as: UTF8.self))\nLDIF"
  }
}
