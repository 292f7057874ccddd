import Foundation
import Sandbox
import Support
import Testing
import Text

/// `buzon handover`, and how a hand-over comes to its end. Each test has a directory of its own: its agent listens to all
/// that happens there.
@Suite("A hand-over")
struct HandoverTests {
  private static func create(_ local: String, _ more: String = "") -> String {
    "create: {address: \(local)@example.org, name: {given: Ada, family: Bo}\(more)}"
  }

  private static func reset(_ local: String) -> String { "modify: {address: \(local)@example.org, reset: password}" }

  /// The slip's password.
  private func password(_ place: Workplace, _ local: String) async throws -> String {
    try #require(try await place.answer("handover", "\(local)@example.org")["password"].text)
  }

  /// The user changes the password, by OpenLDAP's own tool.
  private func changePassword(_ place: Workplace, _ local: String, from old: String, to new: String) async throws {
    let dn = place.site.dn(local)
    let outcome = try await Program.run(
      "/usr/bin/ldappasswd",
      ["-x", "-H", place.site.sandbox.uri, "-D", dn, "-w", old, "-a", old, "-s", new])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Where the hand-over of a request's first change stands, by the delivery record.
  private func recorded(_ place: Workplace, _ number: String) throws -> JSON? {
    try place.record(number)?["changes"][0]["handover"]
  }

  // MARK: Slips

  @Test("is listed by department, and its slips are shown, each showing recorded before it is seen")
  func shown() async throws {
    let place = try Site().workplace(
      "slips", .with { $0.more = "handover: {change_url: \"https://clave.example.org\"}" })
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "H-1", department: "Salud",
        changes: [Self.create("una"), Self.create("dos", ", aliases: [d@example.org]")]),
      "H-1")
    try await place.carryOut(form(number: "H-2", department: "Hacienda", changes: [Self.create("tres")]), "H-2")
    try await place.carryOut(form(number: "H-3", department: "Salud", changes: [Self.create("cuatro")]), "H-3")

