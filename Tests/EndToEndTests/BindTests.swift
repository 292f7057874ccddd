import Foundation
import Sandbox
import Support
import Testing

/// How an agent comes to its directory: each way of saying who it is over each transport, with a real slapd and, for
/// Kerberos, a real KDC. docs/binds.md is the same table for operators.
@Suite("The way to the directory")
struct BindTests {
  /// A row of docs/binds.md.
  struct Row: Sendable, CustomTestStringConvertible {
    enum Transport: String, Sendable, CaseIterable {
      case ldapi, starttls, ldaps
    }
    enum Method: String, Sendable, CaseIterable {
      case external, simple, scram, gssapi
    }
    var method: Method
    var transport: Transport

    var testDescription: String { "\(method.rawValue) over \(transport.rawValue)" }

    static let all = Method.allCases.flatMap { method in Transport.allCases.map { Row(method: method, transport: $0) } }
      // The agent's user is known there without a ticket.
      .filter { $0.method != .gssapi || $0.transport != .ldapi }
  }

  static let secret = "agente correcto caballo"

  /// A directory with TLS that knows the agent in each way: by its user, its certificate, a password, a ticket.
  private struct House {
    let site: Site
    let authority: Authority
    let own: Authority.Pair
    let password: String
    let kerberos: KeyDistribution?
    /// slapd, where it needs Kerberos's environment.
    let slapd: Support.Program?

    init(kerberos isWanted: Bool) throws {
      site = try Site(tls: true)
      let folder = site.folder
      // What signs agents is no authority for servers.
      authority = try Authority(folder + "/agents", name: "Agents of mail")
      own = try authority.sign("buzon")
      password = folder + "/bind.password"
      try Data((BindTests.secret + "\n").utf8).write(to: URL(fileURLWithPath: password))
      #expect(chmod(password, 0o600) == 0)
      try Self.setUp(site, authority)
      guard isWanted else {
        (kerberos, slapd) = (nil, nil)
        return
      }
      let realm = try KeyDistribution(folder + "/kerberos")
      try realm.addPrincipal("ldap/127.0.0.1", keytab: folder + "/ldap.keytab")
      try realm.addPrincipal("buzon", keytab: folder + "/buzon.keytab")
      try site.stopDirectory()
      slapd = try site.directory(
        environment: realm.environment.merging(["KRB5_KTNAME": "FILE:" + folder + "/ldap.keytab"]) { $1 })
      kerberos = realm
    }

    /// SCRAM needs the password itself, and finds it as nobody; one that the directory has hashed serves a simple bind
    /// alone.
    private static func setUp(_ site: Site, _ authority: Authority) throws {
      let both = site.folder + "/tls/both.pem"
      let authorities = try [site.folder + "/tls/ca.pem", authority.own.certificate].map {
        try String(contentsOfFile: $0, encoding: .utf8)
      }
      try authorities.joined().write(toFile: both, atomically: false, encoding: .utf8)
      let agent = site.sandbox.agent
      try site.modify(
        """
        dn: cn=config
        changetype: modify
        replace: olcTLSCACertificateFile
        olcTLSCACertificateFile: \(both)
        -
        replace: olcTLSVerifyClient
        olcTLSVerifyClient: try
        -
        add: olcAuthzRegexp
        olcAuthzRegexp: {1}^cn=buzon$ \(agent)
        -
        add: olcAuthzRegexp
        olcAuthzRegexp: {2}^uid=buzon,cn=scram-sha-256,cn=auth$ \(agent)
        -
        add: olcAuthzRegexp
        olcAuthzRegexp: {3}^uid=buzon(,cn=example.org)?,cn=gssapi,cn=auth$ \(agent)
        -
        replace: olcSaslHost
        olcSaslHost: 127.0.0.1

        dn: olcOverlay={2}ppolicy,olcDatabase={1}mdb,cn=config
        changetype: modify
        replace: olcPPolicyHashCleartext
        olcPPolicyHashCleartext: FALSE

        dn: olcDatabase={1}mdb,cn=config
        changetype: modify
        add: olcAccess
        olcAccess: {0}to dn.exact="\(agent)" attrs=entry,objectClass by anonymous auth by * break

        dn: \(agent)
        changetype: modify
        add: objectClass
        objectClass: simpleSecurityObject
        -
        add: userPassword
        userPassword: \(BindTests.secret)

        dn: olcOverlay={2}ppolicy,olcDatabase={1}mdb,cn=config
        changetype: modify
        replace: olcPPolicyHashCleartext
        olcPPolicyHashCleartext: TRUE

        """)
    }

