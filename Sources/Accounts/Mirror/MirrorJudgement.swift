public import LDAP

/// What follows from what is seen of an entry: in the directory's messages (RFC 4533), and in the answers to our
/// operations, in whatever order the two come.
///
/// The greater entryCSN wins, and of an entry that has gone nothing older comes back. What the procedure made of an entry
/// (`expected`) is written by our outcomes alone: each puts its own values there, of the attributes that its operation
/// named, so that a change outside Buzón in between stays a difference. An entry with the stamp of a change of ours that
/// is still open isn't judged: its outcome will show what it made of the entry.
///
/// The effects of one judgement are to be applied before the next is asked for, for it reads what they wrote. Errors are
/// the memory's own.
public struct MirrorJudgement<Memory: MirrorMemory> {
  private let memory: Memory
  private let at: Int64
  private let isLive: Bool
  private let isFirst: Bool
  private let addressMemory: Int64
  private let trusted: [DN]

  /// - Parameters:
  ///   - at: milliseconds since 1970 UTC.
  ///   - isLive: whether these are things that happen now: then who wrote an entry last is who changed it.
  ///   - addressMemory: how long an address that left an account is remembered, seconds.
  ///   - isFirst: whether accounts that aren't known have no story yet: the directory is read for the first time.
  ///   - trusted: whose change of a password is the user's own (`handover.trusted`).
  public init(
    _ memory: Memory, at: Int64, addressMemory: Int64 = 0, isLive: Bool = false, isFirst: Bool = false,
    trusted: [DN] = []
  ) {
    self.memory = memory
    self.at = at
    self.isLive = isLive
    self.isFirst = isFirst
    self.addressMemory = addressMemory
    self.trusted = trusted
  }

  // MARK: What the directory reports

  /// An entry that is there. What is no news, a failed login's bookkeeping say (entryCSN, modifiersName), has no effects;
  /// but that failed logins locked the account, or that this is over, is written.
  public func seen(_ snapshot: EntrySnapshot) throws -> [MirrorEffect] {
    let account = snapshot.account
    guard let known = try memory.account(account.entryUUID) else { return try met(snapshot) }
    let image = snapshot.image.encoded
    if let before = known.image {
      guard account.entryCSN > known.csn else { return [] }
      if before == image, known.dn == account.dn, known.mustChange == snapshot.mustChange {
        let isLocked = account.lockedSince != known.lockedSince
        return (isLocked ? [.write(snapshot, expected: known.standard)] : [])
          + passwordChanged(snapshot, known) + passwordGranted(snapshot, known)
      }
    }
    let standard = known.standard.flatMap(ManagedImage.init(encoded:))
    var origin = StampOrigin.unknown
    if let standard, standard != snapshot.image, snapshot.image.stamp != standard.stamp {
      origin = try memory.origin(of: snapshot.image.stamp, on: account.entryUUID)
    }
    // The register may know the change and not what it left: restored from a backup, say. Then the entry is as it is.
    let expected = origin == .settled ? nil : known.standard
    var effects: [MirrorEffect] = [.write(snapshot, expected: expected), .retryClock]
    effects += left(known, snapshot)
    effects += passwordChanged(snapshot, known)
    if snapshot.image.stamp == known.stamp { effects += passwordGranted(snapshot, known) }
    effects += retained(snapshot)
    // What was noted against an earlier state is over: nothing is left to compare.
    if origin == .settled, known.expected != nil { effects += try mended(account, but: []) }
    guard let standard, origin == .unknown || origin == .overtaken else { return effects }
    if standard == snapshot.image, known.expected == nil { return effects }
    return try effects + judged(snapshot, standard, before: known.image.flatMap(ManagedImage.init(encoded:)))
  }

  /// An entry that the mirror doesn't have.
  private func met(_ snapshot: EntrySnapshot) throws -> [MirrorEffect] {
    let (account, stamp) = (snapshot.account, snapshot.image.stamp)
    if try isBuried(account) { return [] }
    if let standard = try memory.vanished(account.entryUUID) {
      let effects: [MirrorEffect] = [
        .write(snapshot, expected: standard.encoded), .endDrift(attribute: ManagedImage.wholeEntry),
      ]
      let news = MirrorNews.mended(address: account.address, attribute: ManagedImage.wholeEntry)
      if isFirst { return effects }
      // An adopt of ours whose outcome will show what it made of the entry.
      let isOurs = try memory.origin(of: stamp, on: account.entryUUID) == .open
      return try effects + [.report(news)] + (isOurs ? [] : judged(snapshot, standard))
    }
    let effects = [MirrorEffect.write(snapshot, expected: nil)]
    if isFirst { return effects }
    switch try memory.origin(of: stamp, on: account.entryUUID) {
    case .open: return effects
    // The request that made it spoke of the address, though what it left isn't known: the register was restored.
    case .settled: return effects + [.forgetVanished(address: account.address)]
    case .overtaken, .unknown:
      return effects + [
        .noteDrift(
          attribute: ManagedImage.wholeEntry, address: account.address, by: snapshot.creator, request: stamp),
        .report(.appeared(address: account.address, by: snapshot.creator, request: stamp)),
      ]
    }
  }

