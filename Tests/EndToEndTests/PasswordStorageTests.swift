import Foundation
import Sandbox
import Support
import Testing
import Text

/// How temporary passwords come to rest in the directory. Each test has a directory of its own, for it is disturbed.
@Suite("A temporary password at rest")
struct PasswordStorageTests {
  private static func create(_ local: String, _ more: String = "") -> String {
    "create: {address: \(local)@example.org, name: {given: A, family: B}\(more)}"
  }

  /// No password in clear text lies in the state, the records or the log.
  private func expectNoTrace(of passwords: [String], in place: Workplace, _ log: [String]) async throws {
    for password in passwords {
      let found = try await Program.run("/usr/bin/grep", ["-rlF", password, place.folder])
      #expect(found.status == 1, "\(found.output)")
      #expect(!log.contains { $0.contains(password) })
    }
  }

  private func isTroubled(_ place: Workplace, _ words: String...) async throws -> Bool {
    try await comesTrue {
      let what = try await place.answer("queue")["trouble"]["what"].text ?? ""
      return words.allSatisfy { what.contains($0) }
    }
  }

  @Test("as clear text holds the queue after the first one, and is written again as a hash when the cause is gone")
  func clearText() async throws {
    let site = try Site()
    try site.hashesPasswords(false)
    let place = try site.workplace("clear")
    let agent = try await place.agent()
    let locals = (0..<5).map { "c\($0)" }
    try place.drop(form(number: "C-1", changes: locals.map { Self.create($0) }), as: "C-1")
    #expect(try await isTroubled(place, "stored a password as clear text"), "\(agent.log.suffix(3))")
    try place.drop(form(number: "C-2", changes: [Self.create("d0")]), as: "C-2")
    // More tries, more connections, and a configuration that is read again store no second one.
    agent.program.signal(SIGHUP)
    #expect(await agent.says("configuration.reread"))
    #expect(try await comesTrue { try await place.answer("queue")["requests"].array.count == 2 })
    #expect(agent.log.contains { $0.contains("directory.waiting") && $0.contains("olcPPolicyHashCleartext") })
    // Each try writes the first one's password again.
    #expect(try await comesTrue { try locals.flatMap { try site.writes(on: site.dn($0)) }.count >= 4 })
    let stored = try locals.filter { try site.entry($0) != nil }
    #expect(stored.count == 1)
    #expect(try site.entry("d0") == nil)
    for number in ["C-1", "C-2"] {
      #expect(try place.record(number) == nil)
      #expect(try await place.answer("show", number)["changes"].array.allSatisfy { $0["error"] == nil })
    }

    try site.hashesPasswords(true)
    #expect(try await place.recorded("C-1", "C-2")["outcome"] == "applied")
    #expect(try place.record("C-1")?["outcome"] == "applied")
    var passwords: [String] = []
    for (index, local) in locals.enumerated() {
      let entry = try #require(try site.entry(local))
      #expect(entry["userPassword"].map { $0.hasPrefix("{SSHA}") } == [true])
      #expect(entry["pwdReset"] == ["TRUE"] && entry["pwdEndTime"].count == 1)
      passwords.append(try await place.temporaryPassword("C-1", change: index))
      #expect(try await site.bind(site.dn(local), password: passwords[index]).status == 0)
    }
    #expect(try site.timesApplied("C-").values.allSatisfy { $0 == 1 })
    #expect(try await comesTrue { try await place.answer("queue")["trouble"] == .null })
    #expect(await agent.end() == 0)
    try await expectNoTrace(of: passwords, in: place, agent.log)
  }

  @Test(
    "as clear text is known to the next run, which finds it mended or not",
    arguments: [("mended before it starts", true), ("mended while it runs", false)])
  func killed(_ what: String, isMendedBefore: Bool) async throws {
    let site = try Site()
    try site.hashesPasswords(false)
    let place = try site.workplace("killed")
    let first = try await place.agent()
    try place.drop(form(number: "K-1", changes: [Self.create("k1")]), as: "K-1")
    #expect(try await isTroubled(place, "clear text", "uid=k1"))
    #expect(await first.end(SIGKILL) == -SIGKILL)
    if isMendedBefore { try site.hashesPasswords(true) }
    let second = try await place.agent()
    // Beside it one that comes first to a directory that hashes must not make it forgotten.
    try place.drop(form(number: "K-2", changes: [Self.create("k2")]), as: "K-2")
    if !isMendedBefore {
      #expect(try await isTroubled(place, "clear text", "uid=k1"))
      try site.hashesPasswords(true)
    }
    #expect(try await place.recorded("K-1", "K-2")["outcome"] == "applied")
    for (local, number) in [("k1", "K-1"), ("k2", "K-2")] {
      #expect(try site.entry(local)?["userPassword"].first?.hasPrefix("{SSHA}") == true)
      #expect(try await site.bind(site.dn(local), password: place.temporaryPassword(number)).status == 0)
    }
    #expect(try site.timesApplied("K-") == ["K-1#0": 1, "K-2#0": 1])
    #expect(await second.end() == 0)
  }

