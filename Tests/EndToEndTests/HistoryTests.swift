import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("history")
  struct HistoryTests {
    private func create(_ local: String, _ more: String = "") -> String {
      "create: {address: \(local)@example.org, name: {given: A, family: B}\(more)}"
    }

    private func modify(_ local: String, _ what: String) -> String {
      "modify: {address: \(local)@example.org, \(what)}"
    }

    /// `NUMBER OPERATION OUTCOME` of each event.
    private func story(_ account: JSON) -> [String] {
      account["events"].array.map {
        "\($0["number"].text ?? "") \($0["operation"].text ?? "") \($0["outcome"].text ?? "")"
      }
    }

    @Test("follows an account through a rename, from each address it has or had, aliases too")
    func rename() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "HIS-1", department: "Archivo",
          changes: [create("his1", ", aliases: [his1a@example.org], document: '1124850999'")]), "HIS-1")
      try await place.carryOut(
        form(number: "HIS-2", changes: [modify("his1", "set: {address: his2@example.org}")]), "HIS-2")
      try await place.carryOut(
        form(
          number: "HIS-3",
          changes: [modify("his2", "remove: {aliases: [his1a@example.org]}"), modify("his2", "set: {position: P}")]),
        "HIS-3")
      let answer = try await place.answer("history", "his2@example.org")
      #expect(answer.keys == ["version", "address", "accounts"] && answer["version"] == 1)
      let accounts = answer["accounts"].array
      #expect(accounts.count == 1)
      #expect(
        story(accounts[0]) == [
          "HIS-1 create applied", "HIS-2 modify applied", "HIS-3 modify applied", "HIS-3 modify applied",
        ])
      #expect(accounts[0]["entryUUID"].text == (try place.site.entry("his1")?["entryUUID"].first))
      #expect(accounts[0]["address"] == "his2@example.org" && accounts[0]["status"] == "active")
      let first = accounts[0]["events"][0]
      #expect(first["department"] == "Archivo" && first["approval"]["by"].text?.isEmpty == false)
      #expect(first["requester"].text?.isEmpty == false && first["at"].text?.hasSuffix("Z") == true)
      #expect(first["error"] == nil && first["index"] == 0)
      for address in ["his1@example.org", "HIS1A@example.org"] {
        #expect(try await place.answer("history", address)["accounts"] == answer["accounts"], "\(address)")
      }
      let text = try await place.run("history", "his1@example.org")
      #expect(text.status == 0 && text.errors.isEmpty)
      for word in ["HIS-2#0", "modify", "applied", "Archivo", "now his2@example.org, active"] {
        #expect(text.output.contains(word), "\(word): \(text.output)")
      }
      #expect(!text.output.contains("1124850999"))
    }

    @Test("tells apart two accounts that had an address one after the other, and what reached none")
    func twoAccounts() async throws {
      let place = try EndToEnd.place()
      let remove = "delete: {address: his5@example.org, immediately: true, reason: Retiro}"
      try await place.carryOut(form(number: "HIS-5", changes: [create("his5")]), "HIS-5")
      try await place.carryOut(form(number: "HIS-6", changes: [remove]), "HIS-6")
      try await place.carryOut(form(number: "HIS-7", changes: [remove]), "HIS-7")
      try await place.carryOut(form(number: "HIS-8", changes: [create("his8")]), "HIS-8")
      try await place.carryOut(
        form(number: "HIS-9", changes: [modify("his8", "add: {aliases: [his5@example.org]}")]), "HIS-9")
      let accounts = try await place.answer("history", "his5@example.org")["accounts"].array
      try #require(accounts.count == 3)
      #expect(story(accounts[0]) == ["HIS-5 create applied", "HIS-6 delete applied"])
      #expect(accounts[0]["address"] == nil && accounts[0]["status"] == nil)
      #expect(story(accounts[1]) == ["HIS-8 create applied", "HIS-9 modify applied"])
      #expect(accounts[2]["entryUUID"] == nil && story(accounts[2]) == ["HIS-7 delete failed"])
      #expect(accounts[2]["events"][0]["error"]["name"] == "noSuchObject")
      #expect(accounts[0]["entryUUID"] != accounts[1]["entryUUID"])
      // Who only speaks of an address has no part in its story.
      try await place.carryOut(
        form(number: "HIS-10", changes: [create("his10", ", forward: [his5@example.net], owner: his8@example.org")]),
        "HIS-10")
      #expect(try await place.answer("history", "his8@example.org")["accounts"].array.count == 1)
    }

    @Test("knows nothing of an address that nobody had: 66")
    func unknown() async throws {
      let outcome = try await EndToEnd.place().run("history", "his-none@example.org")
      #expect(outcome.status == 66 && outcome.output.isEmpty && outcome.errors.contains("his-none@example.org"))
    }
  }
}
