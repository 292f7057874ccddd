import Foundation
import Support
import Testing

/// The commands with LC_ALL=es_CO.UTF-8, also where the host has no such locale.
@Suite("Commands in Spanish")
struct SpanishTests {
  private static let spanish = ["LC_ALL": "es_CO.UTF-8"]

  /// Words of English sentences that are no key or value of a form, and no part of an option or a command.
  private static let english: Set = [
    "the", "is", "are", "was", "were", "of", "and", "or", "not", "it", "to", "for", "with", "by", "has", "have", "that",
    "this", "there", "can't", "may", "must", "from", "which", "who", "then", "than", "one", "each", "write", "request",
    "change", "account", "file", "register", "ledger", "usage", "options", "overview", "example",
    "missing", "found", "waits", "held", "applied", "open", "because", "nothing", "see",
  ]

  /// What people read: without options, quoted words, keys of the form and what stands in names of files.
  private static func englishWords(_ text: String) -> [String] {
    text.split(separator: "\n").flatMap { line -> [String] in
      // Values under the form's keys, and examples.
      if line.contains(/^\ +[a-z_]+:\ /) || line.contains(/^\ +(buzon|export|BUZON_CONFIG=|systemctl|cd|--)/) {
        return []
      }
      let words = line.replacing(/[«`'"(<][^»`'")>]*[»`'")>]/, with: " ")
        .replacing(/[^ ]*[\/@=.:\-_#][^ ]+/, with: " ")
      return words.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init).filter(english.contains)
    }
  }

  private static func expectSpanish(_ outcome: Outcome, _ words: [String]) {
    let text = outcome.output + outcome.errors
    #expect(!text.isEmpty, "\(words)")
    #expect(englishWords(text).isEmpty, "\(words): \(englishWords(text)) in:\n\(text)")
  }

  private static func commands() async throws -> [[String]] {
    let dump = try JSON(try await Program.run(Program.built("buzon"), ["--experimental-dump-help"]).output)
    func walk(_ command: JSON, _ path: [String]) -> [[String]] {
      [path]
        + command["subcommands"].array.flatMap { next -> [[String]] in
          guard let name = next["commandName"].text, name != "help" else { return [] }
          return walk(next, path + [name])
        }
    }
    return walk(dump["command"], [])
  }

  @Test("Every command has its help in Spanish, in lines of at most 80 cells")
  func help() async throws {
    for command in try await Self.commands() {
      let outcome = try await Program.run(Program.built("buzon"), command + ["--help"], environment: Self.spanish)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.hasPrefix("RESUMEN: "), "\(command)")
      #expect(outcome.output.contains("EJEMPLO\n") && outcome.output.contains("\nUSO: buzon"), "\(command)")
      let english = try await Program.run(Program.built("buzon"), command + ["--help"])
      func names(_ text: String) -> Set<String> { Set(text.matches(of: /<[A-Za-z -]+>/).map { String($0.output) }) }
      #expect(
        names(outcome.output).intersection(names(english.output)).subtracting(["<dn>", "<ldapi>", "<uri>"]).isEmpty)
      // The names that a spreadsheet's columns may have are in both languages.
      if command != ["form"] { Self.expectSpanish(outcome, command) }
      let long = outcome.output.components(separatedBy: "\n").filter { $0.count > 80 }
      #expect(long.isEmpty, "\(command): \(long)")
    }
  }

  @Test(
    "What is wrong with the words of a command is told in Spanish",
    arguments: [
      (["qeue"], "no existe el comando"), (["show"], "Falta el argumento '<número>'"),
      (["queue", "--jsno"], "¿Quiso decir '--json'?"), (["show", "a", "b"], "Sobra el argumento 'b'"),
      (["accounts", "--format", "foo"], "Escriba uno de estos"), (["accounts", "--department"], "Falta el valor de"),
      (["accounts", "--json", "--format", "csv"], "no van juntos"), (["form"], "--csv o --adopt"),
      (["requests", "--since", "hoy"], "AAAA-MM-DD"),
    ])
  func usage(_ row: (words: [String], text: String)) async throws {
    let outcome = try await Program.run(Program.built("buzon"), row.words, environment: Self.spanish)
    #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.errors.contains(row.text), "\(outcome)")
    Self.expectSpanish(outcome, row.words)
  }

  @Test("What commands print, and reports of rejected forms, have no English in them; JSON has nothing else")
  func commandsPrint() async throws {
    let place = try Site().workplace("spanish")
    func run(_ words: [String], _ language: [String: String] = Self.spanish) async throws -> Outcome {
      let environment = language.merging(["BUZON_CONFIG": place.config]) { $1 }
      return try await Program.run(Program.built("buzon"), words, environment: environment)
    }
    func expectSpanish(_ words: String...) async throws { Self.expectSpanish(try await run(words), words) }
    // Before the agent's first start.
    for word in ["queue", "status", "accounts", "handover", "drift"] { try await expectSpanish(word) }
    try await expectSpanish("show", "E-1")

    // Forms that are wrong, and one that is not.
    let bad = place.folder + "/malo.yaml"
    try """
    number: E-0
    departamento: Salud
    requester: {name: Ana}
    approval: {by: jefe.sistemas, date: 2999-11-21}
    changes:
      - create: {address: maria.lopez, kind: persona, name: {display: x}, quota: 5}
      - modify: {address: x@otra.org, set: {}}
    """.write(toFile: bad, atomically: true, encoding: .utf8)
    try await expectSpanish("check", bad)
    try await expectSpanish("check", place.folder + "/nada.yaml")
    let good = place.folder + "/bueno.yaml"
    try form(
      number: "E-1",
      changes: [
        "create: {address: maria.lopez@example.org, name: {given: María, family: López}}",
        "delete: {address: nadie@example.org}",
      ]
    ).write(toFile: good, atomically: true, encoding: .utf8)
    try await expectSpanish("submit", good)
    try await expectSpanish("queue")
    try place.drop(String(contentsOfFile: bad, encoding: .utf8), as: "malo")
    #expect(try await run(["run", "--once"]).status == 1)

    // What became of them.
    let names = try FileManager.default.contentsOfDirectory(atPath: place.spool + "/rejected")
    for name in names where name.hasSuffix(".report") {
      let report = try String(contentsOfFile: "\(place.spool)/rejected/\(name)", encoding: .utf8)
      #expect(report.contains("escriba department") && Self.englishWords(report).isEmpty, "\(report)")
    }
    #expect(names.contains { $0.hasSuffix(".report") })
    for word in ["queue", "status", "requests", "handover", "accounts", "drift", "doctor", "verify"] {
      try await expectSpanish(word)
    }
    for word in ["show", "undo", "hold", "release", "retry", "cancel"] { try await expectSpanish(word, "E-1") }
    for word in ["history", "person", "handover"] { try await expectSpanish(word, "maria.lopez@example.org") }
    try await expectSpanish("show", "E-9")
    try await expectSpanish("history", "nadie@example.org")
    try await expectSpanish("handover", "E-9")
    try await expectSpanish("submit", good)
    try await expectSpanish("submit", place.folder + "/nada.yaml")
    try await expectSpanish("backup", place.folder + "/copia.sqlite")
    try await expectSpanish("backup", place.folder + "/copia.sqlite")
    try await expectSpanish("restore", good)
    try await expectSpanish("evidence", "E-1", "-o", place.folder)
    try await expectSpanish("forget", "maria.lopez@example.org", "--because", "pasó el tiempo", "--yes")
    try await expectSpanish("plan", bad)
    try await expectSpanish("reload")
    try await expectSpanish("handover", "maria.lopez@example.org", "--received-by", "Ana Rosero")
    try await expectSpanish("handover", "maria.lopez@example.org")

    // Programs see no difference.
    for words in [["queue", "--json"], ["requests", "--json"], ["show", "E-1", "--json"], ["check", "--json", bad]] {
      let (spanish, english) = (try await run(words), try await run(words, [:]))
      #expect(spanish.output == english.output && !english.output.isEmpty, "\(words)")
    }
    try place.site.stopDirectory()
    try await expectSpanish("plan", good)
    for word in ["status", "doctor"] { try await expectSpanish(word) }
    try await expectSpanish("status", "--config", place.folder + "/nada.yaml")
  }
}
