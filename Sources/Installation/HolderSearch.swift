package import Accounts
package import Forms
package import LDAP

/// Reads what the directory has of what changes name: for the agent, which plans what it sends, and for a plan that is only
/// shown.
package struct HolderSearch: Sendable {
  private let context: PlanContext

  package init(_ context: PlanContext) { self.context = context }

  /// Terms of the filter of one search: about 100 KB, where slapd takes 4 MiB.
  private static let terms = 2_000

  /// The entries that hold any address or name of these changes, or that they refer to, wherever they stand below the
  /// container.
  package func holders(of changes: some Collection<Change>, over connection: Connection) async throws(LDAPError)
    -> AddressIndex
  {
    // Thousands may have one owner.
    let references = Set(changes.lazy.flatMap { $0.references.map(\.text) })
    let addresses = changes.flatMap { $0.ownAddresses.map { Value($0.text) } } + references.map { Value($0) }
    var names = Set(changes.compactMap(\.newName))
    var holders = AddressIndex(
      try await entries(
        AddressIndex.filters(addresses: addresses) + AddressIndex.filters(names: names), over: connection),
      container: context.container)
    while true {
      let more = holders.namesToRead(for: changes, besides: names)
      if more.isEmpty { break }
      holders.add(try await entries(AddressIndex.filters(names: more), over: connection))
      names.formUnion(more)
    }
    try await readForwards(of: changes, &holders, over: connection)
    return holders
  }

  /// Where mail goes that is not kept: one read for each account that passes it on.
  private func readForwards(
    of changes: some Collection<Change>, _ holders: inout AddressIndex, over connection: Connection
  ) async throws(LDAPError) {
    var asked: Set<String> = []
    for _ in 0..<ForwardRings.hops {
      let next = ForwardRings.unread(changes, holders, context).subtracting(asked)
      if next.isEmpty { return }
      asked.formUnion(next)
      holders.add(try await entries(AddressIndex.filters(addresses: next.map { Value($0) }), over: connection))
    }
  }

  private func entries(_ filters: [Filter], over connection: Connection) async throws(LDAPError) -> [Entry] {
    var entries: [Entry] = []
    for first in stride(from: 0, to: filters.count, by: Self.terms) {
      let some = filters[first..<min(first + Self.terms, filters.count)]
      entries += try await connection.searchAll(
        base: context.container, scope: .subtree, filter: .or(Array(some)), attributes: Schema.synced,
        // One entry an address is the rule; a directory that answers with many more is refused.
        limit: some.count * 2 + 100)
    }
    if let stranger = entries.first(where: { !isOurs($0.dn) }) {
      throw .unavailable(
        "the directory answered with \(stranger.dn), which was not asked for; is directory.accounts written as the "
          + "directory spells it?"
      )
    }
    return entries
  }

  /// Whether an answer may name it: the container, or what is below it.
  private func isOurs(_ dn: DN) -> Bool {
    dn.isDescendant(of: context.container) || dn.matches(context.container)
  }
}
