import Foundation
import Support
import Testing

/// Several people may drop forms into one spool. `submit` keeps each one's form from the others, identity numbers in it,
/// though all of them are in the group that the agent reads by.
@Suite("Submitters of one spool", .enabled(if: geteuid() == 0))
struct SubmitterTests {
  private static let group = "65520"

  private func run(as user: String, _ program: String, _ arguments: [String], _ config: String) async throws -> Outcome
  {
    try await Program.run(
      "/usr/bin/setpriv", ["--reuid", user, "--regid", user, "--groups", Self.group, program] + arguments,
      environment: ["BUZON_CONFIG": config])
  }

  /// A place whose spool is a group's, as tmpfiles.d makes it.
  private func place() async throws -> (Workplace, incoming: String) {
    let place = try Site().workplace("submitters")
    let incoming = place.spool + "/incoming"
    for path in [place.site.folder, place.site.folder + "/places", place.folder, place.spool] {
      #expect(chmod(path, 0o755) == 0)
    }
    let gid = try #require(UInt32(Self.group))
    #expect(chown(incoming, 0, gid) == 0 && chmod(incoming, 0o3730) == 0)
    return (place, incoming)
  }

  private func written(_ number: String, _ local: String, document: String, _ place: Workplace) throws -> String {
    let text = form(
      number: number,
      changes: [
        "create: {address: \(local)@example.org, name: {given: A, family: B}, document: \"\(document)\"}"
      ])
    let path = place.folder + "/\(local).yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(chmod(path, 0o644) == 0)
    return path
  }

  @Test("can't read each other's forms, nor take a number's name before another does")
  func apart() async throws {
    let (place, incoming) = try await place()
    let first = try written("S-1", "una", document: "1124850001", place)
    let second = try written("S-2", "dos", document: "1124850002", place)
    // Somebody takes the names that could be guessed.
    for name in ["S-1.yaml", "S-2.yaml"] {
      let taken = try await run(as: "65521", "/usr/bin/touch", [incoming + "/." + name + ".tmp"], place.config)
      #expect(taken.status == 0, "\(taken.errors)")
      #expect(rename(incoming + "/." + name + ".tmp", incoming + "/" + name) == 0)
    }
    let one = try await run(as: "65521", Program.built("buzon"), ["submit", first], place.config)
    let other = try await run(as: "65522", Program.built("buzon"), ["submit", "--json", second], place.config)
    #expect(one.status == 0 && one.output == "S-1 submitted\n", "\(one.errors)")
    #expect(other.status == 0, "\(other.errors)")
    // Nobody else can list the names, and no output has them.
    #expect(try await run(as: "65521", "/bin/ls", [incoming], place.config).status == 2)
    let names = place.names(in: incoming).filter { $0.hasPrefix("S-2-") }
    #expect(names.count == 1 && names.allSatisfy { $0.utf8.count == "S-2-.yaml".utf8.count + 32 })
    #expect(!other.output.contains(names.first ?? "-") && !other.errors.contains(names.first ?? "-"))
    for name in names {
      var status = stat()
      #expect(lstat(incoming + "/" + name, &status) == 0 && status.st_mode & 0o7777 == 0o640)
      #expect(status.st_uid == 65_522 && String(status.st_gid) == Self.group, "the agent can read it")
    }
    for name in ["S-1.yaml", "S-2.yaml"] { try FileManager.default.removeItem(atPath: incoming + "/" + name) }
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("S-1")?["outcome"] == "applied" && place.record("S-2")?["outcome"] == "applied")
  }

  @Test("are named, by number and name, in record, page, history, log and report")
  func named() async throws {
    let site = try Site()
    let place = try site.workplace("named", .with { $0.log = "{format: text, level: debug}" })
    let incoming = place.spool + "/incoming"
    func drop(_ text: String, _ name: String, owner: UInt32) throws {
      try place.drop(text, as: "." + name + ".tmp")
      #expect(chown(incoming + "/." + name + ".tmp", owner, 0) == 0)
      #expect(rename(incoming + "/." + name + ".tmp", incoming + "/" + name) == 0)
    }
    let create = "create: {address: una@example.org, name: {given: A, family: B}}"
    try drop(form(number: "N-1", changes: [create]), "nuevo.yaml", owner: 1)
    try drop(form(number: "N-2", changes: ["delete: {address: nadie@example.org}"]), "sin.yaml", owner: 65_523)
    try drop("no form", "mala.yaml", owner: 1)
    let run = try await place.run("run", "--once")
    #expect(run.status == 1, "\(run.errors)")

    let daemon = try #require(getpwuid(1).map { String(cString: $0.pointee.pw_name) })
    let record = try #require(try place.record("N-1"))
    let submitted: JSON = ["by": .string(daemon), "uid": 1, "file": "nuevo.yaml"]
    #expect(record["submitted"] == submitted)
    #expect(try place.record("N-2")?["submitted"] == ["by": nil, "uid": 65_523, "file": "sin.yaml"])
    let show = try await place.answer("show", "N-1")
    #expect(show["submitted"] == submitted && show["history"][0]["by"] == .string(daemon))
    #expect(try await place.run("show", "N-1").output.contains("by \(daemon) (uid 1)"))
    let page = try #require(place.paths(below: "deliveries", suffix: ".html")["N-1"])
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("Radicada por: \(daemon) (uid 1)"))
    let event = try await place.answer("history", "una@example.org")["accounts"][0]["events"][0]
    #expect(event["submitted"] == submitted)
    #expect(try await place.run("history", "una@example.org").output.contains("\(daemon) (uid 1)"))
    for (event, words) in [
      ("request.accepted request=N-1", "uid=1 user=\(daemon)"), ("request.accepted request=N-2", "uid=65523"),
      ("request.rejected file=mala.yaml", "uid=1 user=\(daemon)"),
    ] {
      let line = run.errors.split(separator: "\n").first { $0.contains(event) }
      #expect(line?.contains(words) == true, "\(event): \(run.errors)")
    }
    let report = try String(contentsOfFile: place.spool + "/rejected/mala.yaml.report", encoding: .utf8)
    #expect(report.hasSuffix("mala.yaml: dropped by \(daemon) (uid 1)\n"), "\(report)")
    // Written again from the register alone, it says the same.
    #expect(try await place.run("rebuild").status == 0)
    #expect(try place.record("N-1")?["submitted"] == submitted)
  }
}