  @Test("as clear text ends a run --once with 75 and nothing lost; the next one carries it out")
  func once() async throws {
    let site = try Site()
    try site.hashesPasswords(false)
    let place = try site.workplace("once")
    try place.drop(form(number: "O-1", changes: [Self.create("o1"), Self.create("o2")]), as: "O-1")
    let deferred = try await place.run("run", "--once")
    #expect(deferred.status == 75 && deferred.errors.contains("clear text"), "\(deferred.errors)")
    #expect(try site.search(filter: "(mail=*@example.org)").count == 1)
    try site.hashesPasswords(true)
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("O-1")?["outcome"] == "applied")
    for local in ["o1", "o2"] { #expect(try site.entry(local)?["userPassword"].first?.hasPrefix("{SSHA}") == true) }
    #expect(try site.timesApplied("O-1") == ["O-1#0": 1, "O-1#1": 1])
  }

  @Test("as clear text on a suspended account stays behind its lock when it is written again")
  func suspended() async throws {
    let site = try Site()
    let place = try site.workplace("suspended")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "S-1", changes: [Self.create("s1")]), "S-1")
    try await place.carryOut(
      form(number: "S-2", changes: ["modify: {address: s1@example.org, set: {status: suspended}}"]), "S-2")
    try site.hashesPasswords(false)
    agent.program.signal(SIGHUP)
    #expect(await agent.says("configuration.reread"))
    try place.drop(
      form(number: "S-3", changes: ["modify: {address: s1@example.org, reset: password}"]), as: "S-3")
    #expect(try await isTroubled(place, "clear text"))
    let stored = try site.entry("s1")?["userPassword"]
    try site.hashesPasswords(true)
    #expect(try await place.recorded("S-3")["outcome"] == "applied")
    let password = try await place.temporaryPassword("S-3")
    #expect(stored == [password])
    let entry = try #require(try site.entry("s1"))
    #expect(entry["userPassword"].map { $0.hasPrefix("{SSHA}") } == [true])
    #expect(entry["pwdAccountLockedTime"] == ["000001010000Z"] && entry["pwdReset"] == ["TRUE"])
    #expect(try await site.bind(site.dn("s1"), password: password).status == 49)
    #expect(await agent.end() == 0)
  }

  @Test("as clear text holds an atomic request between its changes, which then is carried out whole")
  func atomic() async throws {
    let site = try Site()
    try site.hashesPasswords(false)
    let place = try site.workplace("atomic")
    let agent = try await place.agent()
    try place.drop(
      form(number: "A-1", atomic: true, changes: [Self.create("a0"), Self.create("a1"), Self.create("a2")]), as: "A-1")
    #expect(try await isTroubled(place, "clear text", "uid=a0"))
    try place.drop(form(number: "A-2", changes: [Self.create("a3")]), as: "A-2")
    #expect(try await comesTrue { try site.writes(on: site.dn("a0")).count >= 3 })
    for local in ["a1", "a2", "a3"] { #expect(try site.entry(local) == nil) }
    try site.hashesPasswords(true)
    #expect(try await place.recorded("A-1", "A-2")["outcome"] == "applied")
    #expect(try place.record("A-1")?["outcome"] == "applied")
    for local in ["a0", "a1", "a2"] {
      #expect(try site.entry(local)?["userPassword"].first?.hasPrefix("{SSHA}") == true)
    }
    #expect(try site.timesApplied("A-1").values.elementsEqual([1, 1, 1]))
    #expect(await agent.end() == 0)
  }

  @Test("that somebody replaced meanwhile is left as it is")
  func replaced() async throws {
    let site = try Site()
    try site.hashesPasswords(false)
    let place = try site.workplace("replaced")
    let agent = try await place.agent()
    try place.drop(form(number: "R-1", changes: [Self.create("r1")]), as: "R-1")
    #expect(try await isTroubled(place, "clear text"))
    try site.modify(
      "dn: \(site.dn("r1"))\nchangetype: modify\nreplace: userPassword\nuserPassword: Elegida-Por-Otro-7\n")
    #expect(try await place.recorded("R-1")["outcome"] == "applied")
    #expect(try await site.bind(site.dn("r1"), password: "Elegida-Por-Otro-7").status == 0)
    #expect(await agent.end() == 0)
  }

  @Test("that the agent may not read is told once, and holds nobody up")
  func unreadable() async throws {
    let site = try Site()
    let place = try site.workplace("unreadable")
    try site.modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      add: olcAccess
      olcAccess: {0}to attrs=userPassword by dn.exact="\(site.sandbox.agent)" =w by * break

      """)
    let agent = try await place.agent()
    for number in ["U-1", "U-2"] {
      let record = try await place.carryOut(
        form(number: number, changes: [Self.create(number.lowercased())]), number)
      #expect(record["outcome"] == "applied")
      agent.program.signal(SIGHUP)
    }
    #expect(agent.log.count { $0.contains("password.unreadable") && $0.contains("access.ldif") } == 1)
    #expect(await agent.end() == 0)
  }

  @Test("ends with pwdEndTime, which stands beside pwdReset since the very operation that stored it")
  func end() async throws {
    let site = try Site()
    let place = try site.workplace("end")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "E-1", changes: [Self.create("e1")]), "E-1")
    let writes = try site.writes(on: site.dn("e1"))
    #expect(writes.map { $0["reqType"] } == [["add"]])
    for attribute in ["userPassword:+ {SSHA}", "pwdReset:+ TRUE", "pwdEndTime:+ 20"] {
      #expect(writes.first?["reqMod"].contains { $0.hasPrefix(attribute) } == true, "\(attribute)")
    }
    let password = try await place.temporaryPassword("E-1")
    #expect(try await site.bind(site.dn("e1"), password: password).status == 0)
    try site.modify("dn: \(site.dn("e1"))\nchangetype: modify\nreplace: pwdEndTime\npwdEndTime: 20260101000000Z\n")
    #expect(try await site.bind(site.dn("e1"), password: password).status == 49)
    #expect(await agent.end() == 0)
  }

  // MARK: Hashed by us

  @Test("hashed by us never leaves the agent in clear text, and logs in; a policy that refuses hashes is told")
  func yescrypt() async throws {
    let site = try Site()
    // Without us the directory would keep clear text.
    try site.hashesPasswords(false)
    let place = try site.workplace("yescrypt", .with { $0.more = "policy: {password: {hash: yescrypt}}" })
    let agent = try await place.agent()
    let locals = (0..<6).map { "y\($0)" }
    try place.drop(form(number: "Y-1", changes: locals.map { Self.create($0) }), as: "Y-1")
    #expect(try await isTroubled(place, "constraintViolation"))
    #expect(try await place.answer("queue")["trouble"]["remedy"].text?.contains("pwdCheckQuality") == true)
    #expect(try await place.answer("show", "Y-1")["changes"].array.allSatisfy { $0["error"] == nil })
    try site.modify(
      "dn: cn=default,ou=policies,\(site.sandbox.base)\nchangetype: modify\nreplace: pwdCheckQuality\npwdCheckQuality: 1\n"
    )
    #expect(try await place.recorded("Y-1")["outcome"] == "applied")
    var hashes: Set<String> = []
    for (index, local) in locals.enumerated() {
      let entry = try #require(try site.entry(local))
      #expect(entry["userPassword"].map { $0.hasPrefix("{CRYPT}$y$") } == [true] && entry["pwdReset"] == ["TRUE"])
      hashes.formUnion(entry["userPassword"])
      let password = try await place.temporaryPassword("Y-1", change: index)
      #expect(try await site.bind(site.dn(local), password: password).status == 0)
      let sent = try site.search(base: "cn=accesslog", filter: "(reqMod=userPassword:*\(password)*)")
      #expect(sent.isEmpty)
    }
    #expect(hashes.count == locals.count)
    // The agent may have rehearsed with an account of its own.
    let written = try site.search(base: "cn=accesslog", filter: "(&(reqMod=userPassword:*$y$*)(reqResult=0))")
      .filter { $0["reqDN"].allSatisfy { !$0.hasPrefix("uid=@") } }
    #expect(written.count == locals.count)
    // An atomic request asks first, with a password too.
    let record = try await place.carryOut(
      form(number: "Y-2", atomic: true, changes: [Self.create("y7"), Self.create("y8")]), "Y-2")
    #expect(record["outcome"] == "applied")
    #expect(await agent.end() == 0)
  }

  // MARK: The way there

  @Test("is sent over no plain ldap://: such a configuration is refused at the start, and the old one stays at SIGHUP")
  func plain() async throws {
    let site = try Site()
    let plain = Workplace.Options.with {
      $0.uri = "ldap://127.0.0.1:9"
      $0.bind = "{method: gssapi}"
    }
    let refused = try await site.workplace("plain", plain).run("run", "--once")
    #expect(refused.status == 78)
    #expect(refused.errors.contains("directory.bind.method") && refused.errors.contains("without TLS"))

    let place = try site.workplace("reread")
    let agent = try await place.agent()
    try place.configure(plain)
    agent.program.signal(SIGHUP)
    #expect(await agent.says("configuration.refused", "without TLS"))
    let record = try await place.carryOut(form(number: "P-1", changes: [Self.create("p1")]), "P-1")
    #expect(record["outcome"] == "applied")
    #expect(await agent.end() == 0)
  }
}

extension Site {
  /// Whether the directory hashes passwords that come as clear text.
  fileprivate func hashesPasswords(_ isOn: Bool) throws {
    guard let overlay = try search(base: "cn=config", filter: "(objectClass=olcPPolicyConfig)").first else {
      throw SiteError("no overlay ppolicy")
    }
    try modify(
      """
      dn: \(overlay.dn)
      changetype: modify
      replace: olcPPolicyHashCleartext
      olcPPolicyHashCleartext: \(isOn ? "TRUE" : "FALSE")

      """)
  }
}
