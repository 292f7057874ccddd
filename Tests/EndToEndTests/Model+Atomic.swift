/// What the records and the directory's log should say of a request.
struct RequestExpectation: Equatable {
  /// Of each change; `nil` where the accounts exchange addresses in a ring, and it isn't said which of them fails.
  var outcomes: [String]?
  var count: Int
  /// The places whose stamps are written: of an atomic request one for each account.
  var stamped: [Int] = []
  /// Of those the ones that are taken back.
  var undone: [Int] = []
  /// Entries that go: deletes, and creates taken back.
  var deletes = 0
  /// The places of those that change nothing, but may make their account follow what it names.
  var following: Set<Int> = []
  /// Creates and adopts taken back: their stamp goes with the entry, or with the class that holds it.
  var undoneWithoutTrace: Set<Int> = []
}

extension Model {
  /// All of the changes or none, worked out on a copy that is thrown away where one fails.
  mutating func applyAtomically(_ changes: [Change], department: String) -> RequestExpectation {
    var copy = self
    var outcomes: [String] = []
    var following: Set<Int> = []
    // By account, in the order of their first changes: the places of those that change it.
    var touched: [(identity: Int, places: [Int])] = []
    for (place, change) in changes.enumerated() {
      copy.stamp.place = place
      copy.promise(changes, behind: place)
      let identity: Int?
      if case .create(let address, _) = change {
        outcomes.append(copy.plan(change, department: department))
        identity = copy.accounts[address]?.identity
      } else {
        identity = copy.accounts[change.address]?.identity
        outcomes.append(copy.plan(change, department: department))
      }
      if outcomes[place] == "failed" { return Self.nothing(of: changes.count, failed: place) }
      if outcomes[place] == "unchanged", copy.hasFollowed(change.address) { following.insert(place) }
      guard outcomes[place] == "applied", let identity else { continue }
      if let index = touched.firstIndex(where: { $0.identity == identity }) {
        touched[index].places.append(place)
      } else {
        touched.append((identity, [place]))
      }
    }
    guard let order = copy.order(touched.map(\.identity), from: self) else {
      return RequestExpectation(outcomes: nil, count: changes.count)
    }
    let steps = order.sequence.map { touched[$0] }
    let refused = Set(copy.accounts.values.filter { $0.position == Self.refused }.map(\.identity))
    guard let failed = steps.firstIndex(where: { refused.contains($0.identity) }) else {
      self = copy
      return RequestExpectation(
        outcomes: outcomes, count: changes.count, stamped: steps.map { $0.places.last ?? 0 }, following: following)
    }
    let carrier = steps[failed].places.last ?? 0
    // What depends on no other is asked of the directory before anything is sent.
    if steps.indices.contains(where: {
      refused.contains(steps[$0].identity) && !order.dependent.contains(order.sequence[$0])
    }) {
      return Self.nothing(of: changes.count, failed: carrier)
    }
    var expectation = Self.nothing(of: changes.count, failed: carrier)
    for step in steps[..<failed] {
      let carrier = step.places.last ?? 0
      for place in step.places { expectation.outcomes?[place] = "undone" }
      expectation.stamped.append(carrier)
      expectation.undone.append(carrier)
      let before = accounts.values.first { $0.identity == step.identity }
      if before == nil { expectation.deletes += 1 }
      if before?.isForeign ?? true { expectation.undoneWithoutTrace.insert(carrier) }
    }
    return expectation
  }

  func hasFollowed(_ address: String) -> Bool { accounts[address]?.hasFollowed ?? false }

  private static func nothing(of count: Int, failed: Int) -> RequestExpectation {
    RequestExpectation(outcomes: (0..<count).map { $0 == failed ? "failed" : "skipped" }, count: count)
  }

  /// Accounts in the order in which they are written: who frees an address comes before who takes it.
  ///
  /// - Returns: `nil` where there is no such order.
  private func order(_ identities: [Int], from old: Model) -> (sequence: [Int], dependent: Set<Int>)? {
    let before = identities.map { old.addresses(of: $0) }
    let after = identities.map { addresses(of: $0) }
    var sequence: [Int] = []
    var dependent: Set<Int> = []
    var open: Set<Int> = []
    func visit(_ index: Int) -> Bool {
      if sequence.contains(index) { return true }
      guard open.insert(index).inserted else { return false }
      for address in after[index].subtracting(before[index]).sorted() {
        guard
          let source = identities.indices.first(where: {
            $0 != index && before[$0].contains(address) && !after[$0].contains(address)
          })
        else { continue }
        dependent.insert(index)
        if !visit(source) { return false }
      }
      sequence.append(index)
      return true
    }
    for index in identities.indices where !visit(index) { return nil }
    return (sequence, dependent)
  }

  private func addresses(of identity: Int) -> Set<String> {
    guard let (address, account) = accounts.first(where: { $0.value.identity == identity }) else { return [] }
    return account.aliases.union([address])
  }
}
