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
      if errors.count + warnings.count > 1 { complaints.append("more than one line") }
      if fault.isRetried, !errors.isEmpty || !warnings.isEmpty { complaints.append("told though it was retried") }
    } else {
      if fault.isRetried { complaints.append("EINTR or a short transfer ended it (\(status))") }
      if errors.count + warnings.count > 1 { complaints.append("more than one line") }
      guard let told = errors.first ?? warnings.first ?? last.first else { return complaints + ["it says nothing"] }
      if !isClear(told) { complaints.append("unclear: \(told)") }
    }
    complaints += complaintsOfSyncs
    if outcome.errors.contains("Fatal error") { complaints.append("trap") }
    return complaints
  }

  /// It names what failed, and says what to do.
  private func isClear(_ line: Substring) -> Bool {
    let names = hits.compactMap(\.error) + (fault.error == "SHORT+ENOSPC" ? ["ENOSPC"] : [])
    let isOfRegister = hits.contains { $0.path.contains("/register.sqlite") || $0.path.hasSuffix("/state") }
    let isNamed = names.contains { line.contains($0) } || (isOfRegister && line.contains("SQLite error "))
    return isNamed && (line.contains(" do=") || line.contains("; "))
  }

  /// A sync that failed ends the run with 74, and the same file is not synced again as if nothing had been.
  private var complaintsOfSyncs: [String] {
    guard let first = met.firstIndex(where: { Fault.syncs.contains($0.call) && $0.error != nil && $0.error != "EINTR" })
    else { return [] }
    var complaints: [String] = []
    if outcome.status != 74 { complaints.append("a failed \(met[first].call) ended with \(outcome.status)") }
    let path = met[first].path
    if met[(first + 1)...].contains(where: { Fault.syncs.contains($0.call) && $0.path == path && $0.error == nil }) {
      complaints.append("synced again after a failed sync: \(path)")
    }
    return complaints
  }
}
