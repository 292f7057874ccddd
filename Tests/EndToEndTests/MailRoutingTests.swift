import Foundation
import Support
import Testing

extension MailTests {
  /// `config/postfix/`, asked with `postmap -q`.
  @Suite("Postfix") struct Routing {
    typealias Answer = PostfixMaps.Answer
    static let suspended = Answer.values(["550 5.2.1 This account is suspended"])

    /// What `virtual_mailbox_maps` answers: nothing, or the folder of the mailbox.
    @Test(
      "has a mailbox for every active account, before its password was changed too, and for nobody else",
      arguments: [
        ("a person", "ana@example.org", true), ("in capitals", "ANA@example.org", true),
        ("a functional account", "contacto@example.org", true), ("not yet changed", "nueva@example.org", true),
        ("with a forward", "caro@example.org", true), ("an alias", "amora@example.org", false),
        ("suspended", "susana@example.org", false), ("retained", "rene@example.org", false),
        ("a list", "todos@example.org", false), ("unknown", "nadie@example.org", false),
        ("another domain", "ana@example.com", false),
      ])
    func mailboxes(what: String, address: String, isThere: Bool) async throws {
      let house = try MailHouse.shared()
      var expected = Answer.nothing
      if isThere {
        let uid = try #require(address.lowercased().split(separator: "@").first)
        expected = .values([try house.uuid(String(uid)) + "/Maildir/"])
      }
      #expect(try await house.maps.ask("virtual_mailbox_maps", address) == expected, "\(what)")
    }

    @Test(
      "leads an address to where its mail goes, and refuses that of a suspended account",
      arguments: [
        ("a plain account", "ana@example.org", .nothing, .nothing),
        ("an alias", "amora@example.org", .values(["ana@example.org"]), .nothing),
        ("an alias, not yet changed", "nora@example.org", .values(["nueva@example.org"]), .nothing),
        ("forwarded, kept", "beto@example.org", .values(["beto@example.com", "beto@example.org"]), .nothing),
        ("an alias of it", "bmora@example.org", .values(["beto@example.org"]), .nothing),
        ("forwarded, not kept", "caro@example.org", .values(["ana@example.org", "caro@example.com"]), .nothing),
        ("suspended, with a forward", "susana@example.org", .nothing, suspended),
        ("an alias of it", "suspendida@example.org", .nothing, suspended),
        ("retained", "rene@example.org", .nothing, .nothing),
        ("an alias of it", "retenido@example.org", .nothing, .nothing),
        (
          "a list: our members but the closed ones, the others, and itself", "todos@example.org",
          .values([
            "ana@example.org", "caro@example.org", "interventor@example.com", "nueva@example.org",
            "todas@example.org", "todos@example.org",
          ]), .nothing
        ),
        (
          "an alias of it leads to it", "todas@example.org",
          .values(["interventor@example.com", "todas@example.org", "todos@example.org"]), .nothing
        ),
        ("a suspended list, with a member", "cerrada@example.org", .nothing, suspended),
        ("unknown", "nadie@example.org", .nothing, .nothing),
      ] as [(String, String, Answer, Answer)])
    func aliases(what: String, address: String, leads: Answer, refused: Answer) async throws {
      let house = try MailHouse.shared()
      #expect(try await house.maps.ask("virtual_alias_maps", address).sorted == leads, "\(what)")
      #expect(try await house.maps.access(address) == refused, "\(what)")
    }

    @Test("discards what is left of a list behind its expansion, and nothing else")
    func expanded() async throws {
      let maps = try MailHouse.shared().maps
      for name in ["todos", "todas"] {
        #expect(try await maps.ask("transport_maps", "\(name)@example.org") == .values(["discard:expanded"]))
      }
      for name in ["ana", "susana", "cerrada", "nadie"] {
        #expect(try await maps.ask("transport_maps", "\(name)@example.org") == .nothing, "\(name)")
      }
    }

    @Test(
      "answers nothing to hostile questions",
      arguments: [
        ("a pattern", "*@example.org"), ("a star", "*"), ("a filter", "x)(mail=*"),
        ("a filter in an address", "x)(mail=*@example.org"), ("two filters", "ana@example.org)(|(mail=*@example.org"),
        ("an escape", "ana\\2a@example.org"), ("a domain", "@example.org"), ("a local part", "ana"),
        ("another script", "ñandú@example.org"), ("a combining mark", "ana\u{301}@example.org"),
        ("very long", String(repeating: "a", count: 60_000) + "@example.org"), ("a comma", "ana@example.org,x"),
      ])
    func hostile(what: String, key: String) async throws {
      let maps = try MailHouse.shared().maps
      for parameter in ["virtual_mailbox_maps", "virtual_alias_maps", "transport_maps"] {
        #expect(try await maps.ask(parameter, key) == .nothing, "\(what): \(parameter)")
      }
      #expect(try await maps.access(key) == .nothing, "\(what)")
    }

    @Test("finds all members of a list that is larger than a search may be by default")
    func largeList() async throws {
      let house = try MailHouse.shared()
      let members = (0..<620).map {
        "create: {address: m\($0)@example.org, name: {given: M, family: G}, lists: [grande@example.org]}"
      }
      let list = "create: {address: grande@example.org, kind: list, name: {display: G}, owner: ana@example.org}"
      try await MailHouse.carryOut(house.place, "M-BIG", [list] + members)
      guard case .values(let found) = try await house.maps.ask("virtual_alias_maps", "grande@example.org") else {
        Issue.record("no members")
        return
      }
      #expect(found.count == 621 && Set(found).count == 621)
    }

    @Test("puts mail off while the directory is away, and never takes an address for unknown")
    func directoryAway() async throws {
      let house = try MailHouse.shared()
      try house.site.stopDirectory()
      var answers: [Answer] = []
      for parameter in ["virtual_mailbox_maps", "virtual_alias_maps", "transport_maps"] {
        answers.append(try await house.maps.ask(parameter, "todos@example.org"))
      }
      answers.append(try await house.maps.access("ana@example.org"))
      try house.site.startDirectory()
      #expect(answers == Array(repeating: .temporaryError, count: 4))
      #expect(try await house.maps.ask("virtual_alias_maps", "amora@example.org") == .values(["ana@example.org"]))
    }
  }
}

extension PostfixMaps.Answer {
  /// With the values in the order of their bytes.
  fileprivate var sorted: Self {
    if case .values(let values) = self { .values(values.sorted()) } else { self }
  }
}
