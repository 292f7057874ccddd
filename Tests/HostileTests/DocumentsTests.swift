import Foundation
import Support
import Testing

extension Hostile {
  /// Documents as such: YAML's and JSON's tricks, bytes that are no text, shapes without end.
  @Suite("A document")
  struct DocumentsTests {
    struct Row: Sendable {
      var name: String
      var bytes: [UInt8]
      var isTaken = false
    }

    private static func text(_ name: String, _ text: String, isTaken: Bool = false) -> Row {
      Row(name: name, bytes: Array(text.utf8), isTaken: isTaken)
    }

    /// A good form with something else in the place of its position's value.
    private static func position(_ value: String, isTaken: Bool) -> Row {
      text(
        "position: \(value.prefix(40))",
        form("D-1", ["create: {address: a@example.org, \(person), position: \(value)}"]), isTaken: isTaken)
    }

    private static func position(_ value: [UInt8], _ name: String) -> Row {
      let parts = form("D-1", ["create: {address: a@example.org, \(person), position: \"x@@y\"}"]).split(
        separator: "@@", maxSplits: 1)
      return Row(name: name, bytes: Array(parts[0].utf8) + value + Array(parts[1].utf8))
    }

    private static let head = "number: D-1\ndepartment: D\nrequester: {name: A}\napproval: {by: j, date: \(today())}\n"
    private static let changes = "changes:\n  - delete: {address: a@example.org}\n"
    private static let json = """
      {"number": "D-1", "department": "D", "requester": {"name": "A"}, "approval": {"by": "j", "date": "\(today())"},
       "changes": [{"delete": {"address": "a@example.org", "reason": ¤}}]}
      """

    private static let typed: [Row] = typedValues.map { position($0.0, isTaken: $0.1) }

    private static let typedValues: [(String, Bool)] = [
      ("null", false), ("~", false), ("Null", false), ("NULL", false), ("\"null\"", true), ("010", true),
      ("0x1F", true), ("1_000", true),
      ("1e3", true), (".inf", true), ("yes", true), ("on", true), ("1:30", true), ("2026-02-30", true),
      ("!!str x", false), ("!x y", false),
      ("!<tag:yaml.org,2002:str> x", false), ("&a x", false), ("*a", false), ("[x]", false), ("{x: y}", false),
      ("'it''s'", true), ("@x", false),
      ("`x", false), ("%x", false), ("\"\\x1b[31m\"", false), ("\"\\e\"", false), ("\"\\a\"", false),
      ("\"\\0\"", false), ("\"\\N\"", false), ("\"\\_x\"", false),
      ("\"\\L\"", false), ("\"\\u202e\"", false), ("\"\\ud800\"", false), ("\"\\udc00\\ud800\"", false),
      ("\"\\U00110000\"", false), ("\"\\UFFFFFFFF\"", false),
      ("\"\\u00e9\"", true), ("\"e\\u0301\"", false), ("\"\\ \"", false), ("\"\\q\"", false), ("x # y", false),
      ("x: y", false), ("|\n  x", false),
    ]

