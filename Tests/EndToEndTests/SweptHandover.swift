import Foundation
import Sandbox
import Support
import Testing

/// One place where each day brings everything that a hand-over can come to, to accounts of that day:
///
/// | account | what happens | where it ends |
/// |---|---|---|
/// | `c` | its user changed the password | closed; the clock clears `pwdEndTime` |
/// | `r` | a form resets the unused password | expired; of the new one the next day |
/// | `r` of the day before | nobody used the new password in time | expired; the clock scrambles it |
/// | `d` | its title was changed outside Buzón | open, and drift |
/// | `g` | it was removed outside Buzón | expired, and drift |
/// | `v` | its slip is received (``receive(_:environment:)``) | delivered |
struct SweptHandover: Sendable {
  static let days = Failpoints.isFull ? 300 : 80
  let place: Workplace
  private var site: Site { place.site }
  private static let letters = ["c", "r", "d", "g", "v"]
  private static let own = "Mi-Clave-de-Siempre-7"

  private static func options(life: String) -> Workplace.Options {
    .with {
      $0.formSize = "4 MiB"
      // Resets are held, so that they lie ready for their day.
      $0.more = "policy: {clock_jump: 400 d, password: {life: \(life)}, limits: {resets: {per_form: 0}}}"
    }
  }

  init(_ site: Site) async throws {
    place = try site.workplace("handovers", Self.options(life: "365 d"))
    for letter in Self.letters {
      try place.drop(
        form(
          number: "S-\(letter)",
          changes: (0..<Self.days).map {
            "create: {address: \(letter)\($0)@example.org, name: {given: A, family: B}, position: Auxiliar}"
          }), as: "0\(letter).yaml")
    }
    for day in 0..<Self.days {
      try place.drop(
        form(number: "R-\(day)", changes: ["modify: {address: r\(day)@example.org, reset: password}"]),
        as: "1-\(day).yaml")
    }
    #expect(try await place.run("run", "--once").status == 75)
    // What is granted from now on is unused the day after.
    try place.configure(Self.options(life: "1 h"))
  }

  // MARK: A day

  /// What other people do before the agent runs.
  func begin(day: Int) async throws {
    let temporary = try await place.temporaryPassword("S-c", change: day)
    let change = try await Program.run(
      "/usr/bin/ldappasswd",
      ["-x", "-H", site.sandbox.uri, "-D", site.dn("c\(day)"), "-w", temporary, "-s", Self.own])
    #expect(change.status == 0, "\(change.errors)")
    try site.modify(
      """
      dn: \(site.dn("d\(day)"))
      changetype: modify
      replace: title
      title: Jefe

      dn: \(site.dn("g\(day)"))
      changetype: delete

      """)
    #expect(try await place.run("release", "R-\(day)").status == 0)
  }

  func run(_ environment: [String: String], day: Int) async throws -> Outcome {
    var environment = environment
    environment["BUZON_CLOCK_AHEAD"] = "\((day + 1) * 86_400)"
    return try await place.run("run", "--once", environment: environment)
  }

  /// Notes that a slip was received, with no agent running.
  func receive(_ index: Int, environment: [String: String] = [:]) async throws -> Outcome {
    try await place.run(
      "handover", "v\(index)@example.org", "--received-by", "Ana", environment: environment)
  }

  // MARK: What it should come to

  /// Where the hand-over of a creation stands after so many days and receipts.
  private func word(_ letter: String, _ index: Int, days: Int, receipts: Int) -> String {
    switch letter {
    case "c": index < days ? "closed" : "open"
    case "r", "g": index < days ? "expired" : "open"
    case "v": index < receipts ? "delivered" : "open"
    default: "open"
    }
  }

