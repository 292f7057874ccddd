import Foundation
import Sandbox
import Support
import Testing

/// One trouble, made for real, and what each surface says of it while it lasts.
struct Trouble: Sendable, CustomTestStringConvertible {
  /// What is troubled. Groups run beside each other, and two rows of each.
  enum Group: Sendable, CaseIterable {
    /// `run --once`, or none at all.
    case noAgent
    case directory
    case requests
    case disk
  }

  var group: Group
  /// As the first column of docs/troubles.md has it.
  var name: String
  /// What `buzon status` exits with.
  var exit: Int32
  /// Findings of `buzon status --json`, of the metrics and of the page.
  var findings: Set<String>
  /// What a remedy of the findings says; `nil`: whatever it says.
  var remedy: String?
  /// What `buzon queue` prints; `nil`: nothing of it.
  var queue: String?
  /// The event of the log.
  var event: String?
  /// What `run --once` exits with; `nil`: an agent runs.
  var once: Int32?
  /// Seconds that the clock of who asks is ahead: who is frozen says nothing for as long.
  var ahead = 0
  /// Whether the page and the metrics are written while it lasts.
  var isWritten = true
  /// Whether its directory has TLS.
  var hasTLS = false
  var options = Workplace.Options()
  var make: @Sendable (TroubledPlace) async throws -> Void
  /// Follows the remedy.
  var mend: @Sendable (TroubledPlace) async throws -> Void

  var testDescription: String { name }

  init(
    _ group: Group, _ name: String, _ exit: Int32, _ findings: Set<String>, remedy: String? = nil,
    queue: String? = nil, event: String? = nil, once: Int32? = nil, ahead: Int = 0, isWritten: Bool = true,
    hasTLS: Bool = false, options: Workplace.Options = .init(),
    make: @escaping @Sendable (TroubledPlace) async throws -> Void,
    mend: @escaping @Sendable (TroubledPlace) async throws -> Void
  ) {
    (self.group, self.name, self.exit, self.findings, self.queue) = (group, name, exit, findings, queue)
    self.remedy = remedy
    (self.event, self.once, self.ahead, self.isWritten) = (event, once, ahead, isWritten)
    (self.hasTLS, self.options, self.make, self.mend) = (hasTLS, options, make, mend)
  }
}

/// The place that a trouble is made in, and the agent that runs there.
final class TroubledPlace: @unchecked Sendable {
  let place: Workplace
  /// One test at a time has it.
  var agent: Support.Program?
  /// What ended runs logged.
  var log = ""
  /// What ``Trouble/make`` keeps for ``Trouble/mend``.
  var kept: Int32 = -1

  var site: Site { place.site }
  var gate: String { place.folder + "/gate" }
  /// The ledger's file of this year.
  var ledger: URL { URL(filePath: "\(place.records)/ledger/\(today().prefix(4)).jsonl") }

  init(_ place: Workplace) { self.place = place }

  /// All that was logged here.
  var lines: String { log + (agent?.written.errors ?? "") }

  func start(_ environment: [String: String] = [:]) async throws {
    let agent = try place.start(["run"], environment: environment)
    self.agent = agent
    #expect(await comesTrue { agent.written.errors.contains(" mirror.listening") || !agent.isRunning })
  }

  /// An agent whose calls fail so from when ``gate`` is there.
  func startFaulty(_ error: String, _ calls: [String], below: String) async throws {
    let fault = Fault(calls: calls, below: place.folder + below, error: error, gate: gate)
    try await start(place.faults(fault, trace: place.folder + "/trace"))
    _ = FileManager.default.createFile(atPath: gate, contents: nil)
  }

  func end() async {
    agent?.signal(SIGTERM)
    if let outcome = await agent?.outcome() { log += outcome.errors }
    agent = nil
  }

  @discardableResult
  func once(ahead: Int = 0) async throws -> Int32 {
    let outcome = try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(ahead)"])
    log += outcome.errors
    return outcome.status
  }

  func expectOnce(_ code: Int32, ahead: Int = 0) async throws {
    let status = try await once(ahead: ahead)
    #expect(status == code, "\(log)")
  }

  /// A command that does what it is asked.
  func succeed(_ arguments: String...) async throws {
    let outcome = try await place.start(arguments).outcome()
    #expect(outcome.status == 0, "\(arguments): \(outcome)")
  }

  func drop(_ number: String, _ changes: String...) throws {
    try place.drop(
      form(number: number, changes: changes), as: number + ".yaml", modified: Date(timeIntervalSinceNow: -9))
  }

  func ask(_ arguments: String..., ahead: Int = 0) async throws -> Outcome {
    try await place.start(arguments, environment: ["BUZON_CLOCK_AHEAD": "\(ahead)"]).outcome()
  }

  func modify(_ ldif: String) throws {
    try site.modify(
      ldif.replacing("@BASE@", with: site.sandbox.base).replacing("@AGENT@", with: site.sandbox.agent) + "\n")
  }

  /// The agent binds with a password, which its file has.
  func usePassword(_ password: String) throws {
    let file = place.folder + "/password"
    try Data(password.utf8).write(to: URL(fileURLWithPath: file))
    #expect(chmod(file, 0o600) == 0)
    try place.configure(
      .with { $0.bind = "{method: simple, dn: \"\(site.sandbox.agent)\", password_file: \"\(file)\"}" })
  }

  /// The agent connects over TLS, and trusts an authority.
  func useTLS(authority: String) throws {
    let file = place.folder + "/password"
    try Data("correct horse".utf8).write(to: URL(fileURLWithPath: file))
    #expect(chmod(file, 0o600) == 0)
    let uri = try #require(site.sandbox.tlsURI)
    try place.configure(
      .with {
        $0.uri = uri
        $0.bind = "{method: simple, dn: \"\(site.sandbox.agent)\", password_file: \"\(file)\"}"
        $0.tls = "{ca_file: \"\(authority)\"}"
      })
  }

  func setMode(_ mode: mode_t, _ folder: String) { #expect(chmod(place.spool + "/" + folder, mode) == 0) }
}

/// An account's creation.
func create(_ local: String) -> String {
  "create: {address: \(local)@example.org, name: {given: Ana, family: Ruiz}}"
}
