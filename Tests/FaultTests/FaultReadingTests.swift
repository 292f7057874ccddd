import Foundation
import Support
import Testing

/// What the agent must read and can't.
@Suite("What can't be read")
struct FaultReadingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var calls: [String]
    /// Below the place.
    var path: String

    init(_ name: String, _ calls: [String], _ path: String) {
      (testDescription, self.calls, self.path) = (name, calls, path)
    }
  }

  /// The key of the temporary passwords, the configuration and the register: nothing can be done without them, and
  /// nothing has to be done when they can be read again.
  @Test(
    "what it can't do without: it ends so that it is started again, names the file, and works when it can be read",
    arguments: [
      Row("the configuration, opened", ["open"], "/buzon.yaml"),
      Row("the configuration, read", ["read"], "/buzon.yaml"),
      Row("the key, opened", ["open"], "/state/slips.key"), Row("the key, read", ["read"], "/state/slips.key"),
      Row("the register, opened", ["open-write", "create", "open"], "/state/register.sqlite"),
      Row("the register, read", ["read"], "/state/register.sqlite"),
      Row("the spool, listed", ["readdir"], "/spool/incoming"),
    ])
  func needed(row: Row) async throws {
    let site = try Site()
    let place = try site.workplace("reading")
    #expect(try await place.run("run", "--once").status == 0)
    try place.drop(
      faultForm("R1", "create: {address: r1@example.org, name: {given: Ana, family: Ruiz}}"), as: "R1.yaml")
    let fault = Fault(calls: row.calls, below: place.folder + row.path, error: "EIO")
    let first = try await place.run("run", "--once", environment: place.faults(fault, trace: site.folder + "/trace"))
    #expect(try MetCall.trace(site.folder + "/trace").contains { $0.error == "EIO" })
    #expect([69, 73, 74, 75].contains(first.status), "\(first.status): \(first.errors)")
    #expect(first.errors.contains(row.path), "\(first.errors)")
    #expect(
      ["SQLite error", "nput/output error"].contains { first.errors.contains($0) }, "\(first.errors)")
    let second = try await place.run("run", "--once")
    #expect(second.status == 0, "\(second.errors)")
    #expect(try site.timesApplied("R") == ["R1#0": 1])
  }

  /// Forms that wait together are taken in their order: the second changes what the first makes.
  @Test(
    "one form that can't be taken or read for a while: what lies behind it waits",
    arguments: ["rename", "open", "read"])
  func order(call: String) async throws {
    let site = try Site()
    let place = try site.workplace("order")
    let gate = site.folder + "/gate"
    _ = FileManager.default.createFile(atPath: gate, contents: nil)
    let start = Date(timeIntervalSinceNow: -60)
    try place.drop(
      faultForm("P1", "create: {address: p@example.org, name: {given: Ana, family: Ruiz}}"), as: "P1.yaml",
      modified: start)
    try place.drop(
      faultForm("P2", "modify: {address: p@example.org, set: {position: Jefa}}"), as: "P2.yaml", modified: start + 1)
    let fault = Fault(calls: [call], below: place.spool + "/taken/P1.yaml", error: "EIO", gate: gate)
    let agent = try place.start(["run"], environment: place.faults(fault, trace: site.folder + "/trace"))
    #expect(await comesTrue { agent.written.errors.contains(Fault.text("EIO")) })
    let hasOvertaken = try await comesTrue(within: .seconds(2)) { try place.record("P2") != nil }
    #expect(!hasOvertaken)
    try FileManager.default.removeItem(atPath: gate)
    // It goes on by itself, or ended and is started again.
    var next: Program?
    let isDone = try await comesTrue {
      if !agent.isRunning, next == nil { next = try place.start(["run"]) }
      return try place.record("P2") != nil
    }
    #expect(try isDone && place.record("P1")?["outcome"] == "applied" && place.record("P2")?["outcome"] == "applied")
    for program in [agent, next].compactMap({ $0 }) {
      program.signal(SIGTERM)
      _ = await program.outcome()
    }
    #expect(try site.timesApplied("P") == ["P1#0": 1, "P2#0": 1])
  }

  @Test("one form on a bad sector: after a few starts it lies among the rejected, and the others are done")
  func form() async throws {
    let site = try Site()
    let place = try site.workplace("sector")
    for number in ["S1", "S2", "S3"] {
      let local = number.lowercased()
      try place.drop(
        faultForm(number, "create: {address: \(local)@example.org, name: {given: Ana, family: Ruiz}}"),
        as: number + ".yaml")
    }
    let fault = Fault(calls: ["read"], below: place.spool + "/taken/S2.yaml", error: "EIO")
    var codes: [Int32] = []
    // It is given up after ten starts that ended at it; before that, all that was taken with it twice.
    for _ in 1...16 {
      let outcome = try await place.run(
        "run", "--once", environment: place.faults(fault, trace: site.folder + "/trace"))
      codes.append(outcome.status)
      if outcome.status == 74 { #expect(outcome.errors.contains("S2.yaml: input/output error"), "\(outcome.errors)") }
      let status = try await place.run("status").output
      #expect(status.contains("Forms in the spool can't be read or moved") == (outcome.status == 74), "\(status)")
      if [0, 1].contains(outcome.status) { break }
    }
    #expect(codes.last == 1 && codes.dropLast().allSatisfy { $0 == 74 }, "\(codes)")
    #expect(place.names(in: place.spool + "/rejected") == ["S2.yaml", "S2.yaml.report"])
    #expect(try site.timesApplied("S") == ["S1#0": 1, "S3#0": 1])
  }
}
