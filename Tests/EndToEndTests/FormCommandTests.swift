import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("buzon form")
  struct FormCommandTests {
    private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../config/forms").standardizedFileURL.path

    private static func options(_ number: String) -> [String] {
      [
        "--number", number, "--department", "Secretaría de Salud", "--requester", "Ana Lucía Rosero", "--approved-by",
        "jefe.sistemas", "--approved-on", "2026-11-21",
      ]
    }

    private func form(_ place: Workplace, _ number: String, _ more: String...) async throws -> Outcome {
      try await place.start(["form"] + Self.options(number) + more).outcome()
    }

    @Test("--csv writes a form that check accepts and the agent carries out")
    func spreadsheet() async throws {
      // A directory of its own: the sample's people have names that others use too.
      let place = try Site().workplace("csv", .with { $0.domains += ["putumayo.gov.co"] })
      let agent = try await place.agent()
      let file = place.folder + "/form-csv.yaml"
      let outcome = try await form(place, "CSV-1", "--csv", Self.samples + "/personas.csv", "-o", file)
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(mode(file) == "600")
      let check = try await place.run("check", file)
      #expect(check.status == 0, "\(check.errors)")
      let record = try await place.carryOut(
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self), "CSV-1")
      #expect(record["outcome"] == "applied" && record["changes"].array.count == 12)
      #expect(await agent.end() == 0)

      // To standard output the same; the file is not replaced without being asked.
      let printed = try await form(place, "CSV-1", "--csv", Self.samples + "/personas.csv")
      #expect(Data(printed.output.utf8) == (try Data(contentsOf: URL(fileURLWithPath: file))))
      let again = try await form(place, "CSV-2", "--csv", Self.samples + "/personas.csv", "-o", file)
      #expect(again.status == 73 && again.errors.contains(file) && again.errors.contains("--force"), "\(again.errors)")
      #expect(
        try await form(place, "CSV-2", "--csv", Self.samples + "/personas.csv", "-o", file, "--force").status == 0)
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains("number: CSV-2\n"))
    }

    @Test(
      "--csv reads every dialect that LibreOffice and Excel export alike",
      arguments: [
        ("coma-utf8.csv", []), ("punto-y-coma-utf8.csv", []), ("tabulador-utf8.csv", []), ("excel-utf8.csv", []),
        ("punto-y-coma-windows-1252.csv", ["--encoding", "windows-1252"]),
      ] as [(String, [String])])
    func dialects(name: String, options: [String]) async throws {
      let place = try EndToEnd.place()
      let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Spreadsheets/"
      let reference = try await form(place, "CSV-3", "--csv", Self.samples + "/personas.csv")
      let outcome = try await place.start(
        ["form", "--csv", folder + name] + Self.options("CSV-3") + options
      ).outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == reference.output)
      if options.isEmpty { return }
      let unnamed = try await form(place, "CSV-3", "--csv", folder + name)
      #expect(unnamed.status == 65 && unnamed.errors.contains("--encoding windows-1252"), "\(unnamed.errors)")
    }

    @Test("--csv tells every mistake of file and options, and writes nothing")
    func mistakes() async throws {
      let place = try EndToEnd.place()
      let file = place.folder + "/bad.csv"
      try Data("correo;nombres;apelidos;vence\npedro.díaz@example.org;P;D;05/06/2027\n;L;M;\n".utf8)
        .write(to: URL(fileURLWithPath: file))
      let outcome = try await form(place, "a/b", "--csv", file, "-o", place.folder + "/none.yaml")
      #expect(outcome.status == 65 && outcome.output.isEmpty && !exists(place.folder + "/none.yaml"))
      let lines = outcome.errors.split(separator: "\n")
      let beginnings = [
        "buzon: --number: 'a/b'", "\(file):1:16: apelidos: no column has this name; write apellidos",
        "\(file):2:1: correo: 'pedro.díaz@example.org'", "\(file):2:28: vence: '05/06/2027' can be read as two days; ",
        "\(file):3:1: correo: is missing; ",
      ]
      #expect(lines.count == beginnings.count, "\(lines)")
      for (line, beginning) in zip(lines, beginnings) { #expect(line.hasPrefix(beginning), "\(line)") }
      // Where only options are wrong, that is a matter of usage.
      #expect(try await form(place, "a/b", "--csv", Self.samples + "/personas.csv").status == 64)
    }

    @Test("--csv reports the lines above the header on standard error, and reads each encoding that it proposes")
    func office() async throws {
      let place = try EndToEnd.place()
      let file = place.folder + "/office.csv"
      let begins: [UInt8] = Array("RELACI".utf8) + [0xE0] + Array("N\ncorreo;nombres;apellidos\na@example.org;Jos".utf8)
      try Data(begins + [0x82] + Array(";Mu".utf8) + [0xA4] + Array("oz\n".utf8)).write(to: URL(fileURLWithPath: file))
      for unfit in [[], ["--encoding", "windows-1252"], ["--encoding", "latin1"], ["--encoding", "macintosh"]] {
        let outcome = try await place.start(["form", "--csv", file] + Self.options("CSV-4") + unfit).outcome()
        #expect(outcome.status == 65 && outcome.errors.contains("--encoding cp850"), "\(unfit): \(outcome.errors)")
      }
      for fit in ["cp850", "ibm850"] {
        let outcome = try await form(place, "CSV-4", "--csv", file, "--encoding", fit)
        #expect(outcome.status == 0 && outcome.output.contains("name: {given: José, family: Muñoz}"))
        #expect(outcome.errors.hasPrefix("\(file):2:1: file: this line is taken for the header"), "\(outcome.errors)")
      }
    }

    @Test("tells what can't be read, what doesn't go together, and a form that would be too large")
    func refusals() async throws {
      let place = try EndToEnd.place()
      let small = try place.site.workplace(
        "small",
        .with {
          $0.formSize = "2 KiB"
          $0.domains += ["putumayo.gov.co"]
        })
      for (office, arguments, status, word) in [
        (place, ["--csv", "/nowhere.csv"], 66, "/nowhere.csv"), (place, ["--csv", "/dev/null"], 66, "/dev/null"),
        (place, ["--csv", "-"], 65, "no rows"), (place, [], 64, "--csv"),
        (place, ["--csv", "x", "--adopt", "y"], 64, "--csv"),
        (place, ["--adopt", "(mail=*"], 64, "byte 8"), (place, ["--csv", "x", "--encoding", "utf-16"], 64, "encoding"),
        (small, ["--csv", Self.samples + "/personas.csv"], 65, "limits.form_size"),
        (place, ["--csv", Self.samples + "/personas.csv", "-o", "/nowhere/x.yaml"], 73, "/nowhere"),
      ] as [(Workplace, [String], Int32, String)] {
        let outcome = try await office.start(["form"] + Self.options("N-1") + arguments).outcome()
        #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
        #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
      }
    }

    @Test("--adopt names the entries from outside Buzón that can be adopted, and reports the others")
    func adopt() async throws {
      let place = try EndToEnd.place()
      let people = "ou=people,\(place.site.sandbox.base)"
      func person(_ uid: String, _ mail: String...) -> String {
        "dn: uid=\(uid),\(people)\nchangetype: add\nobjectClass: inetOrgPerson\ncn: X\nsn: X\nemployeeNumber: 4711\n"
          + "description: foreign\nuid: \(uid)\n" + mail.map { "mail: \($0)\n" }.joined() + "\n"
      }
      try place.site.modify(
        person("foreign2", "Foreign2@example.org") + person("foreign1", "foreign1@example.org", "a1@example.com")
          + person("foreign3") + person("foreign4", "x@example.com") + person("foreign5", "twice@example.org")
          + person("foreign6", "twice@example.org") + person("foreign7", "no+plus@example.org")
          + "dn: ou=deep,\(people)\nchangetype: add\nobjectClass: organizationalUnit\ndescription: foreign\nou: deep\n\n"
      )
      try await place.carryOut(
        Support.form(
          number: "OURS-1", changes: ["create: {address: ours1@example.org, name: {given: A, family: B}}"]), "OURS-1")
      let outcome = try await form(place, "ADOPT-1", "--adopt", "(|(description=foreign)(uid=ours1))")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.hasSuffix(
          "changes:\n  - adopt: {address: foreign2@example.org}\n"),
        "\(outcome.output)")
      let lines = outcome.errors.split(separator: "\n")
      let told = [
        "ou=deep,\(people) is not an inetOrgPerson",
        "uid=foreign1,\(people) has a value of mail that is in no domain of ours",
        "uid=foreign3,\(people) has no mail address",
        "uid=foreign4,\(people) has a value of mail that is in no domain of ours",
        "uid=foreign5,\(people) shares its mail address",
        "uid=foreign6,\(people) shares its mail address", "uid=foreign7,\(people) has a mail address with a character",
      ]
      #expect(lines.count == told.count, "\(lines)")
      for (line, words) in zip(lines, told) { #expect(line.hasPrefix("buzon: \(words)"), "\(line)") }
      #expect(!outcome.errors.contains("4711") && !outcome.errors.contains("x@example.com"))
      #expect(try await form(place, "ADOPT-1", "--adopt", "description=foreign").output == outcome.output)

      let none = try await form(place, "ADOPT-2", "--adopt", "(uid=ours1)")
      #expect(none.status == 65 && none.output.isEmpty && none.errors.contains("1 account"), "\(none.errors)")
    }

    @Test("--adopt of a directory that isn't there is 69, and of one that refuses 77")
    func noDirectory() async throws {
      let site = try EndToEnd.place().site
      let gone = try site.workplace("gone", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
      #expect(try await form(gone, "A-1", "--adopt", "(mail=*)").status == 69)
      let password = site.folder + "/wrong.password"
      try Data("wrong".utf8).write(to: URL(fileURLWithPath: password))
      let refused = try site.workplace(
        "refused",
        .with {
          $0.bind = "{method: simple, dn: \"uid=x,\(site.sandbox.base)\", password_file: \"\(password)\"}"
        })
      let outcome = try await form(refused, "A-1", "--adopt", "(mail=*)")
      #expect(outcome.status == 77 && outcome.errors.contains("49 invalidCredentials"), "\(outcome.errors)")
    }
  }
}
