internal import Accounts
internal import LDAP
public import Text

extension StatusReport {
  /// The report in short, for a terminal, in English. Its first line is a monitoring plugin's: the verdict, why, and
  /// behind `|` the figures.
  ///
  /// - Parameters:
  ///   - zone: that times follow.
  ///   - most: lines of each list, at most.
  public func text(zone: Zone, most: Int = 5) -> String {
    var lines = TextLines(width: 100)
    func since(_ time: Timestamp?) -> String {
      time.map { "since \(zone.dateAndTime(at: $0)) (\($0.age(until: generated)))" } ?? ""
    }
    func field(_ name: String, _ parts: String?...) {
      let content = parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
      lines.field(name, content, column: 14)
    }
    func item(_ parts: String?...) {
      lines.paragraph(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · "), mark: "- ", indent: 2)
    }
    let findings = findings
    // What a finding says isn't said again.
    func unfound(_ reason: String?) -> String? { findings.contains { $0.reason == reason } ? nil : reason }
    for finding in findings {
      item(
        finding.kind.word.text(.en) + (finding.kind.isCounted ? " \(finding.count)" : ""), since(finding.since),
        finding.reason)
      if let remedy = finding.remedyText { lines.paragraph(remedy, mark: "do: ", indent: 4) }
    }
    field(
      "Agent", agent.version, agent.pid.map { "pid \($0)" } ?? (agent.absence == .once ? "done" : "not running"),
      since(agent.since), agent.pid == nil ? unfound(agent.reason) : nil)
    field(
      "Directory", directory.state, directory.provider,
      directory.answered.map { "answered \($0.age(until: generated)) ago" }, since(directory.since),
      unfound(directory.reason), directory.switched.map { "since \(zone.dateAndTime(at: $0.at)), before \($0.from)" })
    field("Mirror", mirror.state, mirror.lag.map { "lag \(lagText($0))" }, since(mirror.since), unfound(mirror.reason))
    func files(_ count: Int?, _ what: String) -> String { count.map { "\($0) \(what)" } ?? "\(what) could not be read" }
    field(
      "Spool", files(spool.incoming, "not taken yet"), files(spool.taken, "taken"), since(spool.oldest))
    field("Rejected", unseen.rejected.map { "\($0)" } ?? "could not be read")
    let states = waitingCounts.filter { $0.count > 0 }.map { "\($0.count) \($0.state)" }
    field("Waiting", "\(waitingCount)", states.joined(separator: ", "))
    for request in waiting.prefix(most) {
      item(request.number, request.state, request.since.age(until: generated), request.reason)
    }
    for hold in holds.prefix(most) { item("\(hold.what) is held: \(hold.reason)", hold.remedy) }
    field("Failed today", "\(days.last?.failed ?? 0)")
    for failure in unseenFailures.prefix(most) {
      let error = failure.error
      item(
        zone.dateAndTime(at: failure.at), failure.number, failure.address,
        "\(error.code.rawValue) \(error.code.name): \(error.diagnostic)", error.remedy)
    }
    field(
      "Hand-overs", "\(openHandoverCount) open",
      openHandovers.first.map { "the oldest \($0.address), \($0.granted.age(until: generated))" })
    field("Drift", "\(driftCount)")
    for drift in drift.prefix(most) {
      item(
        drift.address,
        drift.attributes.map { $0 == "entry" && drift.isRemoved ? "entry removed" : $0 }.joined(separator: ","),
        drift.by.map { "by \($0)" },
        zone.dateAndTime(at: drift.at))
    }
    field("Accounts", "\(accounts.reduce(0) { $0 + $1.count })")
    return pluginLine + "\n" + lines.text
  }

  /// E.g. `WARNING: requests held 2, accounts changed outside Buzón 1 | waiting=3 …`.
  private var pluginLine: String {
    let figures: [(String, Int)] = [
      ("waiting", waitingCount), ("held", heldCount),
      ("failed_today", days.last?.failed ?? 0), ("handovers", openHandoverCount), ("drift", driftCount),
      ("accounts", accounts.reduce(0) { $0 + $1.count }),
    ]
    return "\(headline) | " + figures.map { "\($0)=\($1)" }.joined(separator: " ")
  }

  /// How it stands, in a line: `WARNING: requests held 2, accounts changed outside Buzón 1`.
  public var headline: String {
    let found = findings.map { finding in
      finding.kind.word.text(.en) + (finding.kind.isCounted ? " \(finding.count)" : "")
    }
    let verdict: String =
      switch health {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      }
    let why = found.isEmpty ? StatusWord.healthOK.text(.en) : found.joined(separator: "; ")
    return "\(verdict): \(why)"
  }
}
