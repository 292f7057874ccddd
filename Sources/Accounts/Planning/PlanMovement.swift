public import Forms
internal import LDAP
public import Text

/// What has moved of what a plan depended on.
public enum PlanMovement: Sendable, Hashable {
  /// There is an entry where there was none.
  case appeared(BoundPlan.Reading)
  /// There is no entry any more.
  case gone(BoundPlan.Reading)
  /// Another entry has the address.
  case replaced(BoundPlan.Reading, by: BoundPlan.Reading)
  /// The entry is another than it was.
  case changed(BoundPlan.Reading, to: BoundPlan.Reading)
  /// The change can't be done any more.
  case refused(ChangeError)
  /// The entries are as they were, and the change comes to something else: what it leans on beside them has moved.
  case different
}

extension BoundPlan.Change {
  /// What has moved between the plan of a change and the change as it stands now, and about whom that is; `nil`: nothing.
  ///
  /// | planned | now | |
  /// |---|---|---|
  /// | no entry | no entry | the same |
  /// | no entry | an entry | appeared |
  /// | an entry | no entry | gone |
  /// | an entry of the form's own making | an entry | the same, where stamp and state are |
  /// | an entry | another entryUUID | replaced |
  /// | a stamp | another stamp | changed, but for what this request has taken back itself, and where owner or lists followed |
  /// | a state | another state | changed; of what the form's own changes wrote, owner and lists aside |
  /// | what it comes to | something else | refused, or different |
  ///
  /// - Parameters:
  ///   - number: the request's.
  ///   - change: the form's.
  public func movement(to now: Self, of change: Change, number: String) -> (PlanMovement, Address)? {
    if let moved = Self.movement(own, now.own, number) { return (moved, change.address) }
    guard references.count == now.references.count else { return (.different, change.address) }
    for (place, address) in change.references.enumerated() where place < references.count {
      if let moved = Self.movement(references[place], now.references[place], number) { return (moved, address) }
    }
    if result == now.result { return nil }
    if case .refused(let error) = now.result { return (.refused(error), change.address) }
    return (.different, change.address)
  }

  private static func movement(_ planned: BoundPlan.Reading?, _ now: BoundPlan.Reading?, _ number: String)
    -> PlanMovement?
  {
    switch (planned, now) {
    case (nil, nil): return nil
    case (nil, let now?): return .appeared(now)
    case (let planned?, nil): return .gone(planned)
    case (let planned?, let now?):
      if let uuid = planned.entryUUID, uuid != now.entryUUID { return .replaced(planned, by: now) }
      return isSame(planned, now, number) ? nil : .changed(planned, to: now)
    }
  }
}

extension BoundPlan.Change {
  private static func isSame(_ planned: BoundPlan.Reading, _ now: BoundPlan.Reading, _ number: String) -> Bool {
    let stamp = now.stamp.flatMap { Stamp($0) }
    // An atomic request takes back what it has done, and begins again.
    if let stamp, stamp.isUndone, stamp.number == number { return now.state == planned.state }
    // The clock has an account follow what it names; when, nobody knows.
    if let rest = now.rest, let stamp, Request.isOfClock(stamp.number), stamp.description != planned.stamp {
      return rest == planned.rest
    }
    guard now.stamp == planned.stamp else { return false }
    if now.state == planned.state { return true }
    return stamp?.number == number && now.rest != nil && now.rest == planned.rest
  }
}

extension PlanMovement {
  /// As the delivery record shows it.
  ///
  /// - Parameters:
  ///   - address: whom it is about.
  ///   - zone: the zone of the times.
  public func error(about address: Address, zone: Zone) -> ChangeError {
    let code = if case .refused(let error) = self { error.code } else { ResultCode.assertionFailed }
    return ChangeError(code: code, diagnostic: text(address.text, zone), remedy: Self.remedy)
  }

  private static let remedy =
    "plan the form again under another number (buzon plan FORM --out PLAN), and submit it with that plan"

