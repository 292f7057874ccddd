import Foundation
import Sandbox
import Support
import Testing

/// `buzon undo` writes the form that takes a request back.
extension EndToEnd {
  @Suite("buzon undo")
  struct UndoCommandTests {
    /// Undoes a request by the form that the command writes, and returns what the command said.
    @discardableResult
    private func undo(_ place: Workplace, _ number: String, status: Int32 = 0) async throws -> Outcome {
      let outcome = try await place.run("undo", number)
      #expect(outcome.status == status, "\(number): \(outcome)")
      let record = try await place.carryOut(outcome.output, number + "-undo")
      #expect(record["outcome"] == "applied", "\(outcome.output)\n\(record)")
      return outcome
    }

    private func entry(_ place: Workplace, _ address: String) throws -> LDIFEntry? {
      try place.site.search(filter: "(mail=\(address))", attributes: ["*", "+"]).first
    }

    /// What a request may change, but for the names to log in by and the stamp.
    private func image(_ entry: LDIFEntry?) -> [String: [String]]? {
      entry?.values.mapValues { $0.sorted() }.filter { key, _ in
        ![
          "buzonrequest", "entrycsn", "modifytimestamp", "uid", "pwdlastsuccess", "modifiersname",
        ].contains(key)
      }
    }

    @Test("takes back a rename with its alias, and every key that the request changed, and no other")
    func modify() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "UN-1",
          changes: [
            "create: {address: un.owner@example.org, name: {given: Una, family: Dueña}}",
            "create: {address: un.lista@example.org, kind: list, name: {display: Lista}, owner: un.owner@example.org}",
            """
            create: {address: un.a@example.org, name: {given: Ana, family: Paz}, position: Jefa, phone: "+57 8 4201515", \
            aliases: [un.alias@example.org], forward: [a@example.com], quota: 1 GiB, document: "1124850000"}
            """,
          ]), "UN-1")
      let before = try entry(place, "un.a@example.org")
      try await place.carryOut(
        form(
          number: "UN-2",
          changes: [
            """
            modify: {address: un.a@example.org, set: {address: un.b@example.org, position: null, quota: 2 GiB, \
            document: "99", expires: \(day(ahead: 30)), name: {given: Ana María, family: Paz}}, \
            add: {lists: [un.lista@example.org], forward: [b@example.com]}, remove: {aliases: [un.alias@example.org]}}
            """,
            "modify: {address: un.b@example.org, set: {status: suspended, phone: null}}",
          ]), "UN-2")
      #expect(try entry(place, "un.b@example.org")?["buzonStatus"] == ["suspended"])
      let outcome = try await undo(place, "UN-2")
      #expect(outcome.output.hasPrefix("# Reverses UN-2.\n"))
      #expect(
        outcome.output.contains("# - un.b@example.org: is renamed to un.a@example.org; un.b stays a name to log in by"))
      #expect(outcome.output.contains("number: UN-2-undo\ndepartment: Secretaría de Salud\n"))
      let after = try entry(place, "un.a@example.org")
      #expect(image(after) == image(before), "\(outcome.output)")
      #expect(after?["uid"] == ["un.a", "un.b"])
      // Once more: nothing is left; and after another change the number is used.
      let again = try await place.run("undo", "UN-2")
      #expect(again.status == 66 && again.errors.contains("all that it changed is as it was before"), "\(again)")
      try await place.carryOut(
        form(number: "UN-2b", changes: ["modify: {address: un.a@example.org, set: {quota: 2 GiB}}"]), "UN-2b")
      let used = try await place.run("undo", "UN-2")
      #expect(used.status == 64 && used.errors.contains("number UN-2-undo is used already"), "\(used)")
      #expect(try await place.run("undo", "UN-2", "--number", "UN-2c").output.contains("set: {quota: 1 GiB}"))
    }

    @Test("brings a deleted account back whole, its password untouched; a created one is retained")
    func createAndDelete() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "UN-3",
          changes: [
            """
            create: {address: un.c@example.org, name: {given: C, family: C}, aliases: [un.c2@example.org], \
            forward: [c@example.com], keep_copy: false}
            """
          ]), "UN-3")
      let before = try entry(place, "un.c@example.org")
      try await place.carryOut(
        form(number: "UN-4", changes: ["delete: {address: un.c@example.org, reason: Retiro}"]), "UN-4")
      let back = try await undo(place, "UN-4")
      #expect(back.output.contains("modify: \n") || back.output.contains("set: {status: active}"))
      // Nobody can show its temporary password any more, and that is said.
      #expect(back.errors.contains("un.c@example.org: its password is a temporary one"))
      let after = try entry(place, "un.c@example.org")
      #expect(image(after) == image(before), "\(back.output)")
      #expect(after?["userPassword"] == before?["userPassword"] && after?["userPassword"].count == 1)

      // The undo of the create names the requests that go with the account.
      let gone = try await undo(place, "UN-3")
      #expect(gone.output.contains("delete: {address: un.c@example.org, reason: Reversión de UN-3}"))
      #expect(gone.errors.contains("was changed since by UN-4#0, UN-4-undo#0"))
      #expect(gone.errors.contains("the account was never handed over"))
      #expect(try entry(place, "un.c@example.org")?["buzonStatus"] == ["retained"])
      // And again the other way round.
      try await undo(place, "UN-3-undo")
      #expect(try image(entry(place, "un.c@example.org")) == image(before))
    }

    @Test("an address that went from one account to another goes back, in one form, atomic where the request was")
    func moved() async throws {
      let place = try EndToEnd.place()
      for (first, isAtomic) in [("UN-5", false), ("UN-6", true)] {
        let names = ["\(first.lowercased()).a", "\(first.lowercased()).b", "\(first.lowercased()).x"].map {
          $0 + "@example.org"
        }
        try await place.carryOut(
          form(
            number: first,
            changes: [
              "create: {address: \(names[0]), name: {given: A, family: A}, aliases: [\(names[2])]}",
              "create: {address: \(names[1]), name: {given: B, family: B}}",
            ]), first)
        let before = try names[..<2].map { try image(entry(place, $0)) }
        try await place.carryOut(
          form(
            number: first + "m", atomic: isAtomic,
            changes: [
              "modify: {address: \(names[0]), remove: {aliases: [\(names[2])]}}",
              "modify: {address: \(names[1]), add: {aliases: [\(names[2])]}, reuse: true}",
            ]), first + "m")
        #expect(try entry(place, names[1])?["mailLocalAddress"].contains(names[2]) == true)
        let outcome = try await undo(place, first + "m")
        #expect(outcome.output.contains("atomic: true") == isAtomic)
        #expect(try names[..<2].map { try image(entry(place, $0)) } == before, "\(outcome.output)")
      }
    }

    @Test("leaves what was changed since, by whomever, and what can't be reversed, and says both: exit 1")
    func lost() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "UN-7",
          changes: ["create: {address: un.d@example.org, name: {given: D, family: D}, position: Uno, phone: \"1\"}"]),
        "UN-7")
      try await place.carryOut(
        form(
          number: "UN-8",
          changes: [
            "modify: {address: un.d@example.org, set: {position: Dos, phone: \"2\", quota: 1 GiB}}",
            "modify: {address: un.d@example.org, reset: password}",
          ]), "UN-8")
      try await place.carryOut(
        form(number: "UN-9", changes: ["modify: {address: un.d@example.org, set: {position: Tres}}"]), "UN-9")
      try place.site.modify(
        "dn: \(place.site.dn("un.d"))\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: 3\n")
      let outcome = try await undo(place, "UN-8", status: 1)
      for line in [
        "un.d@example.org: position was changed since by UN-9#0; it stays as it is now",
        "un.d@example.org: phone was changed since outside Buzón; it stays as it is now",
        "un.d@example.org: its password was reset; nobody knows the earlier one",
      ] {
        #expect(outcome.errors.contains("buzon: \(line)\n") && outcome.output.contains("# - \(line)\n"), "\(outcome)")
      }
      let entry = try entry(place, "un.d@example.org")
      #expect(entry?["title"] == ["Tres"] && entry?["telephoneNumber"] == ["3"])
      #expect(entry?["buzonQuota"] == ["\(5 << 30)"])
      // The mirror has accepted nothing of that.
      #expect(try await place.run("drift", "--accept", "un.d@example.org").status == 0)
    }

    @Test("says when there is nothing to reverse, and why")
    func nothing() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(number: "UN-10", changes: ["create: {address: un.e@example.org, name: {given: E, family: E}}"]), "UN-10")
      try await place.carryOut(
        form(number: "UN-11", changes: ["delete: {address: un.e@example.org, immediately: true}"]), "UN-11")
      try await place.carryOut(form(number: "UN-12", changes: ["delete: {address: un.e@example.org}"]), "UN-12")
      for (number, status, words) in [
        ("UN-11", 65, "it was deleted at once"), ("UN-10", 65, "the account has gone since"),
        ("UN-12", 66, "the request changed nothing"), ("UN-none", 66, "there is no request UN-none"),
      ] {
        let outcome = try await place.run("undo", number)
        #expect(outcome.status == Int32(status) && outcome.output.isEmpty, "\(number): \(outcome)")
        #expect(outcome.errors.contains(words), "\(number): \(outcome.errors)")
      }
    }

    @Test("its header follows the request and the options; -o writes a file for its caller alone")
    func header() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(number: "UN-13", changes: ["create: {address: un.f@example.org, name: {given: F, family: F}}"]), "UN-13")
      let file = place.folder + "/undo.yaml"
      let outcome = try await place.run(
        "undo", "UN-13", "-o", file, "--number", "UN-14", "--approved-by", "otra.jefa", "--approved-on", day(ahead: -2))
      #expect(outcome.status == 0 && outcome.output.isEmpty && mode(file) == "600", "\(outcome)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("number: UN-14\n") && text.contains("by: otra.jefa\n") && text.contains("Ana Lucía Rosero"))
      #expect(try await place.run("check", file).status == 0)
      #expect(try await place.run("undo", "UN-13", "-o", file).status == 73)
      let bad = try await place.run("undo", "UN-13", "--approved-on", day(ahead: 3))
      #expect(bad.status == 64 && bad.errors.contains("--approved-on"), "\(bad.errors)")
    }
  }
}