  /// An entry that went, whoever removed it.
  ///
  /// - Parameter csn: of its going; `nil`: it is only known not to be there.
  public func gone(_ entryUUID: String, csn: String?) throws -> [MirrorEffect] {
    guard let known = try memory.account(entryUUID) else { return [] }
    // It went before what is known of it: an adopt that was taken back, say, and made again by a later request whose answer
    // came before this message.
    if let csn, csn < known.csn { return [] }
    if try memory.isTakenBack(known.stamp) { return [.remove(entryUUID: entryUUID, csn: csn)] }
    let isOurs = try memory.isBeingDeleted(entryUUID)
    let effects =
      try retired(known) + [.remove(entryUUID: entryUUID, csn: csn)]
      + detached(known, in: isOurs ? 0 : Self.day)
    if isOurs { return effects }
    // What was made and deleted outside Buzón the procedure doesn't miss. A row of an entry that is there and drifted as a
    // whole is of one that was made outside.
    if try memory.drift(entryUUID).contains(ManagedImage.wholeEntry) {
      return effects + [.report(.mended(address: known.address, attribute: ManagedImage.wholeEntry))]
    }
    return effects + vanished(known.address, known.standard ?? [])
  }

  // MARK: What our operations answer

  /// The entry as one of our operations left it, or as it was read where there was nothing to do.
  ///
  /// - Parameters:
  ///   - claims: what the procedure says of it.
  ///   - handover: what became of its password.
  ///   - state: where the hand-over stands by that.
  ///   - isNew: whether the operation made the entry.
  ///   - isClock: whether the clock asked: what it couldn't do it doesn't try again for its own writing.
  /// - Returns: what goes before the change's outcome is written, and what after.
  public func settled(
    _ snapshot: EntrySnapshot, claims: ManagedValues, handover: HandoverEffect, state: HandoverState, isNew: Bool,
    isClock: Bool
  ) throws -> (before: [MirrorEffect], after: [MirrorEffect]) {
    let account = snapshot.account
    let known = try memory.account(account.entryUUID)
    // The clock found it as another operation of ours left it, whose own outcome will show what that made of it.
    if isClock, claims == ManagedValues(), try memory.origin(of: snapshot.image.stamp, on: account.entryUUID) == .open {
      return ([], after(handover, isQuick: false))
    }
    var effects: [MirrorEffect] = []
    // Whoever had the address in the mirror was deleted outside Buzón.
    if isNew { effects += try vacated(account.address, besides: account.entryUUID) }
    if known == nil, try isBuried(account) {
      // It went between our operation and its outcome, and not by us.
      return (effects + vanished(account.address, snapshot.image.encoded), after(handover, isQuick: false))
    }
    let before = known?.standard.flatMap(ManagedImage.init(encoded:))
    let standard = before.map { snapshot.image.merged(over: $0, claims: claims) } ?? snapshot.image
    // What the directory reported meanwhile.
    let later = known.flatMap { $0.csn > account.entryCSN ? $0.image : nil }
    // The user's own change of the password, which our operation overtook on its way to us.
    if let known, handover == .none { effects += passwordChanged(snapshot, known) }
    if later != nil {
      effects.append(.expect(standard.encoded))
    } else {
      effects.append(.write(snapshot, expected: standard.encoded, handover: state, isNew: isNew && known == nil))
      if !isClock { effects.append(.retryClock) }
      if let known { effects += left(known, snapshot) }
    }
    if let known, known.expected != nil || later != nil || standard != snapshot.image {
      let image = later.flatMap(ManagedImage.init(encoded:)) ?? snapshot.image
      effects += try judged(account, image, standard, by: nil)
    }
    // It is there, and where the request speaks of all of it, the procedure knows it.
    if known == nil || claims.isWholeEntry { effects.append(.endDrift(attribute: ManagedImage.wholeEntry)) }
    // An adopt takes the entry for the one that went: it was put back.
    if claims.isWholeEntry, !isNew {
      effects += [
        .forgetVanished(address: account.address), .attach(address: account.address, isList: account.kind == "list"),
      ]
    }
    if case .granted(let ends) = handover {
      effects.append(.openHandover(department: account.department, ends: ends))
    }
    effects += retained(snapshot)
    let mustChange = later == nil ? snapshot.mustChange : known?.mustChange ?? true
    return (effects, after(handover, isQuick: !mustChange))
  }

