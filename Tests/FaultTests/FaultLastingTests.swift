import Foundation
import Support
import Testing

/// What fails for a while under a running agent: it goes on by itself when the cause is gone, or ends with a clear word and
/// a code with which systemd starts it again, and takes up where it was.
@Suite("What fails for a while")
struct FaultLastingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var error: String
    var calls: [String]
    /// Below the place.
    var below: String

    init(_ name: String, _ error: String, _ calls: [String], below: String) {
      (testDescription, self.error, self.calls, self.below) = (name, error, calls, below)
    }
  }

  private static let growing = ["create", "write", "mkdir", "rename"]
  private static let changing = ["create", "open-write", "write", "mkdir", "rename", "unlink", "chmod", "truncate"]
  private static let opening = ["open", "open-write", "create", "socket"]

  static let all = [
    Row("no space for records", "ENOSPC", growing, below: "/records"),
    Row("no space for the state", "ENOSPC", growing, below: "/state"),
    Row("no space for the spool", "ENOSPC", growing, below: "/spool"),
    Row("no descriptor for records", "EMFILE", opening, below: "/records"),
    Row("no descriptor for anything", "EMFILE", opening, below: ""),
    Row("records can't be written", "EROFS", changing, below: "/records"),
    Row("the state can't be written", "EROFS", changing, below: "/state"),
    Row("the spool can't be written", "EROFS", changing, below: "/spool"),
    Row("the disk of the records fails", "EIO", changing + ["open", "read", "stat"], below: "/records"),
    Row("the disk of the state fails", "EIO", changing + ["open", "read", "stat"], below: "/state"),
    Row("the disk of the spool fails", "EIO", changing + ["open", "read", "stat", "readdir"], below: "/spool"),
  ]

  /// As a share some, others for another seed.
  static let rows =
    Torture.isFull
    ? all : all.enumerated().filter { ($0.offset + Int(Torture.seed % 4)).isMultiple(of: 4) }.map(\.element)

  @Test("under a running agent", arguments: rows)
  func running(row: Row) async throws {
    let site = try Site()
    let place = try site.workplace("lasting")
    let gate = site.folder + "/gate"
    let fault = Fault(
      calls: row.calls, below: row.below.isEmpty ? nil : place.folder + row.below, error: row.error, gate: gate)
    let environment = place.faults(fault, trace: site.folder + "/trace")
    var agent = try place.start(["run"], environment: environment)
    #expect(await comesTrue { agent.written.errors.contains("agent.started") })
    try await place.carryOut(
      faultForm("L1", "create: {address: l1@example.org, name: {given: Ana, family: Ruiz}}"), "L1")

    _ = FileManager.default.createFile(atPath: gate, contents: nil)
    try place.drop(faultForm("L2", "modify: {address: l1@example.org, set: {position: Jefa}}"), as: "L2.yaml")
    try place.drop("number: L3\n", as: "L3.yaml")
    try place.drop(faultForm("L4", "modify: {address: l1@example.org, set: {phone: '5'}}"), as: "L4.yaml")
    // It tells at once, or ends.
    let told = await comesTrue {
      agent.written.errors.contains(Fault.text(row.error)) || isOfSQLite(agent) || !agent.isRunning
    }
    #expect(told, "\(agent.written.errors)")
    var log = agent.written.errors
    var ends = 0
    if !agent.isRunning || row.below != "/records" {
      // What can't be written is tried again, and again.
      if await comesTrue(within: .seconds(2), { !agent.isRunning }) {
        let outcome = await agent.outcome()
        log = outcome.errors
        ends = 1
        #expect([69, 73, 74, 75].contains(outcome.status), "\(row): \(outcome.status) \(outcome.errors)")
        // Started again while the cause is there, it says so again.
        let second = try place.start(["run"], environment: environment)
        #expect(
          await comesTrue { !Self.troubles(second.written.errors).isEmpty || !second.isRunning },
          "\(row): again \(second.written.errors)")
        second.signal(SIGKILL)
        let again = await second.outcome()
        #expect([69, 73, 74, 75, -SIGKILL].contains(again.status), "\(row): again \(again.status) \(again.errors)")
        // What keeps it from reading its configuration is told by a line without a time.
        #expect(
          again.status == -SIGKILL || Self.troubles(again.errors).count == 1 || again.errors.contains("buzon.yaml"),
          "\(row): again \(again.errors)")
      }
    }
    #expect(Self.troubles(log).count == 1, "\(row): \(log)")
    for line in Self.troubles(log) {
      #expect(line.lowercased().contains(Fault.text(row.error)) || line.contains("SQLite error"), "\(row): \(line)")
      #expect(line.contains(" do="), "\(row): \(line)")
    }

    try FileManager.default.removeItem(atPath: gate)
    // It may also have ended since: then it is started again, as systemd does.
    func startIfEnded() async throws {
      guard !agent.isRunning else { return }
      if ends == 0 { #expect(await [69, 73, 74, 75].contains(agent.outcome().status)) }
      ends += 1
      agent = try place.start(["run"], environment: environment)
    }
    let isDone = try await comesTrue {
      if ends < 2 { try await startIfEnded() }
      return try ["L1", "L2", "L4"].allSatisfy { try place.record($0) != nil }
    }
    #expect(isDone, "\(agent.written.errors)")
    try await place.recorded("L1", "L2", "L4")
    _ = try await place.rejection(of: "L3.yaml")
    #expect(
      await comesTrue {
        place.names(in: place.folder + "/records/.tmp") == [] && place.names(in: place.spool + "/taken") == []
      })
    agent.signal(SIGTERM)
    let end = await agent.outcome()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try site.timesApplied("L") == ["L1#0": 1, "L2#0": 1, "L4#0": 1])
    #expect(try place.record("L4")?["outcome"] == "applied")
    #expect(place.names(in: place.spool + "/rejected") == ["L3.yaml", "L3.yaml.report"])
    #expect(place.names(in: place.spool + "/incoming") == [])
  }

  private func isOfSQLite(_ agent: Program) -> Bool { agent.written.errors.contains("SQLite error") }

  /// The lines that tell of trouble.
  private static func troubles(_ log: String) -> [Substring] {
    log.split(separator: "\n").filter {
      ($0.contains(" error ") || $0.contains(" warning ")) && !$0.contains(" request.rejected ")
        && !$0.hasPrefix("buzon: ")
    }
  }
}
