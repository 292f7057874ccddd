internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Carries a batch of changes to the directory: read, plan, store the intents, send, judge the answers.
///
/// All entries that the batch's addresses touch are read together; all its intents share one commit; its operations are
/// in flight together, for no two changes of a batch share an address. Runs on the connection's own executor, so that an
/// operation costs no change of thread.
struct Applier: Sendable {
  /// How a change left the batch.
  enum Ending: Sendable {
    case settled(ChangeResult, SettledChange.Mirror)
    /// The directory said no through no fault of the change; it is known not to have been applied.
    case refused(Trouble, Fault)
    /// No answer came, or the directory could not be asked: what was sent may have been applied.
    case lost(Trouble)
    /// Applied, and not to be settled yet: its password rests as clear text.
    case unhashed(Trouble)
  }

  /// How often a change is planned again because its entry changed between reading and writing.
  static let rounds = 6
  /// How many names are tried for a new entry where others have the local part already.
  static let names = 100
  /// Addresses that are looked for with one search: about 100 KB of filter, where slapd takes 4 MiB.
  private static let addresses = 1_000

  var register: Register
  var context: PlanContext
  /// How long the addresses of a purged account are remembered, seconds.
  var addressMemory: Int64
  var password: TemporaryPassword
  /// Of the connection that batches are sent over.
  var proof: PasswordProof
  /// Milliseconds since 1970 UTC.
  var now: @Sendable () -> Int64

  /// - Returns: for each item, as it is now, its ending.
  /// - Throws: ``RegisterError`` when intents can't be stored.
  func apply(_ items: [Item], over connection: Connection) async throws -> [(Item, Ending)] {
    var endings: [(Item, Ending)] = []
    endings.reserveCapacity(items.count)
    var open = items
    var round = 0
    while !open.isEmpty {
      let toSend = try await planned(open, over: connection, endings: &endings)
      open = []
      round += 1
      for (item, judgement) in await sentAndJudged(toSend, over: connection) {
        switch judgement {
        case .end(let item, let ending): endings.append((item, ending))
        case .planAgain(let error):
          var item = item
          let before = item.sent
          item.sent = item.stored
          item.stored = nil
          item.isInDoubt = false
          if error.code == .entryAlreadyExists { item.namesTaken += 1 }
          if item.namesTaken < Self.names, round - item.namesTaken < Self.rounds {
            open.append(item)
          } else if error.code == .assertionFailed, let before, let after = item.sent, before.intent.isOf(after.intent)
          {
            endings.append((item, .refused(Self.unassertable(after.intent), .entry)))
          } else {
            endings.append((item, .settled(result(item, .failed, error: error), .keep)))
          }
        }
      }
    }
    return endings
  }

  // MARK: Plan

  /// Plans what isn't planned, stores the intents, and returns what is to be sent.
  private func planned(_ items: [Item], over connection: Connection, endings: inout [(Item, Ending)]) async throws
    -> [Item]
  {
    let fresh = items.filter { $0.stored == nil }
    if fresh.isEmpty { return items }
    var toSend = items.filter { $0.stored != nil }
    let holders: Holders
    do throws(LDAPError) {
      holders = try await self.holders(of: fresh.lazy.map(\.change), over: connection)
    } catch {
      let ending = Self.unread(error)
      endings += fresh.map { ($0, ending) }
      return toSend
    }
    let retired = try self.retired(fresh.lazy.map(\.change))
    var intended: [IntendedChange] = []
    intended.reserveCapacity(fresh.count)
    for var item in fresh {
      let stamp = Stamp(number: item.number, index: item.id.place)
      if let entry = holders.entry(stamped: stamp, of: item.change) {
        if let sent = item.sent {
          // A server that stood still applied after the refusal what was sent before it.
          endings.append((item, applied(item, sent.intent, entry: entry)))
          continue
        }
        // Nothing was sent. Only a register that was restored from a backup may have forgotten what it did since.
        guard try register.isRestored(item.id.request) else {
          endings.append((item, .settled(result(item, .failed, error: Self.forged(entry.dn)), .keep)))
          continue
        }
        endings.append(
          (
            item,
            .settled(
              result(item, .applied, dn: entry.dn, uuid: entry.text(Schema.entryUUID)),
              Sighting(entry).map { .put($0, claims: claims(item)) } ?? .keep)
          ))
        continue
      }
      let plan = Plan.make(
        item.change, department: item.department, stamp: Stamp(number: item.number, index: item.id.place),
        holders: holders, namesTaken: item.namesTaken, retired: retired, byClock: item.isClocked, context: context)
      switch plan {
      case .unchanged(let entry):
        endings.append((item, unchanged(item, entry)))
      case .refuse(let error):
        let hindrance = try await hindrance(error, at: item.change.address, over: connection)
        endings.append((item, hindrance ?? .settled(result(item, .failed, error: error), .keep)))
      case .send(let intent):
        // What was sent before may still land: it is the same password.
        let salt = intent.grantsPassword ? item.sent?.salt ?? password.salt() : nil
        let stored = StoredIntent(intent: intent, salt: salt)
        item.stored = stored
        intended.append(
          IntendedChange(
            id: item.id, address: item.change.address.text, operation: item.change.name, stored: stored))
        toSend.append(item)
      }
    }
    if !intended.isEmpty { try await register.intend(intended, at: now()).value() }
    return toSend
  }

