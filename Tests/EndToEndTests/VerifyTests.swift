import Foundation
import Support
import Testing
import Text

extension EndToEnd {
  /// An auditor asks whether all of it is still what it was.
  @Suite("The ledger and buzon verify")
  struct VerifyTests {
    /// Two requests that are done, with an archived signature and a hand-over that was shown.
    private func filled(_ name: String) async throws -> Workplace {
      let place = try Site().workplace(name)
      try place.drop(
        form(
          number: "VER-1",
          changes: [
            "create: {address: ver1@example.org, name: {given: Ana, family: Ruiz}, position: Jefa}",
            "create: {address: ver2@example.org, name: {given: Ben, family: Ruiz}}",
          ]), as: "ver1.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      try place.drop(
        form(number: "VER-2", changes: ["modify: {address: ver1@example.org, set: {position: Rectora}}"]),
        as: "ver2.yaml")
      try Data("a signature".utf8).write(to: URL(fileURLWithPath: place.spool + "/incoming/ver2.yaml.sig"))
      #expect(try await place.run("handover", "ver1@example.org").status == 0)
      #expect(try await place.run("run", "--once").status == 0)
      return place
    }

    private func sql(_ place: Workplace, _ statement: String) async throws {
      let program = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
      let outcome = try await Program.run(
        "/usr/bin/env", ["python3", "-c", program, place.state + "/register.sqlite", statement])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// The checks that don't fit, each with what it says.
    private func differences(_ place: Workplace) async throws -> [String: String] {
      let outcome = try await place.run("verify", "--json")
      let found = try JSON(outcome.output)["checks"].array.filter { $0["result"] == "differs" }
      #expect(found.isEmpty ? [0, 69, 75].contains(outcome.status) : outcome.status == 1, "\(outcome.errors)")
      return Dictionary(uniqueKeysWithValues: found.map { ($0["check"].text ?? "", $0["what"].text ?? "") })
    }

    @Test("an edited register, record, form, signature, ledger file or list is named, and nothing else is")
    func tampered() async throws {
      let place = try await filled("verify")
      #expect(try await differences(place) == [:])
      let year = today().prefix(4)
      let (register, ledger) = (place.state + "/register.sqlite", "\(place.records)/ledger/\(year).jsonl")
      /// A file as it was, changed as text.
      func edit(_ path: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = change(text)
        #expect(text != changed, "\(path)")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
      }
      func lines(_ text: String, _ change: (inout [String]) -> Void) -> String {
        var lines = text.split(separator: "\n").map(String.init)
        change(&lines)
        return lines.map { $0 + "\n" }.joined()
      }
      let rows: [(name: String, file: String, tamper: () async throws -> Void, check: String, says: String)] = [
        (
          "an outcome", register,
          { try await self.sql(place, "UPDATE change SET outcome = 'failed' WHERE change_index = 1") },
          "requests", "VER-1: change 1 is failed"
        ),
        (
          "an address", register,
          { try await self.sql(place, "UPDATE change SET address = 'x@example.org' WHERE change_index = 1") },
          "requests", "change 1 is about another account"
        ),
        (
          "an approval", register,
          { try await self.sql(place, "UPDATE request SET approved_by = 'otro' WHERE number = 'VER-2'") },
          "requests", "VER-2: department, requester or approval"
        ),
        (
          "a form in the register", register,
          { try await self.sql(place, "UPDATE request SET bytes = x'00' WHERE number = 'VER-2'") },
          "requests", "VER-2: its form is not the one"
        ),
        (
          "a form and its digest", register,
          {
            try await self.sql(
              place,
              "UPDATE request SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Rectora', 'Decana_') AS BLOB), digest = x'00' WHERE number = 'VER-2'"
            )
          }, "requests", "VER-2: its form is not the one"
        ),
        (
          "what was sent", register,
          { try await self.sql(place, "UPDATE change SET intent = x'00' WHERE request = 2") },
          "requests", "the request after VER-1 can't be read"
        ),
        (
          "another operation", register,
          {
            try await self.sql(
              place,
              "UPDATE change SET intent = CAST(replace(CAST(intent AS TEXT), 'Rectora', 'Decana_') AS BLOB) WHERE request = 2"
            )
          }, "requests", "VER-2: the operation of change 0"
        ),
        (
          "a hand-over", register, { try await self.sql(place, "DELETE FROM event WHERE event = 'shown'") },
          "requests", "the story of the hand-over"
        ),
        (
          "who received a slip", register, { try await self.sql(place, "UPDATE handover SET received_by = 'otro'") },
          "requests", "the hand-over of change 0 is not what its story makes of it"
        ),
        (
          "how often a slip was shown", register, { try await self.sql(place, "UPDATE handover SET shown = 0") },
          "requests", "the hand-over of change 0"
        ),
        (
          "a hand-over less", register, { try await self.sql(place, "DELETE FROM handover") },
          "requests", "the hand-over of change 0"
        ),
        (
          "an outcome less", register, { try await self.sql(place, "DELETE FROM change WHERE request = 2") },
          "requests", "VER-2: change 0 was settled by the ledger"
        ),
        (
          "a request less", register,
          {
            try await self.sql(place, "DELETE FROM change WHERE request = 2")
            try await self.sql(place, "DELETE FROM request WHERE number = 'VER-2'")
          }, "chain", "request VER-2 stands in the ledger"
        ),
        (
          "a line of the register", register,
          {
            try await self.sql(
              place, "UPDATE ledger SET line = replace(line, 'applied', 'skipped') WHERE line LIKE '%applied%'")
          },
          "chain", "the stored hash of line"
        ),
        (
          "an opening", register,
          { try await self.sql(place, "UPDATE ledger SET openings = replace(openings, 'ver1@', 'ver3@')") },
          "chain", "does not speak of the address"
        ),
        (
          "a line of the register less", register,
          { try await self.sql(place, "DELETE FROM ledger WHERE sequence = 3") },
          "chain", "line 3 of the ledger is missing"
        ),
        (
          "an account of the register", register,
          { try await self.sql(place, "UPDATE account SET position = 'Nadie' WHERE address LIKE 'ver1@%'") },
          "directory", "ver1@example.org is not in the directory as"
        ),
        (
          "what lines speak of", register,
          { try await self.sql(place, "UPDATE ledger SET openings = NULL WHERE request = 2") },
          "chain", "is not in the register any more"
        ),
        (
          "who showed a slip", register,
          { try await self.sql(place, "UPDATE event SET actor = 'otro' WHERE event = 'shown'") },
          "requests", "the story of the hand-over"
        ),
        (
          "who submitted", register,
          { try await self.sql(place, "UPDATE request SET submitter_uid = 7 WHERE number = 'VER-2'") },
          "requests", "VER-2: file, submitter or time"
        ),
        (
          "a request's outcome", register,
          { try await self.sql(place, "UPDATE request SET outcome = 'failed' WHERE number = 'VER-2'") },
          "requests", "VER-2: its outcome is not"
        ),
        (
          "a signature less", register, { try await self.sql(place, "UPDATE request SET signature = NULL") },
          "requests", "VER-2: its signature is not the one"
        ),
        (
          "a decision", register,
          {
            try await self.sql(
              place, "INSERT INTO event (request, at, event, actor) VALUES (2, 5, 'released', 'jefe')")
          }, "requests", "VER-2: what was decided of it"
        ),
        (
          "a line of the file", ledger, { try edit(ledger) { $0.replacing("\"VER-2\"", with: "\"VER-9\"") } },
          "files", "line"
        ),
        ("the file's end", ledger, { try edit(ledger) { lines($0) { $0.removeLast(2) } } }, "files", "they were cut"),
        (
          "lines swapped", ledger, { try edit(ledger) { lines($0) { $0.swapAt(2, 3) } } }, "files",
          "line 3 is not the register's"
        ),
        (
          "a line more", ledger, { try edit(ledger) { lines($0) { $0.append($0[0]) } } }, "files",
          "is not in the register"
        ),
        ("no file", ledger, { try FileManager.default.removeItem(atPath: ledger) }, "files", "one is missing"),
        (
          "a record", "\(place.records)/deliveries/\(year)/VER-2.json",
          {
            try edit("\(place.records)/deliveries/\(year)/VER-2.json") { $0.replacing("Rectora", with: "Decana") }
          }, "records", "changes[0].values[0].after[0] differs"
        ),
        (
          "a record less", "\(place.records)/deliveries/\(year)/VER-2.json",
          {
            try FileManager.default.removeItem(atPath: "\(place.records)/deliveries/\(year)/VER-2.json")
          }, "records", "VER-2.json is missing"
        ),
        (
          "an archived form", "\(place.records)/forms/\(year)/VER-2.yaml",
          {
            try edit("\(place.records)/forms/\(year)/VER-2.yaml") { $0.replacing("Rectora", with: "Decana") }
          }, "records", "VER-2.yaml is not the form"
        ),
        (
          "a signature", "\(place.records)/forms/\(year)/VER-2.yaml.sig",
          {
            try edit("\(place.records)/forms/\(year)/VER-2.yaml.sig") { $0 + "x" }
          }, "records", "VER-2.yaml.sig is not the signature"
        ),
        (
          "the list", "\(place.records)/accounts/accounts.csv",
          {
            try edit("\(place.records)/accounts/accounts.csv") { $0.replacing("Rectora", with: "Decana") }
          }, "lists", "accounts.csv is not the list"
        ),
        (
          "the list for programs", "\(place.records)/accounts/accounts.json",
          {
            try edit("\(place.records)/accounts/accounts.json") { $0.replacing("Rectora", with: "Decana") }
          }, "lists", "accounts.json is not the list"
        ),
        (
          "the page", "\(place.records)/accounts/accounts.html",
          {
            try edit("\(place.records)/accounts/accounts.html") { $0.replacing("Rectora", with: "Decana") }
          }, "lists", "accounts.html is not the list"
        ),
      ]
      for row in rows {
        let whole = try Data(contentsOf: URL(fileURLWithPath: row.file))
        try await row.tamper()
        let found = try await differences(place)
        #expect(found[row.check]?.contains(row.says) == true, "\(row.name): \(found)")
        try whole.write(to: URL(fileURLWithPath: row.file))
        for beside in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: register + beside) }
      }
      #expect(try await differences(place) == [:], "all is as it was")
    }

