import Foundation
import Support
import Testing

/// Whatever fails, the agent waits for it: it neither spins nor turns deaf.
@Suite("What fails leaves the agent calm")
struct FaultIdleTests {
  @Test("a mended form dropped under the name of one that can't be put away waits for it")
  func occupied() async throws {
    let site = try Site()
    let place = try site.workplace("idle")
    let gate = site.folder + "/gate"
    let fault = Fault(
      calls: ["create", "rename"], below: place.folder + "/spool/rejected", error: "ENOSPC", gate: gate)
    _ = FileManager.default.createFile(atPath: gate, contents: nil)
    let agent = try place.start(["run"], environment: place.faults(fault, trace: site.folder + "/trace"))
    #expect(await comesTrue { agent.written.errors.contains("agent.started") })
    try place.drop("number: I1\n", as: "same.yaml")
    #expect(await comesTrue { agent.written.errors.contains("spool.waiting") })
    let form = faultForm("I1", "create: {address: i1@example.org, name: {given: Ana, family: Ruiz}}")
    try place.drop(form, as: "same.yaml")
    // Others go on meanwhile.
    try await place.carryOut(
      faultForm("I2", "create: {address: i2@example.org, name: {given: Ana, family: Ruiz}}"), "I2")
    let before = try Self.cpu(agent.processIdentifier)
    try await Task.sleep(for: .seconds(2))
    #expect(try Self.cpu(agent.processIdentifier) - before < 1)
    try FileManager.default.removeItem(atPath: gate)
    #expect(try await place.recorded("I1")["outcome"] == "applied")
    agent.signal(SIGTERM)
    #expect(await agent.outcome().status == 0)
  }

  @Test("where one part fails while the directory is away, the run ends")
  func cancelled() async throws {
    let site = try Site()
    let place = try site.workplace("cancelled", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
    let gate = site.folder + "/gate"
    let fault = Fault(calls: ["fsync", "fdatasync"], below: place.folder + "/records", error: "EIO", gate: gate)
    let agent = try place.start(["run"], environment: place.faults(fault, trace: site.folder + "/trace"))
    #expect(await comesTrue { agent.written.errors.contains("agent.started") })
    try place.drop(
      faultForm("C1", "create: {address: c1@example.org, name: {given: Ana, family: Ruiz}}"), as: "C1.yaml")
    #expect(await comesTrue { agent.written.errors.contains("directory.waiting") })
    _ = FileManager.default.createFile(atPath: gate, contents: nil)
    // Something to write: the operator's page and the list.
    #expect(await comesTrue { !agent.isRunning }, "\(agent.written.errors)")
    #expect(await agent.outcome().status == 74)
  }

  /// Seconds of the processor that a process has used.
  private static func cpu(_ process: pid_t) throws -> Double {
    let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    let ticks = fields.dropFirst(11).prefix(2).compactMap { Double($0) }.reduce(0, +)
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