    let list = try await place.answer("handover")
    #expect(list["version"] == 1)
    #expect(
      list["handovers"].array.map { "\($0["department"].text ?? "") \($0["address"].text ?? "")" } == [
        "Salud una@example.org", "Salud dos@example.org", "Salud cuatro@example.org", "Hacienda tres@example.org",
      ])
    #expect(list["handovers"].array.allSatisfy { $0["state"] == "open" && $0["shown"] == 0 })
    #expect(try await place.answer("handover", "--department", "Hacienda")["handovers"].array.count == 1)

    let one = try await place.answer("handover", "UNA@example.org")
    #expect(one.keys == ["version", "address", "dn", "password", "expires"])
    #expect(one["address"] == "una@example.org" && one["dn"].text == place.site.dn("una"))
    let secret = try #require(one["password"].text)
    #expect(try await place.site.bind(place.site.dn("una"), password: secret).status == 0)
    let text = try await place.run("handover", "una@example.org")
    #expect(text.status == 0 && text.output.contains(secret) && text.output.contains("https://clave.example.org"))
    #expect(text.output.contains("Ana Lucía Rosero"), "the responsible official")

    // A request of several: an array, and one document.
    let both = try await place.answer("handover", "H-1")
    #expect(both["slips"].array.map { $0["address"] } == ["una@example.org", "dos@example.org"])
    let alias = try await place.answer("handover", "d@example.org")
    #expect(alias["address"] == "dos@example.org")
    #expect(try await place.answer("handover", "H-2")["address"] == "tres@example.org", "one slip has no array")
    let file = place.folder + "/slips.html"
    #expect(try await place.run("handover", "H-1", "--format", "html", "-o", file).status == 0)
    let page = try String(contentsOfFile: file, encoding: .utf8)
    #expect(mode(file) == "600" && page.contains(secret) && page.contains("dos@example.org"))
    #expect(try await place.run("handover", "H-1", "--format", "html", "-o", file).status == 73)

    // A file that can't be written is told before anything is shown.
    let history = try await place.answer("show", "H-1")["history"].array.filter { $0["event"] == "handover.shown" }
    #expect(history.map { $0["change"].integer } == [0, 0, 0, 1, 1, 0, 1])
    #expect(history.allSatisfy { $0["by"].text?.isEmpty == false })
    #expect(
      try await place.answer("handover")["handovers"].array.map { $0["shown"] } == [4, 3, 0, 1])

    for (name, status) in [("H-9", 66), ("nadie@example.org", 66), ("H-1", 0)] as [(String, Int32)] {
      #expect(try await place.run("handover", name).status == status, "\(name)")
    }
    #expect(await agent.end() == 0)
    // No password lies anywhere.
    try FileManager.default.removeItem(atPath: file)
    let found = try await Program.run("/usr/bin/grep", ["-rlF", secret, place.folder])
    #expect(found.status == 1 && !agent.log.contains { $0.contains(secret) }, "\(found.output)")
  }

  @Test("whose slip was received can be shown by nobody: the salt has gone from the register and its log")
  func received() async throws {
    let place = try Site().workplace("received")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "R-1", changes: [Self.create("una"), Self.create("dos")]), "R-1")
    let salts = try SQLite.rows(place.state + "/register.sqlite", "SELECT salt FROM handover ORDER BY change_index")
      .compactMap { $0["salt"]?.blob }
    try #require(salts.count == 2)
    func holds(_ salt: Data) -> Bool {
      ["", "-wal"].contains { suffix in
        (try? Data(contentsOf: URL(fileURLWithPath: place.state + "/register.sqlite" + suffix)))?.range(of: salt) != nil
      }
    }
    #expect(holds(salts[0]) && holds(salts[1]))
    _ = try await password(place, "una")

    let receipt = try await place.run("handover", "una@example.org", "--received-by", "Ana Rosero")
    #expect(receipt.status == 0 && receipt.output == "una@example.org received by Ana Rosero\n", "\(receipt.errors)")
    #expect(!holds(salts[0]) && holds(salts[1]))
    for arguments in [
      ["una@example.org"], ["una@example.org", "--change"], ["una@example.org", "--received-by", "B"],
    ] {
      let again = try await place.start(["handover"] + arguments).outcome()
      #expect(again.status == 1 && again.output.isEmpty && again.errors.contains("Ana Rosero"), "\(again.errors)")
    }
    // What can still be shown of the request is.
    let rest = try await place.run("handover", "R-1", "--json")
    #expect(rest.status == 0 && rest.errors.contains("una@example.org: the slip was received"))
    #expect(try JSON(rest.output)["slips"].array.map { $0["address"] } == ["dos@example.org"])
    // The agent was told.
    #expect(try await comesTrue { try recorded(place, "R-1") == "delivered" })
    #expect(
      try await comesTrue { try place.listed("una@example.org")?["handover"] == "delivered" })
    let open = try await place.answer("handover")["handovers"].array
    #expect(open.map { $0["state"] } == ["open", "delivered"] || open.map { $0["state"] } == ["delivered", "open"])
    #expect(await agent.end() == 0)

    // Without an agent the next run writes it.
    #expect(try await place.run("handover", "R-1", "--received-by", "Luis").status == 0)
    #expect(!holds(salts[1]))
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("R-1")?["changes"].array.allSatisfy { $0["handover"] == "delivered" } == true)
    let history = try await place.answer("show", "R-1")["history"].array.filter { $0["event"] == "handover.received" }
    #expect(history.map { $0["by"] } == ["Ana Rosero", "Luis"] && history.map { $0["change"].integer } == [0, 1])
  }

  // MARK: Its end

  @Test("closes within a second of the user's own change, and the end of the password is then cleared")
  func closed() async throws {
    let place = try Site().workplace("closed")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "C-1", changes: [Self.create("una")]), "C-1")
    try await place.carryOut(form(number: "C-2", changes: [Self.create("dos")]), "C-2")
    // Also the second of two grants, and one whose slip was received.
    try await place.carryOut(form(number: "C-3", changes: [Self.reset("una")]), "C-3")
    let (una, dos) = (try await password(place, "una"), try await password(place, "dos"))
    #expect(try await place.run("handover", "dos@example.org", "--received-by", "Ana").status == 0)
    #expect(try recorded(place, "C-3") == "open")
    #expect(try await comesTrue { try recorded(place, "C-1") == "expired" })

    for (local, old, number) in [("una", una, "C-3"), ("dos", dos, "C-2")] {
      try await changePassword(place, local, from: old, to: "una frase larga y propia")
      #expect(await agent.says("handover.closed", "\(local)@example.org", number), "\(agent.log)")
      #expect(try await comesTrue { try recorded(place, number) == "closed" }, "\(local)")
      #expect(
        try await comesTrue { try place.listed("\(local)@example.org")?["handover"] == "closed" })
    }
    #expect(try await place.answer("handover")["handovers"].array.isEmpty)
    let all = try await place.answer("handover", "--all")["handovers"].array
    #expect(all.map { $0["state"] } == ["expired", "closed", "closed"] && all[0]["endedBy"] == "reset", "\(all)")
    let over = try await place.run("handover", "una@example.org")
    #expect(over.status == 1 && over.errors.contains("closed"), "\(over.errors)")

    #expect(
      try await comesTrue {
        try place.site.entry("una")?["pwdEndTime"] == [] && place.site.entry("dos")?["pwdEndTime"] == []
      })
    let clocked = try #require(try place.site.entry("una")?["buzonRequest"].first)
    #expect(clocked.hasPrefix("@"))
    #expect(try await place.site.bind(place.site.dn("una"), password: "una frase larga y propia").status == 0)
    // What the clock did is no drift, and neither is the user's password.
    #expect(try await place.answer("drift")["drift"].array.isEmpty)
    #expect(await agent.end() == 0)
  }

  @Test("whose password somebody else sets is told as that, and does not close")
  func overridden() async throws {
    let place = try Site().workplace("overridden")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "O-1", changes: [Self.create("una")]), "O-1")
    // The directory keeps the time of a password in whole seconds: another's is known by a later one.
    let granted = time(nil)
    #expect(await comesTrue { time(nil) > granted })
    let sandbox = place.site.sandbox
    let outcome = try await Program.run(
      "/usr/bin/ldappasswd",
      [
        "-x", "-H", sandbox.uri, "-D", sandbox.admin, "-y", sandbox.passwordFile, "-s", "clave de otra mano",
        place.site.dn("una"),
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      await agent.says("handover.overridden", "una@example.org", sandbox.admin), "\(agent.log)")
    #expect(try await comesTrue { try recorded(place, "O-1") == "expired" })
    let over = try await place.run("handover", "una@example.org")
    #expect(over.status == 1 && over.errors.contains(sandbox.admin), "\(over.errors)")
    let all = try await place.run("handover", "--all").output
    #expect(all.contains("ENDED BY") && all.contains(sandbox.admin), "\(all)")
    let status = try await place.run("status")
    #expect(status.status == 1 && status.output.contains("Temporary passwords overridden by somebody else 1"))
    #expect(try await place.run("status", "--acknowledge").status == 0)
    #expect(try await place.run("status").status == 0)
    #expect(await agent.end() == 0)
  }

  @Test("goes with its account to another department")
  func moved() async throws {
    let place = try Site().workplace("department")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "D-1", department: "Salud", changes: [Self.create("una")]), "D-1")
    try await place.carryOut(
      form(number: "D-2", changes: ["modify: {address: una@example.org, set: {department: Hacienda}}"]), "D-2")
    #expect(try await place.answer("handover", "--department", "Hacienda")["handovers"].array.count == 1)
    #expect(try await place.answer("handover", "--department", "Salud")["handovers"] == [])
    #expect(await agent.end() == 0)
  }

  @Test("ends with its account, and with a later grant")
  func superseded() async throws {
    let place = try Site().workplace("superseded")
    let agent = try await place.agent()
    try await place.carryOut(
      form(number: "S-1", changes: ["una", "dos", "tres"].map { Self.create($0) }), "S-1")
    let old = try await password(place, "dos")
    try await place.carryOut(
      form(
        number: "S-2",
        changes: [
          "delete: {address: una@example.org, immediately: true}", Self.reset("dos"),
          "delete: {address: tres@example.org}",
        ]),
      "S-2")
    #expect(
      try await comesTrue {
        try place.record("S-1")?["changes"].array.allSatisfy { $0["handover"] == "expired" } == true
      })
    #expect(try await place.answer("handover")["handovers"].array.map { $0["address"] } == ["dos@example.org"])
    let gone = try await place.run("handover", "S-1")
    #expect(gone.status == 1)
    for words in [
      "una@example.org: the account was deleted", "dos@example.org: another temporary password",
      "tres@example.org: the account was deleted",
    ] {
      #expect(gone.errors.contains(words), "\(gone.errors)")
    }
    let new = try await password(place, "dos")
    #expect(new != old)
    #expect(try await place.site.bind(place.site.dn("dos"), password: old).status == 49)
    #expect(try await place.site.bind(place.site.dn("dos"), password: new).status == 0)
    #expect(await agent.end() == 0)
  }

  @Test("that nobody used in time expires: the password is scrambled, and no slip is shown any more")
  func expired() async throws {
    let place = try Site().workplace(
      "expired", .with { $0.more = "policy: {clock_jump: 400 d, password: {life: 10 d}}" })
    try place.drop(form(number: "E-1", changes: [Self.create("una")]), as: "1")
    #expect(try await place.run("run", "--once").status == 0)
    let old = try await password(place, "una")
    func ahead(_ days: Int) -> [String: String] { ["BUZON_CLOCK_AHEAD": "\(days * 86_400)"] }
    #expect(try await place.run("run", "--once", environment: ahead(9)).status == 0)
    #expect(try recorded(place, "E-1") == "open")
    // Also before the agent has come to it.
    let late = try await place.run("handover", "una@example.org", environment: ahead(11))
    #expect(late.status == 1 && late.errors.contains("served until"), "\(late.errors)")
    #expect(try await place.run("run", "--once", environment: ahead(11)).status == 0)
    #expect(try recorded(place, "E-1") == "expired" && place.listed("una@example.org")?["handover"] == "expired")
    #expect(try await place.site.bind(place.site.dn("una"), password: old).status == 49)
    let over = try await place.run("handover", "una@example.org")
    #expect(over.status == 1 && over.errors.contains("reset: password"), "\(over.errors)")
    #expect(try await place.answer("handover")["handovers"].array.isEmpty)
  }

  // MARK: The final password

  /// `buzon handover … --change` with these lines from a pipe.
  private func change(_ place: Workplace, _ local: String, _ lines: String...) async throws -> Outcome {
    try await Program.run(
      Program.built("buzon"), ["handover", "\(local)@example.org", "--change"],
      environment: ["BUZON_CONFIG": place.config], input: lines.map { $0 + "\n" }.joined())
  }

  @Test("is closed on the spot with --change, under the directory's own policy")
  func changed() async throws {
    let place = try Site().workplace("change")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "F-1", changes: [Self.create("una"), Self.create("dos")]), "F-1")
    let old = try await password(place, "una")
    let long = "una frase larga y propia"
    for (lines, words) in [
      (("corta", "corta"), "too short"), ((old, old), "is the temporary one"), ((long, long + "."), "not the same"),
      (("", ""), "empty"), ((long, ""), "not the same"), (("a\u{7}bcdefghijklm", "a\u{7}bcdefghijklm"), "control"),
    ] {
      let refused = try await change(place, "una", lines.0, lines.1)
      #expect(refused.status == 65 && refused.errors.contains(words), "\(words): \(refused.errors)")
      #expect(refused.output.isEmpty && !refused.errors.contains(old) && !refused.errors.contains(long))
    }
    #expect(try await place.site.bind(place.site.dn("una"), password: old).status == 0)

    let done = try await change(place, "una", long, long)
    #expect(done.status == 0 && done.output.contains("una@example.org"), "\(done.errors)")
    #expect(await agent.says("handover.closed", "una@example.org", "the user"), "\(agent.log)")
    #expect(try await comesTrue { try recorded(place, "F-1") == "closed" })
    #expect(try await place.site.bind(place.site.dn("una"), password: long).status == 0)
    let history = try await place.answer("show", "F-1")["history"].array
    #expect(history.contains { $0["event"] == "handover.changed" && $0["by"].text?.isEmpty == false })
    #expect(try await change(place, "una", long, long).status == 1)

    // What is typed is the same password in either normal form.
    let composed = try await change(place, "dos", "frase con ñandú y más", "frase con n\u{303}andu\u{301} y ma\u{301}s")
    #expect(composed.status == 0 && composed.errors.contains("beyond ASCII"), "\(composed.errors)")
    #expect(
      try await place.site.bind(place.site.dn("dos"), password: "frase con \u{F1}and\u{FA} y m\u{E1}s").status == 0)
    #expect(await agent.end() == 0)
  }

  @Test("asks for the final password at the terminal without showing it, and leaves the terminal as it was")
  func terminal() async throws {
    let place = try Site().workplace("terminal")
    try place.drop(form(number: "T-1", changes: [Self.create("una")]), as: "1")
    #expect(try await place.run("run", "--once").status == 0)
    /// A person: waits for each prompt, types, and tells what the terminal showed and how it was left.
    func typed(_ lines: [String]) async throws -> [String] {
      let script = """
        import os, pty, select, sys, termios, time
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(sys.argv[1], [sys.argv[1], "handover", "una@example.org", "--change"])
        def echoes(): return "shown" if termios.tcgetattr(fd)[3] & termios.ECHO else "silent"
        seen, manners = b"", []
        for line in sys.argv[2:]:
            end = time.time() + 120
            while time.time() < end and not seen.endswith(b": "):
                if select.select([fd], [], [], 0.05)[0]: seen += os.read(fd, 4096)
            manners.append(echoes())
            seen += b"|"
            os.write(fd, b"\\x03" if line == "^C" else line.encode() + b"\\n")
        while True:
            try: piece = os.read(fd, 4096)
            except OSError: break
            if not piece: break
            seen += piece
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        print(" ".join(manners))
        print(echoes())
        print(repr(seen))
        """
      let outcome = try await Program.run(
        "/usr/bin/python3", ["-c", script, Program.built("buzon")] + lines, environment: ["BUZON_CONFIG": place.config])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map(String.init)
    }
    let interrupted = try await typed(["^C"])
    #expect(interrupted.prefix(3) == ["-2", "silent", "shown"], "\(interrupted)")
    let second = try await typed(["una frase larga y propia", "^C"])
    #expect(second.prefix(3) == ["-2", "silent silent", "shown"], "\(second)")
    #expect(!second[3].contains("frase larga"))
    // A person may try again.
    let done = try await typed(["corta", "corta", "una frase larga y propia", "una frase larga y propia"])
    #expect(done.prefix(3) == ["0", "silent silent silent silent", "shown"], "\(done)")
    #expect(done[3].contains("too short") && !done[3].contains("frase larga") && !done[3].contains("corta|"), "\(done)")
    #expect(try await place.site.bind(place.site.dn("una"), password: "una frase larga y propia").status == 0)
  }

  @Test("is shown by root as root, and what is written of it stays the owner's", .enabled(if: geteuid() == 0))
  func root() async throws {
    let place = try Site().workplace("root")
    try place.drop(form(number: "U-1", changes: [Self.create("una")]), as: "1")
    #expect(try await place.run("run", "--once").status == 0)
    let owned = try await Program.run("/usr/bin/chown", ["-R", "nobody", place.state])
    #expect(owned.status == 0, "\(owned.errors)")
    #expect(try await place.run("handover", "una@example.org").status == 0)
    // What only root may write is told before anything is shown.
    #expect(try await place.run("handover", "una@example.org", "-o", place.folder + "/slip").status == 73)
    let shown = try await place.answer("show", "U-1")["history"].array.filter { $0["event"] == "handover.shown" }
    #expect(shown.map { $0["by"] } == ["root"], "\(shown)")
    let others = try await Program.run("/usr/bin/find", [place.state, "!", "-user", "nobody"])
    #expect(others.output.isEmpty, "\(others.output)")
    let stranger = try await Program.run(
      "/usr/bin/setpriv",
      [
        "--reuid", "1", "--clear-groups", Program.built("buzon"), "handover", "una@example.org", "--config",
        place.config,
      ])
    #expect([77, 78].contains(stranger.status) && stranger.output.isEmpty, "\(stranger.status) \(stranger.errors)")
  }

  @Test(
    "is asked for in words that fit together",
    arguments: [
      ["--received-by", "Ana"], ["--change"], ["--format", "html"], ["H-1", "--department", "Salud"],
      ["H-1", "--received-by", "Ana", "--change"], ["H-1", "--received-by", " "],
      ["H-1", "--received-by", "A\u{1B}[1m"],
      ["H-1", "--json", "--format", "html"], ["-o", "f"], ["H-1", "--change", "-o", "f"],
    ])
  func usage(_ arguments: [String]) async throws {
    let outcome = try await Program.run(Program.built("buzon"), ["handover"] + arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
  }
}
