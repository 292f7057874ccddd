internal import Forms
internal import LDAP

/// The order in which the accounts of an atomic request are written: an address is freed before it is given to another,
/// for the directory takes none twice.
struct AddressMoves {
  struct Order {
    /// Places among the accounts.
    var accounts: [Int]
    /// By who takes them, the addresses that another of them frees.
    var moved: [Int: [String]]
  }

  struct Cycle: Error {
    var index: Int
    var error: ChangeError
  }

  private var takes: [[String]]
  /// For an address the account that frees it.
  private var freedBy: [String: Int] = [:]

  init(_ accounts: [AccountMerge.Account]) {
    takes = []
    takes.reserveCapacity(accounts.count)
    for (index, account) in accounts.enumerated() {
      let (before, after) = (account.read?.addresses ?? [], account.image.addresses)
      takes.append(before == after ? [] : Array(after.subtracting(before)))
      if before != after { for address in before.subtracting(after) { freedBy[address] = index } }
    }
  }

  /// The accounts as they come, but each behind those that free what it takes.
  ///
  /// - Parameter givenAt: for an address the last change that gives it.
  func order(givenAt: [String: Int]) -> Result<Order, Cycle> {
    var order = Order(accounts: [], moved: [:])
    order.accounts.reserveCapacity(takes.count)
    var isDone = Array(repeating: false, count: takes.count)
    var isOpen = isDone
    for first in takes.indices where !isDone[first] {
      // Depth first, without recursion: a chain may be as long as the request.
      var path: [(account: Int, next: Int, by: String)] = [(first, 0, "")]
      isOpen[first] = true
      while let (account, next, _) = path.last {
        guard next < takes[account].count else {
          path.removeLast()
          isOpen[account] = false
          isDone[account] = true
          order.accounts.append(account)
          continue
        }
        path[path.count - 1].next += 1
        let address = takes[account][next]
        guard let source = freedBy[address], source != account else { continue }
        order.moved[account, default: []].append(address)
        if isOpen[source] {
          let start = path.firstIndex { $0.account == source } ?? 0
          let moved = path[(start + 1)...].map(\.by) + [address]
          return .failure(Self.cycle(moved, givenAt: givenAt))
        }
        if !isDone[source] {
          path.append((source, 0, address))
          isOpen[source] = true
        }
      }
    }
    return .success(order)
  }

  private static func cycle(_ addresses: [String], givenAt: [String: Int]) -> Cycle {
    Cycle(
      index: addresses.compactMap { givenAt[$0] }.max() ?? 0,
      error: ChangeError(
        code: .constraintViolation,
        diagnostic: "the accounts of this request exchange addresses (\(addresses.sorted().joined(separator: ", "))); "
          + "each would have to be written before the other, and no address may belong to two at once",
        remedy: "write two requests: one that takes the addresses away, and one that gives them"))
  }
}
