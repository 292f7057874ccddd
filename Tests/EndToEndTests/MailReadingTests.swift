import Foundation
import Support
import Testing
import Text

extension MailTests {
  /// `config/dovecot/`.
  @Suite("Dovecot") struct Reading {
    static let refused = "NO [AUTHENTICATIONFAILED]"

    @Test(
      "lets an active account in whose temporary password was changed, by any of its addresses, and nobody else",
      arguments: [
        ("its address", "ana@example.org", MailHouse.password, "OK"),
        ("in capitals", "ANA@Example.ORG", MailHouse.password, "OK"),
        ("an alias", "amora@example.org", MailHouse.password, "OK"),
        ("a functional account", "contacto@example.org", MailHouse.password, "OK"),
        ("a wrong password", "ana@example.org", "otra-clave", refused),
        ("no password", "ana@example.org", "", refused),
        // Not one account's alone: two domains may have the same.
        ("its uid", "ana", MailHouse.password, refused),
        ("a suspended account", "susana@example.org", MailHouse.password, refused),
        ("an alias of it", "suspendida@example.org", MailHouse.password, refused),
        ("a retained account", "rene@example.org", MailHouse.password, refused),
        ("an alias of it", "retenido@example.org", MailHouse.password, refused),
        ("a list", "todos@example.org", "", refused),
        ("nobody", "nadie@example.org", MailHouse.password, refused),
        ("a pattern", "*@example.org", MailHouse.password, refused),
        ("a filter", "x)(mail=*", MailHouse.password, refused),
        ("a filter in an address", "ana@example.org)(mail=*", MailHouse.password, refused),
        ("an escape", "ana\\2a@example.org", MailHouse.password, refused),
        ("another script", "añá@example.org", MailHouse.password, refused),
        ("a combining mark", "ana\u{301}@example.org", MailHouse.password, refused),
        ("a long name", String(repeating: "a", count: 2_000) + "@example.org", MailHouse.password, refused),
      ])
    func whoGetsIn(what: String, name: String, password: String, expected: String) throws {
      #expect(try MailHouse.shared().dovecot.login(name, password) == expected, "\(what)")
    }

    @Test("refuses a temporary password that the directory takes, until its user has changed it")
    func temporary() async throws {
      let house = try MailHouse.shared()
      let password = try await house.place.temporaryPassword("M-1", change: 1)
      #expect(try await house.site.bind(house.site.dn("nueva"), password: password).status == 0)
      for name in ["nueva@example.org", "nora@example.org"] {
        #expect(try house.dovecot.login(name, password) == Self.refused, "\(name)")
      }
      let form = "create: {address: otra@example.org, name: {given: Olga, family: Mora}}"
      try await MailHouse.carryOut(house.place, "M-TEMP", [form])
      let another = try await house.place.temporaryPassword("M-TEMP")
      #expect(try house.dovecot.login("otra@example.org", another) == Self.refused)
      try await MailHouse.changePassword(house.site, "otra", from: another)
      #expect(try house.dovecot.login("otra@example.org", MailHouse.password) == "OK")
      // A reset closes it again.
      try await MailHouse.carryOut(
        house.place, "M-RESET", ["modify: {address: otra@example.org, reset: password}"])
      let reset = try await house.place.temporaryPassword("M-RESET")
      for password in [MailHouse.password, another, reset] {
        #expect(try house.dovecot.login("otra@example.org", password) == Self.refused)
      }
    }

    @Test("shuts a suspended account out at its next login, and lets it in again when it is active")
    func suspended() async throws {
      let house = try MailHouse.shared()
      func login() throws -> String { try house.dovecot.login("contacto@example.org", MailHouse.password) }
      #expect(try login() == "OK")
      for (number, status, expected) in [("M-S1", "suspended", Self.refused), ("M-S2", "active", "OK")] {
        try await MailHouse.carryOut(
          house.place, number, ["modify: {address: contacto@example.org, set: {status: \(status)}}"])
        #expect(try login() == expected)
      }
    }