    func options(_ row: Row) throws -> Workplace.Options {
      let sandbox = site.sandbox
      let uri: String? =
        switch row.transport {
        case .ldapi: sandbox.uri
        case .starttls: sandbox.tcpURI
        case .ldaps: sandbox.tlsURI
        }
      let bind =
        switch row.method {
        case .external, .gssapi: "{method: \(row.method.rawValue)}"
        case .simple: "{method: simple, dn: \"\(sandbox.agent)\", password_file: \"\(password)\"}"
        case .scram: "{method: scram, user: buzon, password_file: \"\(password)\"}"
        }
      let ca = try #require(sandbox.caFile)
      var tls = ["mode: \(row.transport == .starttls ? "starttls" : "none")"]
      if row.transport != .ldapi { tls.append("ca_file: \"\(ca)\"") }
      if row.method == .external, row.transport != .ldapi {
        tls += ["certificate_file: \"\(own.certificate)\"", "key_file: \"\(own.key)\""]
      }
      let address = try #require(uri)
      return .with {
        $0.uri = address
        $0.bind = bind
        $0.tls = "{\(tls.joined(separator: ", "))}"
      }
    }

    /// What the agent needs beside its configuration.
    var environment: [String: String] {
      guard let kerberos else { return [:] }
      return kerberos.environment.merging([
        "KRB5_CLIENT_KTNAME": "FILE:\(site.folder)/buzon.keytab", "KRB5CCNAME": "FILE:\(site.folder)/buzon.tickets",
      ]) { $1 }
    }
  }

  @Test("carries a form, and the secret shows nowhere", arguments: Row.all.filter { $0.method != .gssapi })
  func known(_ row: Row) async throws { try await carry(row, House(kerberos: false)) }

  @Test(
    "carries a form with a ticket of Kerberos, over TLS",
    .enabled(
      if: KeyDistribution.isInstalled, "needs krb5-kdc, krb5-admin-server, krb5-user, libsasl2-modules-gssapi-mit"),
    arguments: Row.all.filter { $0.method == .gssapi })
  func kerberos(_ row: Row) async throws {
    let house = try House(kerberos: true)
    defer {
      house.slapd?.signal(SIGTERM)
      _ = house.slapd?.wait()
    }
    try await carry(row, house)
  }

  @Test(
    "waits for a ticket of Kerberos where it has none, says so, and goes on by itself",
    .enabled(if: KeyDistribution.isInstalled, "needs krb5-kdc, krb5-user, libsasl2-modules-gssapi-mit"))
  func ticket() async throws {
    let house = try House(kerberos: true)
    defer {
      house.slapd?.signal(SIGTERM)
      _ = house.slapd?.wait()
    }
    let row = Row(method: .gssapi, transport: .ldaps)
    let keytab = house.site.folder + "/buzon.keytab"
    #expect(rename(keytab, keytab + ".away") == 0)
    let place = try house.site.workplace("ticket", house.options(row))
    let agent = try await place.agent(environment: house.environment)
    #expect(await agent.says("mirror.waiting", "GSSAPI bind: ", "kinit -k -i"), "\(agent.log)")
    #expect(rename(keytab + ".away", keytab) == 0)
    #expect(await agent.says("mirror.listening"), "\(agent.log)")
    #expect(await agent.end() == 0)
  }

