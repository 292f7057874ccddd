import Foundation
import GRDB
import Testing

@testable import Register

/// Every statement of the sources, and how SQLite would carry it out: no step on the way of a request looks at rows that
/// grow with history. A statement that is added is judged without anybody's thinking of it.
@Suite struct QueryPlanTests {
  private static let growing: Set<String> = [
    "request", "change", "account", "ledger", "address", "image", "handover",
  ]
  /// Indexes that hold only what is open, or what the clock will ask for.
  private static let open: Set<String> = [
    "request_open", "request_unrecorded", "request_unpaged", "change_open", "account_expires", "account_retained",
    "account_locked",
    "handover_open", "handover_due", "request_stale",
  ]

  /// Indexes by time: a range of them is some days, not all of history.
  private static let dated: Set<String> = ["request_received", "request_completed", "change_troubled"]

  /// The schema, and what people ask for that is all of history by its nature.
  private static let apart: Set<String> = [
    "Migrations.swift", "History.swift", "Backup.swift", "BackupVerification.swift",
    "Verification.swift", "Ledger+Conversion.swift", "PersonTrace.swift", "Forgetting.swift",
  ]

  /// What a statement may do beyond that, and why.
  static let exempt: [(statement: String, step: String, why: String)] = [
    ("SELECT count(*) FROM account", "SCAN account USING COVERING INDEX account_address", "a figure for people"),
    ("UPDATE request SET recorded = -1 WHERE state = 'done'", "SCAN request", "rebuild writes every record again"),
    (
      "SELECT entry_uuid FROM account", "SCAN account USING COVERING INDEX account_address",
      "rebuild reads every account again"
    ),
    (
      "SELECT DISTINCT address FROM account",
      "SEARCH account USING COVERING INDEX account_address (address>? AND address<?)",
      "a thousand at most, for an address that nobody has"
    ),
    (
      "SELECT number FROM request WHERE number >= ?",
      "SEARCH request USING COVERING INDEX sqlite_autoindex_request_1 (number>? AND number<?)",
      "two hundred at most, for a shell that completes"
    ),
    ("SELECT kind, shown, count(*) AS count FROM shown_account", "SCAN account", "figures for people"),
    ("SELECT kind, shown, count(*) AS count FROM shown_account", "USE TEMP B-TREE FOR GROUP BY", "figures for people"),
    ("UPDATE account SET entry_csn = ''", "SCAN account", "the directory went back: every image is out of date"),
    (
      "SELECT count(*) FROM handover WHERE state = 'expired'",
      "SEARCH handover USING INDEX handover_overridden (ended>?)",
      "of the few that somebody overrode"
    ),
    ("SELECT number, handover.*", "SCAN request", "all of them, for people (handover --all)"),
    ("FROM ledger ORDER BY sequence DESC LIMIT 1", "SCAN ledger", "one row from the end of the table"),
    (
      "SELECT * FROM ledger WHERE sequence > ?", "SEARCH ledger USING INTEGER PRIMARY KEY (rowid>?)",
      "the lines that the files don't have yet, so many at a time"
    ),
  ]

  /// The statements of the files, but for the schema.
  private func statements() throws -> [String] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Register")
    let literal = /sql:\s*(?:"""\n(?<long>(?s:.*?))"""|"(?<short>[^"\n]+)")/
    var statements: [String] = []
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    for file in files.sorted() where !Self.apart.contains(URL(filePath: file).lastPathComponent) {
      let source = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for match in source.matches(of: literal) {
        let text = String(match.long ?? match.short ?? "")
        // The account list is all accounts, in one order or the other.
        if !text.hasPrefix("PRAGMA"), !text.hasPrefix("SELECT \\(columns) FROM shown_account") {
          statements.append(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
      }
    }
    return statements
  }

  private func plan(_ sql: String, in register: Register) throws -> [String] {
    try register.read { database in
      let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
      statement.setUncheckedArguments([])
      return try Row.fetchAll(statement).map { $0["detail"] }
    }
  }

  /// The steps of a plan that look at more than they need.
  private func faults(_ plan: [String]) -> [String] {
    func isOfTheOpen(_ step: String) -> Bool { step.split(separator: " ").contains { Self.open.contains(String($0)) } }
    return plan.filter { step in
      // What is open may be sorted.
      if step.contains("TEMP B-TREE") { return !plan.contains(where: isOfTheOpen) }
      let words = step.split(separator: " ")
      guard words.count > 1, !step.contains("AUTOMATIC") else { return true }
      // A range of a whole table, as `id > ?`, is history too.
      let isRange =
        (step.contains(">?") || step.contains("<?")) && !words.contains { Self.dated.contains(String($0)) }
      return (words[0] == "SCAN" || isRange) && Self.growing.contains(String(words[1])) && !isOfTheOpen(step)
    }
  }

  @Test func noStatementLooksAtHistory() async throws {
    let test = try TestRegister()
    let statements = try statements()
    #expect(statements.count >= 25)
    var used: Set<String> = []
    for sql in statements {
      let exempt = Self.exempt.filter { sql.contains($0.statement) }
      let faults = faults(try plan(sql, in: test.register))
      #expect(faults == exempt.map(\.step), "\(sql)")
      used.formUnion(exempt.map(\.statement))
    }
    #expect(used == Set(Self.exempt.map(\.statement)), "exempt, and not there")
  }

  @Test func theSameHoldsWithFiguresOfALongHistory() async throws {
    let test = try TestRegister()
    let register = test.register
    for batch in 0..<8 {
      let ids = try await register.accept((0..<250).map { Sample.form("\(batch)-\($0)") }).value().compactMap(\.id)
      _ = try await register.settle(
        ids.map {
          Sample.settled(
            $0, "\($0)", mirror: .put(Sample.account("a\($0)@example.org", aliases: ["b\($0)@example.org"])))
        },
        completed: ids.map { CompletedRequest(id: $0, outcome: .applied) }, at: 1
      ).value()
      _ = try await register.markRecorded(ids.map { ($0, 0) }).value()
      try await register.markPaged(ids).value()
    }
    _ = try await test.accept("open")
    try await register.post { try $0.execute(sql: "ANALYZE") }.value()
    for sql in try statements() where !Self.exempt.contains(where: { sql.contains($0.statement) }) {
      let faults = faults(try plan(sql, in: register))
      #expect(faults.isEmpty, "\(sql)\n\(faults)")
    }
  }

  @Test(arguments: [
    "SELECT * FROM request WHERE file = 'x'", "SELECT * FROM request WHERE state = 'ready'", "UPDATE change SET at = 1",
    "SELECT line FROM ledger", "SELECT * FROM request WHERE id > ? AND state = 'ready' ORDER BY id LIMIT 9",
    "SELECT * FROM request ORDER BY received", "DELETE FROM address WHERE address <> 'x'",
  ]) func aStatementThatLooksAtHistoryIsFound(_ sql: String) async throws {
    let test = try TestRegister()
    #expect(!faults(try plan(sql, in: test.register)).isEmpty)
  }
}
