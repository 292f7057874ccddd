public import Forms
public import LDAP

/// What an atomic request comes to: one operation for each account it touches, its changes folded into one.
public struct MergedIntent: Sendable, Hashable {
  /// The changes that it carries out, ascending. Its stamp is that of the last.
  public var indices: [Int]
  public var intent: Intent
  /// Whether it takes an address that an earlier one of the same request frees: judged against the directory as it is
  /// now (No-Op), it may be refused with 19 though nothing stands against it.
  public var dependsOnEarlier: Bool

  public init(indices: [Int], intent: Intent, dependsOnEarlier: Bool = false) {
    self.indices = indices
    self.intent = intent
    self.dependsOnEarlier = dependsOnEarlier
  }

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
  ///   - references: by index, what owner and lists of a change are judged by; `nil`: they are not judged.
  public static func make(
    number: String, changes: [Change], department: String, holders: AddressIndex, namesTaken: [Int: Int] = [:],
    retired: [String: RetiredAddress] = [:], references: [References]? = nil, context: PlanContext
  ) -> AtomicPlan {
    var folding = AccountMerge(holders: holders, context: context)
    for (index, change) in changes.enumerated() {
      do throws(ChangeError) {
        try folding.fold(change, index: index, namesTaken: namesTaken[index] ?? 0) { holders, namesTaken in
          Plan.make(
            change, department: department, stamp: Stamp(number: number, index: index), holders: holders,
            namesTaken: namesTaken, retired: retired, references: references?[index], context: context)
        }
      } catch {
        return .refuse(index: index, error)
      }
    }
    return folding.plan(number: number)
  }
}
