internal import Accounts
internal import LDAP
public import Text

extension StatusReport {
  /// The report in short, for a terminal. Its first line is a monitoring plugin's: the verdict, why, and
  /// behind `|` the figures.
  ///
  /// - Parameters:
  ///   - zone: that times follow.
  ///   - language: of its words; the verdict and the figures of the first line stay as they are.
  ///   - most: lines of each list, at most.
  public func text(zone: Zone, language: PageLanguage = .en, most: Int = 5) -> String {
    var lines = TextLines(width: 100)
    func said(_ text: String) -> String { language.text(of: text) }
    func since(_ time: Timestamp?) -> String {
      time.map { said("since \(zone.dateAndTime(at: $0))") + " (\($0.age(until: generated)))" } ?? ""
    }
    func field(_ name: String, _ parts: String?...) {
      let content = parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
      lines.field(said(name), content, column: language == .en ? 14 : 16)
    }
    func item(_ parts: String?...) {
      lines.paragraph(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · "), mark: "- ", indent: 2)
    }
    let findings = findings
    // What a finding says isn't said again.
    func unfound(_ reason: String?) -> String? { findings.contains { $0.reason == reason } ? nil : reason }
    for finding in findings {
      item(
        finding.kind.word.text(language) + (finding.kind.isCounted ? " \(finding.count)" : ""), since(finding.since),
        finding.reason.map(said))
      if let remedy = finding.remedyText(language) { lines.paragraph(remedy, mark: said("do:") + " ", indent: 4) }
    }
    field(
      "Agent", agent.version, agent.pid.map { "pid \($0)" } ?? said(agent.absence == .once ? "done" : "not running"),
      since(agent.since), agent.pid == nil ? unfound(agent.reason).map(said) : nil,
      agent.standby.map { said("standby \($0)") })
    field(
      "Directory", language.text(directory.state, of: "directory"), directory.provider,
      directory.answered.map { said("answered \($0.age(until: generated)) ago") }, since(directory.since),
      unfound(directory.reason).map(said),
      directory.switched.map { said("since \(zone.dateAndTime(at: $0.at)), before \($0.from)") })
    field(
      "Mirror", language.text(mirror.state, of: "mirror"), mirror.lag.map { said("lag \(lagText($0))") },
      since(mirror.since), unfound(mirror.reason).map(said))
    func files(_ count: Int?, _ what: String) -> String {
      said(count.map { "\($0) \(what)" } ?? "\(what) could not be read")
    }
    field(
      "Spool", files(spool.incoming, "not taken yet"), files(spool.taken, "taken"), since(spool.oldest))
    field("Rejected", unseen.rejected.map { "\($0)" } ?? said("could not be read"))
    let states = waitingCounts.filter { $0.count > 0 }.map { "\($0.count) \(language.text($0.state, of: "request"))" }
    field("Waiting", "\(waitingCount)", states.joined(separator: ", "))
    for request in waiting.prefix(most) {
      item(
        request.number, language.text(request.state, of: "request"), request.since.age(until: generated),
        request.reason.map(said))
    }
    for hold in holds.prefix(most) { item(said("\(hold.what) is held: \(hold.reason)"), hold.remedy.map(said)) }
    field("Failed today", "\(days.last?.failed ?? 0)")
    for failure in unseenFailures.prefix(most) {
      let error = failure.error
      item(
        zone.dateAndTime(at: failure.at), failure.number, failure.address,
        "\(error.code.rawValue) \(error.code.name(language)): \(said(error.diagnostic))", said(error.remedy))
    }
    field(
      "Hand-overs", said("\(openHandoverCount) open"),
      openHandovers.first.map { said("the oldest \($0.address)") + ", \($0.granted.age(until: generated))" })
    field("Drift", "\(driftCount)")
    for drift in drift.prefix(most) {
      item(
        drift.address,
        drift.attributes.map { $0 == "entry" && drift.isRemoved ? said("entry removed") : $0 }.joined(separator: ","),
        drift.by.map { said("by \($0)") },
        zone.dateAndTime(at: drift.at))
    }
    field("Accounts", "\(accounts.reduce(0) { $0 + $1.count })")
    return pluginLine(language) + "\n" + lines.text
  }

  /// E.g. `WARNING: requests held 2, accounts changed outside Buzón 1 | waiting=3 …`.
  private func pluginLine(_ language: PageLanguage) -> String {
    let figures: [(String, Int)] = [
      ("waiting", waitingCount), ("held", heldCount),
      ("failed_today", days.last?.failed ?? 0), ("handovers", openHandoverCount), ("drift", driftCount),
      ("accounts", accounts.reduce(0) { $0 + $1.count }),
    ]
    return "\(headline(language)) | " + figures.map { "\($0)=\($1)" }.joined(separator: " ")
  }

  /// How it stands, in a line: `WARNING: requests held 2, accounts changed outside Buzón 1`.
  public var headline: String { headline(.en) }

  private func headline(_ language: PageLanguage) -> String {
    let found = findings.map { finding in
      finding.kind.word.text(language) + (finding.kind.isCounted ? " \(finding.count)" : "")
    }
    let verdict: String =
      switch health {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      }
    let why = found.isEmpty ? StatusWord.healthOK.text(language) : found.joined(separator: "; ")
    return "\(verdict): \(why)"
  }
}
