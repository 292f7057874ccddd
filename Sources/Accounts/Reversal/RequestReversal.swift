public import Forms
public import LDAP
internal import Text

/// The form that takes back what a request did, made from the pre-images that the register keeps. Pure.
///
/// | what the request did | the undo |
/// |---|---|
/// | create | a delete: the account is retained, later purged |
/// | modify | a modify with the values of before |
/// | delete, within the retention | `set: {status: active}`: all else of the account is there still |
/// | rename | a rename back; the new address stays an alias only where it was one before |
/// | delete at once, purge, reset of a password, adopt, closed hand-over | nothing: it is listed in ``lost`` |
///
/// All changes of an account are taken back together. ``DriftRepair`` finds the changes that lead there, and their order:
/// an address is freed before it is given.
public struct RequestReversal: Sendable {
  /// In the order of a form; empty: nothing a form can do.
  public private(set) var changes: [Change] = []
  /// What can't be reversed and why, one harmless line each.
  public private(set) var lost: [String] = []
  /// What an approver should know, one harmless line each.
  public private(set) var hints: [String] = []

  /// - Parameters:
  ///   - request: as its form states it.
  ///   - reason: what the undo's deletes state.
  ///   - applied: its changes that were applied, in the order in which they were.
  ///   - later: by entryUUID, what later requests changed, in order of time.
  ///   - entries: the entries that these accounts are now, that hold an address of theirs, or that they refer to.
  ///   - retired: by address in lower case, those that left an account and are given to nobody else for a time.
  ///   - references: what owner and lists are judged by; `nil`: they are not judged.
  ///   - rules: what forms are judged by today.
  public init(
    of request: Request, reason: String, applied: [AppliedChange], later: [String: [LaterChange]], entries: [Entry],
    retired: [String: RetiredAddress] = [:], references: References? = References(), rules: Rules, context: PlanContext
  ) {
    let present = Dictionary(entries.compactMap { entry in entry.uuid.map { ($0, entry) } }) { $1 }
    var accounts: [ReversedAccount] = []
    for (uuid, group) in Self.byAccount(applied) {
      if let account = reversed(group, request, present[uuid], later[uuid] ?? [], context) { accounts.append(account) }
    }
    let regained = accounts.reduce(into: Set<String>()) { $0.formUnion($1.regained) }
    for index in accounts.indices where accounts[index].isCreated {
      accounts[index].giveUp(regained)
      for address in accounts[index].wanted.addresses.intersection(regained).sorted() {
        lost.append(
          "\(address): its account can't have it again while \(accounts[index].present.primaryAddress), which this "
            + "request created, is retained; write `immediately: true` in that delete if that is approved")
      }
    }
    lost += accounts.flatMap(\.lost)
    // What was done last is taken back first. A name to log in by that a rename back adds is no loss, and a later retention
    // begins anew.
    let wished = accounts.reversed().filter { $0.wanted != $0.present }
    let repair = DriftRepair(
      wished.map {
        .init(
          entryUUID: $0.present.uuid ?? "", address: $0.present.primaryAddress, expected: ManagedImage($0.wanted))
      }, entries: entries, retired: retired, references: references, rules: rules,
      ignoring: [Schema.retainedSince, Schema.uid],
      context: context)
    lost += repair.notes
    changes = repair.changes.map { change in
      guard case .delete(var delete) = change else { return change }
      delete.reason = reason
      return .delete(delete)
    }
  }

  /// The changes of each account, in the order of the first of them.
  private static func byAccount(_ applied: [AppliedChange]) -> [(uuid: String, changes: [AppliedChange])] {
    var groups: [(uuid: String, changes: [AppliedChange])] = []
    var places: [String: Int] = [:]
    for change in applied {
      let uuid = change.entryUUID ?? "#\(change.index)"
      if let place = places[uuid] {
        groups[place].changes.append(change)
      } else {
        places[uuid] = groups.count
        groups.append((uuid, [change]))
      }
    }
    return groups
  }

