import Files
import Records
import Support
import Testing
import Text

@Suite("The operator's page")
struct StatusTests {
  @Test("It says what waits, what failed and why, in the configured language and the organisation's time")
  func facts() throws {
    for (language, words) in [
      (
        PageLanguage.es,
        [
          "Hay algo que mirar", "Detenida", "Responde", "Al instante", "entrada hecha por fuera", "Sin entregar",
          "Y otras: 41",
        ]
      ),
      (
        .en,
        ["Something needs a look", "Held", "Up", "Live", "entry made outside Buzón", "Not received", "And others: 41"]
      ),
    ] {
      let page = Specimens.unmarked(try Specimens.pages(language).page(Specimens.status()))
      let facts = [
        "<meta http-equiv=\"refresh\" content=\"60\">", "2026-11-22 06:05", "America/Bogota", "ldapi:///", "12 ms",
        "2026-0139", "2 d 7 h", "policy.limits.deletes.per_form is 50", "2026-0138",
        "an alias of atencion@putumayo.gov.co", "choose another address", "<b>42</b>", "cn=admin,dc=putumayo",
        language == .es ? "cargo, " : "title, ", "buzon release 2026-0139", "Secretaría de Salud Departamental",
        "<td class=\"count\">12150</td>",
        "2026-11-09", "<b>2853</b>", "2811",
      ]
      for fact in facts + words { #expect(page.contains(fact), "\(language): \(fact)") }
    }
  }

  @Test("Where only held requests wait, the page says where they stand, and not that none waits")
  func held() throws {
    var report = Specimens.status()
    (report.waitingCounts, report.waiting) = ([.init(state: "held", count: 1)], [])
    report.drift[0].attributes = ["entry"]
    report.drift[0].isRemoved = true
    report.directory.since = Timestamp(seconds: Specimens.now.seconds - 14)
    let page = Specimens.unmarked(try Specimens.pages().page(report))
    for text in ["Detenida: 1</span> (véase arriba)", "entrada borrada por fuera", "hace\u{A0}14\u{A0}s"] {
      #expect(page.contains(text), "\(text)")
    }
    for text in ["Y otras: 1<", "No espera ninguna", "entrada hecha por fuera"] {
      #expect(!page.contains(text), "\(text)")
    }
    #expect(report.text(zone: .utc).contains("entry removed"))
  }

  @Test("Nothing to tell is told as that, without empty tables")
  func empty() throws {
    let report = StatusReport(
      generated: Specimens.now, agent: .init(version: "1.0", pid: 1, since: Specimens.now),
      directory: .init(state: "up"), mirror: .init(state: "persist"))
    let page = String(decoding: try Specimens.pages().page(report), as: UTF8.self)
    #expect(!page.contains("<table") && !page.contains("<svg"))
    for text in [
      "Todo en orden", "No espera ninguna", "No ha fallado nada", "No hay entregas abiertas", "Nadie ha cambiado",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(report.text(zone: .utc).hasPrefix("OK: All is well | waiting=0 held=0 failed_today=0 "))
  }

  static let findings: [(name: String, health: StatusReport.Health, change: @Sendable (inout StatusReport) -> Void)] = [
    ("nothing", .ok, { _ in }),
    ("the agent isn't running", .critical, { $0.agent.pid = nil }),
    ("the directory waits", .critical, { $0.directory.state = "waiting" }),
    ("the mirror is down", .warning, { $0.mirror.state = "down" }),
    ("the mirror compares", .ok, { $0.mirror.state = "comparing" }),
    ("the last run --once did all", .ok, { ($0.agent.pid, $0.agent.absence, $0.mirror.state) = (nil, .once, "once") }),
    ("the last run --once left something", .warning, { ($0.agent.pid, $0.agent.absence) = (nil, .unfinished) }),
    ("no agent has ever run", .critical, { ($0.agent.pid, $0.agent.absence) = (nil, .never) }),
    (
      "a folder of the spool can't be read", .critical,
      { $0.spool = .init(incoming: nil, problems: [.init(reason: "denied", remedy: "chmod")]) }
    ),
    ("the spool is open", .warning, { $0.spool.modes = [.init(reason: "open", remedy: "chmod")] }),
    ("a file came just now", .ok, { ($0.spool.incoming, $0.spool.oldest) = (1, ago(minutes: 5)) }),
    ("a file lies there for minutes", .warning, { ($0.spool.incoming, $0.spool.oldest) = (1, ago(minutes: 6)) }),
    (
      "a file waits for the next run --once", .ok,
      {
        ($0.agent.pid, $0.agent.absence, $0.mirror.state) = (nil, .once, "once")
        ($0.spool.incoming, $0.spool.oldest) = (1, ago(minutes: 600))
      }
    ),
    ("a request is held", .warning, { $0.waitingCounts = [.init(state: "held", count: 1)] }),
    ("requests wait", .ok, { $0.waitingCounts = [.init(state: "ready", count: 9)] }),
    ("the queue is held", .warning, { $0.holds = [.init(what: "queue", reason: "no container")] }),
    ("a change failed today", .warning, { $0.unseen.failed = 1 }),
    ("a failure of today that was seen", .ok, { $0.days = [day(0, failed: 0), day(1, failed: 1)] }),
    ("a file was rejected", .warning, { $0.unseen.rejected = 1 }),
    ("a password was overridden", .warning, { $0.unseen.overridden = 1 }),
    (
      "records can't be written", .critical,
      { $0.troubles = [.init(part: "records", reason: "full", remedy: "df", since: .init(seconds: 1))] }
    ),
    (
      "the spool can't be read", .critical,
      { $0.troubles = [.init(part: "spool", reason: "gone", remedy: "ls", since: .init(seconds: 1))] }
    ),
    ("a change failed yesterday", .ok, { $0.days = [day(0, failed: 1), day(1, failed: 0)] }),
    ("an account drifted", .warning, { $0.driftCount = 1 }),
    (
      "much at once", .critical,
      {
        $0.driftCount = 1
        $0.agent.pid = nil
      }
    ),
  ]

  private static func ago(minutes: Int64) -> Timestamp { Timestamp(seconds: Specimens.now.seconds - minutes * 60) }

  private static func day(_ index: Int, failed: Int) -> StatusReport.Day {
    .init(date: Day(nearest: 20_000 + index), failed: failed)
  }

  @Test("The worst of what was found decides, and 0, 1 or 2 is what a monitoring plugin exits with")
  func health() throws {
    for (name, health, change) in Self.findings {
      var report = StatusReport(
        generated: Specimens.now, agent: .init(version: "1.0", pid: 1, since: nil), directory: .init(state: "up"),
        mirror: .init(state: "persist"))
      change(&report)
      #expect(report.health == health, "\(name)")
      #expect(report.findings.isEmpty == (health == .ok), "\(name)")
      #expect(report.findings.map(\.health).max() ?? .ok == report.findings.first?.health ?? .ok, "\(name)")
      let verdict = ["OK: ", "WARNING: ", "CRITICAL: "][Int(health.exitCode)]
      #expect(report.text(zone: .utc).hasPrefix(verdict), "\(name)")
      let page = String(decoding: try Specimens.pages().page(report), as: UTF8.self)
      #expect(page.contains("<section class=\"verdict \(health.rawValue)\">"), "\(name)")
    }
  }

  @Test("What could not be read is never shown as nothing")
  func unread() throws {
    var report = Specimens.status()
    report.spool = .init(incoming: nil, taken: 0, rejected: nil, problems: [.init(reason: "denied", remedy: "chmod x")])
    report.unseen.rejected = nil
    let text = report.text(zone: .utc)
    #expect(text.contains("not taken yet could not be read") && text.contains("Rejected      could not be read"))
    #expect(text.contains("do: chmod x"), "\(text)")
    let page = String(decoding: try Specimens.pages(.es).page(report), as: UTF8.self)
    #expect(page.contains("No se pudo leer") && page.contains("chmod x") && page.contains("Vale hasta"))
  }

  @Test("Python reads the JSON and finds everything in it", .enabled(if: Python.isThere))
  func json() throws {
    let scratch = try Scratch()
    try scratch.write(Specimens.status().json(), to: "status.json")
    let script = """
      import json
      status = json.load(open("status.json", encoding="utf-8"))
      assert list(status) == ("version health findings generated valid_until agent directory mirror spool troubles unseen waiting holds failures handovers "
        "drift days accounts").split(), list(status)
      assert status["version"] == 1 and status["health"] == "warning" and status["generated"] == "2026-11-22T11:05:25Z"
      assert [(f["finding"], f["health"], f["count"]) for f in status["findings"]] == [("held", "warning", 1),
        ("failed-today", "warning", 3), ("drift", "warning", 1)]
      assert all(list(f) == ["finding", "health", "count", "since", "reason", "remedy"] for f in status["findings"])
      assert all(f["remedy"] for f in status["findings"])
      assert status["valid_until"] == "2026-11-22T11:07:55Z"
      assert status["agent"] == {"version": "1.0", "pid": 812, "since": "2026-11-17T19:58:45Z", "state": "running",
        "reason": None, "remedy": None, "standby": None}
      assert status["spool"] == {"incoming": 2, "oldest": "2026-11-22T11:05:22Z", "taken": 0, "rejected": 3,
        "problems": [], "modes": []}
      assert status["directory"] == {"state": "up", "since": "2026-11-17T19:58:45Z", "provider": "ldapi:///",
        "answered": None, "reason": None, "remedy": None, "switched": None}
      assert status["mirror"]["state"] == "persist" and status["mirror"]["lag_ms"] == 12
      assert status["waiting"]["count"] == 3 and status["waiting"]["states"] == {"held": 1, "ready": 2}
      assert [request["number"] for request in status["waiting"]["first"]] == ["2026-0139", "2026-0140"]
      assert status["holds"][0]["remedy"] == "buzon release 2026-0139"
      assert status["failures"][0]["error"] == {"code": 68, "name": "entryAlreadyExists",
        "diagnostic": "an alias of atencion@putumayo.gov.co", "remedy": "choose another address, or remove the alias first"}
      assert status["handovers"]["open"] == 42 and status["handovers"]["departments"][0]["open"] == 20
      assert status["handovers"]["oldest"][0]["handover"] == "open"
      assert status["drift"]["count"] == 1 and status["drift"]["first"][0]["attributes"] == ["title", "entry"]
      assert len(status["days"]) == 14 and status["days"][-1] == {"date": "2026-11-22", "accepted": 12, "applied": 812, "failed": 3}
      assert status["accounts"][0] == {"kind": "person", "status": "active", "count": 2811}
      """
    #expect(try Python.run(script, in: scratch) == 0)
  }

  @Test("It replaces the page before, whole, and all may read it")
  func written() throws {
    let scratch = try Scratch()
    let folders = try RecordFolders("\(scratch.path)/records")
    for text in ["one", "two"] { try folders.writeStatus(Array(text.utf8), metrics: []) }
    #expect(try scratch.read("records/status.html") == Array("two".utf8))
    #expect(scratch.mode("records/status.html") == 0o644)
    #expect(try folders.temporary.directory.names() == [])
  }

  @Test("On a terminal it is short and safe to print", arguments: Specimens.hostile.map(\.text))
  func terminal(text: String) throws {
    let printed = Specimens.status(text, lines: 20).text(zone: .utc)
    #expect(printed.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    #expect(
      !printed.unicodeScalars.contains { (0x200E...0x200F).contains($0.value) || (0x202A...0x202E).contains($0.value) })
    let lines = printed.split(separator: "\n")
    #expect(lines.count < 120)
    for line in lines.dropFirst() { #expect(Cells.width(String(line)) <= 100) }
    #expect(lines[0].split(separator: "|").count == 2)
  }

  @Test("A plot has a bar and a number for each day that has any, whatever the figures")
  func plot() throws {
    for (figures, shown) in [
      ([0, 0, 0], []), ([1, 0, 999], ["1", "999"]), ([1000, 1499, 1500], ["1k", "1k", "2k"]),
      ([999_499, 999_500, 99_499_999], ["999k", "1M", "99M"]), ([], []),
    ] as [([Int], [String])] {
      var report = Specimens.status()
      report.days = figures.enumerated().map { .init(date: Day(nearest: $0.offset), accepted: $0.element) }
      let page = String(decoding: try Specimens.pages().page(report), as: UTF8.self)
      let bars = page.split(separator: "<rect ").dropFirst()
      #expect(bars.count == shown.count)
      #expect(bars.map { String($0.split(separator: "</text>")[0].split(separator: ">").last ?? "") } == shown)
      #expect(page.split(separator: "role=\"img\"").count == (figures.isEmpty ? 1 : 4))
    }
  }
}
