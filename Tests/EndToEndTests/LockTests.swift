import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("An account that failed logins locked")
  struct LockTests {
    private static func policy(_ site: Site, _ attribute: String, _ value: String) throws {
      try site.modify(
        "dn: cn=default,ou=policies,\(site.sandbox.base)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n"
      )
    }

    private static func create(_ local: String) -> String {
      "create: {address: \(local)@example.org, name: {given: A, family: B}}"
    }

    /// As many failed logins as the policy allows.
    private func lock(_ local: String, _ site: Site) async throws {
      for _ in 0..<10 { #expect(try await site.bind(site.dn(local), password: "wrong").status == 49) }
      #expect(try site.entry(local)?["pwdAccountLockedTime"].count == 1)
    }

    @Test("is locked in list, accounts, history and status, and `set: {status: active}` unlocks it")
    func unlock() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(number: "LOCK-1", department: "Cerrajería", changes: [Self.create("lock1")]), "LOCK-1")
      try await lock("lock1", place.site)
      #expect(try await comesTrue { try place.listed("lock1@example.org")?["status"] == "locked" })
      let accounts = try await place.answer("accounts", "--status", "locked", "--department", "Cerrajería")
      #expect(accounts["accounts"].array.map { $0["address"] } == ["lock1@example.org"])
      #expect(try await place.answer("accounts", "--status", "active", "--department", "Cerrajería")["accounts"] == [])
      #expect(
        try await place.answer("history", "lock1@example.org")["accounts"].array.map { $0["status"] } == ["locked"])
      let counts = try await place.answer("status")["accounts"].array.filter { $0["status"] == "locked" }
      #expect(counts.map { $0["kind"] } == ["person"])
      // Nothing was changed outside the procedure.
      #expect(try await place.answer("drift")["drift"].array.allSatisfy { $0["address"] != "lock1@example.org" })

      let record = try await place.carryOut(
        form(number: "LOCK-2", changes: ["modify: {address: lock1@example.org, set: {status: active}}"]), "LOCK-2")
      #expect(record["outcome"] == "applied" && record["changes"].array.map { $0["outcome"] } == ["applied"])
      let entry = try #require(try place.site.entry("lock1"))
      #expect(entry["pwdAccountLockedTime"] == [] && entry["pwdFailureTime"] == [])
      #expect(try await comesTrue { try place.listed("lock1@example.org")?["status"] == "active" })
      let again = try await place.carryOut(
        form(number: "LOCK-3", changes: ["modify: {address: lock1@example.org, set: {status: active}}"]), "LOCK-3")
      #expect(again["changes"].array.map { $0["outcome"] } == ["unchanged"])
    }

    @Test("is active again when the policy's time is over, which no message of the directory says")
    func endsByItself() async throws {
      let site = try Site()
      try Self.policy(site, "pwdLockoutDuration", "4")
      let place = try site.workplace("lockout")
      let agent = try await place.agent()
      try await place.carryOut(form(number: "LOCK-4", changes: [Self.create("lock4")]), "LOCK-4")
      try await lock("lock4", site)
      #expect(try await comesTrue { try place.listed("lock4@example.org")?["status"] == "locked" })
      #expect(try await comesTrue { try place.listed("lock4@example.org")?["status"] == "active" })
      #expect(
        try site.entry("lock4")?["pwdAccountLockedTime"].count == 1, "the directory keeps it until the next login")
      #expect(await agent.end() == 0)
    }

    @Test("A reset that pwdSafeModify refuses waits, and the remedy names it")
    func safeModify() async throws {
      let site = try Site()
      let place = try site.workplace("safe")
      let agent = try await place.agent()
      try await place.carryOut(form(number: "SAFE-1", changes: [Self.create("safe1")]), "SAFE-1")
      try Self.policy(site, "pwdSafeModify", "TRUE")
      try place.drop(
        form(number: "SAFE-2", changes: ["modify: {address: safe1@example.org, reset: password}"]), as: "SAFE-2.yaml")
      #expect(
        try await comesTrue {
          try await place.answer("queue")["trouble"]["remedy"].text?.contains("set pwdSafeModify to FALSE") == true
        })
      try Self.policy(site, "pwdSafeModify", "FALSE")
      #expect(try await place.recorded("SAFE-2")["outcome"] == "applied")
      #expect(await agent.end() == 0)
    }
  }
}
