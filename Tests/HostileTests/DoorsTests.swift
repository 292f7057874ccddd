import Foundation
import Support
import Testing

extension Hostile {
  /// The other doors: spreadsheets, arguments, the configuration, templates.
  @Suite("By another door")
  struct DoorsTests {
    /// Ends as a program should: by no signal, not as a bug, quickly, saying something safe where it fails.
    private func expectHandled(
      _ place: Workplace, _ arguments: [String], _ statuses: Set<Int32>? = nil, _ what: String,
      configuration: String? = nil
    ) async throws {
      let environment = configuration.map { ["BUZON_CONFIG": $0] } ?? [:]
      let program = try Program(
        Program.built("buzon"), arguments, environment: ["BUZON_CONFIG": place.config].merging(environment) { $1 })
      let outcome = await program.outcome()
      #expect(outcome.status >= 0 && outcome.status != 70, "\(what): \(outcome.status) \(outcome.errors.prefix(500))")
      if let statuses {
        #expect(statuses.contains(outcome.status), "\(what): \(outcome.status) \(outcome.errors.prefix(500))")
      }
      #expect(outcome.status == 0 || !outcome.errors.isEmpty, "\(what): fails without a word")
      #expect(outcome.errors.utf8.count < 200_000, "\(what): \(outcome.errors.utf8.count) bytes of errors")
      expectSafe(Data((outcome.output + outcome.errors).utf8), what)
    }

    private static let head = "correo,nombres,apellidos\n"
    private static func wide(_ mark: [UInt8], _ zeroes: [UInt8]) -> [UInt8] {
      mark + head.utf8.flatMap { [$0] + zeroes }
    }
    private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
    private static let sheets: [(String, String)] = [
      ("a quote never closed", "\(head)a@example.org,\"Ana,Ruiz\nb@example.org,B,C\n"),
      ("a megabyte in an open quote", "\(head)\"\(many("x\n", 500_000))"),
      ("a line of 4 MB", "\(head)\(many("x", 4_000_000))\n"), ("16,000 columns", "\(many("c,", 16_000))\n"),
      ("16,000 cells in a row", "\(head)\(many("x,", 16_000))\n"),
      ("NULs", "\(head)a@example.org,A\0B,C\n"), ("a NUL in the head", "correo\0,nombres\n"), ("nothing", ""),
      ("a line feed", "\n"), ("a head alone", head), ("a head twice", "\(head)\(head)"),
      ("a column twice", "correo,correo,nombres\na@example.org,a,b\n"),
      ("sep= of two letters", "sep=;;\n\(head)"), ("sep= of nothing", "sep=\n\(head)"),
      ("sep= of a quote", "sep=\"\n\(head)"), ("controls", "\(head)a@example.org,\u{1B}[31m,B\n"),
      ("bidi", "\(head)a@example.org,\u{202E}x,B\n"),
      ("formulas", "\(head)a@example.org,=1+1,@SUM(1)\n"), ("quotes in the middle", "\(head)a@example.org,A\"B\"C,D\n"),
      ("quotes behind quotes", "\(head)a@example.org,\"A\"B,D\n"),
      ("line ends of all kinds", "\(head)a@example.org,A,B\rb@example.org,A,B\r\nc@example.org,A,B\n"),
      ("a head of controls", "\u{1B}]0;x\u{7},nombres\n"), ("a head of tricks", "correo,nombres,{{x}},<b>,$(id)\n"),
      ("20,000 bad rows", "\(head)\(many("x,=1,\u{1B}\n", 20_000))"), ("commas", many(",", 200_000)),
      ("line feeds", many("\n", 1_000_000)), ("quotes", many("\"", 1_000_001)),
      ("accents on separators", "correo,\u{301}nombres,apellidos\na@example.org,\u{301}A,B\n"),
      ("a mark inside", "\(head)a@example.org,\u{FEFF}A,B\n"),
    ]

    @Test("a spreadsheet of any damage is refused or made a form that check accepts")
    func spreadsheets() async throws {
      let place = try Site().workplace("sheets")
      let options = [
        "--number", "CSV-1", "--department", "Salud", "--requester", "Ana", "--approved-by", "jefe", "--approved-on",
        today(),
      ]
      let mixed: [UInt8] = Array("\(Self.head)a@example.org,Jos".utf8) + [0xE9, 0x2C] + Array("Ñu\n".utf8)
      let surrogates: [UInt8] = Array(Self.head.utf8) + [0xED, 0xA0, 0x80, 0x2C, 0x41, 0x2C, 0x42, 0x0A]
      let raw: [(String, [UInt8])] = [
        ("Latin-1 and UTF-8", mixed),
        ("UTF-16", Self.wide([0xFF, 0xFE], [0])), ("UTF-16, cut", [0xFF, 0xFE, 0x61]),
        ("UTF-32", Self.wide([0xFF, 0xFE, 0, 0], [0, 0, 0])),
        ("a spreadsheet's ZIP", Array("PK\u{3}\u{4}\u{0}\u{1}".utf8)), ("every byte", Array(0...255)),
        ("surrogates", surrogates),
      ]
      for (index, sheet) in (Self.sheets.map { ($0.0, Array($0.1.utf8)) } + raw).enumerated() {
        let (file, form) = ("\(place.folder)/\(index).csv", "\(place.folder)/\(index).yaml")
        try Data(sheet.1).write(to: URL(fileURLWithPath: file))
        try await expectHandled(place, ["form", "--csv", file, "-o", form] + options, [0, 65], sheet.0)
        if exists(form) { try await expectHandled(place, ["check", form], [0], "the form made of \(sheet.0)") }
      }
      try await expectHandled(place, ["form", "--csv", "/dev/zero"] + options, [65, 66, 74], "/dev/zero")
      try await expectHandled(place, ["form", "--csv", place.folder] + options, [65, 66, 74], "a folder")
    }

