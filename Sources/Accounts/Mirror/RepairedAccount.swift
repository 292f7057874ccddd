internal import Forms
internal import LDAP

/// A drifted account on its way to what it should be.
struct RepairedAccount {
  let address: String
  /// As the last request left it; `nil`: no request made it.
  let expected: ManagedImage?
  /// The entry as the changes so far leave it; `nil`: it isn't there.
  var entry: Entry?
  /// Whether no request knows the entry: it was made outside Buzón, perhaps in the place of one that went.
  var mustAdopt: Bool
  /// How many changes were found for it.
  var changes = 0
  /// Whether it had to leave its primary address for a moment.
  var hasMadeRoom = false
  /// Why nothing more can be done for it now, each reason once.
  var refusals: [String] = []
  /// What a reader of the form should know.
  var hints: [String] = []

  mutating func refuse(_ why: String) {
    if !refusals.contains(why) { refusals.append(why) }
  }

  /// The drifted accounts with their entries. One that went and whose address an entry has that no request knows is that
  /// entry: it was deleted and put back, or made again by hand.
  static func all(_ accounts: [DriftRepair.Account], entries: [Entry], others: Set<String>) -> [RepairedAccount] {
    var byUUID: [String: Entry] = [:]
    var byMail: [[UInt8]: [Entry]] = [:]
    for entry in entries {
      if let uuid = entry.uuid { byUUID[uuid] = entry }
      for mail in entry[Schema.mail] { byMail[mail.folded, default: []].append(entry) }
    }
    let known = Set(accounts.lazy.filter { $0.expected != nil }.map(\.entryUUID)).union(others)
    var taken: Set<String> = []
    var all: [RepairedAccount] = []
    for account in accounts {
      if let expected = account.expected, byUUID[account.entryUUID] == nil, let mail = expected.text(Schema.mail),
        let entry = byMail[Value(mail).folded]?.first(where: { $0.uuid.map { !known.contains($0) } ?? false }),
        let uuid = entry.uuid, taken.insert(uuid).inserted
      {
        all.append(RepairedAccount(address: account.address, expected: expected, entry: entry, mustAdopt: true))
      } else {
        all.append(
          RepairedAccount(
            address: account.address, expected: account.expected, entry: byUUID[account.entryUUID],
            mustAdopt: account.expected == nil))
      }
    }
    // Both rows are of one entry.
    let isTwice = accounts.map { $0.expected == nil && taken.contains($0.entryUUID) }
    return zip(all, isTwice).filter { !$0.1 }.map(\.0)
  }
}
