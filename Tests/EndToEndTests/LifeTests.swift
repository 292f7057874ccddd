import Foundation
import Sandbox
import Support
import Testing

/// One account from its form to the day when its address is given to nobody, with real parts: a running agent, slapd,
/// Dovecot, OpenLDAP's own tools.
@Suite(
  "The life of an account",
  .enabled(if: MailServers.areInstalled, "needs postfix-ldap, dovecot-imapd and dovecot-ldap"))
struct LifeTests {
  private static let own = "Guacamayo-sobre-el-Río-47"
  private static let address = "maria.lopez@example.org"

  @Test("form, slip, induction, own password, mail, suspended, back, deleted, purged, remembered; no password anywhere")
  func life() async throws {
    let site = try Site()
    let place = try site.workplace(
      "life", .with { $0.more = "policy: {retention: 10 d, address_memory: 400 d, clock_jump: 400 d}" })
    let dovecot = try Dovecot(site)
    let dn = site.dn("maria.lopez")
    var agent = try await place.agent()

    // Form: the entry is there, and its hand-over is open.
    let made = try await place.carryOut(
      form(
        number: "V-1",
        changes: ["create: {address: \(Self.address), name: {given: María Fernanda, family: López Ortiz}}"]), "V-1")
    #expect(made["outcome"] == "applied" && made["changes"][0]["handover"] == "open")

    // Slip: the password that was worked out apart from the product's code is the one that it shows.
    let temporary = try await place.temporaryPassword("V-1")
    let slip = try await place.answer("handover", Self.address)
    #expect(slip["password"].text == temporary && slip["dn"].text == dn)
    var secrets = Secrets(temporary)
    try await secrets.expectNowhere(in: site, agent, "with the slip shown")

    // The temporary password binds, and reads no mail.
    #expect(try await site.bind(dn, password: temporary).status == 0)
    #expect(try dovecot.login(Self.address, temporary) == Self.refused)

    // The user's own change closes the hand-over.
    try await changePassword(site, dn, from: temporary)
    let returned = ContinuousClock.now
    secrets.add(Self.own)
    let closed = try await closing(place, since: returned)
    // Promised is a second; a busy machine takes a few. A hand-over that only a rescan closes takes a minute.
    #expect(closed.latest < .seconds(10), "\(closed)")
    print("closed after ldappasswd's return: \(closed)")
    #expect(await agent.says("handover.closed", Self.address, "V-1", "the user"), "\(agent.log)")
    #expect(try await comesTrue { try site.entry("maria.lopez")?["pwdEndTime"] == [] })
    #expect(try site.entry("maria.lopez")?["buzonRequest"].first?.hasPrefix("@") == true)
    #expect(try await place.answer("handover")["handovers"] == [])
    let over = try await place.run("handover", Self.address)
    #expect(over.status == 1 && !over.output.contains(temporary) && !over.errors.contains(temporary))
    #expect(try await site.bind(dn, password: temporary).status == 49)
    try await expectAccess(site, dovecot, dn, true)
    try await secrets.expectNowhere(in: site, agent, "with the hand-over closed")

    // Suspended and back, by form.
    for (number, status) in [("V-2", "suspended"), ("V-3", "active")] {
      try await place.carryOut(
        form(number: number, changes: ["modify: {address: \(Self.address), set: {status: \(status)}}"]), number)
      try await expectAccess(site, dovecot, dn, status == "active")
      #expect(try site.entry("maria.lopez")?["buzonStatus"] == [status])
    }

    // Deleted: retained, and shut out.
    try await place.carryOut(
      form(number: "V-4", changes: ["delete: {address: \(Self.address), reason: Retiro}"]), "V-4")
    try await expectAccess(site, dovecot, dn, false)
    #expect(
      try await comesTrue { try place.listed(Self.address)?["status"] == "retained" })
    #expect(try place.listed(Self.address)?["handover"] == "closed")
    #expect(try await place.answer("drift")["drift"] == [])
    #expect(await agent.end() == 0)
    try await secrets.expectNowhere(in: site, agent, "with the account retained")

    // Purged by the clock, and its address remembered.
    func ahead(_ days: Int) -> [String: String] { ["BUZON_CLOCK_AHEAD": "\(days * 86_400)"] }
    #expect(try await place.run("run", "--once", environment: ahead(9)).status == 0)
    #expect(try site.entry("maria.lopez") != nil)
    #expect(try await place.run("run", "--once", environment: ahead(11)).status == 0)
    #expect(try site.entry("maria.lopez") == nil && place.listed(Self.address) == nil)
    #expect(try dovecot.login(Self.address, Self.own) == Self.refused)
    try place.drop(
      form(
        number: "V-5", changes: ["create: {address: \(Self.address), name: {given: María, family: Otra}}"]), as: "5")
    #expect(try await place.run("run", "--once").status == 1)
    let refused = try place.record("V-5")?["changes"][0]
    #expect(refused?["outcome"] == "failed" && refused?["error"]["code"] == 19)
    #expect(try site.entry("maria.lopez") == nil)