  private func carry(_ row: Row, _ house: House) async throws {
    let place = try house.site.workplace("bind", house.options(row))
    let agent = try await place.agent(environment: house.environment)
    let number = "B-\(row.method.rawValue)-\(row.transport.rawValue)"
    try place.drop(
      form(number: number, changes: ["create: {address: b1@example.org, name: {given: A, family: B}}"]), as: number)
    let record = try await place.recorded(number, within: .seconds(30))
    #expect(record["outcome"] == "applied", "\(record)")
    #expect(await agent.says("mirror.listening"))
    let writes = try house.site.writes(on: house.site.dn("b1"))
    #expect(writes.first?["reqAuthzID"] == [house.site.sandbox.agent])
    let process = "/proc/\(agent.program.processIdentifier)/"
    for file in [process + "cmdline", process + "environ", place.records + "/status.html"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      #expect(!bytes.isEmpty && bytes.range(of: Data(Self.secret.utf8)) == nil, "\(file)")
    }
    #expect(await agent.end() == 0)
    let written = agent.program.written
    #expect(!(written.errors + written.output).contains(Self.secret))
    let doctor = try await place.run("doctor", "--json", environment: house.environment)
    let found = try Set(JSON(doctor.output)["findings"].array.compactMap { $0["finding"].text })
    // The agent's own is good for 30 days.
    #expect(found.contains("certificate-ends") == (row.method == .external && row.transport != .ldapi), "\(doctor)")
    #expect(found.isDisjoint(with: ["bind", "server-certificate", "server-down", "identity"]), "\(doctor.output)")
  }

  // MARK: Refused