    private static let gzipped: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + Array(0...200)
    private static let zipped = Array("PK\u{3}\u{4}".utf8) + Array(0...255)
    private static let pdf: [UInt8] = Array("%PDF-1.7\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3]
    private static let marks = Array("\u{FEFF}\u{FEFF}\(good)".utf8)
    private static func wide(_ mark: [UInt8], _ zeroes: [UInt8], isLittle: Bool) -> [UInt8] {
      mark + good.utf8.flatMap { isLittle ? [$0] + zeroes : zeroes + [$0] }
    }

    private static let bytes: [Row] = [
      position([0xC0, 0xAF], "overlong /"), position([0xC1, 0xBF], "overlong"),
      position([0xE0, 0x80, 0xAF], "overlong of three"),
      position([0xF0, 0x80, 0x80, 0xAF], "overlong of four"), position([0xED, 0xA0, 0x80], "a lone surrogate"),
      position([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], "CESU-8"), position([0xF4, 0x90, 0x80, 0x80], "beyond Unicode"),
      position([0xF8, 0x88, 0x80, 0x80, 0x80], "five bytes"), position([0x80], "a continuation"),
      position([0xE2, 0x82], "a cut sequence"),
      position([0xFF], "FF"), position([0xFE], "FE"), position([0xE9], "Latin-1"), position([0x00], "NUL"),
      position([0x1B], "ESC"),
      position([0xC2, 0x9B], "C1 CSI"), position([0xC2, 0x85], "NEL"), position([0xE2, 0x80, 0xAE], "RLO"),
      position([0xEF, 0xBB, 0xBF], "BOM inside"),
      position([0x0D], "CR"), position([0x0B], "VT"), position([0x7F], "DEL"), position([0xEF, 0xBF, 0xBF], "U+FFFF"),
      Row(name: "UTF-16LE", bytes: wide([0xFF, 0xFE], [0], isLittle: true)),
      Row(name: "UTF-16BE without mark", bytes: wide([], [0], isLittle: false)),
      Row(name: "UTF-32", bytes: wide([0, 0, 0xFE, 0xFF], [0, 0, 0], isLittle: false)),
      Row(name: "gzip", bytes: gzipped),
      Row(name: "a ZIP (a spreadsheet)", bytes: zipped),
      Row(name: "a PDF", bytes: pdf),
      Row(name: "NULs alone", bytes: [UInt8](repeating: 0, count: 1 << 20)),
      Row(name: "FFs alone", bytes: [UInt8](repeating: 0xFF, count: 1 << 20)),
      Row(name: "nothing", bytes: []), Row(name: "a mark alone", bytes: [0xEF, 0xBB, 0xBF]),
      Row(name: "two marks", bytes: marks),
    ]

    private static let good = head + changes
    private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
    private static let deepBlocks = head + numbered(1_000) { "\(many(" ", $0))a:\n" }
    private static let anchors = head + numbered(30_000) { "k\($0): &a\($0) v\n" }
    private static func ends(_ end: String) -> String { good.replacing("\n", with: end) }
    private static func numbered(_ count: Int, _ line: (Int) -> String) -> String { (0..<count).map(line).joined() }

    private static let shapes: [Row] = [
      text("a good one", good, isTaken: true), text("line ends of DOS", ends("\r\n"), isTaken: true),
      text("old Mac's line ends", ends("\r")), text("a number twice", "\(head)number: D-2\n\(changes)"),
      text("a number twice, once in quotes", "\(head)\"number\": D-2\n\(changes)"),
      text("keys by escapes", "\(head)\"n\\u0075mber\": D-2\n\(changes)"),
      text("keys that differ by case", "\(head)Number: D-2\n\(changes)"),
      text("a key apart", "\(head)nu\u{301}mber: D-2\n\(changes)"),
      text("homographs", "\(head)numbеr: D-2\n\(changes)"), text("full width", "\(head)ｎｕｍｂｅｒ: D-2\n\(changes)"),
      text("an invisible key", "\(head)number\u{200B}: x\n\(changes)"),
      text("a merge key", "\(head)<<: {number: D-2}\n\(changes)"),
      text("a key without value", "\(head)form:\n\(changes)"),
      text("an explicit key", "? number\n: D-1\n\(good.dropFirst(12))", isTaken: true),
      text("a list as key", "\(head)[a, b]: c\n\(changes)"), text("a mapping as key", "\(head){a: b}: c\n\(changes)"),
      text("an empty key", "\(head)\"\": c\n\(changes)"),
      text("a null key", "\(head)~: c\n\(changes)"), text("two documents", "\(good)---\n\(good)"),
      text("an empty second document", "\(good)---\n"),
      text("a document's end", "\(good)...\n", isTaken: true), text("more behind the end", "\(good)...\nx: y\n"),
      text("a directive", "%YAML 1.1\n---\n\(good)"),
      text("a directive of tags", "%TAG ! tag:x,2000:\n---\n\(good)"), text("YAML 99", "%YAML 99.9\n---\n\(good)"),
      text("a scalar", "hello\n"), text("a list", "- a\n- b\n"), text("null", "null\n"), text("~", "~\n"),
      text("tabs", "\(head)changes:\n\t- delete: {address: a@example.org}\n"),
      text("a comment bomb", "\(head)\(many("# x\n", 100_000))\(changes)", isTaken: true),
      text("an unclosed quote", "\(head)form: \"x\n\(changes)"),
      text("an unclosed bracket", "\(head)changes: [{delete: {address: a@example.org}}\n"),
      text("a cut form", String(good.dropLast(12))),
      text("conflict marks", "<<<<<<< HEAD\n\(head)=======\n\(head)>>>>>>> b\n\(changes)"),
      text("a mail", "Subject: alta\nFrom: a@example.org\n\nHola\n"),
      text("HTML", "<!DOCTYPE html>\n<html><body>x</body></html>\n"), text("a shell", "#!/bin/sh\nrm -rf /\n"),
      text("changes that are a mapping", "\(head)changes: {delete: {address: a@example.org}}\n"),
      text("changes that are text", "\(head)changes: delete\n"), text("no changes", "\(head)changes: []\n"),
      text("a null change", "\(head)changes: [~]\n"),
      text("nested changes", "\(head)changes: [[{delete: {address: a@example.org}}]]\n"),
      text("a million keys", numbered(40_000) { "k\($0): v\n" }),
      text("a long key", "\(head)\(many("k", 500_000)): v\n\(changes)"),
      text("a key of 1,024 bytes", "\(head)\(many("k", 1_024)): v\n\(changes)"),
      text("a long line", "\(head)form: \(many("x", 900_000))\n\(changes)"),
      text("deep blocks", deepBlocks), text("deep flow", "\(head)changes: \(many("[", 500_000))"),
      text("deep braces", "\(head)changes: \(many("{a: ", 200_000))"),
      text("closing brackets", "\(head)\(many("]", 500_000))"),
      text("an alias bomb", numbered(9) { "a\($0): &a\($0) [\(many($0 == 0 ? "x," : "*a\($0 - 1),", 9))]\n" }),
      text("an anchor of itself", "a: &a [*a]\n"), text("a million anchors", anchors),
      text("quotes", "\(head)form: \(many("'", 500_000))\n"),
    ]

    private static let jsons: [Row] = jsonValues.map { value in
      text("JSON \(value.0)", json.replacing("¤", with: value.0, maxReplacements: 1), isTaken: value.1)
    }

    private static let jsonValues: [(String, Bool)] = [
      ("\"x\"", true), ("1", true), ("1e999", true), ("-0", true), ("true", true), ("null", false),
      ("\"\\u0000\"", false), ("\"\\ud83d\\ude00\"", true), ("\"\\ud83d\"", false), ("\"\\ude00\\ud83d\"", false),
      ("\"\\ud83d\\ud83d\\ude00\"", false), ("\"\\u202E\"", false), ("\"\\/\"", true), ("\"\\b\"", false),
      ("\"\\x41\"", true), ("'x'", true), ("[]", false), ("{}", false), ("\"x\", \"reason\": \"y\"", false),
      ("\"x\", \"r\\u0065ason\": \"y\"", false), ("\"x\",", true), ("\"x\" /* y */", false), ("\"x\" // y", false),
      ("NaN", true), ("\"\\u0065\\u0301\"", false),
    ]

    @Test("that is no form is refused where it is wrong, in bounded time and memory; a good one among them is taken")
    func documents() async throws {
      let place = try Site().workplace("documents")
      let rows = Self.typed + Self.bytes + Self.shapes + Self.jsons
      var files: [String] = []
      for row in rows {
        files.append("\(place.folder)/\(files.count)")
        try Data(row.bytes).write(to: URL(fileURLWithPath: files[files.count - 1]))
      }
      let start = ContinuousClock.now
      let judged = try await Check.run(place, files: files)
      let time = ContinuousClock.now - start
      print("hostile: \(rows.count) documents checked in \(time.inMilliseconds) ms, \(judged.peak) MiB")
      #expect(judged.status == 65 && judged.peak < 200 && time < .seconds(300))
      try #require(judged.errors.count == rows.count)
      for (row, told) in zip(rows, judged.errors) {
        #expect(told.isEmpty == row.isTaken, "\(row.name): \(told)")
        #expect(told.count <= 101 && told.allSatisfy { $0.utf8.count < 1_000 }, "\(row.name)")
        for line in told { expectSafe(Data(line.utf8), row.name) }
        #expect(
          told.first.map { $0.contains(/^\/[^:]+:\d+:\d+: [^ ].*: .+; .+/) } ?? true, "no place: \(row.name): \(told)")
      }
      try await dropped(place, rows)
    }

    /// The same into the spool of an agent.
    private func dropped(_ place: Workplace, _ rows: [Row]) async throws {
      let agent = try await place.agent()
      var beat = Beat(place, "documents")
      let hostile = rows.filter { !$0.isTaken }
      for (index, row) in hostile.enumerated() {
        try place.drop(Data(row.bytes), as: "document \(index)")
        if index % 10 == 0 { try await beat.good() }
      }
      try await beat.good()
      await place.expectDrained()
      let reports = place.names(in: place.spool + "/rejected").filter { $0.hasSuffix(".report") }
      #expect(reports.count == hostile.count)
      for name in reports {
        expectSafe(try Data(contentsOf: URL(fileURLWithPath: "\(place.spool)/rejected/\(name)")), name)
      }
      for (index, row) in hostile.enumerated() {
        let kept = try Data(contentsOf: URL(fileURLWithPath: "\(place.spool)/rejected/document \(index)"))
        #expect(kept == Data(row.bytes), "\(row.name) isn't kept as it came")
      }
      #expect(try await place.run("show", "D-1").status == 66, "a number was used up")
      beat.expectPrompt("\(hostile.count) documents that are none")
      await agent.expectGoodEnd("documents")
      Torture.report("hostile documents", [("documents", hostile.count)], lost: 0, twice: 0)
    }
  }
}
