import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("A delete")
  struct DeleteTests {
    private func ask(_ number: String, _ change: String) async throws -> JSON {
      try await EndToEnd.place().carryOut(form(number: number, changes: [change]), number)["changes"][0]
    }

    @Test("keeps the entry, locked and on the list as retained, and activation brings it back whole")
    func retained() async throws {
      let place = try EndToEnd.place()
      let (site, dn) = (place.site, place.site.dn("retiro"))
      _ = try await ask(
        "DEL-1", "create: {address: retiro@example.org, name: {given: A, family: B}, aliases: [retiro2@example.org]}")
      let password = try await place.temporaryPassword("DEL-1")
      let before = try #require(try site.entry("retiro"))
      #expect(try await ask("DEL-2", "delete: {address: retiro@example.org, reason: Retiro}")["outcome"] == "applied")

      let kept = try #require(try site.entry("retiro"))
      #expect(kept["buzonStatus"] == ["retained"] && kept["pwdAccountLockedTime"] == ["000001010000Z"])
      #expect(kept["buzonRetainedSince"].count == 1)
      #expect(Set(kept["mailLocalAddress"]) == Set(before["mailLocalAddress"]))
      #expect(try await site.bind(dn, password: password).status == 49)
      #expect(try await comesTrue { try place.listed("retiro@example.org")?["status"] == "retained" })

      #expect(try await ask("DEL-3", "delete: {address: retiro@example.org}")["outcome"] == "unchanged")
      #expect(try site.writes(on: dn).count == 2)
      for (number, change, code) in [
        ("DEL-4", "modify: {address: retiro@example.org, set: {position: X}}", 53),
        ("DEL-5", "create: {address: retiro@example.org, name: {given: C, family: D}}", 68),
        (
          "DEL-6", "create: {address: otro@example.org, name: {given: C, family: D}, aliases: [retiro2@example.org]}",
          19
        ),
      ] {
        let change = try await ask(number, change)
        #expect(change["outcome"] == "failed" && change["error"]["code"] == .number(Double(code)), "\(number)")
      }

      #expect(
        try await ask("DEL-7", "modify: {address: retiro@example.org, set: {status: active}}")["outcome"] == "applied")
      let back = try #require(try site.entry("retiro"))
      for name in ["buzonStatus", "pwdAccountLockedTime", "buzonRetainedSince", "mailLocalAddress", "entryUUID"] {
        #expect(Set(back[name]) == Set(before[name]), "\(name)")
      }
      #expect(try await site.bind(dn, password: password).status == 0)
    }

    @Test("that is immediate removes the entry and frees its addresses")
    func immediately() async throws {
      let place = try EndToEnd.place()
      let site = place.site
      _ = try await ask(
        "DEL-11", "create: {address: spam@example.org, name: {given: A, family: B}, aliases: [spam2@example.org]}")
      let uuid = try #require(try site.entry("spam")?["entryUUID"])
      #expect(try await comesTrue { try place.listed("spam@example.org") != nil })
      let deleted = try await ask("DEL-12", "delete: {address: spam@example.org, immediately: true}")
      #expect(deleted["outcome"] == "applied" && deleted["entryUUID"].text == uuid[0])
      #expect(try site.entry("spam") == nil)
      #expect(try await comesTrue { try place.listed("spam@example.org") == nil })
      #expect(try site.writes(on: site.dn("spam")).map { $0["reqType"][0] } == ["add", "delete"])

      let again = try await ask("DEL-13", "delete: {address: spam@example.org, immediately: true}")
      #expect(again["outcome"] == "failed" && again["error"]["code"] == 32)
      _ = try await ask(
        "DEL-14", "create: {address: spam2@example.org, name: {given: A, family: B}, aliases: [spam@example.org]}")
      #expect(try site.entry("spam2")?["entryUUID"] != uuid)
    }
  }
}