    @Test("arguments of any bytes are refused or answered")
    func arguments() async throws {
      let place = try Site().workplace("arguments")
      #expect(try await place.run("run", "--once").status == 0)
      let texts = [
        "", " ", "-", "--", "-x", "--x=y", "..", "../../../etc/passwd", "/etc/passwd", "%s%n", "$(id)", "*", "'", "\"",
        "\u{1B}[31m", "\u{1B}]0;x\u{7}", "a\nb", "\u{202E}x", "\u{9B}31m", "@", "@x", "@2026-11-23", "a@example.org",
        "a@b@c", "' OR 1=1 --", "\u{301}", String(repeating: "x", count: 5_000), "ALL", "0", "-1",
        "99999999999999999999", "é", "e\u{301}", "*)(uid=*", "(&)", "\u{FEFF}",
      ]
      let commands = [
        ["show"], ["history"], ["handover"], ["check"], ["submit"], ["plan"], ["undo"], ["retry"], ["hold"], ["cancel"],
        ["form", "--adopt"], ["accounts", "--format"], ["backup"], ["restore"], ["drift", "--repair"],
        ["run", "--config"], ["queue", "--config"],
      ]
      var cases = commands.flatMap { command in texts.map { command + [$0] } }
      if !Torture.isFull { cases = cases.enumerated().filter { $0.offset % 9 == Int(Torture.seed % 9) }.map(\.element) }
      // What writes a file writes it here, and nowhere else.
      let writers: Set = ["backup", "restore", "drift"]
      for words in cases where !(writers.contains(words[0]) && words[words.count - 1].contains("/")) {
        let outcome = try await Program.run(
          "/usr/bin/env", ["-C", place.folder, "BUZON_CONFIG=\(place.config)", Program.built("buzon")] + words)
        let what = "\(words.map { $0.prefix(60) })"
        #expect(outcome.status >= 0 && outcome.status != 70, "\(what): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.utf8.count < 20_000, "\(what): \(outcome.errors.utf8.count) bytes")
        expectSafe(Data((outcome.output + outcome.errors).utf8), what)
      }
    }

    @Test("a configuration of any damage is refused with its place, 78")
    func configurations() async throws {
      let place = try Site().workplace("configurations")
      let good = try String(contentsOfFile: place.config, encoding: .utf8)
      let latin = Data(good.utf8) + Data([0x23, 0xE9, 0x0A])
      let texts: [(String, String)] = [
        ("nothing", ""), ("a list", "- x\n"), ("an unknown key", "\(good)nosuch: 1\n"),
        ("a key twice", "\(good)domains: [x.org]\n"), ("an alias", "\(good)list: &a {}\npolicy: *a\n"),
        ("a tag", "\(good)policy: !x {}\n"),
        ("an alias bomb", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"),
        ("deep", "directory: \(Self.many("[", 100_000))"), ("two documents", "\(good)---\n\(good)"),
        ("a control", good.replacing("Prueba", with: "\u{1B}[31m")),
        ("bidi", good.replacing("Prueba", with: "a\u{202E}b")),
        ("a number without a unit", good.replacing("1 MiB", with: "1048576")),
        ("a size beyond", good.replacing("1 MiB", with: "99999999 TiB")),
        ("a negative time", good.replacing("30 s", with: "-30 s")),
        ("a relative spool", good.replacing(place.spool, with: "spool")),
        ("no such URI", good.replacing("ldapi://", with: "http://")),
        ("a domain of tricks", good.replacing("[example.org]", with: "[\"*)(x\"]")),
        ("no domain", good.replacing("[example.org]", with: "[]")),
        ("a base that is no DN", good.replacing("base: \"", with: "base: \"=,+")),
        ("a long line", "\(good)log: \(Self.many("x", 900_000))"),
        ("a megabyte of comments", Self.many("#\n", 1_000_000)), ("10 MB", Self.many("x", 10_000_000)),
      ]
      let bytes: [(String, Data)] = [
        ("no text", Data([0xFF, 0xFE, 0x00])), ("Latin-1", latin), ("NULs", Data(count: 4_096)),
      ]
      let bad = texts.map { ($0.0, Data($0.1.utf8)) } + bytes
      for (index, row) in bad.enumerated() {
        let file = "\(place.folder)/bad\(index).yaml"
        try row.1.write(to: URL(fileURLWithPath: file))
        for command in [["check", file], ["run", "--once"], ["status"]] where command[0] != "status" || index % 5 == 0 {
          let program = try Program(Program.built("buzon"), command, environment: ["BUZON_CONFIG": file])
          let outcome = await program.outcome()
          #expect(
            outcome.status == (command[0] == "status" ? 3 : 78) || outcome.status == 78,
            "\(row.0): \(command): \(outcome.status) \(outcome.errors.prefix(300))")
          expectSafe(Data((outcome.output + outcome.errors).utf8), row.0)
          #expect(
            outcome.errors.contains(file) && outcome.errors.contains("; ") && outcome.errors.utf8.count < 20_000,
            "\(row.0): \(outcome.errors.prefix(300))")
        }
        #expect(!exists(place.state + "/register.sqlite"), "\(row.0): something was made")
      }
    }
  }
}
