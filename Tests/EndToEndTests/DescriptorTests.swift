import Foundation
import Support
import Testing
import Text

/// A process that may open few files says so: it takes no file for missing, no directory for empty, no agent for dead.
@Suite("Where too few files may be open")
struct DescriptorTests {
  /// Below this libdispatch itself ends the process, before a line of ours is reached.
  private static let limits =
    Torture.isFull ? Array(8...40) + [44, 48, 56, 64] : [8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 22, 24, 28, 34, 44]

  private static let header = [
    "--number", "X-1", "--department", "D", "--requester", "R", "--approved-by", "a", "--approved-on", today(),
  ]

  private func run(_ place: Workplace, _ limit: Int, _ arguments: [String]) async throws -> Outcome {
    try await Program.run(
      "/usr/bin/prlimit", ["--nofile=\(limit)", Program.built("buzon")] + arguments,
      environment: ["BUZON_CONFIG": place.config])
  }

  private func place(_ name: String) async throws -> Workplace {
    let place = try Site().workplace(name)
    // A zone that stands in a file.
    let config = try String(contentsOfFile: place.config, encoding: .utf8)
      .replacingOccurrences(of: "{name: Prueba}", with: "{name: Prueba, timezone: America/Bogota}")
    try config.write(toFile: place.config, atomically: true, encoding: .utf8)
    try place.drop(
      form(number: "D-1", changes: ["create: {address: una@example.org, name: {given: A, family: B}}"]), as: "1.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    return place
  }

  /// A page without the day and the minute that it was made: the next minute may have begun.
  private static func timeless(_ output: String) -> String {
    output.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2}/, with: "TIME")
  }

  /// libdispatch ends a process (SIGILL) that can't open the descriptor it waits for events by; nothing of ours has a say.
  /// It does so on a thread of its own, so a command may have come to its end with its own exit code meanwhile.
  private static func isOfDispatch(_ outcome: Outcome) -> Bool {
    outcome.status == -SIGILL || outcome.errors.contains("*** Signal 4: Backtracing")
  }

  /// What a command that met the limit may say: that, and nothing else.
  private func expectTold(_ outcome: Outcome, _ what: String) {
    if Self.isOfDispatch(outcome) { return }
    #expect(outcome.errors.lowercased().contains("too many open files"), "\(what): \(outcome)")
    for wrong in [
      "no such file", "unable to open database file", "is not known", "name it with", "isn't running", "No agent",
      "not an error", "check that the file is there",
    ] { #expect(!outcome.errors.contains(wrong) && !outcome.output.contains(wrong), "\(what): \(outcome)") }
    // EX_CONFIG (78) and EX_NOINPUT (66) would be somebody's mistake; 70 a bug. 69 is the directory's.
    #expect([1, 69, 73, 74, 75].contains(outcome.status), "\(what): \(outcome)")
  }

  @Test("each command that reads answers as ever, or says that too many files are open")
  func reading() async throws {
    let place = try await place("few")
    let agent = try await place.agent()
    let csv = place.folder + "/people.csv"
    try "correo,nombres,apellidos\nb@example.org,A,B\n".write(toFile: csv, atomically: true, encoding: .utf8)
    let file = place.folder + "/form.yaml"
    try form(number: "D-2", changes: ["delete: {address: nadie@example.org}"])
      .write(toFile: file, atomically: true, encoding: .utf8)
    let commands: [[String]] = [
      ["check", file], ["form", "--csv", csv] + Self.header, ["queue"], ["show", "D-1"], ["show", "D-1", "--html"],
      ["history", "una@example.org"], ["accounts"], ["accounts", "--format", "html"], ["handover"], ["drift"],
      ["status", "--json"],
    ]
    for command in commands {
      let free = try await place.run(command)
      for limit in Self.limits {
        let outcome = try await run(place, limit, command)
        let what = "\(command.prefix(2)) with \(limit)"
        if outcome.status == free.status {
          // Times go on; that the agent runs stays so.
          let isSame =
            command[0] == "status"
            ? try JSON(outcome.output)["agent"]["pid"] == JSON(free.output)["agent"]["pid"]
            : Self.timeless(outcome.output) == Self.timeless(free.output)
              && (outcome.errors == free.errors || Self.isOfDispatch(outcome))
          #expect(isSame, "\(what): \(outcome)")
        } else {
          expectTold(outcome, what)
        }
      }
    }
    #expect(await agent.end() == 0)
  }

  @Test("the agent and what changes the state say that too many files are open, and do nothing by halves")
  func changing() async throws {
    let place = try await place("few-agent")
    let copy = place.folder + "/copy"
    #expect(try await place.run("backup", copy).status == 0)
    let another = place.folder + "/another"
    for limit in Self.limits {
      for command in [["run", "--once"], ["release", "D-1"], ["backup", another], ["rebuild"]] {
        let outcome = try await run(place, limit, command)
        // Nothing waits; the request is done.
        if outcome.status == 0 || (command[0] == "release" && outcome.errors.contains("it is done already")) {
          continue
        }
        expectTold(outcome, "\(command) with \(limit)")
      }
      try? FileManager.default.removeItem(atPath: another)
    }
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("D-1")?["outcome"] == "applied")
    #expect(place.names(in: place.spool + "/rejected") == [])
  }

  @Test("a file that can't be opened for want of descriptors is not rejected, nor its owner forgotten")
  func taken() async throws {
    let place = try await place("few-taken")
    for limit in Self.limits {
      let number = "T-\(limit)"
      try place.drop(
        form(number: number, changes: ["modify: {address: una@example.org, set: {phone: '\(limit)'}}"]),
        as: number + ".yaml")
      _ = try await run(place, limit, ["run", "--once"])
    }
    #expect(try await place.run("run", "--once").status == 0)
    for limit in Self.limits {
      let record = try #require(try place.record("T-\(limit)"))
      #expect(record["outcome"] == "applied" && record["submitted"]["uid"] == .number(Double(geteuid())))
      #expect(record["submitted"]["by"].text != nil)
    }
    #expect(place.names(in: place.spool + "/rejected") == [])
  }
}

extension Office {
  fileprivate func run(_ arguments: [String]) async throws -> Outcome { try await start(arguments).outcome() }
}
