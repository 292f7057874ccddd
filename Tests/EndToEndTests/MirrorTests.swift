import Foundation
import Sandbox
import Support
import Testing

/// The mirror stays true whatever happens to the directory, the agent or the words between them. Each test has a directory
/// of its own: its agent hears all that happens there.
@Suite("The mirror")
struct MirrorTests {
  @Test("shows each change outside Buzón in the printed list and the log within a second")
  func otherHands() async throws {
    let (place, agent) = try await MirrorPlace.place("hands", ["una", "dos", "tres"])
    let (site, admin) = (place.site, place.site.sandbox.admin)
    /// The list's row of an address, by column.
    func row(_ address: String) throws -> [String: String]? {
      let text = try String(contentsOfFile: place.records + "/accounts/accounts.csv", encoding: .utf8)
      let lines = text.split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      guard let header = lines.first, let line = lines.first(where: { $0.first == address[...] }) else { return nil }
      return Dictionary(zip(header.map(String.init), line.map(String.init))) { first, _ in first }
    }
    // A list that was written a moment ago waits for its share of the time; the log never does.
    #expect(
      try await comesTrue {
        let list = try? FileManager.default.attributesOfItem(atPath: place.records + "/accounts/accounts.csv")
        let written = list?[.modificationDate] as? Date ?? Date()
        return try written.timeIntervalSinceNow < -3 && row("tres@example.org") != nil
      })
    let began = ContinuousClock.now
    try MirrorPlace.retitle(site, "una")
    #expect(await agent.says("drift.found", "una@example.org", "title", admin), "\(agent.log)")
    #expect(try await comesTrue { try row("una@example.org")?["drift"] == "title" })
    print("changes outside Buzón in log and list after \(began.duration(to: .now))")
    #expect(try row("dos@example.org")?["drift"] == "")

    // The name of an entry moves, its addresses don't.
    try site.modify("dn: \(site.dn("dos"))\nchangetype: modrdn\nnewrdn: uid=segunda\ndeleteoldrdn: 1\n")
    #expect(await agent.says("drift.found", "dos@example.org", "uid", admin), "\(agent.log)")
    #expect(try await comesTrue { try row("dos@example.org")?["drift"] == "uid" })
    // A form still finds it.
    let renamed = try await place.carryOut(
      form(number: "M-2", changes: ["modify: {address: dos@example.org, set: {phone: '+57 8 4201515'}}"]), "M-2")
    #expect(renamed["outcome"] == "applied" && renamed["changes"][0]["dn"].text == site.dn("segunda"))

