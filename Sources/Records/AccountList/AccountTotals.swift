/// How many accounts there are, by kind and by status.
public struct AccountTotals: Sendable, Hashable {
  /// All of them.
  public private(set) var accounts = 0
  /// Kind `person`.
  public private(set) var persons = 0
  /// Kind `functional`.
  public private(set) var functionals = 0
  /// Kind `list`.
  public private(set) var lists = 0
  /// Status `active`.
  public private(set) var active = 0
  /// Status `suspended`.
  public private(set) var suspended = 0
  /// Status `retained`.
  public private(set) var retained = 0
  /// Status `locked`.
  public private(set) var locked = 0

  /// No accounts.
  public init() {}

  /// Counts an account.
  public mutating func add(_ row: AccountRow) {
    accounts += 1
    switch row.kind {
    case "person": persons += 1
    case "functional": functionals += 1
    case "list": lists += 1
    default: break
    }
    switch row.status {
    case "active": active += 1
    case "suspended": suspended += 1
    case "retained": retained += 1
    case "locked": locked += 1
    default: break
    }
  }

  /// Counts what another one counted.
  mutating func add(_ other: AccountTotals) {
    accounts += other.accounts
    persons += other.persons
    functionals += other.functionals
    lists += other.lists
    active += other.active
    suspended += other.suspended
    retained += other.retained
    locked += other.locked
  }

  /// Of a kind that isn't known here.
  public var otherKinds: Int { accounts - persons - functionals - lists }
  /// Of a status that isn't known here.
  public var otherStatuses: Int { accounts - active - suspended - retained - locked }

  var kinds: [(Word, Int)] {
    [(.persons, persons), (.functionals, functionals), (.listsOfAll, lists)]
      + (otherKinds > 0 ? [(.otherKind, otherKinds)] : [])
  }

  var statuses: [(Word, Int)] {
    [(.actives, active), (.suspendeds, suspended), (.retaineds, retained)]
      + (locked > 0 ? [(.lockeds, locked)] : [])
      + (otherStatuses > 0 ? [(.otherStatus, otherStatuses)] : [])
  }
}
