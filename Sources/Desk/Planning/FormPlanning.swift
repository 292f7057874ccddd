internal import Accounts
internal import Configuration
internal import Forms
internal import Installation
internal import LDAP
internal import Register
internal import Text

/// Forms on their way into a ``FormPlan``: each change is planned, then the directory is asked about it.
struct FormPlanning {
  private var plan: FormPlan
  private var planner: FormPlanner
  private var judge: NoOpJudge
  private let register: Register?
  private let configuration: Configuration
  private let context: PlanContext
  private let limits: DemandLimits?
  private var signatures: SignatureCheck?
  private let isMemoryKnown: Bool
  private let handedOver: Set<String>
  /// What the changes of the form depend on, up to now.
  private var depends: [BoundPlan.Change] = []
  /// Of the forms before.
  private var numbers: Set<String> = []
  /// What the forms before ask for, by kind.
  private var demanded: [Demand.Kind: Int] = [:]

  init(
    _ holders: AddressIndex, _ changes: [Change], _ register: Register?, reason: String?,
    _ configuration: Configuration,
    _ rules: Rules, _ context: PlanContext, _ judge: NoOpJudge
  ) throws {
    plan = FormPlan(zone: context.zone)
    self.judge = judge
    self.register = register
    self.configuration = configuration
    self.context = context
    let uuids = Set(changes.compactMap { (try? holders.account($0.address))?.text(Schema.entryUUID) })
    let addresses = Set(changes.flatMap { $0.newAddresses.map(\.text) })
    handedOver = try register?.handedOver(uuids) ?? []
    planner = FormPlanner(
      holders: holders, retired: try register?.retired(addresses),
      moved: try register?.moved(namedBy: uuids, now: context.now) ?? [:], handedOver: handedOver, context: context)
    isMemoryKnown = register != nil
    limits = register.map { register in
      DemandLimits(configuration.policy, day: rules.today) { try register.accountCount() }
    }
    signatures = configuration.approval.signers.map {
      SignatureCheck(signers: $0, revoked: configuration.approval.revoked)
    }
    if register == nil {
      plan.unjudged.append(
        "\(reason ?? "the register can't be read"): whether a number is used, which addresses are remembered, and whether "
          + "policy.limits would hold a form is not known")
    }
  }

  // MARK: Forms

  mutating func plan(_ source: FormPlan.Source) async throws {
    var form = FormPlan.Form(
      file: source.file, number: source.request.number, notes: [], rejection: nil, changes: [])
    try foresee(source, &form)
    if form.rejection == nil, !form.isRepeated {
      if source.request.atomic {
        try await planAtomic(source.request, &form)
      } else {
        try await planEach(source.request, &form)
      }
    }
    if form.isWhole, isMemoryKnown { form.bound = BoundPlan(changes: depends) }
    depends = []
    plan.forms.append(form)
  }

  /// The plan, once all forms are planned.
  consuming func finished() -> FormPlan {
    let order = PlannedAccount.order(planner.accounts)
    plan.isExchange = order == nil
    plan.accounts = (order ?? Array(planner.accounts.indices)).map { place in
      let account = planner.accounts[place]
      return FormPlan.Account(planned: account, remembered: remembered(account))
    }
    return plan
  }

  /// What no directory knows.
  private mutating func foresee(_ source: FormPlan.Source, _ form: inout FormPlan.Form) throws {
    let number = source.request.number
    guard numbers.insert(number).inserted else {
      form.rejection = "another form of this plan has the number \(number)"
      return
    }
    if let note = approval(of: source) { form.notes.append(note) }
    guard let register else { return }
    if let standing = try register.standing(of: number) {
      if standing.digest == Register.digest(of: source.bytes) {
        form.isRepeated = true
        form.notes = ["it was accepted before (\(standing.state.rawValue)), so nothing would be done"]
      } else {
        form.rejection =
          "number \(number) belongs to another form, which was accepted before; give this form a number of its own"
      }
      return
    }
    if try register.isSpent(number) {
      form.rejection =
        "number \(number) was used before the register was restored from a backup; give this form a number of its own"
      return
    }
    let dangling = try register.dangling(Set(source.request.changes.flatMap { $0.newAddresses.map(\.text) }), limit: 1)
    for one in dangling {
      form.notes.append(
        "it would wait until the clock has corrected \(one.account), which still names \(one.address) as its owner or list"
      )
    }
    var received = ReceivedForm(
      source.request, bytes: source.bytes, digest: Register.digest(of: source.bytes), file: source.file,
      received: context.now * 1_000)
    try limits?.judge(source.request, into: &received)
    let demands = received.demands.map { demand in
      var demand = demand
      demand.count += demanded[demand.kind] ?? 0
      return demand
    }
    if let hold = try received.hold ?? register.excess(demands) {
      form.notes.append("it would be held: \(hold)")
    } else {
      for demand in received.demands { demanded[demand.kind, default: 0] += demand.count }
    }
  }

