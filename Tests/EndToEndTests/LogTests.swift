import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("The log")
  struct LogTests {
    /// A name that would forge a line, colour a terminal, turn the text round and end a sequence by C1.
    private static let evil =
      "a\n2026-01-01T00:00:00Z info request.done request=FORGED \u{1B}[31m\u{202E}\u{2028}\u{9B}\"\\x.yaml"

    @Test("has one event a line whatever a file's name or a form's text say", arguments: ["text", "json"])
    func oneEventALine(_ format: String) async throws {
      let place = try EndToEnd.place().site.workplace("log", .with { $0.log = "{format: \(format), level: trace}" })
      let agent = try await place.agent()
      let local = "log-\(format)"
      let create = form(
        number: "L-1", changes: ["create: {address: \(local)@example.org, name: {given: A, family: B}}"])
      // A good form, a repeated one, another one of its number, and one whose text is as bad as its name.
      try place.drop(create, as: Self.evil)
      try await place.recorded("L-1")
      try place.drop(create, as: Self.evil)
      #expect(await agent.says("request.repeated", "nothing was done"))
      try place.drop(create + "#\n", as: Self.evil)
      _ = try await place.rejection(of: Self.evil)
      let bad = form(
        number: "L-2",
        changes: [
          "modify: {address: \(local)@example.org, set: {position: \"a\\u001b[31m\\nb\\u202e\\u2028\", \"k\\n\\e[1m\": 1}}"
        ])
      try place.drop(bad, as: "bad.yaml")
      let report = try await place.rejection(of: "bad.yaml")
      try await place.carryOut(
        form(number: "L-3", changes: ["delete: {address: nadie@example.org}"]), "L-3")
      #expect(await agent.end() == 0)

      let written = agent.program.written
      #expect(written.output.isEmpty, "the log goes to standard error")
      let lines = written.errors.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.last == "")
      for line in lines.dropLast() {
        #expect(Self.isSafe(line), "\(line.debugDescription)")
        #expect(!line.hasPrefix("2026-01-01"))
        if format == "json" {
          let event = try JSON(String(line))
          #expect(event.keys.isSuperset(of: ["time", "level", "event"]), "\(line)")
        } else {
          #expect(
            line.wholeMatch(
              of:
                /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error) [a-z.]+( [a-z_]+=([^ "\\]+|"([^"\\]|\\.)*"))*/
            ) != nil, "\(line)")
        }
      }
      for event in [
        "agent.started", "request.accepted", "change.settled", "request.done", "request.repeated", "request.rejected",
        "change.failed", "agent.stopping", "agent.ended",
      ] {
        #expect(lines.contains { $0.contains(event) }, "\(event)")
      }
      let accepted = try #require(lines.first { $0.contains("request.accepted") })
      for word in ["info", "L-1", "FORGED"] { #expect(accepted.contains(word), "\(accepted)") }
      // What failed says which request, which account, why, and what to do.
      let failed = try #require(lines.first { $0.contains("change.failed") })
      for word in ["L-3#0", "nadie@example.org", "32", "why", "do"] { #expect(failed.contains(word), "\(failed)") }

      // What people print on a terminal is as harmless.
      #expect(
        report.split(separator: "\n").count >= 2 && Self.isSafe(report.replacingOccurrences(of: "\n", with: " ")[...]))
      let shown = try await place.run("show", "L-1").output
      #expect(shown.split(separator: "\n").allSatisfy(Self.isSafe), "\(shown.debugDescription)")
      let check = try await place.run("check", place.spool + "/rejected/" + Self.evil)
      #expect(check.errors.split(separator: "\n").allSatisfy(Self.isSafe), "\(check.errors.debugDescription)")
    }

    /// Nothing that a terminal obeys: no control character of C0 or C1, no separator of lines, no mark of direction.
    private static func isSafe(_ line: Substring) -> Bool {
      line.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
      }
    }
  }
}