  /// Why a change that can't be planned may be one all the same: what the agent doesn't see may be there. `nil`: it can't.
  func hindrance(_ error: ChangeError, at address: Address, over connection: Connection) async throws -> Ending? {
    if error.code == .insufficientAccessRights {
      return .refused(Trouble(what: error.diagnostic, remedy: error.remedy), .entry)
    }
    if error.code == .noSuchObject, let uuid = try register.entryUUID(of: address.text) {
      do throws(LDAPError) {
        let entry = try await connection.searchAll(
          base: context.container, scope: .subtree, filter: .equal(Schema.entryUUID, Value(uuid)),
          attributes: [Schema.mail], limit: 2
        ).first
        // Renamed by other hands it has another address, which can be seen.
        if let entry, entry[Schema.mail].isEmpty || entry[Schema.mail].contains(Value(address.text)) {
          return .refused(
            Trouble(
              what: "the directory has \(entry.dn), and doesn't find it by its address \(address.text)",
              remedy: "give the agent the access rights of config/slapd (search on mail and mailLocalAddress)"), .entry)
        }
      } catch {
        return Self.unread(error)
      }
    }
    return nil
  }

  /// Nothing changed between reading and writing, and still the assertion doesn't hold.
  static func unassertable(_ intent: Intent) -> Trouble {
    Trouble(
      what: "\(intent.operation.dn): 122 assertionFailed, though the entry is as it was read",
      remedy: "give the agent the access rights of config/slapd (search on entryUUID, buzonRequest and pwdReset)")
  }

  private static func forged(_ dn: DN) -> ChangeError {
    ChangeError(
      code: .unwillingToPerform,
      diagnostic: "\(dn) bears the stamp of this change (buzonRequest), which was never sent",
      remedy: "other hands wrote it: look at the entry (buzon drift), then give the form another number")
  }

  /// The entries that hold any address of these changes.
  func holders(of changes: some Sequence<Change>, over connection: Connection) async throws(LDAPError) -> Holders {
    let addresses = changes.flatMap { $0.ownAddresses.map { Value($0.text) } }
    var entries: [Entry] = []
    for first in stride(from: 0, to: addresses.count, by: Self.addresses) {
      let some = addresses[first..<min(first + Self.addresses, addresses.count)]
      entries += try await connection.searchAll(
        base: context.container, scope: .subtree, filter: Holders.filter(some), attributes: Schema.synced,
        // One entry an address is the rule; a directory that answers with many more is refused.
        limit: some.count * 4 + 100)
    }
    if let stranger = entries.first(where: { !isOurs($0.dn) }) {
      throw .unavailable(
        "the directory answered with \(stranger.dn), which was not asked for; is directory.accounts written as the directory spells it?"
      )
    }
    return Holders(entries)
  }

