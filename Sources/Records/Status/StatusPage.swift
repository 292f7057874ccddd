internal import Accounts
internal import LDAP
internal import Text

extension Pages {
  /// The operator's page, `records/status.html`: it fits a telephone and paper, and asks for itself anew each minute.
  public func page(_ report: StatusReport) -> [UInt8] {
    Array(statusTemplate.render(StatusValues(report: report, pages: self).page()).utf8)
  }
}

/// What `status.html` can name.
private struct StatusValues {
  let report: StatusReport
  let pages: Pages

  func page() -> PageFields {
    let accounts = StatusAccounts(report.accounts, pages: pages)
    let tiles: [(String, Int, one: StatusWord, many: StatusWord, Bool)] = [
      ("waiting", report.waitingCount, .inQueue, .inQueue, report.heldCount > 0),
      ("failures", report.days.last?.failed ?? 0, .oneFailedToday, .failedToday, true),
      ("handovers", report.openHandoverCount, .oneOpenHandover, .openHandovers, false),
      ("drift", report.driftCount, .oneDrifted, .drifted, true),
      ("accounts", accounts.total, .oneAccount, .allAccounts, false),
    ]
    var values: [String: Any] = [
      "health": PageText(report.health.rawValue), "verdict": text(report.health.word),
      "findings": report.findings.map { finding in
        PageFields([
          "finding": text(finding.kind.word), "count": PageText(finding.kind.isCounted ? String(finding.count) : nil),
          "since": since(finding.since), "reason": message(finding.reason),
          "remedy": finding.remedy.map(message) ?? PageText(finding.kind.remedy?.text(pages.language)),
        ])
      },
      "generated": time(report.generated), "zone": PageText(pages.zone.name),
      "valid": report.validUntil.map(time) ?? text(.untilNextRun),
      "tiles": tiles.map { anchor, count, one, many, warns in
        PageFields([
          "anchor": PageText(anchor), "count": PageText(count), "label": text(count == 1 ? one : many),
          "class": PageText(warns && count > 0 ? "warning" : ""),
        ])
      },
      "has_holds": !report.holds.isEmpty, "holds": report.holds.map(hold),
      "states": report.waitingCounts.filter { $0.count > 0 }.map {
        PageFields([
          "state": state($0.state), "class": PageText($0.state), "count": PageText($0.count),
          // Those that are held stand in their own table.
          "above": $0.state == "held" && !report.holds.isEmpty ? text(.seeAbove) : PageText(nil),
        ])
      },
      "is_idle": report.waitingCount == 0,
      "has_requests": !report.waiting.isEmpty, "requests": report.waiting.map(request),
      "has_failures": !report.failures.isEmpty, "failures": report.failures.map(failure),
      "has_departments": !report.handoversByDepartment.isEmpty,
      "departments": report.handoversByDepartment.map(department),
      "has_handovers": !report.openHandovers.isEmpty, "handovers": report.openHandovers.map(handover),
      "has_drift": !report.drift.isEmpty, "drift": report.drift.map(drift),
      "has_days": !report.days.isEmpty, "plots": plots, "days": report.days.map(day),
      "has_accounts": accounts.total > 0, "statuses": accounts.columns, "kinds": accounts.rows,
    ]
    let lists = [
      ("requests", report.waitingCount - report.heldCount, report.waiting.count { $0.state != "held" }),
      ("handovers", report.openHandoverCount, report.openHandovers.count),
      ("drift", report.driftCount, report.drift.count),
    ]
    for (name, all, told) in lists { values["more_\(name)"] = PageText(all > told ? String(all - told) : nil) }
    values.merge(parts) { $1 }
    return PageFields(values, in: pages.status)
  }

  /// Agent, directory, mirror.
  private var parts: [String: Any] {
    let (agent, directory, mirror) = (report.agent, report.directory, report.mirror)
    return [
      "agent": PageFields([
        "state": text(agentWord), "class": PageText(agentClass),
        "version": PageText(agent.version), "pid": PageText(agent.pid.map { String($0) }), "since": since(agent.since),
      ]),
      "directory": PageFields([
        "state": PageText(
          pages.term(directory.state, ["up": StatusWord.up, "waiting": .waitingDirectory, "unknown": .notAsked])),
        "class": PageText(directory.state == "up" ? "good" : "bad"), "since": since(directory.since),
        "provider": PageText(directory.provider), "answered": since(directory.answered),
        "reason": message(directory.reason), "remedy": message(directory.remedy),
      ]),
      "spool": PageFields([
        "incoming": count(report.spool.incoming), "taken": count(report.spool.taken),
        "rejected": count(report.spool.rejected), "since": since(report.spool.oldest),
        "class": PageText(report.spool.problems.isEmpty && report.spool.modes.isEmpty ? "good" : "bad"),
        "state": text(report.spool.problems.isEmpty ? .readable : .unreadable),
      ]),
      "mirror": PageFields([
        "state": PageText(
          pages.term(
            mirror.state,
            [
              "persist": StatusWord.persist, "polling": .polling, "comparing": .comparing, "once": .onceRead,
              "down": .down,
            ])),
        "class": PageText(
          mirror.state == "persist" || mirror.state == "once" ? "good" : mirror.state == "down" ? "bad" : "warn"),
        "since": since(mirror.since), "lag": PageText(mirror.lag.map(lagText)), "reason": message(mirror.reason),
      ]),
    ]
  }

