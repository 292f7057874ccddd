public import Register

/// Whether the accounts of an address may be forgotten: those that have no entry, whose requests are done, and which went
/// longer ago than `policy.archive`. Pure.
public enum ForgetDecision: Sendable, Hashable {
  /// Some may; `others`: why the rest of the address's accounts stay.
  case forget(entries: [String], lost: [ChangeID], others: [Reason])
  case refused(Reason)

  /// Why an account stays. Times in milliseconds since 1970 UTC.
  public enum Reason: Sendable, Hashable {
    case isThere(address: String)
    case isOpen(number: String)
    case tooEarly(until: Int64)
    /// Nobody knows when it went.
    case undated
    /// All that there was is forgotten already.
    case forgotten(ForgottenAddress)
    case unknown

    /// By what is to be done first.
    fileprivate var rank: Int {
      switch self {
      case .isThere: 0
      case .isOpen: 1
      case .undated: 2
      case .tooEarly: 3
      case .forgotten: 4
      case .unknown: 5
      }
    }
  }

  /// - Parameters:
  ///   - present: entryUUIDs that the directory has.
  ///   - archive: `policy.archive`, seconds.
  ///   - now: milliseconds since 1970 UTC.
  public init(_ found: ForgettableAccounts, present: Set<String>, archive: Int64, now: Int64) {
    var (entries, others): ([String], [Reason]) = ([], [])
    func end(_ time: Int64) -> Int64 { time + archive * 1_000 }
    for account in found.accounts {
      if account.isThere || present.contains(account.entryUUID) {
        others.append(.isThere(address: account.address))
      } else if let number = account.open {
        others.append(.isOpen(number: number))
      } else if let gone = account.gone {
        if end(gone) <= now { entries.append(account.entryUUID) } else { others.append(.tooEarly(until: end(gone))) }
      } else {
        others.append(.undated)
      }
    }
    // What reached no account may be about the one that has the address now.
    let isHeld = others.contains { if case .isThere = $0 { true } else { false } }
    let (old, young) = (found.lost.filter { end($0.at) <= now }, found.lost.filter { end($0.at) > now })
    let lost = isHeld ? [] : old.map(\.id)
    if let last = young.map(\.at).max(), !isHeld { others.append(.tooEarly(until: end(last))) }
    others.sort { $0.rank < $1.rank }
    if !entries.isEmpty || !lost.isEmpty {
      self = .forget(entries: entries, lost: lost, others: others)
    } else {
      self = .refused(others.first ?? found.forgotten.last.map { .forgotten($0) } ?? .unknown)
    }
  }
}