  private func text(_ address: String, _ zone: Zone) -> String {
    func id(_ reading: BoundPlan.Reading) -> String { reading.entryUUID?.neutralized() ?? "?" }
    func time(_ reading: BoundPlan.Reading) -> String {
      reading.seconds.map { zone.timeAndZone(at: Timestamp(seconds: $0)) } ?? "?"
    }
    switch self {
    case .appeared(let now):
      return "moved since the plan: \(address) is of the entry \(id(now)) of \(time(now)), and was of none"
    case .gone(let planned):
      return "moved since the plan: the entry \(id(planned)) of \(address), of \(time(planned)), is not there any more"
    case .replaced(let planned, let now):
      return "moved since the plan: \(address) is of the entry \(id(now)) of \(time(now)), and was of \(id(planned))"
    case .changed(let planned, let now):
      if let stamp = now.stamp, stamp != planned.stamp {
        return
          "moved since the plan: \(stamp.neutralized()) wrote the entry \(id(now)) of \(address) at \(time(now)), which was "
          + "of \(time(planned))"
      }
      return
        "moved since the plan: the entry \(id(now)) of \(address) was changed outside Buzón at \(time(now)), and was "
        + "of \(time(planned))"
    case .refused(let error): return "not as planned any more: \(error.diagnostic)"
    case .different:
      return "not as planned any more: the change of \(address) would write something else now"
    }
  }
}

extension BoundPlan.Reading {
  /// When the entry was written last, seconds since 1970 UTC.
  fileprivate var seconds: Int64? {
    csn.flatMap { GeneralizedTime.seconds(Value(bytes: Array($0.utf8.prefix { $0 != UInt8(ascii: "#") }))) }
  }
}

// MARK: A form as a whole

extension FormPlanner {
  /// What a change depends on before it is done, and what it comes to.
  public func bound(_ change: Change, _ result: BoundPlan.Result, namesTaken: Int = 0) -> BoundPlan.Change {
    BoundPlan.Change(change, result, namesTaken: namesTaken, holders: holders)
  }

  /// What an atomic request depends on, and what it comes to.
  public func bound(_ request: Request, _ candidates: [Candidate], unchanged: Set<Int>) -> [BoundPlan.Change] {
    var results = [BoundPlan.Result](repeating: .applied(nil), count: request.changes.count)
    for index in unchanged where results.indices.contains(index) { results[index] = .unchanged }
    for candidate in candidates {
      guard let carrier = candidate.references.last?.index else { continue }
      results[carrier] = .applied(candidate.intent, reused: candidate.reused)
    }
    return request.changes.enumerated().map { bound($1, results[$0]) }
  }

  /// Plans a form again that nothing was done of, and compares it with its plan.
  ///
  /// - Returns: the first change that is not as it was planned, and what has moved; `nil`: all is as it was.
  public mutating func movement(of request: Request, from plan: BoundPlan) -> (
    index: Int, movement: PlanMovement, address: Address
  )? {
    let promised = PromisedAccounts(request.changes)
    for (index, change) in request.changes.enumerated() where index < plan.changes.count {
      let planned = plan.changes[index]
      let step = step(
        change, of: request, at: index, promised: promised.references(of: change, at: index),
        namesTaken: planned.namesTaken)
      let now = bound(change, BoundPlan.Result(step))
      if let (movement, address) = planned.movement(to: now, of: change, number: request.number) {
        return (index, movement, address)
      }
      if case .apply(let candidate) = step { accept(candidate) }
    }
    return nil
  }
}

extension BoundPlan.Result {
  public init(_ step: FormPlanner.Step) {
    switch step {
    case .unchanged: self = .unchanged
    case .refuse(let error): self = .refused(error)
    case .apply(let candidate): self = .applied(candidate.intent)
    }
  }
}

extension BoundPlan {
  /// What an atomic request comes to on these entries.
  ///
  /// - Parameters: as ``AtomicPlan/send(_:unchanged:reused:)``.
  public init(
    atomic request: [Forms.Change], _ intents: [MergedIntent], unchanged: Set<Int>, reused: [Int: [String]],
    holders: AddressIndex
  ) {
    var results = [Result](repeating: .applied(nil), count: request.count)
    for index in unchanged where results.indices.contains(index) { results[index] = .unchanged }
    for one in intents {
      guard let carrier = one.indices.last else { continue }
      results[carrier] = .applied(one.intent, reused: one.indices.flatMap { reused[$0] ?? [] })
    }
    self.init(changes: request.enumerated().map { BoundPlan.Change($1, results[$0], holders: holders) })
  }

  /// - Returns: the first change that is not as it was planned, and why; `nil`: all are.
  public func movement(to now: BoundPlan, of changes: [Forms.Change], number: String) -> (
    index: Int, movement: PlanMovement, address: Address
  )? {
    for (index, change) in changes.enumerated() where index < min(self.changes.count, now.changes.count) {
      if let (movement, address) = self.changes[index].movement(to: now.changes[index], of: change, number: number) {
        return (index, movement, address)
      }
    }
    return nil
  }
}
