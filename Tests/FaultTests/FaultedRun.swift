import Foundation
import Support

/// A run that met a fault, and what it said of it.
struct FaultedRun: Sendable {
  var fault: Fault
  var outcome: Outcome
  var met: [MetCall]

  /// The calls that failed.
  var hits: [MetCall] { met.filter { $0.error != nil } }
  var wasHit: Bool { !hits.isEmpty }

  /// What a run may end with that met a fault: codes with which `config/systemd/buzon.service` starts it again. 70 is a
  /// bug, a signal a crash; 64, 77 and 78 would leave it down though nobody has to do anything.
  private static let legal: Set<Int32> = [0, 1, 69, 73, 74, 75]

  private var lines: [Substring] { outcome.errors.split(separator: "\n") }
  /// `TIME error EVENT …`
  private func events(_ level: String) -> [Substring] {
    lines.filter { $0.split(separator: " ", maxSplits: 2).dropFirst().first.map(String.init) == level }
  }

  /// What is wrong with how it went.
  var complaints: [String] {
    guard wasHit else { return [] }
    var complaints: [String] = []
    let status = outcome.status
    if !Self.legal.contains(status) { complaints.append("exit \(status)") }
    let errors = events("error")
    let warnings = events("warning").filter { !$0.contains(" request.rejected ") }
    let last = lines.filter { $0.hasPrefix("buzon: ") }
    if [0, 1].contains(status) {
      if errors.count + warnings.count > 1 { complaints.append("more than one line: \(errors + warnings)") }
      if fault.isRetried, !errors.isEmpty || !warnings.isEmpty { complaints.append("told though it was retried") }
    } else {
      if fault.isRetried { complaints.append("EINTR or a short transfer ended it (\(status))") }
      if errors.count + warnings.count > 1 { complaints.append("more than one line: \(errors + warnings)") }
      guard let told = errors.first ?? warnings.first ?? last.first else { return complaints + ["it says nothing"] }
      if !isClear(told) { complaints.append("unclear: \(told)") }
    }
    complaints += complaintsOfSyncs
    if outcome.errors.contains("Fatal error") { complaints.append("trap") }
    return complaints
  }

  /// What is wrong with how a command went, which has no log: one line, for a person.
  func complaintsOfCommand(legal: Set<Int32>) -> [String] {
    var complaints = legal.contains(outcome.status) ? [] : ["exit \(outcome.status)"]
    if fault.isRetried {
      if outcome.status != 0 { complaints.append("EINTR or a short transfer ended it") }
    } else if outcome.status != 0 {
      if lines.count != 1 { complaints.append("\(lines.count) lines") }
      if let line = lines.first, !isClear(line) { complaints.append("unclear") }
    }
    return complaints
  }

  /// It names what failed, and says what to do.
  private func isClear(_ line: Substring) -> Bool {
    // SQLite has codes of its own; a copy that doesn't read back as it was written is damaged, whatever the call was.
    let isOfSQLite = hits.contains {
      $0.path.contains("sqlite") || $0.path.hasSuffix("/state") || $0.path.contains("/output/")
    }
    var names = isOfSQLite ? ["SQLite ", "the copy "] : []
    for name in hits.compactMap(\.error) + (fault.error == "SHORT+ENOSPC" ? ["ENOSPC"] : []) {
      names.append(Fault.text(name))
    }
    // libldap begins the text with a capital.
    let lowered = line.lowercased()
    return names.contains { lowered.contains($0.lowercased()) } && (line.contains(" do=") || line.contains("; "))
  }

  /// A sync that failed ends the run with 74, and the same file is not synced again as if nothing had been.
  private var complaintsOfSyncs: [String] {
    guard !fault.isRetried, let first = met.firstIndex(where: { Fault.syncs.contains($0.call) && $0.error != nil })
    else { return [] }
    // Of its folder SQLite's own is passed over by SQLite; the agent syncs that itself, later.
    if met[first].call == "fdatasync", met[first].path.hasSuffix("/state"),
      met[first...].contains(where: { $0.call == "fsync" && $0.path == met[first].path && $0.error == nil })
    {
      return []
    }
    var complaints: [String] = []
    if outcome.status != 74 { complaints.append("a failed \(met[first].call) ended with \(outcome.status)") }
    let path = met[first].path
    // A file that is made anew under the name is another one.
    let later = met[(first + 1)...].prefix { $0.path != path || !["unlink", "create", "rename"].contains($0.call) }
    // While the register is made there is no log yet: SQLite takes back what it couldn't sync and syncs that, and the run
    // ends before anything is done on the strength of it.
    let isTakenBack = path.hasSuffix("/register.sqlite") && !met[first...].contains { $0.call == "send" }
    if !isTakenBack, later.contains(where: { Fault.syncs.contains($0.call) && $0.path == path && $0.error == nil }) {
      complaints.append("synced again after a failed sync: \(path)")
    }
    return complaints
  }
}
