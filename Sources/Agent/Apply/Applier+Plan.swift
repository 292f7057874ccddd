internal import Accounts
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// What a change comes to on the entries as they stand, and what hinders it.
extension Applier {
  /// Plans what isn't planned, stores the intents, and returns what is to be sent.
  func planned(_ items: [PendingChange], over connection: Connection, endings: inout [(PendingChange, Ending)])
    async throws
    -> [PendingChange]
  {
    let fresh = items.filter { $0.stored == nil }
    if fresh.isEmpty { return items }
    var toSend = items.filter { $0.stored != nil }
    let holders: AddressIndex
    var stops: Stops
    do {
      stops = try await self.stops(fresh, over: connection)
      holders = try await self.holders(of: fresh.lazy.map(\.change), over: connection)
    } catch let error as LDAPError {
      let ending = unread(await connection.identifying(error))
      endings += fresh.map { ($0, ending) }
      return toSend
    }
    let lag = try await lag(fresh.map(\.change), holders, over: connection)
    let retired = try self.retired(fresh.lazy.map(\.change))
    let moved = try self.moved(fresh.lazy.map(\.change), holders)
    let newAddresses = fresh.flatMap { $0.change.newAddresses.lazy.map(\.text) }
    let dangling = try await dangling(newAddresses, owners: 1)
    var rings = ForwardRings(holders)
    var intended: [IntendedChange] = []
    intended.reserveCapacity(fresh.count)
    var planned: [PendingChange] = []
    planned.reserveCapacity(fresh.count)
    for var item in fresh {
      let stamp = Stamp(number: item.number, index: item.id.index)
      if let entry = holders.entry(stamped: stamp, of: item.change) {
        endings.append((item, try stamped(item, entry)))
        continue
      }
      if let stop = stops[item.id.request] {
        endings.append((item, stopped(item, stop)))
        continue
      }
      if let account = lag.account(of: item.change.allAddresses) {
        endings.append((item, .refused(account.trouble, .lag)))
        continue
      }
      if let ending = waits(item, for: dangling, holders) {
        endings.append((item, ending))
        continue
      }
      item.references.moved = moved
      if let binding = item.binding { item.skipNames(of: binding) }
      var plan = Plan.make(
        item.change, department: item.department, stamp: stamp, holders: holders, namesTaken: item.namesTaken,
        retired: retired, references: item.references, byClock: item.isClocked, context: context)
      if case .send(let intent) = plan, let ring = rings.closed(by: intent) { plan = .refuse(ring) }
      let stop = stop(item, plan, holders: holders)
      var hindrance: Ending?
      if case .refuse(let error) = plan {
        hindrance = try await self.hindrance(error, at: item.change.address, seen: holders, over: connection)
      }
      if let stop, hindrance == nil {
        try await register.stopPlanned(item.id.request, because: stop).value()
        stops[item.id.request] = stop
        endings.append((item, stopped(item, stop)))
        continue
      }
      switch plan {
      case .unchanged(let entry):
        endings.append((item, unchanged(item, entry)))
      case .refuse(let error):
        endings.append((item, try hindrance ?? .settled(result(item, .failed, error: naming(error)), .keep)))
      case .send(let intent):
        // What was sent before may still land: it is the same password.
        let salt = intent.grantsPassword ? item.sent?.salt ?? password.salt() : nil
        let stored = StoredIntent(intent: intent, salt: salt)
        item.stored = stored
        intended.append(
          IntendedChange(
            id: item.id, address: item.change.address.text, operation: item.change.name, stored: stored,
            names: intent.namesWritten.filter { name in !item.change.references.contains { $0.text == name } }))
        planned.append(item)
      }
    }
    if !stops.isEmpty {
      // What was planned before it was found is not stored yet.
      for item in planned { if let stop = stops[item.id.request] { endings.append((item, stopped(item, stop))) } }
      planned.removeAll { stops[$0.id.request] != nil }
      intended.removeAll { stops[$0.id.request] != nil }
    }
    toSend += planned
    if !intended.isEmpty { try await register.intend(intended, at: now()).value() }
    return toSend
  }

