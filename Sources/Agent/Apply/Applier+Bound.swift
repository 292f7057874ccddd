internal import Accounts
internal import Forms
internal import Installation
internal import LDAP
internal import Register

/// Requests that are bound to a plan (``BoundPlan``).
///
/// | when | what is compared | what follows where something has moved |
/// |---|---|---|
/// | before anything of a request is done | the form as a whole, planned again on entries that were read after nothing of it was known to be done | nothing of it is done |
/// | at each change's intent | that change | nothing more of it is done |
/// | when an operation is applied | the entry, by its entryCSN as just read (RFC 4528) | the change is planned and compared again |
///
/// What has moved is stored before anything else of the request can be planned, so that its other batches stop too. What they
/// have in flight at that moment was compared before and ends as usual. What an earlier run has stored to be sent is sent:
/// it may have been applied.
///
/// An atomic request is compared as a whole each time it is planned: ``AtomicApplier``.
extension Applier {
  /// Why nothing more is done of requests, by their identities.
  typealias Stops = [Int64: PlanStanding.Stop]

  /// Finds out which of these requests are stopped, and compares those that nothing was done of.
  ///
  /// - Throws: `LDAPError` where the directory can't be read, `RegisterError`.
  func stops(_ items: [PendingChange], over connection: Connection) async throws -> Stops {
    var stops: Stops = [:]
    var seen: Set<Int64> = []
    for item in items {
      guard let binding = item.binding, seen.insert(item.id.request).inserted else { continue }
      let standing = try register.planStanding(of: item.id.request)
      stops[item.id.request] = standing.stop
      if standing.stop != nil || standing.isBegun { continue }
      // A register that was restored from a backup doesn't know what was done since.
      if try register.isRestored(item.id.request) { continue }
      guard let stop = try await stop(binding, over: connection) else { continue }
      // Another batch may have begun it while this one read: then it was compared before.
      let now = try register.planStanding(of: item.id.request)
      if now.stop == nil, now.isBegun { continue }
      try await register.stopPlanned(item.id.request, because: stop).value()
      stops[item.id.request] = now.stop ?? stop
    }
    return stops
  }

  /// Plans a form again and compares it with its plan.
  private func stop(_ binding: PlanBinding, over connection: Connection) async throws -> PlanStanding.Stop? {
    let changes = binding.request.changes
    let holders = try await holders(of: changes, over: connection)
    let accounts = Set(changes.compactMap { (try? holders.account($0.address))?.text(Schema.entryUUID) })
    var planner = FormPlanner(
      holders: holders, retired: try retired(changes), moved: try moved(changes, holders),
      handedOver: try register.handedOver(accounts), context: context)
    return planner.movement(of: binding.request, from: binding.plan).map {
      PlanStanding.Stop(index: $0.index, $0.movement.error(about: $0.address, zone: context.zone))
    }
  }

  /// Compares a change with its plan, as it is about to be stored.
  func stop(_ item: PendingChange, _ plan: Plan, holders: AddressIndex) -> PlanStanding.Stop? {
    let index = item.id.index
    guard let binding = item.binding, binding.plan.changes.indices.contains(index) else { return nil }
    let planned = binding.plan.changes[index]
    let now = BoundPlan.Change(item.change, BoundPlan.Result(plan), holders: holders)
    return planned.movement(to: now, of: item.change, number: item.number).map { movement, address in
      PlanStanding.Stop(index: index, movement.error(about: address, zone: context.zone))
    }
  }

  /// How a change ends of whose request nothing more is done: the one that is not as it was planned has failed.
  func stopped(_ item: PendingChange, _ stop: PlanStanding.Stop) -> Ending {
    .settled(
      stop.index == item.id.index ? result(item, .failed, error: stop.error) : result(item, .skipped), .keep)
  }
}

extension PlanStanding.Stop {
  init(index: Int, _ error: ChangeError) {
    self.init(index: index, code: error.code.rawValue, what: error.diagnostic, remedy: error.remedy)
  }

  var error: ChangeError {
    ChangeError(code: ResultCode(rawValue: code), diagnostic: what, remedy: remedy)
  }
}