    try MirrorPlace.delete(site, "tres")
    #expect(await agent.says("drift.found", "tres@example.org", "gone"), "\(agent.log)")
    #expect(try await comesTrue { try row("tres@example.org") == nil })
    // What isn't an account any more has gone too.
    try site.modify(
      """
      dn: \(site.dn("una"))
      changetype: modify
      delete: objectClass
      objectClass: buzonAccount
      -
      \(["buzonStatus", "buzonKind", "buzonQuota", "buzonRequest"].map { "delete: \($0)" }.joined(separator: "\n-\n"))

      """)
    #expect(await agent.says("drift.found", "una@example.org", "gone"), "\(agent.log)")
    #expect(try await comesTrue { try row("una@example.org") == nil })
    #expect(await agent.end() == 0)
  }

  @Test("takes no note of a hundred wrong logins and the good one behind them: no file, no line, no commit")
  func wrongLogins() async throws {
    let (place, agent) = try await MirrorPlace.place("logins", ["una"])
    let site = place.site
    let password = try await place.temporaryPassword("M-1")
    /// Files with size and time, and the version of the register's content; slapd's own aren't ours, and the operator's
    /// page and the metrics have a clock in them.
    func marks() throws -> Set<String> {
      var marks: Set<String> = []
      for folder in [place.records, place.state] {
        for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
          var status = stat()
          guard !name.hasSuffix("status.html"), !name.hasSuffix(".prom"), !name.contains(".tmp"),
            !name.hasSuffix("-shm"),
            lstat("\(folder)/\(name)", &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
          else { continue }
          marks.insert("\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)")
        }
      }
      return marks
    }
    var (before, still) = (try marks(), ContinuousClock.now)
    #expect(
      try await comesTrue {
        let now = try marks()
        if now != before { (before, still) = (now, .now) }
        // The ledger's file follows within five seconds.
        return still.duration(to: .now) > .seconds(7)
      })
    // That they lock the account would be news (LockTests).
    try site.modify(
      "dn: cn=default,ou=policies,\(site.sandbox.base)\nchangetype: modify\nreplace: pwdMaxFailure\npwdMaxFailure: 200\n"
    )
    let lines = agent.log
    let csn = try site.entry("una")?["entryCSN"]
    // The good one while it still lets in.
    for password in ["una", "otra", password] + Array(repeating: "equivocada", count: 100) {
      #expect(try await site.bind(site.dn("una"), password: password).status == (password.contains("-") ? 0 : 49))
    }
    let entry = try #require(try site.entry("una"))
    #expect(entry["entryCSN"] != csn && entry["modifiersName"] == [site.sandbox.admin], "the directory kept book of it")
    // Longer than the mirror waits for more.
    try await Task.sleep(for: .milliseconds(500))
    let changed = try marks().symmetricDifference(before)
    #expect(changed == [], "\(changed.sorted())")
    #expect(agent.log == lines)
    // It had not gone deaf.
    try MirrorPlace.retitle(site, "una")
    #expect(await agent.says("drift.found", "una@example.org", "title"))
    #expect(await agent.end() == 0)
  }

  @Test("reports no atomic request that was undone, and every change outside Buzón behind it")
  func takenBack() async throws {
    let (place, agent) = try await MirrorPlace.place("back", ["una", "dos"])
    let site = place.site
    try site.refuse(title: Model.refused)
    try site.modify(site.foreign("ajena@example.org", .init(aliases: ["a@example.org"], given: "Otra", family: "Mano")))
    try await place.carryOut(
      form(number: "M-2", changes: ["modify: {address: una@example.org, add: {aliases: [u@example.org]}}"]), "M-2")
    // What takes an address that another frees isn't tried first: so the others are applied before it fails.
    let record = try await place.carryOut(
      form(
        number: "M-3", atomic: true,
        changes: [
          "modify: {address: una@example.org, remove: {aliases: [u@example.org]}}", MirrorPlace.create("tres"),
          "adopt: {address: ajena@example.org}",
          "modify: {address: dos@example.org, set: {position: \(Model.refused)}, add: {aliases: [u@example.org]}, reuse: true}",
        ]), "M-3")
    #expect(record["changes"].array.map { $0["outcome"] } == ["undone", "undone", "undone", "failed"])
    try MirrorPlace.delete(site, "una")
    #expect(await agent.says("drift.found", "una@example.org", "gone"), "\(agent.log)")
    #expect(agent.log.count { $0.contains("drift.") } == 1, "\(agent.log)")
    #expect(try place.record("M-1")?["changes"][1]["handover"] == "open")
    #expect(await agent.end() == 0)
  }
}

/// What the tests of the mirror do to accounts.
enum MirrorPlace {
  static func create(_ local: String) -> String {
    "create: {address: \(local)@example.org, name: {given: Ada, family: Bo}, position: Secretaria}"
  }

  /// A place whose agent made these accounts and runs.
  static func place(_ name: String, _ locals: [String]) async throws -> (Workplace, RunningAgent) {
    let place = try Site().workplace(name)
    let agent = try await place.agent()
    try await place.carryOut(form(number: "M-1", changes: locals.map(create)), "M-1")
    #expect(await agent.says("mirror.listening"))
    return (place, agent)
  }

  static func retitle(_ site: Site, _ local: String, _ title: String = "Jefa") throws {
    try site.modify("dn: \(site.dn(local))\nchangetype: modify\nreplace: title\ntitle: \(title)\n")
  }

  static func delete(_ site: Site, _ local: String) throws {
    try site.modify("dn: \(site.dn(local))\nchangetype: delete\n")
  }
}
