import Foundation
import Support
import Testing

/// Each trouble, made for real: what `status`, `queue`, the page, the metrics, the log and the exit code of `run --once` say
/// of it, and that it is over when its remedy was followed. docs/troubles.md is the same table for operators.
@Suite("The troubles")
struct TroubleTests {
  @Test("are what every surface says, until the remedy is followed", arguments: Trouble.Group.allCases)
  func rows(group: Trouble.Group) async throws {
    let rows = Trouble.all.filter { $0.group == group }
    _ = try await lanes(rows, 2) { row in
      // A directory of its own: what another place's agent does there is done outside Buzón.
      let troubled = TroubledPlace(try Site(tls: row.hasTLS).workplace("trouble", row.options))
      try await row.make(troubled)
      try await expectSaid(row, troubled)
      try await row.mend(troubled)
      let isOver = try await comesTrue { try await findings(troubled) == [] }
      let left = try await troubled.ask("status").output
      #expect(isOver, "\(row.name) is mended: \(left)\(troubled.lines.suffix(1_000))")
      await troubled.end()
    }
  }

  private func findings(_ troubled: TroubledPlace, ahead: Int = 0) async throws -> Set<String> {
    let outcome = try await troubled.ask("status", "--json", ahead: ahead)
    let report = try #require(try? JSON(outcome.output), "\(outcome)")
    return Set(report["findings"].array.compactMap { $0["finding"].text })
  }

  private func expectSaid(_ row: Trouble, _ troubled: TroubledPlace) async throws {
    let isFound = try await comesTrue { try await findings(troubled, ahead: row.ahead) == row.findings }
    let text = try await troubled.ask("status", ahead: row.ahead)
    #expect(isFound, "\(row.name): \(text)\(troubled.lines.suffix(1_500))")
    let verdict = ["OK: ", "WARNING: ", "CRITICAL: "][Int(row.exit)]
    #expect(text.status == row.exit && text.output.hasPrefix(verdict), "\(row.name): \(text)")
    #expect(
      text.output.split(separator: "\n").count { $0.contains("    do: ") } == row.findings.count, "\(text.output)")

    let report = try await JSON(troubled.ask("status", "--json", ahead: row.ahead).output)
    for finding in report["findings"].array { #expect(finding["remedy"].text?.isEmpty == false, "\(finding)") }
    let remedies = report["findings"].array.compactMap { $0["remedy"].text }
    if let word = row.remedy { #expect(remedies.contains { $0.contains(word) }, "\(row.name): \(remedies)") }
    let page = try await troubled.ask("status", "--format", "html", ahead: row.ahead)
    #expect(page.status == row.exit && page.output.contains(Self.verdict(row)), "\(row.name)")
    #expect(page.output.contains("Vale hasta"))
    // The page is in Spanish, whatever language the agent's own texts are in.
    let body = page.output.components(separatedBy: "</style>").last ?? ""
    let english = body.firstMatch(of: #/>[^<>]* (?:the|and|could|check|with) [^<>]*/#)?.output
    #expect(english == nil, "\(row.name): \(english ?? "")")

    let queue = try await troubled.ask("queue")
    if let word = row.queue { #expect((queue.output + queue.errors).contains(word), "\(row.name): \(queue)") }
    if let event = row.event {
      #expect(await comesTrue { troubled.lines.contains(" \(event) ") }, "\(row.name): \(troubled.lines.suffix(1_500))")
    }
    if row.isWritten { await expectWritten(row, troubled) }
    for name in ["ENOSPC", "EACCES", "EIO", "EROFS", "ENOENT", "SQLITE_"] {
      #expect(!(text.output + queue.output + queue.errors + troubled.lines).contains(name), "\(row.name): \(name)")
    }
  }

  /// The page and the metrics that the agent writes, within the minute that it promises.
  private func expectWritten(_ row: Trouble, _ troubled: TroubledPlace) async {
    let records = troubled.place.records
    func read(_ path: String) -> String { (try? String(contentsOfFile: records + path, encoding: .utf8)) ?? "" }
    let isMeasured = await comesTrue {
      let found = read("/metrics/buzon.prom").matches(of: /\nbuzon_findings{finding="([a-z-]+)"} [1-9]/)
      return Set(found.map { String($0.1) }) == row.findings
    }
    #expect(isMeasured, "\(row.name): \(read("/metrics/buzon.prom"))")
    #expect(read("/metrics/buzon.prom").contains("\nbuzon_health \(row.exit)\n"), "\(row.name)")
    #expect(read("/status.html").contains(Self.verdict(row)), "\(row.name)")
  }

  private static func verdict(_ row: Trouble) -> String {
    "<section class=\"verdict \(["ok", "warning", "critical"][Int(row.exit)])\">"
  }

  @Test("stand in docs/troubles.md as they are made here")
  func documented() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/troubles.md"), encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| trouble") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    for row in Trouble.all {
      let documented = rows.first { $0.first == row.name }
      let status = ([String(row.exit)] + row.findings.sorted().map { "`\($0)`" }).joined(separator: " ")
      let log = row.event.map { "`\($0)`" } ?? "–"
      #expect(documented?.count == 5, "\(row.name) has a row")
      #expect(
        Array(documented?.dropFirst().prefix(3) ?? []) == [status, log, row.once.map { "\($0)" } ?? "–"], "\(row.name)")
      #expect(documented?.last?.isEmpty == false)
    }
    #expect(Set(Trouble.all.map(\.name)).isSuperset(of: rows.compactMap(\.first)), "each row of the page is made here")
    #expect(Trouble.all.count >= 30)
  }
}