  /// What its approval lacks, where signatures are asked for; `nil`: nothing.
  private mutating func approval(of source: FormPlan.Source) -> String? {
    guard configuration.approval.mode == .signed else { return nil }
    let approver = source.request.approval.by
    guard let signature = source.signature else {
      return "its approval is missing: it would wait for the signature of \(approver) (\(source.file).sig)"
    }
    let form = SignedForm(bytes: source.bytes, principal: approver, signature: signature)
    switch signatures?.judge([form]).first {
    case .verified, nil: return nil
    case .refused(let problem, let remedy):
      return "its signature would be refused, and it would wait for another one: \(problem); \(remedy)"
    case .unknown(let trouble): return "its signature could not be checked: \(trouble.what); \(trouble.remedy)"
    }
  }

  private func remembered(_ account: PlannedAccount) -> [(address: String, until: Day)] {
    guard isMemoryKnown, context.addressMemory > 0 else { return [] }
    if account.after == nil, !handedOver.contains(account.before?.text(Schema.entryUUID) ?? "") { return [] }
    let until = context.zone.day(at: Timestamp(seconds: context.now + context.addressMemory))
    return account.leaving.map { ($0, until) }
  }

  // MARK: Changes

  private mutating func planEach(_ request: Request, _ form: inout FormPlan.Form) async throws {
    let promised = PromisedAccounts(request.changes)
    var judged = try await judgedAhead(request, promised)
    for (index, change) in request.changes.enumerated() {
      var planned = FormPlan.Change(
        index: index, operation: change.name, address: change.address.text, outcome: .unchanged)
      let references = promised.references(of: change, at: index)
      // As the agent does: where the name of a new entry is taken by one that can't be seen, the next is tried.
      for namesTaken in 0..<Self.names {
        let step = planner.step(change, of: request, at: index, promised: references, namesTaken: namesTaken)
        let bound = planner.bound(change, BoundPlan.Result(step), namesTaken: namesTaken)
        switch step {
        case .unchanged: break
        case .refuse(let error): fail(&planned, .failed, try naming(error))
        case .apply(let candidate):
          if try await ask(candidate, &planned, judged[index]) {
            planner.accept(candidate)
          } else {
            // What was asked ahead took this one for done.
            judged = [:]
            if planned.error?.code == .entryAlreadyExists, change.name == "create" {
              planned.error = nil
              continue
            }
          }
        }
        depends.append(bound)
        break
      }
      form.changes.append(planned)
    }
  }

  /// What the directory says of each change, by index, if those before it are all done: asked together, for one after the
  /// other takes a bulk form many times as long.
  private mutating func judgedAhead(_ request: Request, _ promised: PromisedAccounts) async throws
    -> [Int: NoOpJudge.Judgement]
  {
    // The trial is a copy of all that is planned: of use for a bulk form, and not for each of many small ones.
    guard request.changes.count > 1 else { return [:] }
    var trial = planner
    var indices: [Int] = []
    var candidates: [FormPlanner.Candidate] = []
    for (index, change) in request.changes.enumerated() {
      let step = trial.step(change, of: request, at: index, promised: promised.references(of: change, at: index))
      guard case .apply(let candidate) = step else { continue }
      trial.accept(candidate)
      indices.append(index)
      candidates.append(candidate)
    }
    let judged = try await judgedTogether(candidates)
    return Dictionary(uniqueKeysWithValues: judged.map { (indices[$0], $1) })
  }

  /// What the directory says of each of these, by place, but for those that it can't judge.
  private mutating func judgedTogether(_ candidates: [FormPlanner.Candidate]) async throws
    -> [Int: NoOpJudge.Judgement]
  {
    var places: [Int] = []
    var questions: [NoOpJudge.Question] = []
    for (place, candidate) in candidates.enumerated() where !candidate.dependsOnEarlier {
      places.append(place)
      questions.append(try await judge.question(candidate.account))
    }
    return Dictionary(uniqueKeysWithValues: zip(places, try await judge.judge(questions)))
  }