  /// What a change did to a hand-over, whatever it did to the entry.
  ///
  /// - Parameter isQuick: whether the user's own change of a password was seen before our answer that granted it.
  private func after(_ handover: HandoverEffect, isQuick: Bool) -> [MirrorEffect] {
    switch handover {
    case .none: []
    // It may have ended with the very operation (atomic: created and retained), or before its outcome was known.
    case .granted:
      (isQuick ? [.endHandover(.closed, by: nil, next: .at(at / 1_000))] : []) + [.showHandover]
    case .postponed(let ends): [.postpone(ends: ends)]
    case .scrambled: [.endHandover(.expired, by: "clock", next: .never), .endClock]
    case .settled: [.endClock]
    }
  }

  /// Our operation removed the entry: whatever is still reported of it is older, whichever of the two clocks is ahead.
  public func removed(_ entryUUID: String) throws -> [MirrorEffect] {
    let later = GeneralizedTime.value(at / 1_000 + 600)
    let known = try memory.account(entryUUID)
    return try (known.map(retired) ?? []) + [
      .remove(entryUUID: entryUUID, csn: String(decoding: later.bytes, as: UTF8.self)), .endClock,
    ] + (known.map { detached($0, in: 0) } ?? [])
  }

  /// No entry has this address any more.
  ///
  /// - Parameter entryUUID: none but this one.
  public func vacated(_ address: String, besides entryUUID: String? = nil) throws -> [MirrorEffect] {
    try memory.holders(of: address).filter { $0 != entryUUID }.flatMap { uuid -> [MirrorEffect] in
      guard let known = try memory.account(uuid) else { return [] }
      return try retired(known) + [.remove(entryUUID: uuid, csn: known.csn)]
        + detached(known, in: entryUUID == nil ? Self.day : 0)
    } + [.forgetVanished(address: address)]
  }

  // MARK: Addresses

  /// Addresses that left an account which goes on. What names it follows a rename.
  private func left(_ known: KnownAccount, _ snapshot: EntrySnapshot) -> [MirrorEffect] {
    let present = [snapshot.account.address] + snapshot.account.aliases
    return retired(known.addresses.filter { !present.contains($0) }, of: known)
      + (known.address == snapshot.account.address ? [] : detached(known, in: 0))
  }

  /// The addresses of an account that went. Where nobody ever had its password, nobody had the address.
  private func retired(_ known: KnownAccount) throws -> [MirrorEffect] {
    guard addressMemory > 0, try memory.wasHandedOver(known.entryUUID) else { return [] }
    return retired(known.addresses, of: known)
  }

  /// What was removed outside Buzón may be put back within so many seconds, and what refers to it waits.
  private static var day: Int64 { 86_400 }

  private func detached(_ known: KnownAccount, in delay: Int64) -> [MirrorEffect] {
    [.detach(address: known.address, from: known.entryUUID, due: at / 1_000 + delay)]
  }

  private func retired(_ addresses: [String], of known: KnownAccount) -> [MirrorEffect] {
    if addresses.isEmpty || addressMemory == 0 { return [] }
    return [.retire(addresses, holder: known.entryUUID, until: at / 1_000 + addressMemory)]
  }

  // MARK: Drift

  private func isBuried(_ account: Account) throws -> Bool {
    try memory.tombstone(account.entryUUID).map { account.entryCSN <= $0 } ?? false
  }

  private func vanished(_ address: String, _ standard: [UInt8]) -> [MirrorEffect] {
    let image = ManagedImage(encoded: standard)
    return [
      .noteDrift(attribute: ManagedImage.wholeEntry, address: address, by: nil, request: image?.stamp, gone: standard),
      .report(
        .vanished(
          address: address, fields: image.map { ManagedImage.nothing.differences(from: $0) } ?? [],
          request: image?.stamp)),
    ]
  }

