import Foundation
import Support
import Text

/// Looks at everything that a recovered copy has.
struct PowerCutCheck: Office {
  private let notes: CutNotes
  private let folder: String
  private var findings = CutFindings()

  let config: String
  let spool: String
  let state: String
  let records: String

  /// Recovers from a cut and looks what came of it. The copy is thrown away.
  static func run(_ lab: PowerCutLab, _ notes: CutNotes) async throws -> CutFindings {
    try await lab.recover(notes)
    var check = PowerCutCheck(lab, notes)
    do { try check.check() } catch { check.findings.failures.append("\(error)") }
    check.findings.tell("\(notes.name) \(notes.what): ")
    try await lab.clear(notes)
    return check.findings
  }

  private init(_ lab: PowerCutLab, _ notes: CutNotes) {
    self.notes = notes
    folder = lab.outside(lab.folder + "/cuts/\(notes.name)")
    let site = folder + "/live/site"
    (config, spool, state, records) = (lab.config, site + "/spool", site + "/state", site + "/records")
  }

  // MARK: Looking

  private mutating func check() throws {
    let done = try records()
    try checkRecords(done)
    let accounts = try checkRequests(Set(done.keys))
    try checkDirectory(accounts, done)
    try checkList(accounts)
    try checkOnce(Set(accounts.map(\.stamp)))
    try checkRegister(Set(done.keys))
    try checkRun()
  }

  private func output(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out/\(name)")), as: UTF8.self)
  }

  /// Each record and archived form that stood there stands there, byte for byte but for the hand-overs, which go on.
  private mutating func checkRecords(_ done: [String: [String: Any]]) throws {
    findings.acknowledged.records = notes.records.count
    let present = paths(below: "deliveries", suffix: ".json")
    for (number, bytes) in notes.records {
      guard let path = present[number] else {
        findings.lost.append("the record of \(number)")
        continue
      }
      let now = try Data(contentsOf: URL(fileURLWithPath: path))
      if now != bytes, withoutHandovers(now) != withoutHandovers(bytes) {
        findings.lost.append("the record of \(number) as it was: \(String(decoding: now, as: UTF8.self))")
      }
    }
    for (number, bytes) in notes.forms where try archivedForm(number) != bytes {
      findings.lost.append("the archived form of \(number)")
    }
    findings.acknowledged.handovers = notes.delivered.count
    for change in notes.delivered {
      let parts = change.split(separator: "#")
      let changes = done[String(parts[0])]?["changes"] as? [[String: Any]] ?? []
      // A later password ends it.
      guard let state = changes.first?["handover"] as? String, ["delivered", "expired"].contains(state) else {
        findings.lost.append("the delivery of \(change)")
        continue
      }
    }
  }

  private func withoutHandovers(_ record: Data) -> String {
    let text = String(decoding: record, as: UTF8.self)
    let parts = text.components(separatedBy: "\"handover\":\"")
    // What follows of a change begins with its error.
    return
      ([parts[0]] + parts.dropFirst().map { String($0[($0.range(of: "\"error\":")?.lowerBound ?? $0.startIndex)...]) })
      .joined()
  }

  /// What was submitted is done. Of each family either the forms up to now are done, or the one on its way too.
  ///
  /// - Returns: the accounts as they should be.
  private mutating func checkRequests(_ done: Set<String>) throws -> [CutAccount] {
    var accounts: [CutAccount?] = []
    for family in notes.families {
      guard let step = family.step else {
        accounts += family.accounts
        continue
      }
      if step.isAcknowledged {
        findings.acknowledged.submits += 1
        if !done.contains(step.number) { findings.lost.append("\(step.number), which was submitted") }
      }
      accounts += done.contains(step.number) ? step.after : family.accounts
    }
    for (number, record) in try records() where record["outcome"] as? String != "applied" {
      findings.failures.append("\(number): \(record)")
    }
    return accounts.compactMap { $0 }
  }

  private mutating func checkDirectory(_ accounts: [CutAccount], _ done: [String: [String: Any]]) throws {
    let entries = LDIFEntry.parse(try output("people.ldif"))
    let found = entries.map { entry in
      CutAccount(
        address: entry["mail"].first ?? "", aliases: Set(entry["mailLocalAddress"]).subtracting(entry["mail"]),
        position: entry["title"].first, status: entry["buzonStatus"].first ?? "",
        stamp: entry["buzonRequest"].first ?? "")
    }
    compare("the directory", found, accounts)
    for entry in entries {
      let address = entry["mail"].first ?? ""
      // The entry is the one that its create made, and still nobody has changed its password.
      guard let index = Int(address.dropFirst().prefix { $0 != "@" }), notes.families.indices.contains(index) else {
        continue
      }
      let made = done["F\(index)-\(notes.families[index].generation)-0"]?["changes"] as? [[String: Any]] ?? []
      let uuid = (address.hasPrefix("b") ? made.last : made.first)?["entryUUID"] as? String
      if uuid == nil || entry["entryUUID"] != [uuid ?? ""] {
        findings.twice.append("\(address) is \(entry["entryUUID"]), not \(uuid ?? "made")")
      }
      if entry["pwdReset"] != ["TRUE"] { findings.failures.append("\(address) has no temporary password") }
    }
  }

