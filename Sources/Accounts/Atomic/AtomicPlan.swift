public import Forms
public import LDAP

/// What an atomic request comes to: one operation for each account it touches, its changes folded into one.
public struct MergedIntent: Sendable, Hashable {
  /// The changes that it carries out, ascending. Its stamp is that of the last.
  public var indices: [Int]
  public var intent: Intent
  /// The addresses that it takes from an earlier one of the same request, each with the change that gives it.
  public var taken: [String: Int]

  public init(indices: [Int], intent: Intent, taken: [String: Int] = [:]) {
    self.indices = indices
    self.intent = intent
    self.taken = taken
  }

  /// Whether it takes an address that an earlier one frees: judged against the directory as it is now (No-Op), it may be
  /// refused with 19 though nothing stands against it.
  public var dependsOnEarlier: Bool { !taken.isEmpty }

  /// The stamp that it writes.
  public func stamp(number: String) -> Stamp { Stamp(number: number, index: indices.last ?? 0) }
}

/// What an atomic request comes to on the entries as they stand: all of it, or the first change that can't be. Pure.
public enum AtomicPlan: Sendable {
  case refuse(index: Int, ChangeError)
  /// In the order in which they must be sent: that of their first indices, but one that frees an address comes before the
  /// one that takes it. Undone in the opposite order. `unchanged` are the indices that change nothing, with the entry
  /// (``Plan/unchanged(_:)``); `reused`, by index, the addresses that are given although they are remembered.
  case send([MergedIntent], unchanged: [Int: Entry?], reused: [Int: [String]] = [:])

  /// Plans change after change on the entries as the earlier ones will leave them.
  ///
  /// - Parameters:
  ///   - number: the request's.
  ///   - changes: the request's, judged.
  ///   - department: the form's department.
  ///   - holders: the entries that hold any address that a change names.
  ///   - namesTaken: for a change's index, how many candidates for its new entry's RDN are known to be taken.
  ///   - retired: as for ``Plan``.
  ///   - references: by index, what owner and lists of a change are judged by, all with the same ``References/moved``; `nil`:
  ///     they are not judged.
  public static func make(
    number: String, changes: [Change], department: String, holders: AddressIndex, namesTaken: [Int: Int] = [:],
    retired: [String: RetiredAddress] = [:], references: [References]? = nil, context: PlanContext
  ) -> AtomicPlan {
    var folding = AccountMerge(holders: holders, context: context)
    var moved = MovedAddresses(references?.first?.moved ?? [:])
    for (index, change) in changes.enumerated() {
      var references = references?[index]
      references?.moved = moved.places
      do throws(ChangeError) {
        try folding.fold(change, index: index, namesTaken: namesTaken[index] ?? 0) { holders, namesTaken in
          Plan.make(
            change, department: department, stamp: Stamp(number: number, index: index), holders: holders,
            namesTaken: namesTaken, retired: retired, references: references, context: context)
        }
      } catch {
        return .refuse(index: index, error)
      }
      // What a later change of the request says of lists it says of the new name.
      // Else the next rename would copy the map.
      references = nil
      if let address = change.newAddress?.text { moved.rename(change.address.text, to: address) }
    }
    return folding.plan(number: number)
  }
}

/// What the addresses that accounts may still name are now, while the changes of a request rename them further. A rename costs
/// what leads to the address.
struct MovedAddresses {
  /// By address, what its account goes by now; `nil`: it has gone. As ``References/moved``.
  private(set) var places: [String: String?]
  /// By what an account goes by, the addresses that lead there.
  private var sources: [String: [String]] = [:]

  init(_ places: [String: String?]) {
    self.places = places
    for case (let from, let to?) in places { sources[to, default: []].append(from) }
  }

  mutating func rename(_ old: String, to new: String) {
    let leading = (sources.removeValue(forKey: old) ?? []) + [old]
    for from in leading { places.updateValue(new, forKey: from) }
    // It is an account's own again.
    places[new] = nil
    sources[new, default: []] += leading.filter { $0 != new }
  }
}

extension ChangeError {
  /// The next holder of an address would inherit what names it, for the clock comes between no two changes of a request.
  public static func inherited(_ address: String, namedBy account: String) -> ChangeError {
    ChangeError(
      code: .unwillingToPerform,
      diagnostic: "\(address) goes to another account, and \(account) names it as its owner or list",
      remedy: "write two forms: one that frees the address, and one that gives it")
  }
}