  func check(days: Int, receipts: Int, told: [String]) async throws {
    try checkDirectory(days: days)
    try checkRegister(days: days, receipts: receipts)
    try checkFiles(days: days, receipts: receipts)
    // Each change outside Buzón is known once, and nothing of ours is.
    let drift = try await place.answer("drift")["drift"].array
    let found = drift.map { "\($0["address"].text ?? "") \($0["changes"].array.map { $0["attribute"].text ?? "" })" }
    #expect(
      Set(found) == Set((0..<days).flatMap { ["d\($0)@example.org [\"title\"]", "g\($0)@example.org [\"entry\"]"] }))
    #expect(found.count == days * 2)
    let lines = told.filter { $0.contains("drift.") }.map {
      $0.split(separator: " ").dropFirst().joined(separator: " ")
    }
    // One that died between its commit and its log has told nothing.
    #expect(Set(lines).count == lines.count, "\(lines.filter { line in lines.count { $0 == line } > 1 })")
  }

  private func checkDirectory(days: Int) throws {
    let (stamps, _) = try site.stampsAndDeletes()
    #expect(stamps.allSatisfy { $0.value == 1 }, "\(stamps.filter { $0.value != 1 })")
    // One clears the end, one scrambles; the last day's reset is still open.
    #expect(stamps.count { $0.key.hasPrefix("@") } == days * 2 - 1)
    #expect(stamps.count { $0.key.hasPrefix("R-") } == days)
    let entries = try site.search(filter: "(objectClass=buzonAccount)", attributes: ["*", "+"])
    let found = Dictionary(uniqueKeysWithValues: entries.map { ($0["uid"][0], $0) })
    #expect(found.count == Self.days * Self.letters.count - days)
    for day in 0..<days {
      let (c, r) = (found["c\(day)"], found["r\(day)"])
      #expect(
        c?["pwdReset"] == [] && c?["pwdEndTime"] == [] && c?["buzonRequest"].first?.hasPrefix("@") == true, "c\(day)")
      #expect(r?["pwdReset"] == ["TRUE"] && r?["pwdEndTime"].count == 1, "r\(day)")
      #expect(r?["buzonRequest"].first?.hasPrefix(day < days - 1 ? "@" : "R-") == true, "r\(day)")
      #expect(found["d\(day)"]?["title"] == ["Jefe"] && found["g\(day)"] == nil)
    }
  }

  private func checkRegister(days: Int, receipts: Int) throws {
    let rows = try SQLite.rows(
      place.state + "/register.sqlite",
      """
      SELECT number, change_index, handover.state AS state, ended_by, salt IS NULL AS gone, due IS NULL AS done
      FROM handover JOIN request ON request.id = handover.request
      """)
    #expect(rows.count == Self.days * Self.letters.count + days)
    for row in rows {
      let number = row["number"]?.text ?? ""
      let place = Int(row["change_index"]?.integer ?? -1)
      let name = "\(number)#\(place)"
      let state = row["state"]?.text ?? ""
      let expected: String
      if number.hasPrefix("R-") {
        expected = number == "R-\(days - 1)" ? "open" : "expired"
        if expected == "expired" { #expect(row["ended_by"]?.text == "clock", "\(name)") }
      } else {
        expected = word(String(number.dropFirst(2)), place, days: days, receipts: receipts)
      }
      #expect(state == expected, "\(name)")
      #expect(row["gone"]?.integer == (state == "open" ? 0 : 1), "\(name) keeps its salt, or has lost it")
      #expect(row["done"]?.integer == (["open", "delivered"].contains(state) ? 0 : 1), "\(name) is due")
    }
    let receipt = try SQLite.rows(
      place.state + "/register.sqlite", "SELECT change_index, actor FROM event WHERE event = 'received'"
    )
    #expect(
      receipt.compactMap { $0["change_index"]?.integer }.sorted() == (0..<receipts).map(Int64.init), "each noted once")
    #expect(receipt.allSatisfy { $0["actor"]?.text == "Ana" })
  }

  private func checkFiles(days: Int, receipts: Int) throws {
    let list = try place.accounts()
    for letter in Self.letters {
      let changes = try place.record("S-\(letter)")?["changes"].array ?? []
      #expect(changes.count == Self.days)
      for (index, change) in changes.enumerated() {
        let word = word(letter, index, days: days, receipts: receipts)
        #expect(change["handover"].text == word, "S-\(letter)#\(index)")
        let row = list["\(letter)\(index)@example.org"]
        let isGone = letter == "g" && index < days
        #expect((row == nil) == isGone, "\(letter)\(index)")
        if isGone { continue }
        // A reset account's last word is of its later password.
        let later = letter == "r" && index == days - 1 ? "open" : word
        #expect(row?["handover"] as? String == later, "\(letter)\(index)")
        #expect(
          row?["drift"] as? [String] ?? [] == (letter == "d" && index < days ? ["title"] : []), "\(letter)\(index)")
      }
    }
    for day in 0..<days {
      #expect(
        try place.record("R-\(day)")?["changes"][0]["handover"].text == (day == days - 1 ? "open" : "expired"),
        "R-\(day)")
    }
    let clocked = try place.records().filter { $0.key.hasPrefix("@") }.values
      .flatMap { $0["changes"] as? [[String: Any]] ?? [] }
    #expect(clocked.count == days * 2 - 1 && clocked.allSatisfy { $0["outcome"] as? String == "applied" })
  }
}
