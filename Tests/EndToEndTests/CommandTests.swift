import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("The commands")
  struct CommandTests {
    private static func create(_ number: String, _ local: String) -> String {
      form(number: number, changes: ["create: {address: \(local)@example.org, name: {given: A, family: B}}"])
    }

    private func written(_ text: String, _ name: String, _ place: Workplace) throws -> String {
      let path = place.folder + "/" + name
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    @Test("submit puts good forms whole into the spool, and the same form once more is known by its number and digest")
    func submit() async throws {
      // No agent takes them here.
      let place = try EndToEnd.place().site.workplace("submit")
      let incoming = place.spool + "/incoming"
      let text = Self.create("SUB-1", "sub1")
      let good = try written(text, "anything.yml", place)
      let bad = try written(Self.create("SUB-2", "sub2") + "extra: 1\n", "bad.yaml", place)

      // A umask that would close the file to the agent.
      let first = try await Program.run(
        "/bin/sh", ["-c", "umask 077; exec \"$@\"", "sh", Program.built("buzon"), "submit", "--json", good, bad],
        environment: ["BUZON_CONFIG": place.config])
      #expect(first.status == 65)
      let submitted: JSON = ["version": 1, "submitted": [["number": "SUB-1", "file": .string(good)]]]
      #expect(try JSON(first.output) == submitted)
      #expect(first.errors.hasPrefix(bad + ":") && first.errors.contains(": extra: "), "\(first.errors)")
      let names = place.names(in: incoming)
      #expect(names.count == 1 && names[0].hasPrefix("SUB-1-") && names[0].hasSuffix(".yaml"))
      let name = try #require(names.first)
      #expect(mode(incoming + "/" + name) == "640")
      #expect(try Data(contentsOf: URL(fileURLWithPath: incoming + "/" + name)) == Data(text.utf8))

      let second = try await place.run("submit", good)
      #expect(second.status == 0 && second.output == "SUB-1 submitted\n", "\(second.errors)")
      #expect(try await place.run("submit", "/nowhere.yaml").status == 66)
      #expect(place.names(in: incoming).count == 2)

      let run = try await place.run("run", "--once")
      #expect(run.status == 0 && run.errors.contains("request.repeated"), "\(run.errors)")
      #expect(try place.record("SUB-1")?["outcome"] == "applied")
      #expect(place.names(in: incoming) == [])
    }

    @Test("queue tells what waits and why; an empty one says so")
    func queue() async throws {
      let place = try EndToEnd.place().site.workplace("queue", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
      func idle(_ agent: JSON, _ files: Int) -> JSON {
        ["version": 1, "trouble": nil, "clock": nil, "agent": agent, "spool": .number(Double(files)), "requests": []]
      }
      #expect(try await place.answer("queue") == idle(nil, 0), "no register yet")
      try place.drop("number: 1\n", as: "waits.yaml")
      #expect(try await place.answer("queue") == idle(nil, 1))
      #expect(try await place.run("queue").output.contains("1 file lies in the spool"))
      try FileManager.default.removeItem(atPath: place.spool + "/incoming/waits.yaml")
      let agent = try await place.agent()
      #expect(try await place.answer("queue") == idle(.number(Double(agent.program.processIdentifier)), 0))
      #expect(try await place.run("queue").output.hasPrefix("No request waits."))

      try place.drop(
        form(
          number: "Q-1", changes: ["delete: {address: q1@example.org}", "delete: {address: q2@example.org}"]),
        as: "q")
      #expect(try await comesTrue { try await place.answer("queue")["trouble"] != .null })
      let queue = try await place.answer("queue")
      let request: JSON = [
        "number": "Q-1", "state": "ready", "received": queue["requests"][0]["received"], "changes": 2, "settled": 0,
        "reason": nil,
      ]
      #expect(queue["requests"] == .list([request]))
      #expect(queue["trouble"].keys == ["since", "what", "remedy"])
      #expect(queue["trouble"]["what"].text?.isEmpty == false && queue["trouble"]["remedy"].text?.isEmpty == false)
      let text = try await place.run("queue").output
      let why = try #require(queue["trouble"]["what"].text)
      #expect(text.contains("Q-1") && text.contains("0/2") && text.contains(why), "\(text)")
      #expect(text.contains("RECEIVED (UTC)") && text.firstMatch(of: /\d\dT\d\d:\d\d/) == nil, "\(text)")
      #expect(await agent.end() == 0)
    }

    @Test("show and handover print times of the institution's zone, and name it")
    func zone() async throws {
      let place = try EndToEnd.place().site.workplace("zone")
      let text = try String(contentsOfFile: place.config, encoding: .utf8)
      try text.replacing("{name: Prueba}", with: "{name: Prueba, timezone: America/Bogota}")
        .write(toFile: place.config, atomically: true, encoding: .utf8)
      try place.drop(Self.create("ZONE-1", "zone1"), as: "form.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      let show = try await place.run("show", "ZONE-1").output
      #expect(show.contains("(America/Bogota, UTC-05:00)") && show.contains("History (America/Bogota)"), "\(show)")
      let handover = try await place.run("handover").output
      #expect(handover.contains("SINCE (America/Bogota)"), "\(handover)")
      for output in [show, handover] { #expect(output.firstMatch(of: /\d\dT\d\d:\d\d/) == nil, "\(output)") }
    }

    @Test("show prints a DN as RFC 4514 has it: ldapsearch finds the entry by it")
    func distinguishedName() async throws {
      let place = try EndToEnd.place()
      try place.site.modify(
        """
        dn: cn=Rosero\\2C Ana,ou=people,\(place.site.sandbox.base)
        changetype: add
        objectClass: inetOrgPerson
        objectClass: inetLocalMailRecipient
        cn: Rosero, Ana
        sn: Rosero
        mail: dn1@example.org
        mailLocalAddress: dn1@example.org
        userPassword: secret-of-the-user

        """)
      try await place.carryOut(form(number: "DN-1", changes: ["adopt: {address: dn1@example.org}"]), "DN-1")
      let lines = try await place.run("show", "DN-1").output.split(separator: "\n")
      let dn = try #require(lines.first { $0.contains("cn=Rosero") }?.trimmingPrefix { $0 == " " })
      #expect(try place.site.search(base: String(dn), attributes: ["mail"]).map { $0["mail"] } == [["dn1@example.org"]])
    }

    @Test("sandbox start --approval signed has an approver's key ready, and the agent takes what it signs")
    func signedSandbox() async throws {
      let home = try EndToEnd.place().folder + "/signed-sandbox"
      func sandbox(_ arguments: String...) async throws -> Outcome {
        try await Program.run(Program.built("buzon"), ["sandbox"] + arguments + ["--home", home], environment: [:])
      }
      let first = try await sandbox("start", "--approval", "signed")
      #expect(first.status == 0 && first.output.contains("--sign \(home)/approver"), "\(first)")
      let sandboxed = try await JSON(sandbox("status", "--json").output)
      #expect(sandboxed["signing_key"].text == "\(home)/approver")
      let file = home + "/form.yaml"
      try form(
        number: "SB-1", changes: ["create: {address: sb1@example.org, name: {given: Ana, family: Rojas}}"]
      ).write(toFile: file, atomically: true, encoding: .utf8)
      func buzon(_ arguments: String...) async throws -> Outcome {
        try await Program.run(
          Program.built("buzon"), arguments, environment: ["BUZON_CONFIG": home + "/buzon.yaml"])
      }
      #expect(try await buzon("submit", "--sign", "\(home)/approver", file).status == 0)
      #expect(try await buzon("run", "--once").status == 0)
      #expect(try await buzon("show", "SB-1").output.contains("verified, key SHA256:"))
      let second = try await sandbox("start", "--approval", "recorded")
      #expect(second.status == 0 && second.errors.contains("--approval recorded is ignored"), "\(second.errors)")
      #expect(try await sandbox("stop").status == 0)
    }

    @Test("release names CLOCK where it is written in small letters: 64")
    func smallClock() async throws {
      let place = try EndToEnd.place()
      for (word, right) in [("clock", "CLOCK"), ("all", "ALL"), ("All", "ALL")] {
        let answer = try await place.run("release", word)
        #expect(answer.status == 64 && answer.errors.contains("write \(right), not \(word)"), "\(answer.errors)")
      }
    }

    @Test("show tells the story of a request, in the record's shape with --json")
    func show() async throws {
      let place = try EndToEnd.place()
      let record = try await place.carryOut(
        form(
          number: "SHOW-1",
          changes: [
            "create: {address: show1@example.org, name: {given: A, family: B}}", "delete: {address: nadie@example.org}",
          ]), "SHOW-1")
      let shown = try await place.answer("show", "SHOW-1")
      #expect(shown["state"] == "done")
      let history = shown["history"].array
      #expect(history.first?["event"] == "received" && history.last?["event"] == "done")
      // The two changes, in order of time.
      #expect(
        Set(history.dropFirst(2).dropLast().map { "\($0["change"].integer ?? -1) \($0["event"].text ?? "")" }) == [
          "0 intended", "0 applied", "0 handover.granted", "1 failed",
        ])
      #expect(history.allSatisfy { $0["at"].text?.hasSuffix("Z") == true })
      // Otherwise it is the record.
      guard case .object(var members) = shown else { throw SiteError("no object") }
      for key in ["state", "history"] { members[key] = nil }
      #expect(.object(members) == record)

      let text = try await place.run("show", "SHOW-1")
      #expect(text.status == 0 && text.errors.isEmpty)
      for word in [
        "SHOW-1", "done, partly", "show1@example.org", place.site.dn("show1"), "32 noSuchObject", "SHOW-1.yaml",
      ] {
        #expect(text.output.contains(word), "\(word): \(text.output)")
      }
      let unknown = try await place.run("show", "SHOW-NONE")
      #expect(unknown.status == 66 && unknown.output.isEmpty && unknown.errors.contains("SHOW-NONE"))
    }

    @Test("accounts prints the list as table, CSV and JSON, filtered")
    func accounts() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "ACC-1", department: "Archivo 7",
          changes: [
            "create: {address: acc1@example.org, name: {given: María, family: 李}}",
            "create: {address: acc2@example.org, kind: functional, name: {display: Buzón}, owner: acc1@example.org}",
            "create: {address: acc3@example.org, name: {given: A, family: B}, aliases: [acc4@example.org]}",
            "modify: {address: acc3@example.org, set: {status: suspended}}",
          ]), "ACC-1")
      func addresses(_ filters: String...) async throws -> [String?] {
        let json = try await JSON(
          place.start(["accounts", "--json", "--department", "Archivo 7"] + filters).outcome().output)
        #expect(json.keys == ["version", "accounts"] && json["version"] == 1)
        return json["accounts"].array.map { $0["address"].text }
      }
      #expect(try await addresses() == ["acc1@example.org", "acc2@example.org", "acc3@example.org"])
      #expect(try await addresses("--status", "suspended") == ["acc3@example.org"])
      #expect(try await addresses("--kind", "functional") == ["acc2@example.org"])
      #expect(try await addresses("--kind", "person", "--status", "active") == ["acc1@example.org"])
      #expect(try await addresses("--kind", "list") == [])

      let csv = try await place.run("accounts", "--format", "csv", "--department", "Archivo 7").output
      #expect(csv.hasPrefix("address,kind,name,") && csv.components(separatedBy: "\r\n").count == 5)
      #expect(csv.contains("\r\nacc3@example.org,person,A B,Archivo 7,,suspended,acc4@example.org,"))
      let table = try await place.run("accounts", "--department", "Archivo 7").output.split(separator: "\n")
      #expect(table.count == 4 && table[0].hasPrefix("ADDRESS") && table[1].contains("María 李"))
      // The spreadsheet is the one of the records, byte by byte, and nothing stays behind.
      let folder = place.folder + "/sheet"
      try FileManager.default.createDirectory(atPath: folder + "/tmp", withIntermediateDirectories: true)
      let sheet = try await Program.run(
        "/bin/sh", ["-c", "\"$0\" accounts --format xlsx > \(folder)/list.xlsx", Program.built("buzon")],
        environment: ["BUZON_CONFIG": place.config, "TMPDIR": folder + "/tmp"])
      #expect(sheet.status == 0 && sheet.errors.isEmpty, "\(sheet.errors)")
      #expect(place.names(in: folder + "/tmp") == [])
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/list.xlsx")).starts(with: Data("PK".utf8)))
      let unknown = try await place.run("accounts", "--department", "archivo 8", "--format", "csv")
      #expect(unknown.status == 0 && unknown.output == csv.prefix { $0 != "\r\n" } + "\r\n")
      #expect(unknown.errors == "buzon: no account has the department 'archivo 8'; did you mean 'Archivo 7'?\n")
      let far = try await place.run("accounts", "--department", "Nothing of the kind")
      #expect(far.errors.hasSuffix("see the departments: buzon accounts\n"), "\(far.errors)")
      for arguments in [
        ["--expiring", "soon"], ["--status", "gone"], ["--kind", "robot"], ["--format", "xml"],
        ["--json", "--format", "csv"],
      ] {
        let outcome = try await place.start(["accounts"] + arguments).outcome()
        #expect(outcome.status == 64 && outcome.output.isEmpty, "\(arguments)")
      }
    }

    @Test("accounts --expiring lists active accounts whose last day comes within the time, with that day")
    func expiring() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "EXP-1", department: "Archivo 9",
          changes: [1, 40, 2].map {
            "create: {address: exp\($0)@example.org, name: {given: A, family: B}, expires: \(day(ahead: $0))}"
          } + [
            "create: {address: expnever@example.org, name: {given: A, family: B}}",
            "modify: {address: exp2@example.org, set: {status: suspended}}",
          ]), "EXP-1")
      let filters = ["accounts", "--department", "Archivo 9", "--expiring"]
      for (within, addresses) in [
        ("1h", []), ("3d", ["exp1@example.org"]), ("50d", ["exp1@example.org", "exp40@example.org"]),
      ] {
        let json = try await JSON(place.start(filters + [within, "--json"]).outcome().output)
        #expect(json["accounts"].array.compactMap { $0["address"].text } == addresses, "\(within)")
      }
      let table = try await place.start(filters + ["3d"]).outcome().output.split(separator: "\n")
      #expect(table.count == 2 && table[0].hasSuffix("EXPIRES") && table[1].hasSuffix(day(ahead: 1)), "\(table)")
    }

    @Test(
      "A spreadsheet that finds no room is an error, never one that lacks rows",
      .enabled(if: geteuid() == 0, "only root can mount a small file system"))
    func sheetWithoutRoom() async throws {
      let place = try EndToEnd.place().site.workplace("room")
      // Incompressible names, so that the zip file too needs room.
      try place.drop(
        form(
          number: "ROOM-1",
          changes: (0..<40).map {
            "create: {address: room\($0)@example.org, name: {given: A, family: \"\(UUID())\"}, position: \"\(UUID())\"}"
          }), as: "room.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      let out = place.folder + "/room.xlsx"
      func printed(_ start: [String], _ environment: [String: String] = [:]) async throws -> (Outcome, Data) {
        let outcome = try await Program.run(
          start[0], start.dropFirst() + [Program.built("buzon")],
          environment: environment.merging(["BUZON_CONFIG": place.config, "OUT": out]) { $1 })
        return (outcome, try Data(contentsOf: URL(fileURLWithPath: out)))
      }
      let command = "exec \"$0\" accounts --format xlsx > \"$OUT\""
      let whole = try await printed(["/bin/sh", "-c", command]).1
      #expect(try whole == Data(contentsOf: URL(fileURLWithPath: place.records + "/accounts/accounts.xlsx")))
      try FileManager.default.createDirectory(atPath: place.folder + "/small", withIntermediateDirectories: true)
      guard try await Program.run("/usr/bin/unshare", ["--mount", "true"]).status == 0 else { return }
      var (outcomes, pages): (Set<Int32>, Int) = ([], 1)
      while !outcomes.contains(0), pages < 4_000 {
        let (outcome, bytes) = try await printed(
          [
            "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            "mount -t tmpfs -o size=$SIZE none \"$TMPDIR\" && \(command)",
          ], ["TMPDIR": place.folder + "/small", "SIZE": "\(pages * 4096)"])
        outcomes.insert(outcome.status)
        #expect(outcome.status == 0 ? bytes == whole : outcome.status == 74 && bytes.isEmpty, "\(pages): \(outcome)")
        if outcome.status != 0 { #expect(outcome.errors.contains("free space"), "\(pages): \(outcome.errors)") }
        pages += 1 + pages / 16
      }
      #expect(outcomes == [0, 74])
    }

    @Test(
      "run --once ends 0 when all was applied, 1 when something failed or was rejected, else 75 when something waits")
    func once() async throws {
      let site = try EndToEnd.place().site
      let rows: [(name: String, text: String, status: Int32)] = [
        ("nothing to do", "", 0), ("applied", Self.create("ON-1", "on1"), 0), ("rejected", "a: 1\n", 1),
        ("failed", form(number: "ON-2", changes: ["delete: {address: nadie@example.org}"]), 1),
        (
          "partly",
          form(
            number: "ON-3",
            changes: [
              "create: {address: on3@example.org, name: {given: A, family: B}}", "delete: {address: nadie@example.org}",
            ]), 1
        ), ("unread", Self.create("ON-4", "on4"), 69), ("nothing to do, and nothing read", "", 69),
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for row in rows {
          group.addTask {
            let place = try site.workplace(
              "once", .with { if row.status == 69 { $0.uri = "ldapi://%2Fnowhere%2Fldapi" } })
            if !row.text.isEmpty { try place.drop(row.text, as: "form.yaml") }
            let outcome = try await place.run("run", "--once")
            #expect(outcome.status == row.status, "\(row.name): \(outcome.errors)")
            #expect(outcome.output.isEmpty)
            // What was not read is not shown as nothing.
            let isRead = row.status != 69
            #expect(place.names(in: place.records + "/accounts").contains("accounts.json") == isRead, "\(row.name)")
            #expect(outcome.errors.contains("mirror.away") != isRead)
            for command in ["accounts", "drift"] {
              let answer = try await place.run(command)
              #expect(answer.status == (isRead ? 0 : 69) && answer.errors.contains("not been read") != isRead)
            }
            #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/taken") == [])
          }
        }
        try await group.waitForAll()
      }
    }

    @Test("Exit codes are those of sysexits")
    func exitCodes() async throws {
      let place = try EndToEnd.place().site.workplace("codes")
      let broken = place.folder + "/broken.yaml"
      try Data("domains: [example.org]\nspol: /x\nlog: {format: xml}\n".utf8).write(to: URL(fileURLWithPath: broken))
      let rows: [(arguments: [String], status: Int32)] = [
        (["--help"], 0), (["--version"], 0), (["help", "run"], 0), (["frobnicate"], 64), (["show"], 64),
        (["check"], 64), (["run", "--twice"], 64), (["queue", "--config", broken], 78),
        (["run", "--once", "--config", broken], 78), (["queue", "--config", "/nowhere/buzon.yaml"], 78),
        (["show", "X"], 66), (["accounts"], 66), (["cancel", ""], 64), (["retry", "all"], 64), (["hold", "X"], 66),
      ]
      for row in rows {
        let outcome = try await place.start(row.arguments).outcome()
        #expect(outcome.status == row.status, "\(row.arguments): \(outcome.errors)")
        #expect(row.status == 0 || (outcome.output.isEmpty && !outcome.errors.isEmpty), "\(row.arguments)")
      }
      // Every mistake of a configuration at once, each with its place.
      let lines = try await place.run("queue", "--config", broken).errors.split(separator: "\n")
      for key in [":2:1: spol: ", ":3:15: log.format: "] {
        #expect(lines.contains { $0.contains(key) }, "\(key): \(lines)")
      }
    }

    @Test("A register that one may not read is 77, and a folder that isn't there 73 or 74")
    func permission() async throws {
      let place = try EndToEnd.place().site.workplace("closed")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(chmod(place.state + "/register.sqlite", 0) == 0)
      let prefix = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
      let command = prefix + [Program.built("buzon"), "queue"]
      let outcome = try await Program.run(
        command[0], Array(command.dropFirst()), environment: ["BUZON_CONFIG": place.config])
      #expect(outcome.status == 77 && outcome.errors.contains("register.sqlite"), "\(outcome.errors)")

      try FileManager.default.removeItem(atPath: place.spool)
      let file = try written(Self.create("CLOSED-1", "closed1"), "form.yaml", place)
      let submit = try await place.run("submit", file)
      #expect([73, 74].contains(submit.status) && submit.errors.contains(place.spool), "\(submit.errors)")
    }
  }
}
