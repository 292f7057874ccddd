internal import Forms
internal import LDAP
internal import Text

/// An entry under change: the values as they were read beside the values as they shall be, and the smallest set of
/// modifications between the two.
struct EntryEdit {
  private let entry: Entry
  private var wanted: [String: [Value]] = [:]
  /// The mark of the password that is written, if one is.
  private var password: Value?

  init(_ entry: Entry) { self.entry = entry }

  /// The values as they shall be.
  private func values(_ name: String) -> [Value] { wanted[name] ?? entry[name] }

  private mutating func set(_ name: String, _ value: String?) { wanted[name] = value.map { [Value($0)] } ?? [] }

  /// - Parameter isNameTaken: whether another entry has the new address's local part as its `uid`.
  mutating func apply(_ fields: Change.Fields, isNameTaken: Bool, context: PlanContext) {
    if let name = fields.name.map(EntryName.init) {
      set(Schema.commonName, name.common)
      set(Schema.surname, name.surname)
      set(Schema.givenName, name.given)
      set(Schema.displayName, name.common)
    }
    apply(fields.document, to: Schema.document) { $0 }
    apply(fields.position, to: Schema.position) { $0 }
    if let department = fields.department { set(Schema.department, department) }
    apply(fields.phone, to: Schema.phone) { $0 }
    apply(fields.owner, to: Schema.owner) { $0.text }
    apply(fields.keepCopy, to: Schema.keepCopy) { $0 ? "TRUE" : "FALSE" }
    switch fields.quota {
    case .keep: break
    case .clear: set(Schema.quota, String(context.quota))
    case .set(let quota): set(Schema.quota, String(quota.bytes))
    }
    switch fields.expires {
    case .keep: break
    case .clear: wanted[Schema.expires] = []
    case .set(let day): wanted[Schema.expires] = [GeneralizedTime.value(context.zone.end(of: day))]
    }
    apply(fields.forward, to: Schema.forward) { $0.text }
    apply(fields.lists, to: Schema.list) { $0.text }
    apply(fields.members, to: Schema.member) { $0.text }
    applyAddresses(fields, isNameTaken: isNameTaken)
    if let status = fields.status { apply(status) }
  }

  /// What the account names as owner and lists follows what left its account: the name that has its place now, or nothing.
  ///
  /// - Parameter moved: by address, the address that took its place.
  mutating func follow(_ moved: [String: String?]) {
    if moved.isEmpty { return }
    for name in [Schema.owner, Schema.list] {
      var isMoved = false
      let followed = values(name).compactMap { value -> Value? in
        guard let place = value.foldedText.flatMap({ moved[$0] }) else { return value }
        isMoved = true
        return place.map { Value($0) }
      }
      if isMoved { wanted[name] = followed.withoutDoubles() }
    }
  }

  /// Whether mail is neither kept nor forwarded.
  var losesMail: Bool {
    values(Schema.keepCopy).contains { $0.isSame(as: "FALSE") } && values(Schema.forward).isEmpty
  }

  /// The primary stands among `mailLocalAddress` whatever is done to the aliases.
  private mutating func applyAddresses(_ fields: Change.Fields, isNameTaken: Bool) {
    let before = entry[Schema.mail].map { Value(bytes: $0.folded) }
    let primary = fields.address.map { [Value($0.text)] } ?? before
    if fields.aliases != Change.ListSetting() { apply(fields.aliases, to: Schema.localAddress) { $0.text } }
    if let address = fields.address, primary != before {
      set(Schema.mail, address.text)
      let name = Value(address.local)
      if !isNameTaken, !values(Schema.uid).contains(where: { $0.isSame(as: name) }) {
        wanted[Schema.uid] = values(Schema.uid) + [name]
      }
    }
    var addresses = values(Schema.localAddress)
    for needed in primary + before where !addresses.contains(where: { $0.isSame(as: needed) }) {
      addresses.append(needed)
    }
    if addresses != values(Schema.localAddress) { wanted[Schema.localAddress] = addresses }
  }

  private mutating func apply(_ status: Status) {
    set(Schema.status, status.rawValue)
    if status == .active {
      // Whoever locked it without a status, be it by failed logins: active is active.
      if entry.status != .active || !entry[Schema.lockedTime].isEmpty {
        wanted[Schema.lockedTime] = []
        wanted[Schema.retainedSince] = []
      }
    } else {
      wanted[Schema.lockedTime] = [Schema.lockedForGood]
    }
  }

  mutating func retain(_ context: PlanContext) {
    apply(.retained)
    wanted[Schema.retainedSince] = [GeneralizedTime.value(context.now)]
  }

  /// What makes an entry that was made outside Buzón an account of ours; what is there already stays.
  ///
  /// - Parameters:
  ///   - addresses: all that the account shall have, the primary first.
  ///   - name: the `uid` where it has none; `nil`: another entry has it.
  ///   - department: the form's.
  mutating func adopt(_ addresses: [Address], name: String?, department: String, context: PlanContext) {
    let classes = entry[Schema.objectClass]
    wanted[Schema.objectClass] = classes + Schema.classes.filter { !entry.isOf($0) }
    let all = addresses.map { Value($0.text) }
    if entry[Schema.mail].count != 1 { wanted[Schema.mail] = Array(all.prefix(1)) }
    let present = Set(entry[Schema.localAddress].map(\.folded))
    wanted[Schema.localAddress] = entry[Schema.localAddress] + all.filter { !present.contains($0.folded) }
    func complete(_ name: String, _ value: @autoclosure () -> Value?) {
      guard entry[name].isEmpty, let value = value() else { return }
      wanted[name] = [value]
    }
    complete(Schema.uid, name.map { Value($0) })
    complete(Schema.displayName, entry[Schema.commonName].first)
    complete(Schema.department, Value(department))
    if entry.kind == nil { set(Schema.kind, Kind.person.rawValue) }
    if entry.status == nil {
      let isLocked = entry[Schema.lockedTime] == [Schema.lockedForGood]
      set(Schema.status, (isLocked ? Status.suspended : .active).rawValue)
    }
    if entry.kind != .list { complete(Schema.quota, Value(String(context.quota))) }
  }

