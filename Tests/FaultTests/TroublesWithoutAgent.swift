import Foundation
import Support
import Testing

extension Trouble {
  private static func row(
    _ name: String, _ exit: Int32, _ findings: Set<String>, remedy: String? = nil, queue: String? = nil,
    event: String? = nil, once: Int32? = nil, isWritten: Bool = true, options: Workplace.Options = .init(),
    make: @escaping @Sendable (TroubledPlace) async throws -> Void,
    mend: @escaping @Sendable (TroubledPlace) async throws -> Void
  ) -> Trouble {
    Trouble(
      .noAgent, name, exit, findings, remedy: remedy, queue: queue, event: event, once: once, isWritten: isWritten,
      options: options,
      make: make, mend: mend)
  }

  /// `incoming/` has a mode that it should not have.
  private static func mode(_ mode: mode_t, _ name: String, event: String) -> Trouble {
    row(name, 1, ["spool-mode"], remedy: "chmod 3730 ", event: event, once: 0) {
      $0.setMode(mode, "incoming")
      try await $0.expectOnce(0)
    } mend: {
      $0.setMode(0o3730, "incoming")
    }
  }

  private static let nowhere = Workplace.Options.with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" }
  private static let limited = Workplace.Options.with { $0.more = "policy: {limits: {deletes: {per_form: 1}}}" }