  private mutating func compare(_ what: String, _ found: [CutAccount], _ accounts: [CutAccount]) {
    if found.count != Set(found.map(\.address)).count { findings.twice.append("\(what): \(found.map(\.address))") }
    for account in accounts where !found.contains(account) {
      findings.failures.append("\(what) has \(found.filter { $0.address == account.address }), not \(account)")
    }
    for account in found where !accounts.contains(where: { $0.address == account.address }) {
      findings.failures.append("\(what) has \(account) besides")
    }
  }

  private mutating func checkList(_ accounts: [CutAccount]) throws {
    let stamps = Dictionary(accounts.map { ($0.address, $0.stamp) }) { $1 }
    let listed = try self.accounts().map { address, row in
      CutAccount(
        address: address, aliases: Set(row["aliases"] as? [String] ?? []), position: row["position"] as? String,
        status: row["status"] as? String ?? "", stamp: stamps[address] ?? "")
    }
    compare("the list", listed, accounts)
  }

  /// By slapd's own log of writes, which is as durable as its data. A write and its line are two commits, so of what was
  /// in flight a line may be missing, never be there twice.
  private mutating func checkOnce(_ present: Set<String>) throws {
    var times: [String: Int] = [:]
    for write in LDIFEntry.parse(try output("writes.ldif")) {
      for modification in write["reqMod"] where modification.hasPrefix("buzonRequest:") {
        guard let stamp = modification.split(separator: " ").last, stamp.contains("#") else { continue }
        times[String(stamp), default: 0] += 1
      }
    }
    for (stamp, count) in times where count > 1 { findings.twice.append("\(stamp), \(count) times") }
    if times.isEmpty, !present.isEmpty { findings.failures.append("the directory's log has no writes") }
  }

  private mutating func checkRegister(_ done: Set<String>) throws {
    // SQLite follows /proc/PID/root as if it were a symbolic link, so it looks at a copy outside.
    let register = NSTemporaryDirectory() + "buzon-power-\(UUID().uuidString.prefix(8)).sqlite"
    defer { for file in [register, register + "-wal"] { try? FileManager.default.removeItem(atPath: file) } }
    for suffix in ["", "-wal"] where exists(state + "/register.sqlite" + suffix) {
      try FileManager.default.copyItem(atPath: state + "/register.sqlite" + suffix, toPath: register + suffix)
    }
    let integrity = try SQLite.rows(register, "PRAGMA integrity_check").compactMap { $0.values.first?.text }
    if integrity != ["ok"] { findings.failures.append("the register: \(integrity)") }
    // What a temporary password is derived from is destroyed for good when its slip was received.
    let salted =
      "SELECT number || '#' || change_index AS stamp FROM change JOIN request ON id = request WHERE salt IS NOT NULL"
    for change in try SQLite.rows(register, salted) {
      let stamp = change["stamp"]?.text ?? ""
      if notes.delivered.contains(stamp) { findings.lost.append("the end of the slip of \(stamp)") }
    }
    var known: Set<String> = []
    for request in try SQLite.rows(register, "SELECT number, state, outcome FROM request") {
      let number = request["number"]?.text ?? ""
      known.insert(number)
      if request["state"] != .text("done") || request["outcome"] != .text("applied") {
        findings.failures.append("the register has \(request)")
      }
    }
    if known != done { findings.failures.append("register and records differ in \(known.symmetricDifference(done))") }
  }

  /// The run told of nothing but work. A plain move is nobody's promise: the name may survive without the bytes, and is
  /// rejected then, as what it is.
  private mutating func checkRun() throws {
    let log = try output("run.log")
    findings.recovered = log.split(separator: "\n").count { $0.contains(" change.settled ") }
    for name in names(in: spool + "/rejected") where !name.hasSuffix(".report") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: spool + "/rejected/" + name))
      let whole = notes.plain[name.replacingOccurrences(of: ".yaml", with: "")]
      if let whole, bytes.count < whole.count || bytes.allSatisfy({ $0 == 0 }) {
        findings.stubs += 1
      } else {
        findings.failures.append("rejected: \(name) (\(bytes.count) bytes)")
      }
    }
    let status = try output("run.status")
    if status != (findings.stubs > 0 ? "1\n" : "0\n") {
      findings.failures.append("run --once ended with \(status)\(log)")
    }
    for folder in ["incoming", "taken"] {
      // A hidden one is what a submit or a move left that was cut short.
      let left = names(in: "\(spool)/\(folder)").filter { !$0.hasPrefix(".") }
      if !left.isEmpty { findings.failures.append("\(folder) has \(left)") }
    }
    let drift = try JSON(output("drift.json"))
    if drift["drift"] != [] { findings.failures.append("\(drift)") }
    let standing = try JSON(output("status.json"))
    if standing["waiting"]["count"] != 0 || standing["holds"] != [] || standing["failures"] != [] {
      findings.failures.append("status: \(standing)")
    }
    let told = log.split(separator: "\n").filter { $0.contains(" error ") || $0.contains("drift.") }
    if !told.isEmpty { findings.failures.append("the log: \(told)") }
  }
}
