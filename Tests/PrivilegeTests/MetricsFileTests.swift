import Foundation
import Support
import Testing

/// `records/metrics/buzon.prom`: what it says is what `buzon status --json` says, at any time, and counters go on where
/// they were.
@Suite("The metrics' file")
struct MetricsFileTests {
  /// Samples by name and labels, as they stand.
  private static func samples(_ place: Workplace) -> [String: Double] {
    let text = (try? String(contentsOfFile: place.records + "/metrics/buzon.prom", encoding: .utf8)) ?? ""
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      samples[parts.dropLast().joined(separator: " ")] = parts.last.flatMap { Double($0) }
    }
    return samples
  }

  private static func create(_ local: String) -> String {
    "create: {address: \(local)@example.org, name: {given: Ana, family: Rojas}}"
  }

  @Test("says what the status says, while the directory is away too, and counts on behind a restart")
  func agrees() async throws {
    let site = try Site()
    let place = try site.workplace("metrics")
    try place.drop(form(number: "P-1", changes: [Self.create("una")]), as: "1.yaml")
    try place.drop(form(number: "P-2", changes: ["delete: {address: nadie@example.org}"]), as: "2.yaml")
    try place.drop("no form", as: "3.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    let first = Self.samples(place)
    for (name, expected) in [
      ("buzon_agent_up", 0), ("buzon_directory_up", 1), ("buzon_requests_accepted_total", 2),
      ("buzon_changes_total{outcome=\"applied\"}", 1), ("buzon_changes_total{outcome=\"failed\"}", 1),
      ("buzon_rejected_files", 1), ("buzon_handovers_open", 1), ("buzon_health", 1),
      ("buzon_accounts{kind=\"person\",status=\"active\"}", 1), ("buzon_requests{state=\"ready\"}", 0),
    ] as [(String, Double)] { #expect(first[name] == expected, "\(name) \(first[name] ?? -1)") }
    #expect(first["buzon_list_timestamp_seconds"] ?? 0 > 1_700_000_000)

    try site.stopDirectory()
    let agent = try await place.agent()
    try place.drop(form(number: "P-3", changes: [Self.create("dos")]), as: "4.yaml")
    #expect(await agent.says("directory.waiting"))
    #expect(
      await comesTrue {
        let samples = Self.samples(place)
        return samples["buzon_directory_up"] == 0 && samples["buzon_agent_up"] == 1
          && samples["buzon_queue_waiting_since_timestamp_seconds"] ?? 0 > 0
      })
    let away = Self.samples(place)
    let status = try await place.answer("status")
    #expect(away["buzon_queue_waiting_since_timestamp_seconds"] ?? 0 > 1_700_000_000)
    #expect(away["buzon_oldest_request_timestamp_seconds"] ?? 0 > 1_700_000_000)
    #expect(away["buzon_requests_accepted_total"] == 3 && away["buzon_health"] == 2, "\(away)")
    for state in ["ready", "working", "held", "awaiting-signature"] {
      #expect(
        away["buzon_requests{state=\"\(state)\"}"] == status["waiting"]["states"][state].integer.map(Double.init),
        "\(state)")
    }
    try site.startDirectory()
    try await place.recorded("P-3")
    #expect(await agent.end() == 0)
    let last = Self.samples(place)
    #expect(last["buzon_changes_total{outcome=\"applied\"}"] == 2 && last["buzon_agent_up"] == 0)
    #expect(last["buzon_queue_waiting_since_timestamp_seconds"] == 0)
    let text = try String(contentsOfFile: place.records + "/metrics/buzon.prom", encoding: .utf8)
    for personal in ["@", "P-1", "Salud", "una"] { #expect(!text.contains(personal), "\(personal)") }
  }
}