  /// A new temporary password. Any write of the password removes the lock, so a closed account gets it again in the
  /// same operation.
  mutating func grantPassword(_ context: PlanContext) {
    write(Intent.temporaryPassword)
    wanted[Schema.passwordEnd] = [context.passwordEnd]
  }

  /// A password that nobody is told takes the place of the temporary one; its end stays, and so does a lock.
  mutating func scramblePassword() { write(Intent.scrambledPassword) }

  /// The end of a temporary password that has served.
  mutating func clearPasswordEnd() { wanted[Schema.passwordEnd] = [] }

  private mutating func write(_ mark: Value) {
    password = mark
    wanted[Schema.password] = [mark]
    wanted[Schema.passwordReset] = ["TRUE"]
  }

  private mutating func apply<T>(_ setting: Change.Setting<T>, to name: String, _ text: (T) -> String) {
    switch setting {
    case .keep: break
    case .clear: wanted[name] = []
    case .set(let value): set(name, text(value))
    }
  }

  private mutating func apply<T>(_ setting: Change.ListSetting<T>, to name: String, _ text: (T) -> String) {
    if setting == Change.ListSetting() { return }
    let before = setting.replacement.map { $0.map { Value(text($0)) }.withoutDoubles() } ?? values(name)
    let removed = setting.removed.map { Value(text($0)) }
    let added = setting.added.map { Value(text($0)) }
    wanted[name] = before.without(removed) + added.without(before).withoutDoubles()
  }

  /// The guarded modify, or `nil` where nothing differs.
  ///
  /// - Parameter isStamp: whether the stamp is written also where nothing else differs.
  /// - Throws: ``ChangeError`` where the value that names the entry would have to go.
  func intent(stamp: Stamp, evenAlone isStamp: Bool = false) throws(ChangeError) -> Intent? {
    let wanted = try entry.keepingName(wanted)
    var modifications: [Modification] = []
    for name in Schema.modifiable {
      guard let after = wanted[name] else { continue }
      // Any write of the password takes pwdReset away, so it is written beside it also where it stands already.
      let isTaken = password != nil && name == Schema.passwordReset
      modifications += Self.difference(name, isTaken ? [] : entry[name], after)
    }
    modifications += lock
    guard isStamp || !modifications.isEmpty else { return nil }
    modifications.append(.replace(Schema.stamp, [Value(stamp.description)]))
    return Intent(
      operation: .modify(entry.dn, modifications), entryUUID: entry.uuid, stampRead: entry.text(Schema.stamp),
      preImage: entry, grantsPassword: password != nil)
  }

  /// The lock goes with the status: by itself it is bookkeeping of the directory (a user who mistyped).
  ///
  /// Beside a password the overlay ppolicy takes the lock away, however it is replaced, unless a modification deletes
  /// it: so there it is deleted and added, and replaced before, for what isn't there can't be deleted.
  /// The clock opens nothing, also where an active account was locked outside Buzón.
  private var lock: [Modification] {
    let isClosed =
      wanted[Schema.status].map { $0 != [Value(Status.active.rawValue)] } ?? (entry.status ?? .active != .active)
      || (password == Intent.scrambledPassword && entry[Schema.lockedTime] == [Schema.lockedForGood])
    guard password != nil, isClosed else {
      if isUnlocked { return [.delete(Schema.lockedTime)] }
      return wanted[Schema.lockedTime].map { Self.difference(Schema.lockedTime, entry[Schema.lockedTime], $0) } ?? []
    }
    return Self.lockBesidePassword
  }

  /// Whether a lock by failed logins goes. Deleted, and not replaced, it takes `pwdFailureTime` along: else the next failed
  /// login would lock the account again. Where it ended meanwhile the directory answers 16, and the change is planned again.
  private var isUnlocked: Bool {
    password == nil && wanted[Schema.lockedTime] == [] && !entry[Schema.lockedTime].isEmpty
      && entry[Schema.lockedTime] != [Schema.lockedForGood]
  }

  static let lockBesidePassword: [Modification] = [
    .replace(Schema.lockedTime, [Schema.lockedForGood]), .delete(Schema.lockedTime),
    .add(Schema.lockedTime, [Schema.lockedForGood]),
  ]

  /// One value is replaced as a whole. Of several only what differs is named, so that a list of thousands costs what
  /// changes in it, and `uid` keeps the value that the RDN holds.
  static func difference(_ name: String, _ before: [Value], _ after: [Value]) -> [Modification] {
    if before == after { return [] }
    guard Schema.severalValued.contains(name) else { return [Modification(.replace, name, after)] }
    // Lists are long and change little: what they begin and end with alike is passed over.
    let head = before[...].countOfCommonHead(after[...])
    let tail = before[head...].reversed().countOfCommonHead(after[head...].reversed())
    let gone = before[head...].dropLast(tail).without(after)
    let new = after[head...].dropLast(tail).without(before)
    var modifications: [Modification] = []
    if !gone.isEmpty { modifications.append(Modification(.delete, name, gone)) }
    if !new.isEmpty { modifications.append(Modification(.add, name, new)) }
    return modifications
  }
}

extension Schema {
  /// Attributes of several values of which a change names those that differ; all match without regard to ASCII case.
  static let severalValued: Set<String> = [objectClass, uid, localAddress, forward, list, member]
}