  /// Whether an answer may name it: the container, or what is below it.
  private func isOurs(_ dn: DN) -> Bool {
    dn.components != nil && (dn.isDescendant(of: context.container) || dn.matches(context.container))
  }

  /// How a batch ends whose entries can't be read.
  static func unread(_ error: LDAPError) -> Ending {
    let trouble = Trouble(
      what: "reading entries: \(error)", remedy: "see that the directory runs and that the agent may read it")
    return error.code == nil ? .lost(trouble) : .refused(trouble, .directory)
  }

  /// Of the addresses that these changes would give those that are remembered.
  func retired(_ changes: some Sequence<Change>) throws -> [String: Int64] {
    addressMemory == 0 ? [:] : try register.retired(changes.flatMap { $0.newAddresses.lazy.map(\.text) })
  }

  // MARK: Send

  /// Sends a batch, as many at a time as the connection has places: an operation's deadline runs while it waits for one.
  ///
  /// - Parameter dry: with the No-Op control, so that the directory only says what it would answer.
  func sent(_ items: [Item], dry: Bool = false, over connection: Connection) async
    -> [(Item, Result<Response, LDAPError>)]
  {
    typealias Answer = (place: Int, result: Result<Response, LDAPError>)
    return await withTaskGroup(of: Answer.self) { group in
      var next = 0
      func sendNext() {
        guard next < items.count else { return }
        // The item stays here: a task that carries it along costs more than the operation.
        let (place, stored) = (next, items[next].stored)
        next += 1
        group.addTask { (place, await self.answer(to: stored, dry: dry, over: connection)) }
      }
      for _ in 0..<connection.options.window { sendNext() }
      var answers: [(Item, Result<Response, LDAPError>)] = []
      answers.reserveCapacity(items.count)
      for await answer in group {
        answers.append((items[answer.place], answer.result))
        sendNext()
      }
      return answers
    }
  }

  private func answer(to stored: StoredIntent?, dry: Bool, over connection: Connection) async
    -> Result<Response, LDAPError>
  {
    guard let stored else { return .failure(.invalid("nothing was intended")) }
    let controls = stored.intent.controls(container: context.container) + (dry ? [.noOp] : [])
    do throws(LDAPError) {
      var secret: Value?
      if let salt = stored.salt { secret = try await password.sent(salt: salt) }
      let operation = stored.intent.operation(temporaryPassword: secret)
      return .success(try await connection.perform(operation, controls: controls))
    } catch {
      return .failure(error)
    }
  }

  // MARK: Judge

  enum Judgement {
    case end(Item, Ending)
    case planAgain(ChangeError)
  }

  func judged(_ item: Item, _ answer: Result<Response, LDAPError>, over connection: Connection) async
    -> Judgement
  {
    guard let intent = item.stored?.intent else { return .planAgain(Self.noIntent) }
    switch Verdict(answer, operation: intent.operation, inDoubt: item.isInDoubt) {
    case .applied(let response):
      return .end(item, applied(item, intent, entry: intent.image(response)))
    case .failed(let error):
      return .end(item, .settled(result(item, .failed, error: error), .keep))
    case .lost(let trouble):
      var item = item
      item.isInDoubt = true
      return .end(item, .lost(trouble))
    case .refused(let trouble, let fault):
      // What was in doubt may have been applied when it was sent first.
      guard item.isInDoubt else { return .end(item, .refused(trouble, fault)) }
      return await resolved(item, intent, over: connection) { item in
        var item = item
        item.isInDoubt = false
        return .end(item, .refused(trouble, fault))
      }
    case .guarded(let error):
      return await resolved(item, intent, over: connection) { _ in .planAgain(error) }
    }
  }

  private static let noIntent = ChangeError(code: .other, diagnostic: "nothing was intended", remedy: "report this")