  /// How a change ends whose own stamp is on an entry before it is planned.
  private func stamped(_ item: PendingChange, _ entry: Entry) throws -> Ending {
    // A server that stood still applied after the refusal what was sent before it.
    if let sent = item.sent { return applied(item, sent.intent, entry: entry) }
    // Nothing was sent. Only a register that was restored from a backup may have forgotten what it did since.
    guard try register.isRestored(item.id.request) else {
      return .settled(result(item, .failed, error: Self.forged(entry.dn)), .keep)
    }
    var result = result(item, .applied, dn: entry.dn, uuid: entry.text(Schema.entryUUID))
    result.name = entry.accountName
    result.values = nil
    return .settled(
      result,
      EntrySnapshot(entry).map { .put($0, claims: claims(item)) } ?? .keep)
  }

  /// The error with the address that was probably meant, where nobody has the one that the form names.
  func naming(_ error: ChangeError) throws -> ChangeError {
    guard let missing = error.missing, let nearest = try register.nearestAddress(to: missing) else { return error }
    var error = error
    error.remedy += "; the nearest is \(nearest)"
    return error
  }

  /// Why a change that can't be planned may be one all the same: what the agent doesn't see may be there. `nil`: it can't.
  ///
  /// - Parameter holders: the entries that were read. One that is among them was found: it isn't hidden, but is, or will
  ///   be by the earlier changes of an atomic request, called otherwise.
  func hindrance(
    _ error: ChangeError, at address: Address, seen holders: AddressIndex, over connection: Connection
  ) async throws -> Ending? {
    if error.code == .insufficientAccessRights {
      return .refused(Trouble(what: error.diagnostic, remedy: error.remedy), .entry)
    }
    let missing = error.missing ?? address.text
    if error.code == .noSuchObject, let uuid = try register.entryUUID(of: missing),
      !holders.hasEntry(uuid: uuid)
    {
      do throws(LDAPError) {
        let entry = try await connection.searchAll(
          base: context.container, scope: .subtree, filter: .equal(Schema.entryUUID, Value(uuid)),
          attributes: [Schema.mail], limit: 2
        ).first
        // Renamed outside Buzón it has another address, which can be seen.
        if let entry, entry[Schema.mail].isEmpty || entry[Schema.mail].contains(Value(missing)) {
          return .refused(
            Trouble(
              what: "the directory has \(entry.dn), but does not find it by its address \(missing)",
              remedy: "give the agent the access rights of config/slapd (search on mail and mailLocalAddress)"), .entry)
        }
      } catch {
        return unread(error)
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
      diagnostic: "\(dn) has the stamp of this change (buzonRequest), but the change was never sent",
      remedy: "it was written outside Buzón: check the entry (buzon drift), then give the form another number")
  }

  /// Of the addresses that these changes would give those that are remembered.
  func retired(_ changes: some Sequence<Change>) throws -> [String: RetiredAddress] {
    context.addressMemory == 0 ? [:] : try register.retired(changes.flatMap { $0.newAddresses.lazy.map(\.text) })
  }

  // MARK: What refers to an address that left its account

  /// Of what the accounts of these changes name as owner or list, the addresses that left their accounts.
  func moved(_ changes: some Sequence<Change>, _ holders: AddressIndex) throws -> [String: String?] {
    try register.moved(
      namedBy: changes.lazy.compactMap { (try? holders.account($0.address))?.text(Schema.entryUUID) },
      now: now() / 1_000)
  }

  /// Finds those of these addresses that left an account while others still name them, and wakes the clock for them.
  ///
  /// - Parameter owners: how many accounts get the addresses. What these name themselves hinders nothing.
  func dangling(_ addresses: [String], owners: Int) async throws -> [DanglingAddress] {
    let dangling = try register.dangling(addresses, limit: owners + 1)
    if dangling.isEmpty { return [] }
    try await register.hasten(Set(dangling.map(\.address)), now: now() / 1_000).value()
    wakeClock()
    return dangling
  }

  /// A change waits while its account would inherit what hangs on an address that it gives. `nil`: nothing does.
  private func waits(_ item: PendingChange, for dangling: [DanglingAddress], _ holders: AddressIndex) -> Ending? {
    if dangling.isEmpty { return nil }
    let addresses = Set(item.change.newAddresses.map(\.text))
    let own = (try? holders.account(item.change.address))?.text(Schema.entryUUID)
    guard let one = dangling.first(where: { addresses.contains($0.address) && $0.entryUUID != own }) else { return nil }
    return .refused(one.trouble, .clock)
  }
}

extension DanglingAddress {
  var trouble: Trouble {
    Trouble(
      what: "\(address) left an account, and \(account) still names it as its owner or list",
      remedy:
        "the clock corrects that account first, and this change follows; if the clock or its request is held, release it"
    )
  }
}
