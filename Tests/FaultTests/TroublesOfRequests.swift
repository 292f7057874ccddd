import Foundation
import Sandbox
import Support
import Testing

extension Trouble {
  private static func row(
    _ name: String, _ exit: Int32, _ findings: Set<String>, remedy: String? = nil, queue: String? = nil,
    event: String? = nil, ahead: Int = 0, isWritten: Bool = true, options: Workplace.Options = .init(),
    make: @escaping @Sendable (TroubledPlace) async throws -> Void,
    mend: @escaping @Sendable (TroubledPlace) async throws -> Void
  ) -> Trouble {
    Trouble(
      .requests, name, exit, findings, remedy: remedy, queue: queue, event: event, ahead: ahead, isWritten: isWritten,
      options: options, make: make, mend: mend)
  }

  private static let limited = Workplace.Options.with { $0.more = "policy: {limits: {deletes: {per_form: 1}}}" }

  static let ofRequests: [Trouble] = [
    row("a limit holds a request", 1, ["held"], queue: "held", event: "request.held", options: limited) {
      try await $0.start()
      try await $0.place.carryOut(form(number: "R-0", changes: [create("limit1"), create("limit2")]), "R-0")
      try $0.drop("R-1", "delete: {address: limit1@example.org}", "delete: {address: limit2@example.org}")
    } mend: {
      try await $0.succeed("release", "R-1")
      try await $0.place.recorded("R-1")
    },
    row("an operator holds a request", 1, ["held"], queue: "held", event: "request.ordered") {
      try await $0.start()
      let place = $0.place
      try $0.site.stopDirectory()
      try $0.drop("R-4", create("oper3"))
      #expect(try await comesTrue { try await place.run("hold", "R-4").status == 0 })
      try $0.site.startDirectory()
    } mend: {
      try await $0.succeed("release", "R-4")
      try await $0.place.recorded("R-4")
    },
    row(
      "the allowed signers have a mistake", 2, ["approval-waiting"], remedy: "correct the line",
      queue: "could not be checked yet", event: "approval.waiting"
    ) {
      let signing = try Signing($0.place)
      try await signing.make("boss")
      try signing.allow("jefe.sistemas basura")
      try $0.place.configure(signing.options())
      try await $0.start()
      let signed = form(number: "R-10", changes: [create("firma1")])
      try $0.place.drop(try await signing.signature(of: signed, by: "boss"), as: "firma.yaml.sig")
      try $0.place.drop(signed, as: "firma.yaml")
    } mend: {
      let signing = Signing(in: $0.place)
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      try await $0.place.recorded("R-10")
    },
    row(
      "ssh-keygen is missing", 2, ["approval-waiting"], remedy: "install openssh-client", event: "approval.waiting"
    ) {
      let signing = try Signing($0.place)
      try await signing.make("boss")
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      try $0.place.configure(signing.options())
      try await $0.start(["PATH": "/nowhere"])
    } mend: {
      await $0.end()
      try await $0.start()
    },
    row(
      "the allowed signers are gone", 2, ["approval-waiting"], remedy: "put the file back",
      event: "approval.waiting"
    ) {
      let signing = try Signing($0.place)
      try await signing.make("boss")
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      try $0.place.configure(signing.options())
      try await $0.start()
      try FileManager.default.removeItem(atPath: signing.signers)
      $0.agent?.signal(SIGHUP)
    } mend: {
      let signing = Signing(in: $0.place)
      try signing.allow(signing.line("jefe.sistemas", "boss"))
    },
    row(
      "the ledger's file is cut while the agent runs", 2, ["ledger-differs"], remedy: "put the file back",
      event: "ledger.differs"
    ) {
      try await $0.start()
      try await $0.place.carryOut(form(number: "R-11", changes: [create("cut1")]), "R-11")
      let (place, file) = ($0.place, $0.ledger)
      #expect(await comesTrue { (try? Data(contentsOf: file))?.isEmpty == false })
      try FileManager.default.copyItem(atPath: file.path, toPath: place.folder + "/whole.jsonl")
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: handle.seekToEnd() - 9)
      try handle.close()
    } mend: {
      try Data(contentsOf: URL(filePath: $0.place.folder + "/whole.jsonl")).write(to: $0.ledger)
    },
    row(
      "the ledger's file is moved away while the agent runs", 2, ["ledger-differs"], remedy: "run buzon rebuild",
      event: "ledger.differs"
    ) {
      try await $0.start()
      try await $0.place.carryOut(form(number: "R-12", changes: [create("moved1")]), "R-12")
      let file = $0.ledger
      #expect(await comesTrue { (try? Data(contentsOf: file))?.isEmpty == false })
      try FileManager.default.moveItem(atPath: file.path, toPath: $0.place.folder + "/moved.jsonl")
    } mend: {
      await $0.end()
      try await $0.succeed("rebuild")
      try await $0.start()
    },
    row("a temporary password was overridden", 1, ["overridden"], event: "handover.overridden") {
      try await $0.start()
      try await $0.place.carryOut(form(number: "R-5", changes: [create("over1")]), "R-5")
      // The directory keeps the time of a password in whole seconds.
      let granted = time(nil)
      #expect(await comesTrue { time(nil) > granted })
      let sandbox = $0.site.sandbox
      let outcome = try await Support.Program.run(
        "/usr/bin/ldappasswd",
        [
          "-x", "-H", sandbox.uri, "-D", sandbox.admin, "-y", sandbox.passwordFile, "-s", "clave de otra mano",
          $0.site.dn("over1"),
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
    } mend: {
      try await $0.succeed("status", "--acknowledge")
    },
    row("an account was changed outside Buzón", 1, ["drift"], event: "drift.found") {
      try await $0.start()
      try await $0.place.carryOut(
        form(
          number: "R-6", changes: ["create: {address: drift1@example.org, name: {given: A, family: B}, position: Jefa}"]
        ),
        "R-6")
      try $0.modify("dn: \($0.site.dn("drift1"))\nchangetype: modify\nreplace: title\ntitle: Otra")
    } mend: {
      let repair = $0.place.folder + "/repair.yaml"
      let outcome = try await $0.place.run(
        "drift", "--repair", repair, "--number", "R-7", "--department", "TIC", "--requester", "Ana", "--approved-by",
        "jefe", "--approved-on", today())
      #expect(exists(repair), "\(outcome.errors)")
      let submitted = try await $0.place.run("submit", "--wait", repair)
      #expect(submitted.status == 0, "\(submitted.errors)")
    },
    row(
      "a program keeps a form open", 1, ["stuck"], remedy: "/incoming/open.yaml), or remove the file",
      queue: "/incoming/open.yaml: a program has it open for writing", event: "spool.open_for_writing", ahead: 400,
      isWritten: false
    ) {
      // The clock of who asks is ahead, so the directory seems silent: another agent's clock is ahead too.
      try await $0.start(["BUZON_CLOCK_AHEAD": "400"])
      try $0.drop("R-8", create("open1"))
      let path = $0.place.spool + "/incoming/open.yaml"
      $0.kept = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
      let bytes = Array(form(number: "R-9", changes: [create("open2")]).utf8)
      #expect(write($0.kept, bytes, bytes.count) == bytes.count)
      let agent = $0.agent
      #expect(await comesTrue { agent?.written.errors.contains("spool.open_for_writing") == true })
    } mend: {
      close($0.kept)
      try await $0.place.recorded("R-9")
    },
    row("the agent is frozen", 2, ["directory-waiting"], ahead: 70, isWritten: false) {
      try await $0.start()
      // Before the mirror has heard the directory that would be a finding too.
      let place = $0.place
      #expect(try await comesTrue { try await place.run("status").status == 0 })
      $0.agent?.signal(SIGSTOP)
    } mend: {
      $0.agent?.signal(SIGCONT)
      await $0.end()
      try await $0.once()
    },
  ]

  private static let growing = ["create", "write", "mkdir", "rename"]
  private static let changing = ["create", "open-write", "write", "mkdir", "rename", "unlink", "chmod", "truncate"]

  /// A file that is to be rejected, and a form that is to be applied, meet a disk that fails.
  private static func disk(
    _ name: String, _ findings: Set<String>, event: String, _ error: String, _ calls: [String], below: String,
    isRejecting: Bool = false
  ) -> Trouble {
    let ends = findings == ["agent-stopped"]
    return Trouble(.disk, name, 2, findings, event: event, isWritten: isRejecting) {
      try await $0.startFaulty(error, calls, below: below)
      if isRejecting { try $0.place.drop("number: [\n", as: "broken.yaml") } else { try $0.drop("F-1", create("una")) }
    } mend: {
      try FileManager.default.removeItem(atPath: $0.gate)
      if ends {
        await $0.end()
        try await $0.start()
      }
      if isRejecting {
        _ = try await $0.place.rejection(of: "broken.yaml")
        try await $0.succeed("status", "--acknowledge")
      } else {
        try await $0.place.recorded("F-1")
      }
    }
  }

  static let ofDisks: [Trouble] = [
    disk(
      "the disk of the records is full", ["records-waiting"], event: "records.waiting", "ENOSPC", growing,
      below: "/records"),
    disk(
      "the records are read-only", ["records-waiting"], event: "records.waiting", "EROFS", changing, below: "/records"),
    disk(
      "the disk of the spool is full", ["spool-waiting"], event: "spool.waiting", "ENOSPC", growing,
      below: "/spool/rejected", isRejecting: true),
    disk(
      "the disk of the spool fails", ["spool-waiting"], event: "spool.waiting", "EIO", ["rename"],
      below: "/spool/rejected", isRejecting: true),
    disk("the disk of the state is full", ["agent-stopped"], event: "agent.failed", "ENOSPC", growing, below: "/state"),
  ]

  static let all = withoutAgent + ofDirectory + ofRequests + ofDisks
}
