internal import Accounts
package import LDAP
package import Register

/// Which accounts a server shows as they were before what was done and heard last: it has not heard of it from the server
/// that was written to. Pure.
///
/// Of two writes to an entry the later one wins as a whole, so what is written on top of a state that is behind undoes what
/// was acknowledged. An entry is behind where its entryCSN is older than the one that the register knows, where it is missing,
/// and where it is there though it was deleted.
package struct Lag: Sendable, Hashable {
  /// What was settled within this time is compared always, in milliseconds. contextCSN says how far a server has heard the
  /// others, but not of deletes: a delete may be missing though both contextCSN are equal, and follows within seconds where
  /// the servers hear each other at all.
  package static let window: Int64 = 900_000
  /// Clocks of servers differ: so much more is compared, in milliseconds.
  package static let slack: Int64 = 60_000
  /// Accounts that are compared at most, the latest.
  package static let most = 20_000
  /// Accounts that are asked for with one search.
  package static let chunk = 200

  /// An account that is behind.
  package struct Account: Sendable, Hashable {
    /// The account as the register knows it. Its request is one that the server has not heard of, or a later one.
    package var known: RecentAccount
    /// All that it is called, here or there, in lower case.
    package var addresses: Set<String>
    /// As the server shows it; `nil`: it doesn't.
    package var shown: Entry?
  }

  /// By entryUUID.
  package private(set) var accounts: [String: Account] = [:]
  /// The entryUUID of the account that has an address: each change that is sent is looked up.
  private var holders: [String: String] = [:]

  package init() {}

  /// - Parameters:
  ///   - known: what the register did last.
  ///   - shown: the entries of these entryUUIDs that the server has.
  package init(_ known: [RecentAccount], shown: [Entry]) {
    let shown = Dictionary(shown.compactMap { entry in entry.text(Schema.entryUUID).map { ($0, entry) } }) { $1 }
    for account in known {
      let entry = shown[account.entryUUID]
      switch (account.csn, entry) {
      case (nil, nil): continue
      case (let csn?, let entry?) where entry.text(Schema.entryCSN).map { $0 >= csn } ?? true: continue
      default: break
      }
      let there = entry.map { $0[Schema.mail] + $0[Schema.localAddress] }?.compactMap(\.text) ?? []
      let addresses = Set((account.addresses + there).map { $0.lowercased() })
      accounts[account.entryUUID] = Account(known: account, addresses: addresses, shown: entry)
      for address in addresses { holders[address] = account.entryUUID }
    }
  }

  package var isEmpty: Bool { accounts.isEmpty }

  /// The entries that are there though a request of ours deleted them.
  package var deleted: [(entryUUID: String, entry: Entry)] {
    accounts.compactMap { uuid, account in
      account.known.isDeleted ? account.shown.map { (uuid, $0) } : nil
    }
  }

  package mutating func remove(_ entryUUID: String) {
    guard let account = accounts.removeValue(forKey: entryUUID) else { return }
    for address in account.addresses where holders[address] == entryUUID { holders[address] = nil }
  }

  package mutating func add(_ other: Lag) {
    accounts.merge(other.accounts) { $1 }
    holders.merge(other.holders) { $1 }
  }

  /// The account that stands in the way of who names these addresses; `nil`: none does.
  package func account(of addresses: some Sequence<String>) -> Account? {
    if accounts.isEmpty { return nil }
    return addresses.lazy.compactMap { holders[$0] }.first.flatMap { accounts[$0] }
  }

  /// From when on it is compared what was settled, milliseconds since 1970 UTC: the window, and all that is later than what
  /// the server has heard of each of the others.
  ///
  /// - Parameters:
  ///   - heard: the CSNs up to which the mirror has heard each server.
  ///   - there: the server's own; empty: it does not show them.
  package static func begin(now: Int64, heard: [String], there: ContextCSN) -> Int64 {
    var begin = now - window
    for csn in heard where !there.isEmpty && !there.covers(csn) {
      let known = there.time(ofServer: csn).map { $0 * 1_000 - slack } ?? 0
      begin = min(begin, known)
    }
    return begin
  }

  /// What a person is told, with at most five addresses.
  ///
  /// - Parameter server: its URI.
  package func trouble(of server: String, patience: Duration) -> Trouble {
    let names = accounts.values.map(\.known.address).sorted()
    let some = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) others" : "")
    return Trouble(
      what: "\(server) lags behind: it shows \(names.count) accounts as they were before what was done last (\(some))",
      remedy: "bring back the server that was written to before, and its replication; the queue waits for that "
        + "\(patience.components.seconds) s, then leaves out these accounts alone; if that server is lost, run buzon rebuild"
    )
  }
}