  /// A refused operation: the entry as it stands tells whether it had been applied before.
  private func resolved(
    _ item: Item, _ intent: Intent, over connection: Connection, otherwise: (Item) -> Judgement
  ) async -> Judgement {
    let entry: Entry?
    do throws(LDAPError) {
      entry = try await connection.entry(intent.operation.dn, attributes: Schema.synced)
    } catch {
      let trouble = Trouble(what: "reading a stamp: \(error)", remedy: "see that the directory runs and can be read")
      return .end(
        item,
        error.code.map { .refused(trouble, $0 == .insufficientAccessRights ? .entry : .unclear) } ?? .lost(trouble))
    }
    if case .delete = intent.operation {
      // The entry that was meant has gone, whoever deleted it; another that took its name has another entryUUID.
      let isGone = entry.map { $0.text(Schema.entryUUID) != intent.entryUUID } ?? true
      return isGone ? .end(item, applied(item, intent, entry: nil)) : otherwise(item)
    }
    if let entry, Intent.wasApplied(Stamp(number: item.number, index: item.id.place), to: entry) {
      return .end(item, applied(item, intent, entry: entry))
    }
    return otherwise(item)
  }

  private func applied(_ item: Item, _ intent: Intent, entry: Entry?) -> Ending {
    let sighting = entry.flatMap(Sighting.init)
    let mirror: SettledChange.Mirror
    if case .delete = intent.operation {
      mirror = gone(intent, byClock: item.isClocked)
    } else {
      mirror = sighting.map { .put($0, claims: claims(item), effect: effect(item, intent)) } ?? .keep
    }
    return .settled(
      result(
        item, .applied, dn: entry?.dn ?? intent.operation.dn, uuid: sighting?.account.entryUUID ?? intent.entryUUID,
        handover: intent.handsOver ? .open : .none), mirror)
  }

  /// What an operation of ours says of its entry: what the change does, and the stamp.
  private func claims(_ item: Item) -> Claims {
    var claims = Claims.stamp
    claims.formUnion(Claims(item.change))
    return claims
  }

  private func effect(_ item: Item, _ intent: Intent) -> HandoverEffect {
    if let ends = intent.temporaryPasswordEnds { return .granted(ends: ends) }
    guard case .modify(let modify) = item.change else { return .none }
    switch modify.reset {
    case .expired: return .scrambled
    case .settled: return .settled
    case .password, nil: return .none
    }
  }

  /// What a deleted entry leaves behind: where the clock purged it, the memory of its addresses.
  private func gone(_ intent: Intent, byClock: Bool) -> SettledChange.Mirror {
    guard let uuid = intent.entryUUID else { return .keep }
    guard byClock, addressMemory > 0, let account = intent.preImage.flatMap(Account.init) else {
      return .remove(entryUUID: uuid)
    }
    return .retire(
      entryUUID: uuid, addresses: [account.address] + account.aliases, until: now() / 1_000 + addressMemory)
  }

  /// The fresh read is as good for the mirror as an answer is.
  private func unchanged(_ item: Item, _ entry: Entry?) -> Ending {
    // The clock asks for accounts that the mirror has: one that isn't there any more has gone by other hands.
    let otherwise: SettledChange.Mirror =
      item.isClocked && entry == nil ? .forget(address: item.change.address.text) : .keep
    return .settled(
      result(item, .unchanged, dn: entry?.dn, uuid: entry?.text(Schema.entryUUID)),
      entry.flatMap { entry in
        // A form that says what other hands did already makes it the procedure's.
        Sighting(entry).map {
          .put($0, claims: item.isClocked ? Claims() : Claims(item.change), effect: effectOfNothing(item, entry))
        }
      } ?? otherwise)
  }

  private func effectOfNothing(_ item: Item, _ entry: Entry) -> HandoverEffect {
    guard case .modify(let modify) = item.change else { return .none }
    switch (modify.reset, entry.isReset) {
    case (.settled, false): return .settled
    case (.expired, true): return entry.temporaryPasswordEnds.map { .postponed(ends: $0) } ?? .none
    default: return .none
    }
  }

  func result(
    _ item: Item, _ outcome: ChangeOutcome, dn: DN? = nil, uuid: String? = nil, handover: HandoverState = .none,
    error: ChangeError? = nil
  ) -> ChangeResult {
    ChangeResult(
      place: item.id.place, operation: item.change.name, address: item.change.address.text, outcome: outcome,
      dn: dn?.description, entryUUID: uuid, error: error, handover: handover, at: now())
  }
}
