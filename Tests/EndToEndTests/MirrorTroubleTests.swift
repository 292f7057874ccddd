import Foundation
import Sandbox
import Support
import Testing

/// The mirror becomes true again whatever happens to the directory or the agent. Each test has a directory of its own.
@Suite("The mirror in trouble")
struct MirrorTroubleTests {
  @Test("finds what a slapd that was killed had deleted just before, which it never tells")
  func killedAfterDelete() async throws {
    let (place, agent) = try await MirrorPlace.place("killed", (0..<20).map { "c\($0)" })
    // The agent is looking away: it has not heard of the delete when slapd dies.
    for round in 0..<3 {
      agent.program.signal(SIGSTOP)
      try MirrorPlace.delete(place.site, "c\(round)")
      kill(try place.site.directoryProcess(), SIGKILL)
      agent.program.signal(SIGCONT)
      try place.site.startDirectory()
      #expect(await agent.says("drift.found", "c\(round)@example.org", "gone"), "\(agent.log)")
    }
    #expect(try await comesTrue { try place.accounts().count == 17 })
    #expect(try await place.answer("drift")["drift"].array.count == 3)
    #expect(await agent.end() == 0)
  }

  @Test("goes on where a slapd that was stopped comes back, and tells what was done meanwhile, once")
  func restarted() async throws {
    let (place, agent) = try await MirrorPlace.place("restarted", ["una", "dos", "tres"])
    let site = place.site
    for (round, local) in ["una", "dos", "tres"].enumerated() {
      try site.stopDirectory()
      try site.startDirectory()
      try MirrorPlace.retitle(site, local)
      #expect(await agent.says("drift.found", "\(local)@example.org", "title"), "\(agent.log)")
      #expect(try await place.answer("drift")["drift"].array.count == round + 1)
    }
    #expect(agent.log.count { $0.contains("drift.found") } == 3)
    // Longer away than a moment is said, and so is that it is over.
    try site.stopDirectory()
    #expect(await agent.says("mirror.waiting"), "\(agent.log)")
    #expect(try await place.run("status").status != 0)
    let listening = agent.log.count { $0.contains("mirror.listening") }
    try site.startDirectory()
    #expect(await comesTrue { agent.log.count { $0.contains("mirror.listening") } > listening }, "\(agent.log)")
    try MirrorPlace.delete(site, "tres")
    #expect(await agent.says("drift.found", "tres@example.org", "gone"), "\(agent.log)")
    #expect(await agent.end() == 0)
  }

  @Test("tells with run --once what happened while no agent ran, though not by whom")
  func away() async throws {
    let (place, agent) = try await MirrorPlace.place("away", ["una", "dos", "tres"])
    let site = place.site
    #expect(await agent.end() == 0)
    try MirrorPlace.retitle(site, "una")
    try MirrorPlace.delete(site, "dos")
    try site.modify(
      site.foreign("ajena@example.org", .init(aliases: ["a@example.org"], given: "Otra", family: "Mano"))
        .replacingOccurrences(
          of: "objectClass: inetOrgPerson\n",
          with: """
            objectClass: inetOrgPerson
            objectClass: buzonAccount
            buzonKind: person
            buzonStatus: active

            """))
    let once = try await place.run("run", "--once")
    #expect(once.status == 0, "\(once.errors)")
    let told = once.errors.split(separator: "\n").filter { $0.contains("drift.found") }
    #expect(told.count == 3, "\(once.errors)")
    #expect(told.contains { $0.contains("una@example.org") && $0.contains("title") && $0.contains("by=unknown") })
    #expect(told.contains { $0.contains("dos@example.org") && $0.contains("gone") })
    // Who made an entry is written on it.
    #expect(told.contains { $0.contains("ajena@example.org") && $0.contains(site.sandbox.admin) }, "\(told)")
    #expect(Set(try place.accounts().keys) == ["una@example.org", "tres@example.org", "ajena@example.org"])
    // Once.
    #expect(try await !place.run("run", "--once").errors.contains("drift."))
    #expect(try await place.answer("drift")["drift"].array.count == 3)
  }

