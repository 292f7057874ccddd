import Foundation
import Support
import Testing

extension MailTests {
  /// Mail that comes in by SMTP and is read by IMAP: a real Postfix before the same Dovecot. Its master(8) must be root.
  @Suite("Delivery", .enabled(if: geteuid() == 0, "Postfix starts as root alone")) struct Delivery {
    static let stored = ["sent (delivered to maildir)"]
    static let elsewhere = ["sent (example.com)"]
    static let expanded = ["sent (expanded)"]

    @Test("of one message goes where the account says, and once to each")
    func delivered() async throws {
      let house = try MailHouse.shared()
      try await MailHouse.carryOut(
        house.place, "M-D1",
        [
          "create: {address: ida@example.org, name: {given: Ida, family: Paz}, forward: [vuelta@example.org]}",
          "create: {address: vuelta@example.org, name: {given: V, family: Paz}, forward: [ida@example.org]}",
          "create: {address: norte@example.org, kind: list, name: {display: Norte}, owner: ana@example.org, lists: [sur@example.org], members: [n@example.com]}",
          "create: {address: sur@example.org, kind: list, name: {display: Sur}, owner: ana@example.org, lists: [norte@example.org], members: [s@example.com]}",
          "create: {address: viejo@example.org, kind: list, name: {display: V}, owner: ana@example.org, members: [v@example.com]}",
          "create: {address: socia@example.org, name: {given: S, family: Paz}, lists: [viejo@example.org]}",
          "modify: {address: viejo@example.org, set: {address: actual@example.org}}",
        ])
      let postfix = try Postfix(house.site, mailboxes: house.dovecot.mailboxes)
      let rows: [(what: String, to: String, outcomes: [String: [String]])] = [
        ("an alias", "amora@example.org", ["ana@example.org": Self.stored]),
        ("not yet changed: kept until then", "nueva@example.org", ["nueva@example.org": Self.stored]),
        (
          "forwarded and kept", "beto@example.org",
          ["beto@example.org": Self.stored, "beto@example.com": Self.elsewhere]
        ),
        (
          "forwarded, not kept", "caro@example.org",
          ["ana@example.org": Self.stored, "caro@example.com": Self.elsewhere]
        ),
        (
          "two who forward to each other", "ida@example.org",
          ["ida@example.org": Self.stored, "vuelta@example.org": Self.stored]
        ),
        (
          "a list, by its alias", "todas@example.org",
          [
            "ana@example.org": Self.stored, "nueva@example.org": Self.stored, "caro@example.com": Self.elsewhere,
            "interventor@example.com": Self.elsewhere, "todos@example.org": Self.expanded,
            "todas@example.org": Self.expanded,
          ]
        ),
        (
          "two lists that are members of each other", "norte@example.org",
          [
            "n@example.com": Self.elsewhere, "s@example.com": Self.elsewhere, "norte@example.org": Self.expanded,
            "sur@example.org": Self.expanded,
          ]
        ),
        (
          "a renamed list, with a member who joined before", "actual@example.org",
          [
            "socia@example.org": Self.stored, "v@example.com": Self.elsewhere, "viejo@example.org": Self.expanded,
            "actual@example.org": Self.expanded,
          ]
        ),
      ]
      for row in rows { #expect(try await postfix.deliver(to: row.to) == row.outcomes, "\(row.what)") }
      // By the alias, from caro, and from the list.
      let ana = try IMAPClient(port: house.dovecot.port)
      #expect(try ana.logIn("ana@example.org", MailHouse.password) == "OK")
      #expect(try ana.messages() == 3)
    }

    @Test("is refused at once for the closed and the unknown, and put off where it can't be told")
    func refused() async throws {
      let house = try MailHouse.shared()
      try await MailHouse.carryOut(
        house.place, "M-D2",
        [
          "create: {address: uno@example.org, name: {given: U, family: Paz}, forward: [dos@example.org], keep_copy: false}",
          "create: {address: dos@example.org, name: {given: D, family: Paz}, forward: [otro@example.com], keep_copy: false}",
        ])
      // No form closes such a ring.
      try house.site.modify(
        "dn: \(house.site.dn("dos"))\nchangetype: modify\nreplace: buzonForward\nbuzonForward: uno@example.org\n")
      let postfix = try Postfix(house.site, mailboxes: house.dovecot.mailboxes)
      for (what, address, reply) in [
        ("suspended", "susana@example.org", "550 5.2.1 "), ("an alias of it", "suspendida@example.org", "550 5.2.1 "),
        ("a suspended list", "cerrada@example.org", "550 5.2.1 "), ("retained", "rene@example.org", "550 5.1.1 "),
        ("an alias of it", "retenido@example.org", "550 5.1.1 "), ("unknown", "nadie@example.org", "550 5.1.1 "),
        ("a pattern", "*@example.org", "550 5.1.1 "), ("elsewhere", "alguien@example.com", "454 4.7.1 "),
        ("two who forward to each other and keep nothing", "uno@example.org", "451 4.6.0 "),
      ] {
        #expect(try postfix.send(to: address).hasPrefix(reply), "\(what)")
      }
      try house.site.stopDirectory()
      let away = try ["ana@example.org", "nadie@example.org"].map { try postfix.send(to: $0) }
      try house.site.startDirectory()
      // Put off, and by no fault of the recipient. The last figure is 0 where trivial-rewrite(8) asks the directory
      // first, and 5 where smtpd(8) still knows the address's domain and its own access table fails.
      #expect(away.allSatisfy { $0.hasPrefix("451 4.3.") }, "\(away)")
    }
  }
}