  /// What a server does wrong, how the agent says it, and what helps.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// In the log, in `status`, in the finding of `doctor`.
    var words: String
    var remedy: String
    var make: @Sendable (_ folder: String, _ trusted: Authority) throws -> Authority.Pair
  }

  private static let here = ["IP:127.0.0.1"]

  static let refusals = [
    Refusal(
      testDescription: "of another host", words: "the server's certificate is for ldap.example.org, not for 127.0.0.1",
      remedy: "in directory.uris"
    ) { try $1.sign("other", for: ["DNS:ldap.example.org"]) },
    Refusal(testDescription: "expired", words: "the server's certificate expired on ", remedy: "a new certificate") {
      try $1.sign("old", for: here, days: -9 ... -2)
    },
    Refusal(
      testDescription: "of an unknown authority",
      words: "vouches for the server's certificate, which \\\"Otra\\\" has signed", remedy: "directory.tls.ca_file"
    ) { folder, _ in try Authority(folder + "/otra", name: "Otra").sign("x", for: here) },
    Refusal(
      testDescription: "signed by itself", words: "the server's certificate is signed by itself",
      remedy: "directory.tls.ca_file"
    ) { folder, _ in try Authority.selfSigned(folder + "/self", for: here) },
  ]

  @Test(
    "ends before a certificate that is none to trust; the agent waits, says which and what helps, and goes on",
    arguments: refusals)
  func untrusted(_ refusal: Refusal) async throws {
    let site = try Site(tls: true)
    let trusted = try Authority(site.folder + "/trusted")
    func show(_ pair: Authority.Pair) throws {
      try site.modify(
        """
        dn: cn=config
        changetype: modify
        replace: olcTLSCertificateFile
        olcTLSCertificateFile: \(pair.certificate)
        -
        replace: olcTLSCertificateKeyFile
        olcTLSCertificateKeyFile: \(pair.key)

        """)
    }
    try show(refusal.make(site.folder, trusted))
    try site.setAgentPassword(Self.secret)
    let password = site.folder + "/bind.password"
    try Data(Self.secret.utf8).write(to: URL(fileURLWithPath: password))
    #expect(chmod(password, 0o600) == 0)
    let uri = try #require(site.sandbox.tlsURI)
    let place = try site.workplace(
      "untrusted",
      .with {
        $0.uri = uri
        $0.bind = "{method: simple, dn: \"\(site.sandbox.agent)\", password_file: \"\(password)\"}"
        $0.tls = "{ca_file: \"\(trusted.own.certificate)\"}"
        $0.longestRetry = "1 h"
      })
    let agent = try await place.agent()
    try place.drop(
      form(number: "U-1", changes: ["create: {address: u1@example.org, name: {given: A, family: B}}"]), as: "U-1")
    for event in ["directory.waiting", "mirror.waiting"] {
      #expect(
        await agent.says(event, refusal.words, refusal.remedy, "openssl s_client -connect 127.0.0.1:"), "\(agent.log)")
    }
    let status = try await place.run("status")
    #expect(status.status == 2, "\(status)")
    let finding = try await place.answer("status")["findings"][0]
    #expect(finding["finding"] == "directory-waiting" && finding["remedy"].text?.contains(refusal.remedy) == true)
    let doctor = try await place.run("doctor")
    #expect(doctor.output.contains("error server-certificate (\(uri))"), "\(doctor)")
    #expect(try await place.answer("queue")["requests"][0]["state"] == "ready")

    try show(trusted.sign("good", for: Self.here))
    agent.program.signal(SIGHUP)
    #expect(try await place.recorded("U-1")["outcome"] == "applied")
    #expect(await agent.end() == 0)
  }

  @Test("ends before a server that refuses StartTLS: no password goes over the network in the clear")
  func downgrade() async throws {
    // A server without a certificate; who stands in between answers the same.
    let site = try Site(tcp: true)
    try site.setAgentPassword(Self.secret)
    let password = site.folder + "/bind.password"
    try Data(Self.secret.utf8).write(to: URL(fileURLWithPath: password))
    #expect(chmod(password, 0o600) == 0)
    let ca = try Authority(site.folder + "/ca").own.certificate
    let uri = try #require(site.sandbox.tcpURI)
    let place = try site.workplace(
      "downgrade",
      .with {
        $0.uri = uri
        $0.bind = "{method: simple, dn: \"\(site.sandbox.agent)\", password_file: \"\(password)\"}"
        $0.tls = "{mode: starttls, ca_file: \"\(ca)\"}"
      })
    let agent = try await place.agent()
    #expect(await agent.says("mirror.waiting", "StartTLS refused", "olcTLSCertificateFile"), "\(agent.log)")
    #expect(try await place.answer("status")["findings"][0]["finding"] == "directory-waiting")
    #expect(await agent.end() == 0)
  }

  @Test("ends where the server demands a certificate and the agent has none, or one that it does not know")
  func demanded() async throws {
    let house = try House(kerberos: false)
    try house.site.modify(
      "dn: cn=config\nchangetype: modify\nreplace: olcTLSVerifyClient\nolcTLSVerifyClient: demand\n")
    // slapd 2.5 goes on with what it had.
    try house.site.restartDirectory()
    let row = Row(method: .external, transport: .ldaps)
    let good = try house.options(row)
    #expect(try await place(house, good, says: "mirror.listening"))

    let stranger = try Authority(house.site.folder + "/strangers").sign("buzon")
    var strange = good
    strange.tls = good.tls.replacingOccurrences(of: house.own.certificate, with: stranger.certificate)
      .replacingOccurrences(of: house.own.key, with: stranger.key)
    #expect(try await place(house, strange, says: "may not trust the agent's certificate", "olcTLSCACertificateFile"))

    var none = try house.options(Row(method: .simple, transport: .ldaps))
    none.tls = none.tls.replacingOccurrences(of: "mode: none, ", with: "")
    #expect(try await place(house, none, says: "may ask for a certificate of the agent", "certificate_file"))

    var broken = good
    broken.tls = good.tls.replacingOccurrences(of: house.own.key, with: stranger.key)
    #expect(try await place(house, broken, says: "are not a certificate and its key"))

    #expect(chmod(house.own.key, 0o644) == 0)
    let open = try await house.site.workplace("demand", good).run("run")
    #expect(open.status == 77 && open.errors.contains("buzon.key: everybody may read it"), "\(open)")
    #expect(chmod(house.own.key, 0o600) == 0)

    // Known as a certificate, and mapped to nobody.
    let other = try house.authority.sign("otro")
    var unmapped = good
    unmapped.tls = good.tls.replacingOccurrences(of: house.own.certificate, with: other.certificate)
      .replacingOccurrences(of: house.own.key, with: other.key)
    #expect(try await place(house, unmapped, says: "as dn:cn=otro", "olcAuthzRegexp"))
  }

  private func place(
    _ house: House, _ options: Workplace.Options, says first: String, _ second: String = " "
  ) async throws -> Bool {
    let agent = try await house.site.workplace("demand", options).agent()
    let hasSaid = await agent.says(first, second)
    #expect(await agent.end() == 0)
    if !hasSaid { Issue.record("\(agent.log)") }
    return hasSaid
  }
}
