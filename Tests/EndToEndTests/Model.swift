import Support

/// What the directory should hold after a run of requests, worked out apart from the product's code: one change after the
/// other on plain dictionaries.
struct Model {
  struct Account: Equatable {
    /// Who it is, through every rename.
    var identity = 0
    /// Made outside Buzón and not adopted.
    var isForeign = false
    var kind = "person"
    var aliases: Set<String> = []
    /// Empty for what is no person; then `family` is the whole name.
    var given = ""
    var family: String
    var position: String?
    var phone: String?
    var department = ""
    /// Bytes; `nil` for a list.
    var quota: Int?
    var forward: Set<String> = []
    var owner: String?
    var lists: Set<String> = []
    var members: Set<String> = []
    var expires: String?
    var status = "active"
    /// Whether it has a temporary password.
    var mustChange = false
    /// The change that granted it last.
    var grant: String?
    /// Whether what it names as owner or list was renamed or went: its next change makes it follow, if the clock hasn't.
    var hasFollowed = false

    var name: String { given.isEmpty ? family : "\(given) \(family)" }
    var isRetained: Bool { status == "retained" }
  }

  enum Change {
    case create(address: String, account: Account)
    case modify(address: String, edit: Edit)
    case reset(address: String)
    case adopt(address: String)
    case delete(address: String, immediately: Bool)
  }

  struct Edit {
    var rename: String?
    var status: String?
    var position: String??
    var phone: String??
    var department: String?
    var quota: Int??
    var owner: String?
    var expires: String??
    var name: (given: String, family: String)?
    var addAliases: [String] = []
    var removeAliases: [String] = []
    var replaceAliases: [String]?
    var addForward: String?
    var removeForward: String?
    var addList: String?
    var removeList: String?
    var addMember: String?
    var removeMember: String?
  }

  static let policyQuota = 5 << 30
  /// A position that the directory of these tests refuses, and the agent can't foresee.
  static let refused = "Refused!"

  private(set) var accounts: [String: Account] = [:]
  /// Where the hand-overs stand, by the changes that granted the passwords.
  private(set) var handovers: [String: String] = [:]
  /// The change that is carried out, `NUMBER#PLACE`.
  var stamp: (number: String, place: Int) = ("", 0)
  /// What later changes of the same form create: the kind, by address.
  var promised: [String: String] = [:]
  private var nextIdentity = 0

  private mutating func newIdentity() -> Int {
    nextIdentity += 1
    return nextIdentity
  }

  /// An entry made outside Buzón.
  mutating func found(_ address: String, _ account: Account) {
    var account = account
    account.isForeign = true
    account.identity = newIdentity()
    accounts[address] = account
  }

  /// Where the hand-over of an account stands: nobody in these tests changes a temporary password.
  func handover(of account: Account) -> String { account.grant.flatMap { handovers[$0] } ?? "none" }

  private mutating func grant(_ address: String) {
    end(address)
    let grant = "\(stamp.number)#\(stamp.place)"
    accounts[address]?.mustChange = true
    accounts[address]?.grant = grant
    handovers[grant] = "open"
  }

  private mutating func end(_ address: String) {
    if let grant = accounts[address]?.grant { handovers[grant] = "expired" }
  }

  func holder(of address: String) -> String? {
    accounts[address] != nil ? address : accounts.first { $0.value.aliases.contains(address) }?.key
  }

  /// The kind of account that owner and lists may name by this address; `nil`: there is none.
  private func kind(of address: String) -> String? {
    if let promised = promised[address] { return promised }
    guard let account = accounts[address], !account.isForeign, !account.isRetained else { return nil }
    return account.kind
  }

  /// Carries out a change and tells the outcome that its record should have.
  mutating func apply(_ change: Change, department: String) -> String {
    let before = self
    let outcome = plan(change, department: department)
    // One change is one write, so what the directory refuses leaves nothing behind.
    if accounts.contains(where: { $0.value.position == Self.refused }) {
      self = before
      return "failed"
    }
    return outcome
  }

  /// What the changes behind this one create.
  mutating func promise(_ changes: [Change], behind place: Int) {
    promised = [:]
    for case .create(let address, let account) in changes[(place + 1)...] { promised[address] = account.kind }
  }