    @Test("finds the same mailbox after a rename, by the old address and the new one")
    func renamed() async throws {
      let house = try MailHouse.shared()
      let before = try IMAPClient(port: house.dovecot.port)
      #expect(try before.logIn("elena@example.org", MailHouse.password) == "OK")
      #expect(try before.append("Subject: Antes\r\n\r\nHola.\r\n").hasPrefix("OK"))
      try await MailHouse.carryOut(
        house.place, "M-REN", ["modify: {address: elena@example.org, set: {address: elena.mora@example.org}}"])
      for name in ["elena@example.org", "elena.mora@example.org"] {
        let after = try IMAPClient(port: house.dovecot.port)
        #expect(try after.logIn(name, MailHouse.password) == "OK", "\(name)")
        #expect(try after.messages() == 1, "\(name)")
      }
      // Dovecot 2.3 says "Login", 2.4 "Logged in".
      #expect(house.dovecot.log.contains(/Log(ged )?in: user=<elena\.mora@example\.org>/))
    }

    @Test("gives a later holder of an address a mailbox of his own")
    func anotherHolder() async throws {
      let house = try MailHouse.shared()
      let create = "create: {address: puesto@example.org, name: {given: Pía, family: Mora}, reuse: true}"
      for (number, expected) in [("M-H1", 0), ("M-H2", 0)] {
        try await MailHouse.carryOut(house.place, number, [create])
        try await MailHouse.changePassword(
          house.site, "puesto", from: try await house.place.temporaryPassword(number))
        let client = try IMAPClient(port: house.dovecot.port)
        #expect(try client.logIn("puesto@example.org", MailHouse.password) == "OK")
        #expect(try client.messages() == expected, "\(number)")
        #expect(try client.append("Subject: Reservado\r\n\r\nHola.\r\n").hasPrefix("OK"))
        try await MailHouse.carryOut(
          house.place, number + "D", ["delete: {address: puesto@example.org, immediately: true}"])
      }
    }

    @Test("holds an account to its quota, and to a new one at once")
    func quota() async throws {
      let house = try MailHouse.shared()
      let client = try IMAPClient(port: house.dovecot.port)
      #expect(try client.logIn("ana@example.org", MailHouse.password) == "OK")
      #expect(try client.quota() == 3 << 20, "3 GiB in KiB")
      let told = try await house.dovecot.doveadm("quota", "get", "-u", "ana@example.org")
      #expect(told.output.contains(/STORAGE +\d+ +3145728\b/), "\(told)")
      try await MailHouse.carryOut(
        house.place, "M-Q", ["modify: {address: beto@example.org, set: {quota: 64 KiB}}"])
      let small = try IMAPClient(port: house.dovecot.port)
      #expect(try small.logIn("beto@example.org", MailHouse.password) == "OK")
      #expect(try small.quota() == 64)
      let line = String(repeating: "x", count: 78) + "\r\n"
      let message = "Subject: Grande\r\n\r\n" + String(repeating: line, count: 1_000)
      #expect(try small.append(message).hasPrefix("NO [OVERQUOTA]"))
    }

    @Test("knows the mailboxes of those who may have mail, and no others")
    func users() async throws {
      let house = try MailHouse.shared()
      let all = try await house.dovecot.doveadm("user", "*")
      let users = Set(all.output.split(separator: "\n").map(String.init))
      #expect(users.isSuperset(of: ["ana@example.org", "nueva@example.org", "beto@example.org"]), "\(all)")
      for name in ["susana@example.org", "rene@example.org", "todos@example.org"] {
        #expect(!users.contains(name))
        // sysexits(3), EX_NOUSER.
        #expect(try await house.dovecot.doveadm("user", name).status == 67, "\(name)")
      }
    }

    @Test("says that it can't tell while the directory is away, never that there is no such user")
    func directoryAway() async throws {
      let house = try MailHouse.shared()
      try house.site.stopDirectory()
      let answers = try ["ana@example.org", "nadie@example.org"].map {
        try house.dovecot.login($0, MailHouse.password)
      }
      let lookup = try await house.dovecot.doveadm("user", "ana@example.org")
      try house.site.startDirectory()
      #expect(answers == ["NO [UNAVAILABLE]", "NO [UNAVAILABLE]"])
      // EX_TEMPFAIL.
      #expect(lookup.status == 75)
      #expect(try house.dovecot.login("ana@example.org", MailHouse.password) == "OK")
    }
  }
}