  @Test(
    "recovers by itself when the directory was restored from yesterday's backup, and tells what that took back",
    arguments: [("and nobody wrote to it before we ask", false), ("and was written to before we ask", true)])
  func restored(what: String, isWritten: Bool) async throws {
    let (place, agent) = try await MirrorPlace.place("restored", ["una", "dos", "tres", "cuatro"])
    let site = place.site
    let slapcat = try await Program.run(
      "/usr/sbin/slapcat", ["-F", site.folder + "/slapd.d", "-b", site.sandbox.base])
    #expect(slapcat.status == 0)
    try await place.carryOut(
      form(
        number: "M-2",
        changes: [
          "modify: {address: una@example.org, set: {position: Directora}}",
          "delete: {address: dos@example.org, immediately: true}", MirrorPlace.create("nueva"),
        ]), "M-2")
    try MirrorPlace.retitle(site, "tres")
    try MirrorPlace.delete(site, "cuatro")
    #expect(await agent.says("drift.found", "tres@example.org"))
    #expect(await agent.says("drift.found", "cuatro@example.org"))
    #expect(try await comesTrue { try place.accounts().count == 3 })

    try site.stopDirectory()
    for name in site.names(in: site.folder + "/data") where name.hasSuffix(".mdb") {
      try FileManager.default.removeItem(atPath: site.folder + "/data/" + name)
    }
    let slapadd = try await Program.run(
      "/usr/sbin/slapadd", ["-q", "-F", site.folder + "/slapd.d", "-b", site.sandbox.base], input: slapcat.output)
    #expect(slapadd.status == 0, "\(slapadd.errors)")
    if isWritten { agent.program.signal(SIGSTOP) }
    try site.startDirectory()
    // Then the directory is later than our cookie, and takes it.
    if isWritten {
      try MirrorPlace.retitle(site, "cuatro", "Secretaria")
      agent.program.signal(SIGCONT)
    }
    // The list is the directory's again.
    let all = Set(["una", "dos", "tres", "cuatro"].map { "\($0)@example.org" })
    #expect(
      try await comesTrue { try Set(place.accounts().keys) == all }, "\(agent.log)")
    #expect(
      try await comesTrue { try place.listed("una@example.org")?["position"] == "Secretaria" })
    // What the procedure did since is wanting, and reported; changes outside Buzón went with it.
    #expect(await agent.says("drift.found", "una@example.org", "title"), "\(agent.log)")
    #expect(await agent.says("drift.found", "nueva@example.org", "gone"), "\(agent.log)")
    #expect(await agent.says("drift.found", "dos@example.org", "entry"), "\(agent.log)")
    #expect(await agent.says("drift.over", "tres@example.org", "title"), "\(agent.log)")
    #expect(await agent.says("drift.over", "cuatro@example.org", "entry"), "\(agent.log)")
    #expect(agent.log.contains { $0.contains("mirror.back") } == isWritten, "\(agent.log)")
    // And it goes on as ever.
    try MirrorPlace.retitle(site, "cuatro")
    #expect(await agent.says("drift.found", "cuatro@example.org", "title"), "\(agent.log)")
    #expect(await agent.end() == 0)
    #expect(agent.log.allSatisfy { !$0.contains(" error ") }, "\(agent.log)")
  }

  @Test("compares all accounts where the directory has no syncprov, and says so")
  func comparing() async throws {
    let place = try Site().workplace("comparing")
    let site = place.site
    try site.stopDirectory()
    let overlays = site.folder + "/slapd.d/cn=config/olcDatabase={1}mdb"
    let syncprov = try #require(site.names(in: overlays).first { $0.contains("syncprov") })
    try FileManager.default.removeItem(atPath: "\(overlays)/\(syncprov)")
    try site.startDirectory()

    let agent = try await place.agent()
    #expect(await agent.says("mirror.slow", "comparing", "syncprov"), "\(agent.log)")
    try await place.carryOut(form(number: "M-1", changes: ["una", "dos", "tres"].map(MirrorPlace.create)), "M-1")
    let status = try await place.run("status")
    #expect(status.output.contains("comparing") || status.errors.contains("comparing"), "\(status)")
    try MirrorPlace.retitle(site, "una")
    try MirrorPlace.delete(site, "dos")
    // Its period is minutes; the configuration read again is a beginning too.
    agent.program.signal(SIGHUP)
    #expect(await agent.says("drift.found", "una@example.org", "title"), "\(agent.log)")
    #expect(await agent.says("drift.found", "dos@example.org", "gone"), "\(agent.log)")
    #expect(await agent.end() == 0)
    try MirrorPlace.retitle(site, "tres")
    let once = try await place.run("run", "--once")
    #expect(once.status == 0 && once.errors.contains("tres@example.org"), "\(once.errors)")
    #expect(once.errors.split(separator: "\n").count { $0.contains("drift.found") } == 1, "\(once.errors)")
    #expect(try await place.answer("drift")["drift"].array.count == 3)
  }

  @Test("takes an account off the list within seconds that was moved elsewhere, and takes it back when it returns")
  func moved() async throws {
    let (place, agent) = try await MirrorPlace.place("moved", ["una", "dos", "tres"])
    let (site, base) = (place.site, place.site.sandbox.base)
    for (name, parent) in [("otros", base), ("sub", "ou=people,\(base)")] {
      try site.modify("dn: ou=\(name),\(parent)\nchangetype: add\nobjectClass: organizationalUnit\nou: \(name)\n")
    }
    func move(_ local: String, from: String, to: String) throws {
      try site.modify(
        """
        dn: uid=\(local),\(from)
        changetype: modrdn
        newrdn: uid=\(local)
        deleteoldrdn: 0
        newsuperior: \(to)

        """)
    }
    let people = "ou=people,\(base)"
    try move("una", from: people, to: "ou=otros,\(base)")
    #expect(await agent.says("drift.found", "una@example.org", "gone"), "\(agent.log)")
    try move("dos", from: people, to: "ou=sub,\(people)")
    #expect(await agent.says("drift.found", "dos@example.org", "gone"), "\(agent.log)")
    #expect(try await comesTrue { try Set(place.accounts().keys) == ["tres@example.org"] })
    #expect(try await place.answer("drift")["drift"].array.count == 2)
    // A form would make a second entry. The note says how each comes back.
    let repair = place.folder + "/repair.yaml"
    let repaired = try await place.run(
      "drift", "--repair", repair, "--number", "M-9", "--department", "D", "--requester", "R", "--approved-by", "A",
      "--approved-on", today())
    #expect(!FileManager.default.fileExists(atPath: repair), "\(repaired.output)\(repaired.errors)")
    #expect(
      repaired.errors.contains("una@example.org: its entry was moved to uid=una,ou=otros,\(base)"), "\(repaired.errors)"
    )
    #expect(
      repaired.errors.contains("ldapmodrdn -s \(people) 'uid=dos,ou=sub,\(people)' 'uid=dos'"), "\(repaired.errors)")
    try move("una", from: "ou=otros,\(base)", to: people)
    #expect(await agent.says("drift.over", "una@example.org", "entry"), "\(agent.log)")
    try move("dos", from: "ou=sub,\(people)", to: people)
    #expect(await agent.says("drift.over", "dos@example.org", "entry"), "\(agent.log)")
    #expect(try await comesTrue { try place.accounts().count == 3 })
    #expect(await agent.end() == 0)
  }

  @Test("says so where the container was renamed, and takes no account off the list for it")
  func renamedContainer() async throws {
    let (place, agent) = try await MirrorPlace.place("renamed", ["una", "dos", "tres"])
    let (site, base) = (place.site, place.site.sandbox.base)
    func rename(_ from: String, _ to: String) throws {
      try site.modify("dn: ou=\(from),\(base)\nchangetype: modrdn\nnewrdn: ou=\(to)\ndeleteoldrdn: 1\n")
    }
    #expect(try await comesTrue { try place.accounts().count == 3 })
    try rename("people", "gente")
    #expect(await agent.says("mirror.waiting", "32", within: .seconds(60)), "\(agent.log)")
    #expect(try await place.run("status").status != 0)
    #expect(try place.accounts().count == 3 && !agent.log.contains { $0.contains("drift.found") }, "\(agent.log)")
    #expect(await agent.end() == 0)
    let once = try await place.run("run", "--once")
    #expect(once.status != 0 && !once.errors.contains("drift.found"), "\(once.errors)")
    #expect(try place.accounts().count == 3)
    try rename("gente", "people")
    let after = try await place.run("run", "--once")
    #expect(after.status == 0 && !after.errors.contains("drift.found"), "\(after.errors)")
    #expect(try place.accounts().count == 3)
  }
}