  /// What an account shall be; `nil` where nothing can be done for it.
  private mutating func reversed(
    _ group: [AppliedChange], _ request: Request, _ present: Entry?, _ later: [LaterChange], _ context: PlanContext
  ) -> ReversedAccount? {
    let address = present?.primaryAddress ?? group.last?.address ?? ""
    var intents: [Intent] = []
    var isCreated = false
    for change in group {
      guard let intent = change.intent else {
        lost.append(
          "\(address): what change \(change.index) did is not known, for the register was restored from a backup since")
        continue
      }
      switch intent.operation {
      case .add: isCreated = true
      case .delete:
        if isCreated { return nil }
        lost.append("\(address): it was deleted at once; an entry that is made again is another one, without its mail")
        return nil
      case .modify(_, let modifications):
        if intent.preImage?.isAccount != true {
          lost.append("\(address): it was adopted; no form takes an account out of the procedure again")
          continue
        }
        if modifications.contains(where: { $0.attribute == Schema.password }) {
          lost.append("\(address): its password was reset; nobody knows the earlier one")
        }
        intents.append(intent)
      }
    }
    if !isCreated, intents.isEmpty { return nil }
    guard let present, present.isAccount else {
      lost.append("\(address): the account has gone since; an entry that is made again is another one")
      return nil
    }
    do throws(ChangeError) {
      try present.requireLevel(below: context.container)
    } catch {
      lost.append("\(address): \(error.diagnostic)")
      return nil
    }
    if isCreated { tell(present, group, later, context) }
    let account = ReversedAccount(
      present: present, applied: intents, isCreated: isCreated, asks: Self.asks(request, group), later: later)
    tell(account)
    return account
  }

  /// Whether the form itself speaks of owner and lists of the account. An operation of an atomic request carries out several
  /// changes, so all changes of the form's own addresses are looked at.
  private static func asks(_ request: Request, _ group: [AppliedChange]) -> Set<String> {
    let indices = Set(group.map(\.index))
    var asks: Set<String> = []
    for (index, change) in request.changes.enumerated() where request.atomic || indices.contains(index) {
      guard case .modify(let modify) = change else { continue }
      if modify.fields.owner != .keep { asks.insert("owner") }
      if modify.fields.lists != Change.ListSetting() { asks.insert("lists") }
    }
    return asks
  }

  // MARK: What to know

  private mutating func tell(
    _ present: Entry, _ group: [AppliedChange], _ later: [LaterChange], _ context: PlanContext
  ) {
    let address = present.primaryAddress
    let wasHandedOver = group.contains { $0.handover == .closed || $0.handover == .delivered }
    let memory =
      wasHandedOver && context.addressMemory > 0
      ? "its addresses are remembered for \(Self.days(context.addressMemory)) after that"
      : "its addresses are free after that, for the account was never handed over"
    if present.status != .retained {
      hints.append(
        "\(address): the delete keeps the account for \(Self.days(context.retention)) (policy.retention); \(memory). "
          + "`immediately: true` purges it at once")
    }
    if group.contains(where: { $0.handover == .closed }) {
      lost.append("\(address): its hand-over was closed; that stays so, and the delete closes the account to its user")
    }
    if !later.isEmpty {
      hints.append(
        "\(address): was changed since by \(later.map(\.name).joined(separator: ", ")), and that goes with the account")
    }
  }

  private mutating func tell(_ account: ReversedAccount) {
    let (present, wanted) = (account.present, account.wanted)
    let address = present.primaryAddress
    if present.status == .retained, wanted.status != .retained, present[Schema.passwordReset].contains("TRUE") {
      hints.append(
        "\(address): its password is a temporary one, which nobody can show any more; write `reset: password` in a form "
          + "of its own")
    }
    if wanted[Schema.mail] != present[Schema.mail], let name = Address(address)?.local,
      present[Schema.uid].contains(where: { $0.isSame(as: Value(name)) })
    {
      hints.append("\(address): is renamed to \(wanted.primaryAddress); \(name) stays a name to log in by")
    }
    if wanted.status == .retained, present.status != .retained, !account.isCreated {
      hints.append("\(address): is retained again, from the day on which the form is applied")
    }
  }

  private static func days(_ seconds: Int64) -> String { seconds == 86_400 ? "1 day" : "\(seconds / 86_400) days" }
}
