import Foundation
import Glibc
import Records
import Support
import Testing
import Text

@testable import buzon

/// How text stands on a terminal.
@Suite("On a terminal")
struct TerminalTests {
  @Test(
    "text takes the cells that a terminal gives it",
    arguments: [
      ("", 0), ("abc", 3), ("ñandú", 5), ("n\u{303}andu\u{301}", 5), ("李", 2), ("한국", 4), ("ㅎ", 2), ("하", 2),
      ("\u{1112}\u{1161}", 2), ("Ａ", 2), ("ｱ", 1), ("😀", 2), ("👍🏽", 4), ("🇨🇴", 2), ("👨‍👩‍👧", 6), ("עברית", 5),
      ("العربية", 7), ("ก็", 1), ("e\u{20DD}", 1), ("→", 1), ("…", 1), ("☺\u{FE0F}", 1), ("\u{AD}", 1),
    ])
  func width(_ row: (text: String, cells: Int)) { #expect(Cells.width(row.text) == row.cells) }

  @Test("every scalar that the C library knows has the width that wcwidth(3) gives it")
  func wcwidth() throws {
    typealias Function = @convention(c) (wchar_t) -> Int32
    let symbol = try #require(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "wcwidth"))
    let wcwidth = unsafeBitCast(symbol, to: Function.self)
    let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    var others: [String] = []
    for value in UInt32(0xA0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let known = wcwidth(wchar_t(bitPattern: value))
      if known >= 0, Int(known) != Cells.width(scalar) { others.append("U+\(String(value, radix: 16)) \(known)") }
    }
    // Versions of Unicode differ by a few.
    #expect(others.count < 60, "\(others.count): \(others.prefix(100))")
  }

  @Test("a text that is too long is cut by cells, and says so")
  func truncated() {
    #expect(Cells.truncated("abcdef", to: 6) == "abcdef" && Cells.truncated("abcdef", to: 4) == "abc…")
    #expect(Cells.truncated("李李李", to: 5) == "李李…" && Cells.truncated("李李李", to: 4) == "李…")
    #expect(
      Cells.truncated("ae\u{301}\u{302}xy", to: 3).unicodeScalars.elementsEqual("ae\u{301}\u{302}…".unicodeScalars))
    #expect(Cells.truncated("abc", to: 0) == "" && Cells.truncated("abc", to: 1) == "…")
  }

  @Test("a table's columns stand under one another, its lines fit, and colour is only for outcomes")
  func table() {
    var table = Table(["A", "OUTCOME", "B"], states: (1, "change"))
    table.append(["李李", "failed", "x"])
    table.append(["n\u{303}", "applied", ""])
    table.append(["e\u{1B}", "in work", "longer than all"])
    #expect(
      table.text(width: nil, tints: false) == """
        A        OUTCOME  B
        李李     failed   x
        n\u{303}        applied
        e\\u{1B}  in work  longer than all
        """)
    for width in 1...40 {
      for line in table.text(width: width, tints: false).split(separator: "\n") {
        #expect(Cells.width(String(line)) <= width, "\(width): \(line)")
      }
    }
    let narrow = table.text(width: 13, tints: true).split(separator: "\n")
    #expect(narrow[1] == "李李     \u{1B}[31mfai…\u{1B}[0m", "\(narrow)")
    #expect(narrow[3] == "e\\u{1B}  in …" && narrow[0] == "A        OUT…")
    // A cell that just fits is cut all the same where others should follow.
    #expect(table.text(width: 16, tints: false).split(separator: "\n")[3] == "e\\u{1B}  in wor…")
  }

  /// What a program writes to a terminal; by util-linux's script(1).
  private func terminal(_ arguments: [String], _ environment: [String: String]) async throws -> String {
    let words = ([Program.built("buzon")] + arguments).joined(separator: " ")
    let outcome = try await Program.run("/usr/bin/script", ["-qec", words, "/dev/null"], environment: environment)
    return outcome.output
  }

  @Test("colours are for terminals that take them, and NO_COLOR keeps them away")
  func colours() async throws {
    let place = try Site().workplace("colours")
    try place.drop(form(number: "COL-1", changes: ["delete: {address: nadie@example.org}"]), as: "f")
    #expect(try await place.run("run", "--once").status == 1)
    func shown(_ more: [String: String]) async throws -> String {
      try await terminal(["show", "COL-1"], ["BUZON_CONFIG": place.config].merging(more) { $1 })
    }
    #expect(try await shown(["TERM": "xterm", "NO_COLOR": ""]).contains("\u{1B}[31mfailed\u{1B}[0m"))
    #expect(try await !shown(["TERM": "xterm", "NO_COLOR": "1"]).contains("\u{1B}"))
    #expect(try await !shown(["TERM": "dumb", "NO_COLOR": ""]).contains("\u{1B}"))
    #expect(try await !place.run("show", "COL-1").output.contains("\u{1B}"))
  }

  @Test("progress is one line drawn anew on a terminal, and taken away; elsewhere it is plain")
  func progress() async throws {
    let place = try Site().workplace("progress")
    let file = place.folder + "/form.yaml"
    try form(number: "PRO-1", changes: ["delete: {address: nadie@example.org}"])
      .write(toFile: file, atomically: true, encoding: .utf8)
    let submit = ["submit", "--wait", "--timeout", "1500ms", file]
    func empty() throws {
      let incoming = place.spool + "/incoming"
      for name in place.names(in: incoming) { try FileManager.default.removeItem(atPath: incoming + "/" + name) }
    }
    let drawn = try await terminal(submit, ["BUZON_CONFIG": place.config, "TERM": "xterm"])
    #expect(drawn.contains("\r\u{1B}[KWaiting: 0 of 1 done"), "\(drawn)")
    let last = try #require(drawn.split(separator: "\u{1B}").last)
    #expect(last.hasPrefix("[KPRO-1 waits"), "\(drawn)")
    try empty()
    let dumb = try await terminal(submit, ["BUZON_CONFIG": place.config, "TERM": "dumb"])
    #expect(!dumb.contains("\u{1B}") && dumb.hasPrefix("PRO-1 waits"), "\(dumb)")
    try empty()
    let plain = try await place.start(submit).outcome()
    #expect(plain.status == 75 && plain.errors.isEmpty, "\(plain.errors)")
  }
}
