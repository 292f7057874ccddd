import Foundation
import Sandbox
import Support
import Testing

/// The crash argument, swept: the agent is killed before and after every call that changes state, started again, and the
/// directory's own log of writes must show each operation once, the records and the list what happened.
@Suite("Killed at every failpoint", .serialized)
struct FailpointSweepTests {
  @Test("create, modify, delete and a rejected form: nothing lost, nothing twice")
  func sweep() throws {
    let site = try Site()
    // A first run, let be, counts the points.
    let counting = try Scenario(site, name: "count")
    let trace = counting.folder + "/trace"
    // Dropped files must come to rest before they are taken; all scenarios rest together.
    let bound = 150
    let scenarios = try (1...bound).flatMap { point in
      try ["before", "after"].map { try (point, $0, Scenario(site, name: "\(point)\($0)")) }
    }
    sleepUntilFilesRest()
    #expect(try counting.run(["BUZON_FAILPOINT_TRACE": trace]).status == 1)
    try counting.check()
    let points = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count
    #expect(points > 20 && points <= bound, "\(points) points; make room for more")

    var killed = 0
    for (point, moment, scenario) in scenarios where point <= points {
      let first = try scenario.run(["BUZON_FAILPOINT": "\(point):\(moment)"])
      if first.status == -SIGKILL { killed += 1 }
      let second = try scenario.run([:])
      #expect([0, 1].contains(second.status), "point \(point) \(moment): \(second.errors)")
      try scenario.check()
    }
    // Batches form by chance, so the last points of a run may not be reached by another.
    #expect(killed >= (points - 10) * 2, "only \(killed) of \(points * 2) kills")
    print("failpoints: \(points) points, \(killed) kills, each followed by a recovery")
  }
}

/// One spool, state and records of its own on the shared directory, and addresses of its own.
private struct Scenario {
  let folder: String
  private let site: Site
  private let name: String
  private let config: String

  init(_ site: Site, name: String) throws {
    self.site = site
    self.name = name
    folder = URL(fileURLWithPath: site.sandbox.config).deletingLastPathComponent().path + "/sweep-\(name)"
    config = folder + "/buzon.yaml"
    try FileManager.default.createDirectory(atPath: folder + "/spool/incoming", withIntermediateDirectories: true)
    var text = try String(contentsOfFile: site.sandbox.config, encoding: .utf8)
    for (old, new) in [
      (site.sandbox.spool, folder + "/spool"), (site.sandbox.state, folder + "/state"),
      (site.sandbox.records, folder + "/records"),
    ] {
      text = text.replacingOccurrences(of: old, with: new)
    }
    try text.write(toFile: config, atomically: true, encoding: .utf8)
    let start = Date(timeIntervalSinceNow: -3_600)
    let forms = [
      form(
        number: "A-\(name)",
        changes: [
          "create: {address: a\(name)@example.org, name: {given: Ana, family: Ruiz}, aliases: [z\(name)@example.org]}",
          "create: {address: b\(name)@example.org, name: {given: Luis, family: Mora}}",
        ]),
      form(number: "B-\(name)", changes: ["modify: {address: a\(name)@example.org, set: {position: Secretaria}}"]),
      form(
        number: "C-\(name)", changes: ["delete: {address: b\(name)@example.org, reason: Retiro, immediately: true}"]),
      form(
        number: "D-\(name)", changes: ["create: {address: c\(name)@elsewhere.example, name: {given: X, family: Y}}"]),
      form(number: "E-\(name)", changes: ["delete: {address: a\(name)@example.org, reason: Retiro}"]),
    ]
    for (index, form) in forms.enumerated() {
      let path = "\(folder)/spool/incoming/\(index).yaml"
      try form.write(toFile: path, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.modificationDate: start + Double(index)], ofItemAtPath: path)
    }
  }

  func run(_ environment: [String: String]) throws -> Outcome {
    var environment = environment
    environment["BUZON_CONFIG"] = config
    return Outcome(
      of: try Program(Program.built("buzon"), ["run", "--once"], environment: environment), atMost: .seconds(60))
  }

  func check() throws {
    let comment = Comment(rawValue: "scenario \(name)")
    let entries = try site.search(filter: "(mail=*\(name)@example.org)").filter {
      ["a\(name)@example.org", "b\(name)@example.org"].contains($0["mail"][0])
    }
    #expect(entries.count == 1, comment)
    #expect(entries.first?["title"] == ["Secretaria"], comment)
    #expect(entries.first?["buzonStatus"] == ["retained"], comment)
    #expect(entries.first?["buzonRequest"] == ["E-\(name)#0"], comment)
    let writes = try ["a", "b"].map { local in
      try site.search(
        base: "cn=accesslog",
        filter:
          "(&(objectClass=auditWriteObject)(reqResult=0)(reqDN=uid=\(local)\(name),ou=people,\(site.sandbox.base)))",
        attributes: ["reqType"]
      ).map { $0["reqType"][0] }
    }
    #expect(writes == [["add", "modify", "modify"], ["add", "delete"]], comment)

    let outcomes = try Dictionary(
      uniqueKeysWithValues: files("records/deliveries", suffix: ".json").map { file in
        let record = try json(Data(contentsOf: URL(fileURLWithPath: file)))
        return (record["number"] as? String ?? "", record["outcome"] as? String ?? "")
      })
    #expect(
      outcomes == ["A-\(name)": "applied", "B-\(name)": "applied", "C-\(name)": "applied", "E-\(name)": "applied"],
      comment)
    #expect(files("records/forms", suffix: ".yaml").count == 4, comment)
    #expect(site.names(in: folder + "/spool/rejected") == ["3.yaml", "3.yaml.report"], comment)
    #expect(site.names(in: folder + "/spool/incoming") == [], comment)
    #expect(site.names(in: folder + "/spool/taken") == [], comment)
    #expect(site.names(in: folder + "/records/.tmp") == [], comment)
    let list = try json(Data(contentsOf: URL(fileURLWithPath: folder + "/records/accounts/accounts.json")))
    let accounts = list["accounts"] as? [[String: Any]] ?? []
    #expect(accounts.map { $0["address"] as? String } == ["a\(name)@example.org"], comment)
    #expect(accounts.first?["status"] as? String == "retained", comment)
  }

  private func files(_ below: String, suffix: String) -> [String] {
    let root = folder + "/" + below
    return (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [])
      .filter { $0.hasSuffix(suffix) }.map { root + "/" + $0 }
  }
}

/// Until files written just now count as whole: 2 s, and a tick of the clock.
private func sleepUntilFilesRest() { usleep(2_100_000) }