  /// How many names are tried for a new entry.
  private static let names = 100

  private mutating func planAtomic(_ request: Request, _ form: inout FormPlan.Form) async throws {
    let promised = PromisedAccounts(request.changes)
    form.changes = request.changes.enumerated().map { index, change in
      FormPlan.Change(
        index: index, operation: change.name, address: change.address.text, outcome: .skipped)
    }
    let references = request.changes.enumerated().map { promised.references(of: $1, at: $0) }
    switch planner.step(atomic: request, promised: references) {
    case .refuse(let index, let error): fail(&form.changes[index], .failed, try naming(error))
    case .apply(let candidates, let unchanged):
      depends = planner.bound(request, candidates, unchanged: unchanged)
      var changes = form.changes
      for index in unchanged { changes[index].outcome = .unchanged }
      let judged = try await judgedTogether(candidates)
      for (place, candidate) in candidates.enumerated() {
        let indices = candidate.account.changes.filter { $0.number == request.number }.map(\.index)
        guard let carrier = indices.last else { continue }
        if let referrer = try referrer(of: candidate, in: candidates) {
          return fail(&form.changes[carrier], .failed, referrer)
        }
        var planned = changes[carrier]
        guard try await ask(candidate, &planned, judged[place]) else {
          form.changes[carrier] = planned
          return
        }
        for index in indices { changes[index].outcome = .applied }
        changes[carrier] = planned
      }
      for candidate in candidates { planner.accept(candidate) }
      form.changes = changes
    }
  }

  /// Asks the directory about a change.
  ///
  /// - Parameter known: its answer, where it was asked already.
  /// - Returns: whether it would be applied.
  private mutating func ask(
    _ candidate: FormPlanner.Candidate, _ planned: inout FormPlan.Change, _ known: NoOpJudge.Judgement? = nil
  ) async throws -> Bool {
    planned.outcome = .applied
    planned.values = candidate.intent.changedValues
    planned.grantsPassword = candidate.intent.handsOver
    planned.reused = candidate.intent.reused
    planned.judge = .comparison
    if candidate.dependsOnEarlier {
      note("an operation gets an address that an earlier change of the plan frees")
      return true
    }
    var judgement = known
    if judgement == nil {
      let question = try await judge.question(candidate.account)
      judgement = try await judge.judge(question)
    }
    switch judgement ?? .accepted() {
    case .accepted(let passwords):
      planned.judge = .directory
      if let passwords, !plan.unjudged.contains(passwords) { plan.unjudged.append(passwords) }
    case .unasked(let why): note(why)
    case .failed(let error):
      fail(&planned, .failed, error)
      planned.judge = .directory
      return false
    case .waits(let error):
      fail(&planned, .waits, error)
      planned.judge = .directory
      return false
    }
    return true
  }

  private mutating func note(_ why: String) {
    if !plan.unasked.contains(why) { plan.unasked.append(why) }
  }

  private func fail(_ change: inout FormPlan.Change, _ outcome: FormPlan.Change.Outcome, _ error: ChangeError) {
    change.outcome = outcome
    change.error = error
    change.values = []
    change.grantsPassword = false
    change.reused = []
  }

  /// The next holder of an address would inherit what names it.
  private func referrer(of candidate: FormPlanner.Candidate, in all: [FormPlanner.Candidate]) throws
    -> ChangeError?
  {
    guard candidate.dependsOnEarlier, let register else { return nil }
    let own = all.compactMap { $0.account.before?.text(Schema.entryUUID) }
    let taken = Set(all.flatMap { $0.account.leaving }).intersection(candidate.account.getting)
    for address in taken.sorted() {
      if let name = try register.referrer(of: address, besides: own) { return .inherited(address, namedBy: name) }
    }
    return nil
  }

  /// The error with the address that was probably meant.
  private func naming(_ error: ChangeError) throws -> ChangeError {
    guard let missing = error.missing, let register else { return error }
    guard let nearest = try register.nearestAddress(to: missing) else { return error }
    var error = error
    error.remedy += "; the nearest is \(nearest)"
    return error
  }
}
