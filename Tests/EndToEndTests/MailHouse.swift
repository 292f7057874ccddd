import Foundation
import Sandbox
import Support
import Testing

/// The claims about real mail: real Postfix and Dovecot on a directory that `buzon` filled.
@Suite(
  "Real mail", .serialized, MailHouse.Shared(),
  .enabled(if: MailServers.areInstalled, "needs postfix-ldap, dovecot-imapd and dovecot-ldap"))
struct MailTests {}

/// A site with accounts of every standing, made by forms, and the servers that read it.
struct MailHouse: Sendable {
  let site: Site
  let place: Workplace
  private let agent: RunningAgent
  let dovecot: Dovecot
  let maps: PostfixMaps

  /// One house for all tests of the suite.
  struct Shared: SuiteTrait, TestScoping {
    @TaskLocal static var current: MailHouse?

    func provideScope(for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void)
      async throws
    {
      let house = try await MailHouse()
      try await Self.$current.withValue(house) { try await body() }
      #expect(await house.agent.end() == 0)
    }
  }

  static func shared() throws -> MailHouse { try #require(Shared.current) }

  /// What every user here changes his temporary password to.
  static let password = "Mi-Clave-de-Siempre-7"

  private static let creates = [
    "create: {address: ana@example.org, name: {given: Ana, family: Mora}, aliases: [amora@example.org], quota: 3 GiB, lists: [todos@example.org]}",
    "create: {address: nueva@example.org, name: {given: Nora, family: Mora}, aliases: [nora@example.org], lists: [todos@example.org]}",
    "create: {address: susana@example.org, name: {given: Susana, family: Mora}, aliases: [suspendida@example.org], forward: [susana@example.com], lists: [todos@example.org]}",
    "create: {address: rene@example.org, name: {given: René, family: Mora}, aliases: [retenido@example.org], lists: [todos@example.org]}",
    "create: {address: contacto@example.org, kind: functional, name: {display: Contacto}, owner: ana@example.org}",
    "create: {address: beto@example.org, name: {given: Beto, family: Mora}, aliases: [bmora@example.org], forward: [beto@example.com]}",
    "create: {address: caro@example.org, name: {given: Caro, family: Mora}, forward: [caro@example.com, ana@example.org], keep_copy: false, lists: [todos@example.org]}",
    "create: {address: elena@example.org, name: {given: Elena, family: Mora}}",
    "create: {address: todos@example.org, kind: list, name: {display: Todos}, owner: ana@example.org, aliases: [todas@example.org], members: [interventor@example.com]}",
    "create: {address: cerrada@example.org, kind: list, name: {display: Cerrada}, owner: ana@example.org, members: [interventor@example.com]}",
    "create: {address: mia@example.org, name: {given: Mía, family: Mora}, lists: [cerrada@example.org]}",
  ]

  /// Who has changed his temporary password.
  private static let settled = ["ana", "susana", "rene", "contacto", "beto", "elena"]

  private init() async throws {
    site = try Site()
    place = try site.workplace("mail")
    agent = try await place.agent()
    try await Self.carryOut(place, "M-1", Self.creates)
    for uid in Self.settled {
      guard let index = Self.creates.firstIndex(where: { $0.hasPrefix("create: {address: \(uid)@") }) else { continue }
      try await Self.changePassword(site, uid, from: try await place.temporaryPassword("M-1", change: index))
    }
    try await Self.carryOut(
      place, "M-2",
      [
        "modify: {address: susana@example.org, set: {status: suspended}}",
        "modify: {address: cerrada@example.org, set: {status: suspended}}", "delete: {address: rene@example.org}",
      ])
    dovecot = try Dovecot(site)
    maps = try PostfixMaps(site)
  }

  /// Drops a form, and waits until every change of it is applied.
  static func carryOut(_ place: Workplace, _ number: String, _ changes: [String]) async throws {
    #expect(try await place.carryOut(form(number: number, changes: changes), number)["outcome"] == "applied")
  }

  /// Changes a password as its user: bound with the old one.
  static func changePassword(_ site: Site, _ uid: String, from old: String) async throws {
    let outcome = try await Program.run(
      "/usr/bin/ldappasswd",
      ["-x", "-H", site.sandbox.uri, "-D", site.dn(uid), "-w", old, "-s", Self.password])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// The entryUUID of an account, which names its mailbox.
  func uuid(_ uid: String) throws -> String { try #require(try site.entry(uid)?["entryUUID"].first) }
}