  private var agentWord: StatusWord {
    if report.agent.pid != nil { return .running }
    return switch report.agent.absence {
    case .never: .neverRan
    case .once: .ranOnce
    case .unfinished: .ranUnfinished
    case .stopped, .lost: .stopped
    }
  }

  private var agentClass: String {
    report.agent.pid != nil || report.agent.absence == .once ? "good" : "bad"
  }

  private func hold(_ hold: StatusReport.Hold) -> PageFields {
    PageFields([
      "what": hold.what == "queue"
        ? text(StatusWord.queue) : hold.what == StatusReport.Hold.clock ? text(StatusWord.clock) : PageText(hold.what),
      "reason": message(hold.reason),
      "remedy": message(hold.remedy), "age": age(hold.since),
    ])
  }

  private func request(_ request: StatusReport.Waiting) -> PageFields {
    PageFields([
      "number": PageText(request.number), "state": state(request.state), "class": PageText(request.state),
      "age": age(request.since), "department": PageText(request.department), "reason": message(request.reason),
    ])
  }

  private func failure(_ failure: StatusReport.Failure) -> PageFields {
    PageFields([
      "at": time(failure.at), "number": PageText(failure.number), "address": PageText(address: failure.address),
      "code": PageText(Int(failure.error.code.rawValue)), "name": PageText(pages.name(of: failure.error.code)),
      "diagnostic": PageText(pages.diagnostic(failure.error.diagnostic)), "remedy": message(failure.error.remedy),
    ])
  }

  private func department(_ department: StatusReport.DepartmentHandovers) -> PageFields {
    let name = department.department
    return PageFields([
      "department": name.isEmpty ? text(Word.noDepartment) : PageText(name), "count": PageText(department.count),
      "oldest": time(department.oldest), "age": age(department.oldest),
    ])
  }

  private func handover(_ handover: StatusReport.OpenHandover) -> PageFields {
    PageFields([
      "address": PageText(address: handover.address), "department": PageText(handover.department),
      "number": PageText(handover.number), "granted": time(handover.granted), "age": PageText(ago(handover.granted)),
      "ends": handover.ends.map(time) ?? PageText(nil), "state": text(handover.isDelivered ? .delivered : .open),
    ])
  }

  private func drift(_ drift: StatusReport.Drift) -> PageFields {
    let attributes = pages.driftText(drift.attributes, isRemoved: drift.isRemoved)
    return PageFields([
      "address": PageText(address: drift.address), "attributes": PageText(attributes),
      "by": drift.by.map { PageText($0) } ?? text(StatusWord.unknown), "at": time(drift.at),
    ])
  }

  private func day(_ day: StatusReport.Day) -> PageFields {
    PageFields([
      "date": PageText("\(day.date)"), "accepted": PageText(day.accepted), "applied": PageText(day.applied),
      "failed": PageText(day.failed),
    ])
  }

  private var plots: [PageFields] {
    let figures: [(StatusWord, String, KeyPath<StatusReport.Day, Int>)] = [
      (.accepted, "accepted", \.accepted), (.applied, "applied", \.applied), (.failed, "failed", \.failed),
    ]
    return figures.map { word, style, figure in
      let plot = DayPlot(
        title: word.text(pages.language), style: style, days: report.days.map { ($0.date, $0[keyPath: figure]) },
        highest: StatusWord.highest.text(pages.language))
      return PageFields(["label": text(word), "svg": PageText(trusted: plot.svg())])
    }
  }

  private func message(_ text: String?) -> PageText { PageText(pages.message(text)) }
  private func text(_ word: StatusWord) -> PageText { PageText(word.text(pages.language)) }
  private func text(_ word: Word) -> PageText { PageText(word.text(pages.language)) }
  private func time(_ time: Timestamp) -> PageText { PageText(pages.time(time)) }
  private func count(_ files: Int?) -> PageText { files.map { PageText($0) } ?? text(.unreadable) }
  private func age(_ since: Timestamp?) -> PageText { PageText(since?.age(until: report.generated)) }

  /// `hace 14 s`, on one line.
  private func ago(_ time: Timestamp) -> String {
    StatusWord.ago.text(pages.language).replacing("#", with: time.age(until: report.generated))
      .replacing(" ", with: "\u{A0}")
  }

  private func since(_ since: Timestamp?) -> PageText {
    PageText(since.map { "\(pages.time($0)) · \(ago($0))" })
  }

  private func state(_ state: String) -> PageText {
    PageText(
      pages.term(
        state,
        [
          "awaiting-signature": Word.stateAwaitingSignature, "ready": .stateReady, "held": .stateHeld,
          "working": .stateWorking,
        ]))
  }
}

/// Milliseconds for people.
func lagText(_ milliseconds: Int64) -> String {
  milliseconds < 1000
    ? "\(max(0, milliseconds)) ms"
    : Timestamp(milliseconds: 0).age(until: Timestamp(milliseconds: milliseconds))
}

extension StatusReport.Health {
  fileprivate var word: StatusWord {
    switch self {
    case .ok: .healthOK
    case .warning: .healthWarning
    case .critical: .healthCritical
    }
  }
}
