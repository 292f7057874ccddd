import Foundation
import Sandbox
import Support
import Testing

@Suite("buzon doctor")
struct DoctorTests {
  @Test("finds nothing wrong with a sandbox, and says what it could not look at")
  func sound() async throws {
    let site = try Site()
    let plain = try await site.run("doctor")
    #expect(plain.status == 0 && plain.output.hasPrefix("OK: 0 errors, 0 warnings, 4 not checked\n"), "\(plain)")
    #expect(plain.output.contains("not-checked cn-config") && plain.output.contains("not-checked rights"), "\(plain)")
    try await Self.prepare(site, seesConfiguration: true, hasAccount: true)
    let all = try await site.run("doctor")
    #expect(all.status == 0 && all.output.hasPrefix("OK: 0 errors, 0 warnings, 1 not checked\n"), "\(all)")
  }

  @Test("names each fault, and no other", arguments: ["a", "b", "c", "d"])
  func faults(part: String) async throws {
    let parts = ["a", "b", "c", "d"]
    let faults = DoctorFault.all.enumerated().filter { parts[$0.offset % parts.count] == part }.map(\.element)
    _ = try await lanes(faults, 2) { fault in
      let site = try Site()
      try await Self.prepare(site, seesConfiguration: fault.seesConfiguration, hasAccount: fault.hasAccount)
      let before = try await Self.bad(site, [:])
      #expect(before.isEmpty, "\(fault.name): before: \(before)")
      try await fault.make(site)
      let found = try await Self.bad(site, fault.environment)
      #expect(Set(found.compactMap { $0["finding"].text }) == fault.findings, "\(fault.name): \(found)")
      #expect(found.contains { $0["remedy"].text?.contains(fault.remedy) == true }, "\(fault.name): \(found)")
      let text = try await site.start(["doctor"], environment: fault.environment).outcome()
      #expect(text.status == fault.exit, "\(fault.name): \(text)")
    }
  }

  @Test("writes nothing")
  func writesNothing() async throws {
    let site = try Site()
    try await Self.prepare(site, seesConfiguration: true, hasAccount: true)
    // slapd logs what the No-Op control kept from being done, with its own result.
    func writes() throws -> Int { try site.search(base: "cn=accesslog", filter: "(reqResult=0)").count }
    /// Of each entry its version.
    func entries() throws -> Set<[String]> {
      Set(try site.search(attributes: ["entryCSN"]).map { [$0.dn] + $0["entryCSN"] })
    }
    let before = (try writes(), try entries())
    _ = try await site.run("doctor")
    let after = (try writes(), try entries())
    #expect(after.0 == before.0)
    #expect(after.1 == before.1)
  }

  @Test("judges the server's certificate: its authority, its name, its end")
  func certificates() async throws {
    let scratch = try Scratch()
    let home = scratch.path + "/home"
    var sandbox = try Sandbox.start(home: home, options: .init(tls: true, durable: false))
    defer { try? Sandbox.stop(home: home) }
    let admin = ["-x", "-D", sandbox.admin, "-y", sandbox.passwordFile, "-H", sandbox.uri]
    _ = try await Program.run(
      "/usr/bin/ldapmodify", admin,
      input: """
        dn: \(sandbox.agent)
        changetype: modify
        add: objectClass
        objectClass: simpleSecurityObject
        -
        add: userPassword
        userPassword: agent

        """)
    try scratch.write("agent", to: "pw", mode: 0o600)
    func found(_ uri: String?, ca: String?) async throws -> Set<String> {
      let text = try String(contentsOfFile: sandbox.config, encoding: .utf8)
        .replacingOccurrences(of: sandbox.uri, with: uri ?? "")
        .replacingOccurrences(
          of: "method: external",
          with:
            "method: simple\n    dn: \"\(sandbox.agent)\"\n    password_file: \"\(scratch.path)/pw\"\n  tls: {ca_file: \(ca ?? "")}"
        )
      try scratch.write(text, to: "buzon.yaml", mode: 0o644)
      let outcome = try await Program.run(
        Program.built("buzon"), ["doctor", "--json"], environment: ["BUZON_CONFIG": scratch.path + "/buzon.yaml"])
      guard let report = try? JSON(outcome.output) else { throw SiteError("\(outcome)") }
      return Set(
        report["findings"].array.filter { $0["severity"].text != "not-checked" }.compactMap { $0["finding"].text })
    }
    #expect(try await found(sandbox.tlsURI, ca: sandbox.caFile) == [])
    #expect(try await found(sandbox.tlsURI, ca: "/etc/ssl/certs/ca-certificates.crt") == ["server-certificate"])
    let otherName = sandbox.tlsURI?.replacingOccurrences(of: "127.0.0.1", with: "127.0.0.2")
    #expect(try await found(otherName, ca: sandbox.caFile).isSubset(of: ["server-certificate", "server-down"]))

    let tls = home + "/tls"
    let renewed = try await Program.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-subj", "/CN=127.0.0.1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", tls + "/server.key", "-out", tls + "/server.pem", "-days", "10", "-CA", tls + "/ca.pem", "-CAkey",
        tls + "/ca.key", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
      ])
    #expect(renewed.status == 0, "\(renewed)")
    try Sandbox.stop(home: home)
    sandbox = try Sandbox.start(home: home)
    #expect(try await found(sandbox.tlsURI, ca: sandbox.caFile) == ["certificate-ends"])
  }

  @Test("an ordinary user is told what he can't see, and nothing is taken for wrong", .enabled(if: geteuid() == 0))
  func ordinaryUser() async throws {
    let site = try Site()
    chmod(site.folder, 0o755)
    let outcome = try await Program.run(
      "/usr/bin/setpriv",
      ["--reuid", "65531", "--regid", "65531", "--clear-groups", Program.built("buzon"), "doctor", "--json"],
      environment: ["BUZON_CONFIG": site.config])
    let found = try JSON(outcome.output)["findings"].array
    #expect(outcome.status == 0, "\(outcome)")
    let names = Set(found.compactMap { $0["finding"].text })
    #expect(names.isSuperset(of: ["cn-config", "rights", "trust"]), "\(names)")
  }

  @Test("there are as many faults as promised")
  func isEnough() { #expect(DoctorFault.all.count >= 45) }

  // MARK: The place

  private static func bad(_ site: Site, _ environment: [String: String]) async throws -> [JSON] {
    let outcome = try await site.start(["doctor", "--json"], environment: environment).outcome()
    guard let report = try? JSON(outcome.output) else { throw SiteError("doctor: \(outcome)") }
    return report["findings"].array.filter { $0["severity"].text != "not-checked" }
  }

  private static func prepare(_ site: Site, seesConfiguration: Bool, hasAccount: Bool) async throws {
    if seesConfiguration {
      try site.modify(
        """
        dn: olcDatabase={0}config,cn=config
        changetype: modify
        add: olcAccess
        olcAccess: {0}to * by dn.exact="\(site.sandbox.agent)" read by * break

        """)
    }
    guard hasAccount else { return }
    let account = "create: {address: ana@\(site.sandbox.domain), name: {given: Ana, family: Paz}}"
    try site.drop(form(number: "2026-0001", changes: [account]), as: "a.yaml")
    let run = try await site.run("run", "--once")
    guard run.status == 0 else { throw SiteError("run --once: \(run)") }
  }
}