  private func judged(_ snapshot: EntrySnapshot, _ standard: ManagedImage, before: ManagedImage? = nil) throws
    -> [MirrorEffect]
  {
    try judged(snapshot.account, snapshot.image, standard, by: isLive ? snapshot.modifier : nil, before: before)
  }

  /// Compares what an entry shows with what the procedure left: what is over, and what is new.
  ///
  /// - Parameter before: the image before this one: what was changed once more is news too.
  private func judged(
    _ account: Account, _ image: ManagedImage, _ standard: ManagedImage, by actor: String?,
    before: ManagedImage? = nil
  ) throws -> [MirrorEffect] {
    let differences = image.differences(from: standard)
    let names = Set(differences.map(\.attribute))
    let noted = try memory.drift(account.entryUUID)
    let changed = Set(before.map { image.differences(from: $0).map(\.attribute) } ?? [])
    return try mended(account, but: names)
      + differences.filter { !noted.contains($0.attribute) || changed.contains($0.attribute) }.flatMap {
        one -> [MirrorEffect] in
        [
          .noteDrift(attribute: one.attribute, address: account.address, by: actor, request: standard.stamp),
          .report(.drifted(address: account.address, one, by: actor, request: standard.stamp)),
        ]
      }
  }

  /// What was noted and is over.
  ///
  /// - Parameter names: the attributes that still differ.
  private func mended(_ account: Account, but names: Set<String>) throws -> [MirrorEffect] {
    let over = try memory.drift(account.entryUUID).filter { $0 != ManagedImage.wholeEntry && !names.contains($0) }
    return over.flatMap { name -> [MirrorEffect] in
      [.endDrift(attribute: name), .report(.mended(address: account.address, attribute: name))]
    }
  }

  // MARK: Passwords

  /// An account that is retained hands nothing over; what is on the slip is scrambled in its time.
  private func retained(_ snapshot: EntrySnapshot) -> [MirrorEffect] {
    snapshot.account.status == "retained" ? [.endHandover(.expired, by: "delete", next: .kept)] : []
  }

  /// `pwdReset` has gone from an entry whose hand-over is open.
  private func passwordChanged(_ snapshot: EntrySnapshot, _ known: KnownAccount) -> [MirrorEffect] {
    guard !snapshot.mustChange, let number = known.openHandover else { return [] }
    let address = snapshot.account.address
    // What a portal wrote for somebody else only shows while it happens.
    let portal = isLive && snapshot.isWork(of: trusted) ? snapshot.modifier : nil
    let isOwn = snapshot.isOwnWork
    // Against what the entry showed before, for the clocks of two machines differ. He himself can't take pwdReset away
    // otherwise, and may do it within the second.
    let isChanged = isOwn || snapshot.passwordChanged.map { $0 != known.passwordChanged } ?? false
    if isChanged, isOwn || portal != nil || !isLive || snapshot.modifier == nil {
      return [
        .endHandover(.closed, by: isOwn ? snapshot.account.dn : portal, next: .at(at / 1_000)),
        .report(.closed(address: address, number: number, isCertain: isOwn || portal != nil, portal: portal)),
      ]
    }
    if isChanged {
      return [
        .endHandover(.expired, by: snapshot.modifier, next: .at(at / 1_000)),
        .report(.overridden(address: address, number: number, by: snapshot.modifier)),
      ]
    }
    // Before the user's own password there may have been somebody who took the duty to change it away: that is reported once.
    guard known.mustChange || known.image == nil else { return [] }
    let actor = isLive ? snapshot.modifier : nil
    return [.releaseHandover(by: actor), .report(.released(address: address, number: number, by: actor))]
  }

  /// Whoever may manage passwords can set another temporary one: `pwdReset` stays, and what is on the slip opens nothing
  /// any more. The password's own time shows it.
  private func passwordGranted(_ snapshot: EntrySnapshot, _ known: KnownAccount) -> [MirrorEffect] {
    guard snapshot.mustChange, let number = known.openHandover, let changed = snapshot.passwordChanged,
      changed != known.passwordChanged
    else { return [] }
    let actor = isLive ? snapshot.modifier : nil
    // The clock ends theirs as it would have ended ours.
    return [
      .endHandover(.expired, by: actor, next: .kept),
      .report(.overridden(address: snapshot.account.address, number: number, by: actor)),
    ]
  }
}

extension ManagedImage {
  /// What stands for an entry as a whole, among the names of attributes: it was made, or removed.
  public static let wholeEntry = "entry"
}
