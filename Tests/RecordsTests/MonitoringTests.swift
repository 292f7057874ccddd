import Foundation
import Records
import Support
import Testing
import Text

/// The alerts and the board of config/, judged by Prometheus's own promtool(1).
@Suite("For Prometheus and Grafana")
struct MonitoringTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let rules = root.appending(path: "config/prometheus/buzon.rules.yml")
  private static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")

  /// Series of a minute each, in promtool's notation, and when the alert fires; before, it doesn't.
  private static let alerts: [(name: String, series: [String], quiet: String?, fires: String)] = [
    ("BuzonSilent", ["buzon_metrics_timestamp_seconds 0+60x10 600x60"], "10m", "20m"),
    ("BuzonDirectoryDown", ["buzon_directory_up 1x10 0x60", "buzon_agent_up 1x70"], "12m", "20m"),
    ("BuzonPartWaiting", [#"buzon_waiting{part="records"} 0x10 1x60"#], "12m", "20m"),
    ("BuzonLedgerDiffers", [#"buzon_findings{finding="ledger-differs"} 0x10 1x60"#], "9m", "12m"),
    ("BuzonClockHeld", ["buzon_clock_held 0x10 1x60"], "9m", "12m"),
    ("BuzonMirrorDown", ["buzon_mirror_up 1x10 0x60", "buzon_agent_up 1x70"], "20m", "40m"),
    ("BuzonNeedsALook", ["buzon_health 0x10 1x120"], "60m", "100m"),
    ("BuzonRequestOld", ["buzon_oldest_request_timestamp_seconds 60x2000"], "20h", "25h"),
    ("BuzonHandoverOld", ["buzon_oldest_handover_timestamp_seconds 60x12000"], "160h", "170h"),
    (
      "BuzonListOld",
      [#"buzon_list_timestamp_seconds{instance="a"} 60x2000"#, #"buzon_changes_total{instance="a"} 0+1x2000"#], "20h",
      "25h"
    ),
  ]

  @Test("promtool takes the metrics, without and with trouble", .enabled(if: isThere))
  func metrics() async throws {
    let scratch = try Scratch()
    var report = Specimens.status()
    for name in ["up", "down"] {
      try scratch.write(
        report.metrics(StatusTotals(accepted: 3, applied: 2, failed: 1), listWritten: nil), to: "\(name).prom")
      let checked = try await Program.run(
        "/bin/sh", ["-c", "promtool check metrics < \(scratch.path)/\(name).prom"])
      #expect(checked.status == 0 && checked.output + checked.errors == "", "\(checked)")
      report.directory.state = "waiting"
      report.agent.pid = nil
    }
  }

  @Test("each alert fires when it says, and not before; the page for operators has each", .enabled(if: isThere))
  func alerts() async throws {
    let text = try String(contentsOf: Self.rules, encoding: .utf8)
    let names = Set(text.matches(of: /- alert: (\w+)/).map { String($0.1) })
    #expect(names == Set(Self.alerts.map(\.name)))
    #expect(text.matches(of: /runbook: ".+"/).count == names.count)
    let page = try String(contentsOf: Self.root.appending(path: "docs/operations.md"), encoding: .utf8)
    for name in names { #expect(page.contains("| `\(name)` |"), "\(name)") }
    let scratch = try Scratch()
    var test = "rule_files: ['\(Self.rules.path)']\nevaluation_interval: 1m\ntests:\n"
    for alert in Self.alerts {
      test += "  - interval: 1m\n    input_series:\n"
      for series in alert.series {
        let parts = series.split(separator: " ", maxSplits: 1)
        test += "      - {series: '\(parts[0])', values: '\(parts[1])'}\n"
      }
      test += "    promql_expr_test:\n"
      for (time, count) in [(alert.quiet, 0), (alert.fires, 1)] {
        guard let time else { continue }
        test += "      - expr: 'count(ALERTS{alertname=\"\(alert.name)\",alertstate=\"firing\"}) or vector(0)'\n"
        test += "        eval_time: \(time)\n        exp_samples: [{labels: '{}', value: \(count)}]\n"
      }
    }
    try scratch.write(test, to: "test.yml")
    let checked = try await Program.run("/usr/bin/promtool", ["test", "rules", scratch.path + "/test.yml"])
    #expect(checked.status == 0, "\(checked)")
  }

  @Test("alerts and board speak of samples that are written")
  func names() throws {
    let written = Set(
      String(
        decoding: Specimens.status().metrics(StatusTotals(accepted: 1, applied: 1, failed: 1), listWritten: nil),
        as: UTF8.self
      ).matches(of: #/(?m)^# TYPE (buzon_\w+)/#).map { String($0.1) })
    let board = try String(contentsOf: Self.root.appending(path: "config/grafana/buzon.json"), encoding: .utf8)
    for text in [board, try String(contentsOf: Self.rules, encoding: .utf8)] {
      let named = Set(text.matches(of: /buzon_[a-z_]+/).map { String($0.output) })
      #expect(named.count >= 10 && named.isSubset(of: written), "\(named.subtracting(written))")
    }
    let panels = try json(Data(board.utf8))["panels"] as? [[String: Any]]
    #expect((panels ?? []).count >= 10)
  }
}