  static let withoutAgent: [Trouble] = [
    row("no agent has ever run", 2, ["agent-stopped"], queue: "no agent has ever run here", isWritten: false) { _ in
    } mend: {
      try await $0.once()
    },
    row("no agent has ever run, and a form waits", 2, ["agent-stopped"], queue: "1 file lies", isWritten: false) {
      try $0.drop("N-2", create("una"))
    } mend: {
      try await $0.once()
    },
    row("the agent was stopped", 2, ["agent-stopped"], queue: "No agent runs", event: "agent.ended") {
      try await $0.start()
      await $0.end()
    } mend: {
      try await $0.start()
    },
    row("the agent was killed", 2, ["agent-stopped"], queue: "No agent runs", isWritten: false) {
      try await $0.start()
      $0.agent?.signal(SIGKILL)
      await $0.end()
    } mend: {
      try await $0.start()
    },
    row(
      "the state is gone", 2, ["agent-stopped"], queue: "has delivery records", event: "agent.failed", once: 77,
      isWritten: false
    ) {
      try $0.drop("N-5", create("una"))
      try await $0.expectOnce(0)
      try FileManager.default.moveItem(atPath: $0.place.state, toPath: $0.place.folder + "/aside")
      try await $0.expectOnce(77)
    } mend: {
      try? FileManager.default.removeItem(atPath: $0.place.state)
      try FileManager.default.moveItem(atPath: $0.place.folder + "/aside", toPath: $0.place.state)
    },
    row("all was done by run --once", 0, [], queue: "No request waits.\n", once: 0) {
      try await $0.once()
    } mend: { _ in
    },
    row(
      "run --once found no directory", 2, ["directory-waiting", "run-unfinished"], event: "mirror.away", once: 69,
      options: nowhere
    ) {
      try await $0.expectOnce(69)
    } mend: {
      try $0.place.configure(.init())
      try await $0.once()
    },
    row(
      "the ledger's file was cut", 2, ["ledger-differs"], remedy: "buzon rebuild", event: "ledger.differs", once: 0
    ) {
      try $0.drop("N-L", create("una"))
      try await $0.expectOnce(0)
      let file = $0.ledger
      try Data(Data(contentsOf: file).dropLast(9)).write(to: file)
      try await $0.expectOnce(0)
    } mend: {
      try await $0.succeed("rebuild")
      try await $0.once()
    },
    row(
      "an older register was put in place", 1, ["run-unfinished"], event: "agent.failed", once: 77, isWritten: false
    ) {
      try $0.drop("N-O", create("una"))
      try await $0.expectOnce(0)
      let register = URL(filePath: $0.place.state + "/register.sqlite")
      let old = try Data(contentsOf: register)
      try await $0.succeed("status", "--acknowledge")
      try await $0.expectOnce(0)
      try old.write(to: register)
      try await $0.expectOnce(77)
    } mend: {
      try await $0.succeed("backup", $0.place.folder + "/b")
      try await $0.succeed("restore", $0.place.folder + "/b")
      try await $0.once()
    },
    row(
      "run --once can't read its password", 2, ["directory-waiting", "run-unfinished"], remedy: "read that file",
      event: "mirror.away", once: 69
    ) {
      try $0.usePassword("correct horse")
      try FileManager.default.removeItem(atPath: $0.place.folder + "/password")
      try await $0.expectOnce(69)
      let reason = try await JSON($0.ask("status", "--json").output)["directory"]["reason"].text
      #expect(reason?.contains("/password: no such file") == true, "\(reason ?? "")")
    } mend: {
      try $0.site.setAgentPassword("correct horse")
      try $0.usePassword("correct horse")
      try await $0.once()
    },
    row(
      "run --once held a request", 1, ["run-unfinished", "held"], remedy: "buzon release NUMBER), then run it",
      queue: "held", event: "request.held", once: 75,
      options: limited
    ) {
      try $0.drop("N-8A", create("una"), create("dos"))
      try await $0.expectOnce(0)
      try $0.drop("N-8", "delete: {address: una@example.org}", "delete: {address: dos@example.org}")
      try await $0.expectOnce(75)
    } mend: {
      try await $0.succeed("release", "N-8")
      try await $0.once()
    },
    row("a file was rejected", 1, ["rejected"], queue: "see buzon status", event: "request.rejected", once: 1) {
      try $0.place.drop("number: [\n", as: "broken.yaml")
      try await $0.expectOnce(1)
    } mend: {
      try await $0.succeed("status", "--acknowledge")
    },
    row("a change failed", 1, ["failed-today"], event: "change.failed", once: 1) {
      try $0.drop("N-10", "delete: {address: nadie@example.org}")
      try await $0.expectOnce(1)
    } mend: {
      try await $0.succeed("status", "--acknowledge")
    },
    row(
      "the clock jumped", 1, ["clock-held", "run-unfinished"], queue: "The clock is held", event: "clock.held", once: 75
    ) {
      try $0.drop("N-11", create("una"))
      try await $0.expectOnce(0)
      try await $0.expectOnce(75, ahead: 400 * 86_400)
    } mend: {
      try await $0.succeed("release", "CLOCK")
      try await $0.once()
    },
    row("incoming/ is missing", 2, ["spool-unreadable"], queue: "could not be read", isWritten: false) {
      try await $0.once()
      try FileManager.default.removeItem(atPath: $0.place.spool + "/incoming")
    } mend: {
      try await $0.once()
    },
    row(
      "the records are open to others, so the agent refuses to start", 1, ["run-unfinished"], event: "agent.failed",
      once: 77, isWritten: false
    ) {
      try await $0.once()
      #expect(chmod($0.place.records, 0o757) == 0)
      try await $0.expectOnce(77)
    } mend: {
      #expect(chmod($0.place.records, 0o750) == 0)
      try await $0.once()
    },
    row(
      "rejected/ is a file", 2, ["spool-unreadable", "run-unfinished"], queue: "could not be read", once: 74,
      isWritten: false
    ) {
      try await $0.once()
      try FileManager.default.removeItem(atPath: $0.place.spool + "/rejected")
      #expect(FileManager.default.createFile(atPath: $0.place.spool + "/rejected", contents: nil))
      try await $0.expectOnce(74)
    } mend: {
      try FileManager.default.removeItem(atPath: $0.place.spool + "/rejected")
      try await $0.once()
    },
    mode(0o3030, "incoming/ is closed to its owner", event: "spool.incomplete"),
    mode(0o3700, "incoming/ is closed to its group", event: "spool.incomplete"),
    mode(0o1730, "incoming/ gives no group", event: "spool.incomplete"),
    mode(0o3777, "everybody may drop forms", event: "spool.open"),
    mode(0o3734, "everybody may list the forms", event: "spool.open"),
  ]
}