    // Its story is whole, and the password of nobody is anywhere.
    agent = try await place.agent()
    let history = try await place.answer("history", Self.address)["accounts"][0]["events"].array
    #expect(
      history.compactMap { $0["number"].text }.map { $0.hasPrefix("@") ? "@" : $0 } == [
        "V-1", "@", "V-2", "V-3", "V-4", "@",
      ])
    #expect(try place.record("V-1")?["changes"][0]["handover"] == "closed")
    #expect(await agent.end() == 0)
    try await secrets.expectNowhere(in: site, agent, "at the end")
    #expect(!dovecot.log.contains(Self.own) && !dovecot.log.contains(temporary))
  }

  private static let refused = "NO [AUTHENTICATIONFAILED]"

  /// Whether the user's own password opens the mailbox and binds: both or neither.
  private func expectAccess(
    _ site: Site, _ dovecot: Dovecot, _ dn: String, _ isAllowed: Bool, at line: SourceLocation = #_sourceLocation
  ) async throws {
    let login = try dovecot.login(Self.address, Self.own)
    #expect(login == (isAllowed ? "OK" : Self.refused), sourceLocation: line)
    #expect(try await site.bind(dn, password: Self.own).status == (isAllowed ? 0 : 49), sourceLocation: line)
  }

  /// The user, with OpenLDAP's own tool.
  private func changePassword(_ site: Site, _ dn: String, from old: String) async throws {
    let outcome = try await Program.run(
      "/usr/bin/ldappasswd", ["-x", "-H", site.sandbox.uri, "-D", dn, "-w", old, "-a", old, "-s", Self.own])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// When the register, the delivery record and the list said `closed`.
  private struct Closing: CustomStringConvertible {
    var times: [(what: String, after: Duration)] = []

    /// Of the register and the record; the list, which must come too, may wait for its share of the time.
    var latest: Duration {
      times.count == 3 ? times.filter { $0.what != "list" }.map(\.after).max() ?? .seconds(60) : .seconds(60)
    }
    var description: String { times.map { "\($0.what) \($0.after)" }.joined(separator: ", ") }
  }

  private func closing(_ place: Workplace, since began: ContinuousClock.Instant) async throws -> Closing {
    var closing = Closing()
    var open: [(String, () throws -> Bool)] = [
      (
        "register",
        {
          try SQLite.rows(place.state + "/register.sqlite", "SELECT state FROM handover").first?["state"]?.text
            == "closed"
        }
      ),
      ("record", { try place.record("V-1")?["changes"][0]["handover"] == "closed" }),
      ("list", { try place.listed(Self.address)?["handover"] == "closed" }),
    ]
    _ = try await comesTrue {
      try open.removeAll { what, isClosed in
        guard try isClosed() else { return false }
        closing.times.append((what, began.duration(to: .now)))
        return true
      }
      return open.isEmpty
    }
    return closing
  }
}

/// Looks for passwords in everything that the agent wrote, and beyond: in the directory's own files too, which keep a hash.
private struct Secrets {
  private var patterns: [Data] = []

  init(_ secret: String) { add(secret) }

  /// Its bytes, its symbols without the dashes, and base64 of it wherever it stands in what was encoded.
  mutating func add(_ secret: String) {
    let texts = [secret, secret.filter { $0 != "-" }]
    for bytes in texts.map({ Data($0.utf8) }) {
      patterns.append(bytes)
      patterns.append(Data(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().utf8))
      for offset in 0..<3 {
        // The first and the last symbols of base64 hang on what stands beside.
        let encoded = (Data(repeating: 0, count: offset) + bytes).base64EncodedString().prefix { $0 != "=" }
        patterns.append(Data(encoded.dropFirst(offset == 0 ? 0 : offset + 1).dropLast().utf8))
      }
    }
  }

  func expectNowhere(
    in site: Site, _ agent: RunningAgent, _ when: String, at line: SourceLocation = #_sourceLocation
  ) async throws {
    let files = FileManager.default.enumerator(atPath: site.folder)?.compactMap { $0 as? String } ?? []
    var looked = 0
    for name in files {
      let path = site.folder + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      // Temporary names come and go under a running agent.
      guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else { continue }
      looked += 1
      expectNot(in: bytes, "\(name), \(when)", line)
    }
    #expect(looked > 20, sourceLocation: line)
    expectNot(in: Data(agent.log.joined(separator: "\n").utf8), "the log, \(when)", line)
  }

  private func expectNot(in bytes: Data, _ place: String, _ line: SourceLocation) {
    for pattern in patterns where bytes.range(of: pattern) != nil {
      Issue.record("a password stands in \(place)", sourceLocation: line)
      return
    }
  }
}
