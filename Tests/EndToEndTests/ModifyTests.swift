import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("A modify")
  struct ModifyTests {
    @Test("closes no ring of accounts that keep no copy, over several forms and in one")
    func rings() async throws {
      let place = try EndToEnd.place()
      func create(_ local: String, to other: String) -> String {
        "create: {address: \(local)@example.org, name: {given: A, family: B}, forward: [\(other)@example.org], keep_copy: false}"
      }
      // One after the other, in one form: the second closes the ring.
      let together = try await place.carryOut(
        form(number: "RING-1", changes: [create("ring1", to: "ring2"), create("ring2", to: "ring1")]), "RING-1")
      #expect(together["changes"].array.map { $0["outcome"] }.filter { $0 == "failed" }.count == 1, "\(together)")
      let person = "name: {given: A, family: B}"
      try await place.carryOut(
        form(
          number: "RING-2",
          changes: [
            create("ring3", to: "ring4"), create("ring4", to: "ring5"),
            "create: {address: ring5@example.org, \(person)}",
          ]),
        "RING-2")
      let closing = "modify: {address: ring5@example.org, set: {keep_copy: false, forward: [ring3@example.org]}}"
      let record = try await place.carryOut(form(number: "RING-3", changes: [closing]), "RING-3")
      #expect(record["outcome"] == "failed" && record["changes"][0]["error"]["code"] == 19, "\(record)")
      #expect(record["changes"][0]["error"]["diagnostic"].text?.contains("in a ring") == true)
      let atomic = form(number: "RING-4", changes: [closing]).replacing("changes:", with: "atomic: true\nchanges:")
      #expect(try await place.carryOut(atomic, "RING-4")["outcome"] == "failed")
    }

    /// One field changed one way: what the form says and what the entry then holds. `#` stands for the row's number.
    struct Row: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var number = 0
      var kind = "person"
      var change: String
      var expected: [String: Set<String>]

      init(_ name: String, _ change: String, _ expected: [String: Set<String>], kind: String = "person") {
        testDescription = name
        self.kind = kind
        self.change = change
        self.expected = expected
      }
    }

    static let rows: [Row] = fields.enumerated().map { number, row in
      var row = row
      row.number = number
      return row
    }

    private static let fields: [Row] = [
      Row(
        "set name", "set: {name: {given: José María, family: Ñañez}}",
        ["cn": ["José María Ñañez"], "displayName": ["José María Ñañez"], "givenName": ["José María"], "sn": ["Ñañez"]]),
      Row("set document", "set: {document: CC 99}", ["employeeNumber": ["CC 99"]]),
      Row("clear document", "set: {document: null}", ["employeeNumber": []]),
      Row("set position", "set: {position: \"Jefe: «área» #1\"}", ["title": ["Jefe: «área» #1"]]),
      Row("clear position", "set: {position: null}", ["title": []]),
      Row("set department", "set: {department: 文化}", ["ou": ["文化"]]),
      Row("set phone", "set: {phone: (8) 420-1515}", ["telephoneNumber": ["(8) 420-1515"]]),
      Row("clear phone", "set: {phone: null}", ["telephoneNumber": []]),
      Row("set owner", "set: {owner: otra#@example.org}", ["buzonOwner": ["otra#@example.org"]]),
      Row("clear owner", "set: {owner: null}", ["buzonOwner": []]),
      Row(
        "set aliases", "set: {aliases: [c#@example.org, a#@example.org]}",
        ["mailLocalAddress": ["m#@example.org", "c#@example.org", "a#@example.org"]]),
      Row("clear aliases", "set: {aliases: null}", ["mailLocalAddress": ["m#@example.org"]]),
      Row("set no aliases", "set: {aliases: []}", ["mailLocalAddress": ["m#@example.org"]]),
      Row(
        "add aliases", "add: {aliases: [C#@EXAMPLE.org, a#@example.org]}",
        ["mailLocalAddress": ["m#@example.org", "a#@example.org", "b#@example.org", "c#@example.org"]]),
      Row(
        "remove aliases", "remove: {aliases: [a#@example.org, never#@example.org]}",
        ["mailLocalAddress": ["m#@example.org", "b#@example.org"]]),
      Row("set forward", "set: {forward: [z@example.com]}", ["buzonForward": ["z@example.com"]]),
      Row("clear forward", "set: {forward: null}", ["buzonForward": []]),
      Row(
        "add forward", "add: {forward: [z@example.com]}",
        ["buzonForward": ["x@example.com", "y@example.com", "z@example.com"]]),
      Row("remove forward", "remove: {forward: [x@example.com]}", ["buzonForward": ["y@example.com"]]),
      Row("set keep_copy", "set: {keep_copy: false}", ["buzonKeepCopy": ["FALSE"]]),
      Row("clear keep_copy", "set: {keep_copy: null}", ["buzonKeepCopy": []]),
      Row("set lists", "set: {lists: [l3#@example.org]}", ["buzonList": ["l3#@example.org"]]),
      Row("clear lists", "set: {lists: null}", ["buzonList": []]),
      Row(
        "add lists", "add: {lists: [l3#@example.org]}",
        ["buzonList": ["l1#@example.org", "l2#@example.org", "l3#@example.org"]]),
      Row("remove lists", "remove: {lists: [l1#@example.org]}", ["buzonList": ["l2#@example.org"]]),
      Row("set quota", "set: {quota: 10 GiB}", ["buzonQuota": ["10737418240"]]),
      Row("clear quota", "set: {quota: null}", ["buzonQuota": ["5368709120"]]),
      Row("set expires", "set: {expires: 2088-02-29}", ["buzonExpires": ["20880229235959Z"]]),
      Row("clear expires", "set: {expires: null}", ["buzonExpires": []]),
      Row(
        "suspend", "set: {status: suspended}",
        ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]]),
      Row(
        "several at once",
        "set: {position: null, quota: 2 GiB}, add: {aliases: [c#@example.org]}, remove: {aliases: [b#@example.org], forward: [y@example.com]}",
        [
          "title": [], "buzonQuota": ["2147483648"], "buzonForward": ["x@example.com"],
          "mailLocalAddress": ["m#@example.org", "a#@example.org", "c#@example.org"],
        ]),
      Row(
        "set a functional account's name", "set: {name: {display: Ventanilla}}",
        ["cn": ["Ventanilla"], "displayName": ["Ventanilla"], "sn": ["Ventanilla"]], kind: "functional"),
      Row("set members", "set: {members: [q@example.com]}", ["buzonMember": ["q@example.com"]], kind: "list"),
      Row("clear members", "set: {members: null}", ["buzonMember": []], kind: "list"),
      Row(
        "add members", "add: {members: [q@example.com]}",
        ["buzonMember": ["i@example.com", "j@example.com", "q@example.com"]], kind: "list"),
      Row("remove members", "remove: {members: [j@example.com]}", ["buzonMember": ["i@example.com"]], kind: "list"),
    ]

    private static func account(_ kind: String) -> String {
      switch kind {
      case "person":
        """
        create: {address: m#@example.org, name: {given: Ana, family: Ruiz}, document: "77", position: Auxiliar,
              phone: "+57 8", owner: jefa#@example.org, aliases: [a#@example.org, b#@example.org], expires: 2099-12-31,
              forward: [x@example.com, y@example.com], keep_copy: true, lists: [l1#@example.org, l2#@example.org],
              quota: 1 GiB}
        """
      case "functional":
        "create: {address: m#@example.org, kind: functional, name: {display: PQR}, owner: jefa#@example.org}"
      default:
        """
        create: {address: m#@example.org, kind: list, name: {display: Lista}, owner: jefa#@example.org,
              members: [i@example.com, j@example.com]}
        """
      }
    }

    /// Attributes that any write changes.
    private static let always: Set<String> = [
      "buzonrequest", "entrycsn", "modifytimestamp", "modifiersname",
    ]

    @Test("changes its field alone, and asked again it is unchanged and writes nothing", arguments: rows)
    func field(_ row: Row) async throws {
      let place = try EndToEnd.place()
      let index = row.number
      func filled(_ text: String) -> String { text.replacingOccurrences(of: "#", with: "\(index)") }
      let dn = place.site.dn("m\(index)")
      func ask(_ number: String, _ change: String) async throws -> JSON {
        // Not the row's own «#», which is text there.
        let change = change.replacingOccurrences(of: "#@", with: "\(index)@")
        return try await place.carryOut(form(number: number, changes: [change]), number)["changes"][0]["outcome"]
      }
      let company =
        ["jefa", "otra"].map { "create: {address: \($0)\(index)@example.org, name: {given: Ana, family: Mora}}" }
        + ["l1", "l2", "l3"].map {
          "create: {address: \($0)\(index)@example.org, kind: list, name: {display: L}, owner: jefa\(index)@example.org}"
        }
      try await place.carryOut(form(number: "M\(index)-0", changes: company), "M\(index)-0")
      #expect(try await ask("M\(index)-1", Self.account(row.kind)) == "applied")
      let before = try #require(try place.site.entry("m\(index)"))
      let change = "modify: {address: m#@example.org, \(row.change)}"
      #expect(try await ask("M\(index)-2", change) == "applied")

      let after = try #require(try place.site.entry("m\(index)"))
      for (name, values) in row.expected {
        #expect(Set(after[name]) == (name == "title" ? values : Set(values.map(filled))), "\(name)")
      }
      let named = Set(row.expected.keys.map { $0.lowercased() }).union(Self.always)
      let others = Set(before.values.keys).union(after.values.keys).subtracting(named)
      for name in others { #expect(Set(before[name]) == Set(after[name]), "\(name)") }
      #expect(after["buzonRequest"] == ["M\(index)-2#0"])
      #expect(try place.site.writes(on: dn).map { $0["reqType"][0] } == ["add", "modify"])

      #expect(try await ask("M\(index)-3", change) == "unchanged")
      #expect(try place.site.writes(on: dn).count == 2)
      #expect(try place.site.entry("m\(index)") == after)
    }

    @Test("that renames keeps the entry and the old address")
    func rename() async throws {
      let place = try EndToEnd.place()
      func ask(_ number: String, _ change: String) async throws -> JSON {
        try await place.carryOut(form(number: number, changes: [change]), number)
      }
      _ = try await ask(
        "REN-1", "create: {address: r.old@example.org, name: {given: R, family: O}, aliases: [r.alias@example.org]}")
      let before = try #require(try place.site.entry("r.old"))
      let record = try await ask("REN-2", "modify: {address: r.old@example.org, set: {address: r.new@example.org}}")
      #expect(record["outcome"] == "applied" && record["changes"][0]["dn"] == .string(before.dn))
      let after = try #require(try place.site.entry("r.old"))
      #expect(after["entryUUID"] == before["entryUUID"] && after["mail"] == ["r.new@example.org"])
      #expect(
        Set(after["mailLocalAddress"]) == ["r.new@example.org", "r.old@example.org", "r.alias@example.org"])
      #expect(Set(after["uid"]) == ["r.old", "r.new"])
      #expect(try place.site.writes(on: before.dn).map { $0["reqType"][0] } == ["add", "modify"], "no modifyDN")
      #expect(try await comesTrue { try place.listed("r.new@example.org") != nil })
      #expect(try place.listed("r.old@example.org") == nil)
      #expect(
        Set(try #require(try place.listed("r.new@example.org"))["aliases"].array) == [
          "r.old@example.org", "r.alias@example.org",
        ])
      // From now on the account is known by its new address, and the old one belongs to it.
      #expect(
        try await ask("REN-3", "modify: {address: r.new@example.org, set: {position: X}}")["outcome"] == "applied")
      let taken = try await ask("REN-4", "create: {address: r.old@example.org, name: {given: Q, family: W}}")
      #expect(taken["changes"][0]["error"]["code"] == 19)
    }

    @Test("of an account waits for the one before it, in the order of the spool")
    func order() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(number: "ORD", changes: ["create: {address: orden@example.org, name: {given: A, family: B}}"]), "ORD")
      let numbers = (0..<40).map { "ORD-\($0)" }
      let then = Date(timeIntervalSinceNow: -100)
      let forms = try numbers.enumerated().map { index, number in
        let path = place.folder + "/" + number
        try Data(
          form(number: number, changes: ["modify: {address: orden@example.org, set: {position: P\(index)}}"]).utf8
        ).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.modificationDate: then + Double(index)], ofItemAtPath: path)
        return path
      }
      for (number, path) in zip(numbers, forms) { try place.moveIn(path, as: number) }
      for number in numbers { #expect(try await place.recorded(number)["outcome"] == "applied", "\(number)") }
      let titles = try place.site.writes(on: place.site.dn("orden")).flatMap { $0["reqMod"] }
        .filter { $0.hasPrefix("title:") }.map { $0.split(separator: " ").last.map(String.init) }
      #expect(titles == numbers.indices.map { "P\($0)" })
    }

    @Test("to active unlocks a suspended account")
    func suspendedAndActive() async throws {
      let place = try EndToEnd.place()
      func ask(_ number: String, _ change: String) async throws {
        #expect(
          try await place.carryOut(form(number: number, changes: [change]), number)["outcome"] == "applied", "\(number)"
        )
      }
      try await ask("ACT-1", "create: {address: cierra@example.org, name: {given: A, family: B}}")
      let password = try await place.temporaryPassword("ACT-1")
      let dn = place.site.dn("cierra")
      #expect(try await place.site.bind(dn, password: password).status == 0)
      try await ask("ACT-2", "modify: {address: cierra@example.org, set: {status: suspended}}")
      #expect(try await place.site.bind(dn, password: password).status == 49)
      #expect(try await comesTrue { try place.listed("cierra@example.org")?["status"] == "suspended" })
      try await ask("ACT-3", "modify: {address: cierra@example.org, set: {status: active}}")
      #expect(try await place.site.bind(dn, password: password).status == 0)
      #expect(try #require(try place.site.entry("cierra"))["pwdAccountLockedTime"].isEmpty)
      #expect(try await comesTrue { try place.listed("cierra@example.org")?["status"] == "active" })
    }
  }
}
