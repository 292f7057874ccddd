import Foundation
import Sandbox
import Support
import Testing

/// A directory that was full before the first agent came. `BUZON_TEST_ACCOUNTS` gives another number of accounts.
@Suite("The mirror of a large directory")
struct MirrorVolumeTests {
  private static let accounts =
    ProcessInfo.processInfo.environment["BUZON_TEST_ACCOUNTS"].flatMap { Int($0) }
    ?? Torture.count(share: 5_000, full: 20_000)

  @Test("is whole within seconds and in bounded memory, and a restart reads nothing anew")
  func volume() async throws {
    let place = try Site().workplace("volume")
    let site = place.site
    try site.stopDirectory()
    try await fill(site)
    try site.startDirectory()

    let began = ContinuousClock.now
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"), "\(agent.log)")
    let first = began.duration(to: .now)
    #expect(try count(place) == Self.accounts)
    let peak = try memory(agent, "VmHWM")
    #expect(peak < 96 + Self.accounts / 1_000, "\(peak) MiB")
    // All are there as they were found: that is no drift.
    #expect(!agent.log.contains { $0.contains("drift.") })
    #expect(try await place.answer("drift")["drift"] == [])
    #expect(
      await comesTrue(within: .seconds(300)) {
        // It isn't there before the directory was read once.
        let list = try? String(contentsOfFile: place.records + "/accounts/accounts.csv", encoding: .utf8)
        return (list ?? "").utf8.count { $0 == UInt8(ascii: "\n") } == Self.accounts + 1
      })

    // One change among so many is heard at once.
    let change = ContinuousClock.now
    try site.modify("dn: \(site.dn("v7"))\nchangetype: modify\nreplace: title\ntitle: Jefa\n")
    #expect(await agent.says("drift.found", "v7@example.org", "title"))
    let heard = change.duration(to: .now)
    #expect(await agent.end() == 0)

    let again = ContinuousClock.now
    let next = try await place.agent()
    #expect(await next.says("mirror.listening"))
    let second = again.duration(to: .now)
    // How long both take depends on who else works; what is written doesn't.
    #expect(try written(place) < 1, "rows were written anew")
    #expect(await next.end() == 0)
    print(
      "mirror of \(Self.accounts): first \(first), peak \(peak) MiB; a change heard after \(heard); restarted in \(second)"
    )
  }

  @Test(
    "that others filled while no agent ran is reported in a hundred lines and a number; then a run has nothing to write"
  )
  func unknown() async throws {
    let place = try Site().workplace("unknown")
    let site = place.site
    #expect(try await place.run("run", "--once").status == 0)
    try site.stopDirectory()
    try await fill(site)
    try site.startDirectory()

    let began = ContinuousClock.now
    let first = try await place.run("run", "--once")
    let took = began.duration(to: .now)
    #expect(first.status == 0, "\(first.errors.suffix(500))")
    let found = first.errors.split(separator: "\n").filter { $0.contains(" drift.found ") }
    #expect(found.count == 101, "\(found.count)")
    #expect(found.last?.contains("others=\(Self.accounts - 100) attribute=entry present=appeared") == true)
    #expect(try await place.answer("drift")["drift"].array.count == Self.accounts)

    let again = ContinuousClock.now
    let second = try await place.run("run", "--once")
    #expect(second.status == 0 && !second.errors.contains("drift.found"))
    print("\(Self.accounts) unknown accounts: a run of \(took); one with nothing to do \(again.duration(to: .now))")
  }

  /// Loads accounts as they were before Buzón, offline (slapadd(8)).
  private func fill(_ site: Site) async throws {
    var ldif = ""
    for index in 0..<Self.accounts {
      ldif += """
        dn: \(site.dn("v\(index)"))
        objectClass: inetOrgPerson
        objectClass: inetLocalMailRecipient
        objectClass: buzonAccount
        uid: v\(index)
        cn: Ada Número \(index)
        givenName: Ada
        sn: Número \(index)
        mail: v\(index)@example.org
        mailLocalAddress: v\(index)@example.org
        mailLocalAddress: w\(index)@example.org
        title: Profesional universitario
        ou: Secretaría de Salud
        buzonKind: person
        buzonStatus: active
        buzonQuota: 5368709120
        buzonList: todos@example.org


        """.replacingOccurrences(of: "cn: Ada Número \(index)", with: "cn:: " + base64("Ada Número \(index)"))
        .replacingOccurrences(of: "sn: Número \(index)", with: "sn:: " + base64("Número \(index)"))
        .replacingOccurrences(of: "ou: Secretaría de Salud", with: "ou:: " + base64("Secretaría de Salud"))
    }
    let slapadd = try await Program(
      "/usr/sbin/slapadd", ["-q", "-w", "-F", site.folder + "/slapd.d", "-b", site.sandbox.base], input: ldif
    ).outcome(atMost: .seconds(300))
    try #require(slapadd.status == 0, "\(slapadd.errors)")
  }

  private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private func count(_ place: Workplace) throws -> Int {
    let rows = try SQLite.rows(place.state + "/register.sqlite", "SELECT count(*) AS n FROM account")
    return Int(rows.first?["n"]?.integer ?? -1)
  }

  /// What was written to the register since it was opened, MiB: SQLite begins its log anew behind 4.
  private func written(_ place: Workplace) throws -> Double {
    let size = try FileManager.default.attributesOfItem(atPath: place.state + "/register.sqlite-wal")[.size] as? Int
    return Double(size ?? 0) / 1_048_576
  }

  /// MiB.
  private func memory(_ agent: RunningAgent, _ what: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(agent.program.processIdentifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(what) })
    return (Int(line.split(whereSeparator: \.isWhitespace)[1]) ?? 0) / 1_024
  }
}