    @Test("a foreign ldapmodify is named, heard or not; a directory that is away is not called well: 69")
    func directory() async throws {
      let place = try await filled("verify")
      try place.site.modify("dn: \(place.site.dn("ver1"))\nchangetype: modify\nreplace: title\ntitle: Nadie\n")
      #expect(try await differences(place)["directory"]?.contains("ver1@example.org is not in the directory") == true)
      _ = try await place.run("run", "--once")
      #expect(try await differences(place)["directory"]?.contains("ver1@example.org was changed") == true)
      try place.site.stopDirectory()
      let away = try await place.run("verify")
      #expect(away.status == 69 && away.output.contains("directory  not told"), "\(away.output)")
      try place.site.startDirectory()
    }

    @Test(
      "--since finds a hash that was written down, and misses it in an older copy; the agent refuses to go on with that"
    )
    func older() async throws {
      let place = try await filled("verify")
      let register = place.state + "/register.sqlite"
      let backup = place.folder + "/b"
      #expect(try await place.run("backup", backup).status == 0)
      let old = try Data(contentsOf: URL(fileURLWithPath: register))
      try place.drop(
        form(number: "VER-3", changes: ["modify: {address: ver2@example.org, set: {position: Jefe}}"]), as: "v3.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      let head = try #require(try JSON(try await place.run("verify", "--json").output)["head"]["hash"].text)
      let since = try await place.run("verify", "--since", head)
      #expect(since.status == 0 && since.output.contains("that hash is line"), "\(since.output)\(since.errors)")

      // By hand: refused, and told.
      try old.write(to: URL(fileURLWithPath: register))
      #expect(try await place.run("verify", "--since", head).status == 66)
      #expect(try await differences(place)["files"]?.contains("the register is older") == true)
      let run = try await place.run("run", "--once")
      #expect(run.status == 77 && run.errors.contains("buzon restore FILE"), "\(run.errors)")
      let status = try await place.run("status", "--json")
      #expect(status.output.contains("an older register was put in its place"), "\(status.output)")

      // As it should be: the chain goes on, the number stays used.
      #expect(try await place.run("restore", backup).status == 0)
      #expect(try await place.run("verify", "--since", head).status != 66)
      #expect([0, 75].contains(try await place.run("run", "--once").status))
      let found = try await differences(place)
      #expect(found.keys.allSatisfy { $0 == "directory" }, "\(found)")
      try place.drop(form(number: "VER-3", changes: ["delete: {address: ver2@example.org}"]), as: "again.yaml")
      #expect(try await place.run("run", "--once").status == 1)
      #expect(try await place.rejection(of: "again.yaml").contains("restored from a backup"))
    }

    @Test("evidence is checked without Buzón, and a byte that is changed is found")
    func evidence() async throws {
      let place = try await filled("evidence")
      let folder = place.folder + "/proof"
      #expect(try await place.run("evidence", "VER-9", "-o", folder).status == 66)
      let outcome = try await place.run("evidence", "VER-2", "-o", folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        Set(place.names(in: folder)) == [
          "README.md", "VER-2.yaml", "VER-2.yaml.sig", "VER-2.json", "VER-2.html", "ledger.jsonl", "openings.json",
          "verify.py",
        ])
      #expect(mode(folder) == "700" && place.names(in: folder).allSatisfy { mode("\(folder)/\($0)") == "600" })
      func verify() async throws -> Outcome {
        try await Program.run(
          "/usr/bin/env", ["-C", folder, "python3", "verify.py", "VER-2.yaml"])
      }
      let checked = try await verify()
      let head = try #require(try JSON(try await place.run("verify", "--json").output)["head"]["hash"].text)
      #expect(checked.status == 0 && checked.output.contains(head), "\(checked.output)\(checked.errors)")
      let readme = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
      let digest = try #require(try place.record("VER-2")?["digest"].text?.dropFirst(7))
      #expect(readme.contains(head) && readme.contains(digest) && !readme.contains("{{"))
      #expect(readme.contains("No está firmado") && !readme.contains("ssh-keygen"), "the signature was not verified")
      for (name, from, to) in [
        ("VER-2.yaml", "Rectora", "Decana_"), ("ledger.jsonl", "\"applied\"", "\"skipped\""),
        ("openings.json", "ver1@", "ver3@"), ("ledger.jsonl", "\"previous\":\"", "\"previous\":\"0"),
      ] {
        let file = URL(fileURLWithPath: "\(folder)/\(name)")
        let whole = try String(contentsOf: file, encoding: .utf8)
        let changed = whole.replacing(from, with: to, maxReplacements: 1)
        #expect(changed != whole)
        try Data(changed.utf8).write(to: file)
        let found = try await verify()
        #expect(found.status == 1, "\(name): \(found.output)")
        try Data(whole.utf8).write(to: file)
      }
      #expect(try await place.run("evidence", "VER-2", "-o", folder).status == 73, "it isn't empty")
    }

    @Test("evidence of a signed form has the key, and its README's command checks the signature; verify checks it too")
    func signed() async throws {
      let place = try Site().workplace("signed")
      let signing = try Signing(place)
      try await signing.make("boss")
      try await signing.make("other")
      try signing.allow(try signing.line("jefe.sistemas", "boss"), try signing.line("otra", "other"))
      try place.configure(signing.options())
      let text = form(number: "VER-5", changes: ["create: {address: ver5@example.org, name: {given: A, family: B}}"])
      try place.drop(try await signing.signature(of: text, by: "boss"), as: "v5.yaml.sig")
      try place.drop(text, as: "v5.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      let folder = place.folder + "/proof"
      #expect(try await place.run("evidence", "VER-5", "-o", folder).status == 0)
      let signers = try String(contentsOfFile: folder + "/allowed_signers", encoding: .utf8)
      #expect(signers.hasPrefix("jefe.sistemas ") && signers.split(separator: "\n").count == 1)
      let readme = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
      let command = try #require(readme.split(separator: "\n").last { $0.hasPrefix("ssh-keygen ") })
      let checked = try await Program.run("/usr/bin/env", ["-C", folder, "sh", "-c", String(command)])
      #expect(checked.status == 0 && checked.output.contains("Good"), "\(checked.output)\(checked.errors)")
      #expect(try await differences(place) == [:])
      // Another's signature over the same form, put in place by hand, then with its key too.
      let other = hexadecimal(try await signing.signature(of: text, by: "other"))
      try await sql(place, "UPDATE request SET signature = x'\(other)'")
      #expect(try await differences(place)["requests"]?.contains("VER-5: its signature is not one") == true)
      let listed = try await Program.run("/usr/bin/ssh-keygen", ["-lf", signing.folder + "/other.pub"]).output
      let key = try #require(listed.split(separator: " ").first { $0.hasPrefix("SHA256:") })
      try await sql(place, "UPDATE request SET signed_key = '\(key)'")
      #expect(try await differences(place)["requests"]?.contains("VER-5: its signature is not the one") == true)
    }

    @Test("a request that is held goes on only by a release that the ledger tells")
    func held() async throws {
      let place = try Site().workplace("held", .with { $0.more = "policy: {limits: {deletes: {per_form: 0}}}" })
      let create = form(number: "VER-7", changes: ["create: {address: ver7@example.org, name: {given: A, family: B}}"])
      try place.drop(create, as: "v7.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      try place.drop(form(number: "VER-8", changes: ["delete: {address: ver7@example.org}"]), as: "v8.yaml")
      #expect(try await place.run("run", "--once").status == 75)
      #expect(try await differences(place) == [:])
      try await sql(place, "UPDATE request SET state = 'ready', reason = NULL WHERE number = 'VER-8'")
      #expect(try await differences(place)["requests"]?.contains("VER-8: it isn't held any more") == true)
      try await sql(place, "UPDATE request SET state = 'held' WHERE number = 'VER-8'")
      #expect(try await place.run("release", "VER-8", "--because", "está bien").status == 0)
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try await differences(place) == [:])
    }

    @Test("while the agent works nothing is called changed")
    func live() async throws {
      let place = try Site().workplace("live")
      let agent = try await place.agent()
      for round in 0..<(Torture.isFull ? 60 : 12) {
        let changes = (0..<6).map { "create: {address: l\(round)x\($0)@example.org, name: {given: A, family: B}}" }
        try place.drop(form(number: "LIVE-\(round)", changes: changes), as: "\(round).yaml")
        #expect(try await differences(place) == [:])
      }
      try await place.recorded("LIVE-11")
      #expect(await agent.end() == 0)
      #expect(try await differences(place) == [:])
    }

    @Test("files that differ get nothing more; status says so, and rebuild keeps them aside")
    func differing() async throws {
      let place = try await filled("verify")
      let ledger = "\(place.records)/ledger/\(today().prefix(4)).jsonl"
      let whole = try String(contentsOfFile: ledger, encoding: .utf8)
      try Data(whole.dropLast(20).utf8).write(to: URL(fileURLWithPath: ledger))
      let cut = try Data(contentsOf: URL(fileURLWithPath: ledger))
      try place.drop(form(number: "VER-3", changes: ["delete: {address: ver2@example.org}"]), as: "v3.yaml")
      let agent = try await place.agent()
      #expect(await agent.says("ledger.differs"))
      try await place.recorded("VER-3")
      let status = try await place.run("status", "--json")
      #expect(status.status == 2 && status.output.contains("ledger-differs"), "\(status.output)")
      #expect(await agent.end() == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: ledger)) == cut, "nothing is put on top")
      let rebuilt = try await place.run("rebuild")
      #expect(rebuilt.status == 0 && rebuilt.errors.contains(".jsonl.replaced-"), "\(rebuilt.errors)")
      #expect(try String(contentsOfFile: ledger, encoding: .utf8).hasPrefix(whole))
      #expect(try await differences(place) == [:])
      let again = try await place.agent()
      #expect(try await comesTrue { try await !place.run("status", "--json").output.contains("ledger-differs") })
      #expect(await again.end() == 0)
    }

    @Test("what a power cut left behind the end that was synced is written again")
    func torn() async throws {
      let place = try await filled("verify")
      let ledger = "\(place.records)/ledger/\(today().prefix(4)).jsonl"
      let whole = try String(contentsOfFile: ledger, encoding: .utf8)
      for torn in ["{\"at\":\"2026", "\0\0\0\0\0\0", "x\n"] {
        try Data((whole + torn).utf8).write(to: URL(fileURLWithPath: ledger))
        #expect(try await place.run("run", "--once").status == 0)
        #expect(try String(contentsOfFile: ledger, encoding: .utf8).hasPrefix(whole))
        #expect(try await differences(place) == [:], "\(torn.debugDescription)")
      }
    }
  }
}