  /// The same but for what only the directory refuses.
  mutating func plan(_ change: Change, department: String) -> String {
    switch change {
    case .create(let address, var account):
      guard ([address] + account.aliases).allSatisfy({ holder(of: $0) == nil }) else { return "failed" }
      if let owner = account.owner, kind(of: owner) == nil { return "failed" }
      guard account.lists.allSatisfy({ kind(of: $0) == "list" }) else { return "failed" }
      account.identity = newIdentity()
      account.department = department
      account.quota = account.kind == "list" ? nil : account.quota ?? Self.policyQuota
      accounts[address] = account
      if account.kind != "list" { grant(address) }
      return "applied"
    case .modify(let address, let edit): return modify(address, edit)
    case .reset(let address):
      guard let account = accounts[address], !account.isForeign, !account.isRetained, account.kind != "list" else {
        return "failed"
      }
      grant(address)
      return "applied"
    case .adopt(let address):
      guard let account = accounts[address], !account.isRetained else { return "failed" }
      guard account.isForeign else { return "unchanged" }
      accounts[address]?.isForeign = false
      accounts[address]?.department = department
      accounts[address]?.quota = Self.policyQuota
      return "applied"
    case .delete(let address, let immediately):
      guard let account = accounts[address], !account.isForeign else { return "failed" }
      if immediately {
        end(address)
        accounts[address] = nil
        follow(address, to: nil)
        return "applied"
      }
      if account.isRetained { return "unchanged" }
      end(address)
      accounts[address]?.status = "retained"
      return "applied"
    }
  }

  private mutating func modify(_ address: String, _ edit: Edit) -> String {
    guard let before = accounts[address], !before.isForeign else { return "failed" }
    if before.isRetained, edit.status != "active" { return "failed" }
    if before.kind == "list", edit.quota != nil { return "failed" }
    if before.kind != "list", edit.addMember != nil || edit.removeMember != nil { return "failed" }
    if let name = edit.name, name.given.isEmpty != (before.kind != "person") { return "failed" }
    let wanted = (edit.rename.map { [$0] } ?? []) + edit.addAliases + (edit.replaceAliases ?? [])
    guard wanted.allSatisfy({ holder(of: $0) == nil || holder(of: $0) == address }) else { return "failed" }
    if let owner = edit.owner, owner != before.owner, kind(of: owner) == nil { return "failed" }
    if let list = edit.addList, !before.lists.contains(list), kind(of: list) != "list" { return "failed" }
    var after = before
    if let name = edit.name { (after.given, after.family) = name }
    if let position = edit.position { after.position = position }
    if let phone = edit.phone { after.phone = phone }
    if let department = edit.department { after.department = department }
    if let quota = edit.quota { after.quota = quota ?? Self.policyQuota }
    if let owner = edit.owner { after.owner = owner }
    if let expires = edit.expires { after.expires = expires }
    if let status = edit.status { after.status = status }
    if let aliases = edit.replaceAliases { after.aliases = Set(aliases) }
    after.aliases.subtract(edit.removeAliases)
    after.aliases.formUnion(edit.addAliases)
    func move(_ set: inout Set<String>, _ added: String?, _ removed: String?) {
      if let removed { set.remove(removed) }
      if let added { set.insert(added) }
    }
    move(&after.forward, edit.addForward, edit.removeForward)
    move(&after.lists, edit.addList, edit.removeList)
    move(&after.members, edit.addMember, edit.removeMember)
    let newAddress = edit.rename ?? address
    if newAddress != address { after.aliases.insert(address) }
    after.aliases.remove(newAddress)
    if after == before, newAddress == address { return "unchanged" }
    accounts[address] = nil
    accounts[newAddress] = after
    if newAddress != address { follow(address, to: newAddress) }
    return "applied"
  }

  /// What names an address that left its account names what took its place.
  private mutating func follow(_ address: String, to place: String?) {
    for (key, account) in accounts where account.owner == address || account.lists.contains(address) {
      var account = account
      if account.owner == address { account.owner = place }
      if account.lists.remove(address) != nil, let place { account.lists.insert(place) }
      account.hasFollowed = true
      accounts[key] = account
    }
  }

  /// Long after: whoever has a last day is suspended, whoever is retained is purged, and unused passwords are scrambled.
  ///
  /// - Returns: how many the clock modifies, and how many it purges.
  mutating func passTime() -> (modified: Int, purged: Int) {
    let expired = accounts.filter { !$0.value.isForeign && $0.value.expires != nil && $0.value.status == "active" }.keys
    let retained = accounts.filter { $0.value.isRetained }.keys
    accounts.keys.forEach { end($0) }
    for address in expired { accounts[address]?.status = "suspended" }
    for address in retained { accounts[address] = nil }
    for address in retained { follow(address, to: nil) }
    return (expired.count + accounts.values.count { $0.mustChange }, retained.count)
  }
}
