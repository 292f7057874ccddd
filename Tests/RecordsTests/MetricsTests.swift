import Files
import Records
import Support
import Testing
import Text

@Suite("The metrics")
struct MetricsTests {
  private static let totals = StatusTotals(accepted: 4_211, applied: 120_000, failed: 112)

  /// A reader of the text format that nobody here wrote the writer of: it takes what promtool takes (`check metrics`), and
  /// its rules: each family has a help and a type and stands together, names are snake case with a unit or `_total`, no
  /// sample is there twice.
  private static let reader = #"""
    import re, sys
    def parse(path):
      data = open(path, "rb").read()
      assert data.endswith(b"\n"), "the last line ends"
      families, seen, samples, current = {}, set(), {}, None
      name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
      label = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
      for line in data.decode("utf-8").split("\n")[:-1]:
        if line.startswith("# HELP "):
          current, text = line[7:].split(" ", 1)
          assert re.fullmatch(name, current) and text, line
          assert current not in families, "twice: " + line
          families[current] = None
        elif line.startswith("# TYPE "):
          family, kind = line[7:].split(" ")
          assert family == current and families[family] is None and kind in ("gauge", "counter"), line
          families[family] = kind
          assert (kind == "counter") == family.endswith("_total"), line
          assert family == family.lower() and family.startswith("buzon_"), line
        else:
          match = re.fullmatch(r"(%s)(?:\{(%s(?:,%s)*)\})? (-?[0-9]+(?:\.[0-9]+)?)" % (name, label, label), line)
          assert match, repr(line)
          assert match.group(1) == current and families[current], "outside its family: " + line
          unescape = lambda v: re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m.group(1), m.group(1)), v)
          labels = tuple((n, unescape(v)) for n, v in re.findall(label, match.group(2) or ""))
          key = (current,) + labels
          assert key not in seen, "twice: " + line
          seen.add(key)
          samples[key] = float(match.group(8) if match.lastindex >= 8 else line.rsplit(" ", 1)[1])
      return samples

    """#

  @Test("They say what the report says, in Prometheus's text format", .enabled(if: Python.isThere))
  func facts() throws {
    let scratch = try Scratch()
    var report = Specimens.status()
    try scratch.write(
      report.metrics(Self.totals, listWritten: Timestamp(milliseconds: 1_763_800_000_050)), to: "up.prom")
    report.directory.state = "waiting"
    report.spool.rejected = nil
    report.agent.pid = nil
    try scratch.write(report.metrics(StatusTotals(), listWritten: nil), to: "down.prom")
    try scratch.write(report.json(), to: "status.json")
    let script =
      Self.reader + #"""
        import json, datetime
        up, down, status = parse("up.prom"), parse("down.prom"), json.load(open("status.json"))
        def one(samples, name, **labels): return samples[("buzon_" + name,) + tuple(labels.items())]
        def moment(text): return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        assert one(up, "build_info", version="1.0") == 1
        assert (one(up, "agent_up"), one(down, "agent_up")) == (1, 0)
        assert (one(up, "directory_up"), one(down, "directory_up")) == (1, 0)
        assert one(up, "queue_waiting_since_timestamp_seconds") == 0
        assert one(down, "queue_waiting_since_timestamp_seconds") == moment(status["directory"]["since"])
        assert one(up, "agent_start_time_seconds") == moment(status["agent"]["since"])
        assert one(down, "agent_start_time_seconds") == 0
        assert (one(up, "health"), one(down, "health")) == (1, 2)
        for state, count in status["waiting"]["states"].items(): assert one(up, "requests", state=state) == count
        assert one(up, "oldest_request_timestamp_seconds") == min(moment(r["since"]) for r in status["waiting"]["first"])
        assert one(up, "handovers_open") == status["handovers"]["open"]
        assert one(up, "oldest_handover_timestamp_seconds") == min(moment(d["oldest"]) for d in status["handovers"]["departments"])
        assert one(up, "accounts_drifted") == status["drift"]["count"]
        for a in status["accounts"]: assert one(up, "accounts", kind=a["kind"], status=a["status"]) == a["count"]
        assert one(up, "requests_accepted_total") == 4211
        assert one(up, "changes_total", outcome="applied") == 120000 and one(up, "changes_total", outcome="failed") == 112
        assert one(up, "rejected_files") == 3 and ("buzon_rejected_files",) not in down, "not read is not zero"
        assert [one(down, "findings", finding=f) for f in ("agent-stopped", "directory-waiting", "stuck")] == [1, 1, 0]
        assert one(up, "list_timestamp_seconds") == 1763800000.05 and one(down, "list_timestamp_seconds") == 0
        assert one(up, "metrics_timestamp_seconds") == moment(status["generated"])
        """#
    #expect(try Python.run(script, in: scratch) == 0)
  }

  @Test("Whatever stands in the report, they can be read, and tell nobody's name, address or request")
  func hostile() throws {
    for (name, text) in Specimens.hostile.map({ ($0.name, $0.text) }) + [("escapes", "a\\n\"b\nc\\")] {
      let scratch = try Scratch()
      var report = Specimens.status(text, lines: 3)
      report.accounts = [.init(kind: text, status: "\\\"\n" + text, count: 1)]
      let metrics = report.metrics(Self.totals, listWritten: nil)
      try scratch.write(metrics, to: "hostile.prom")
      try scratch.write(Array(text.utf8), to: "text")
      let script =
        Self.reader + #"""
          text = open("text", "rb").read().decode("utf-8")
          samples = parse("hostile.prom")
          assert samples[("buzon_accounts", ("kind", text), ("status", "\\\"\n" + text))] == 1
          assert samples[("buzon_build_info", ("version", text))] == 1
          """#
      #expect(try Python.run(script, in: scratch) == 0, "\(name)")
    }
    let plain = String(
      decoding: Specimens.status(lines: 3).metrics(Self.totals, listWritten: nil), as: UTF8.self)
    for personal in ["@", "2026-0", "Secretar", "maria", "carlos"] { #expect(!plain.contains(personal), "\(personal)") }
  }

  @Test("They stand in a folder of their own that all may read, whole, each in place of the one before")
  func written() throws {
    let scratch = try Scratch()
    let folders = try RecordFolders("\(scratch.path)/records")
    for text in ["one\n", "two\n"] { try folders.writeStatus([], metrics: Array(text.utf8)) }
    #expect(try scratch.read("records/metrics/buzon.prom") == Array("two\n".utf8))
    #expect(scratch.mode("records/metrics") == 0o755 && scratch.mode("records/metrics/buzon.prom") == 0o644)
    #expect(try folders.temporary.directory.names() == [])
  }
}
