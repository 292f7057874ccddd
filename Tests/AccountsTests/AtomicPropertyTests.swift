import Accounts
import Forms
import LDAP
import Support
import Testing

/// Random atomic requests: folded they make what their changes make one after the other, and undone from any point they
/// leave what was there.
@Suite struct AtomicPropertyTests {
  @Test func foldedIsTheSameAsOneAfterTheOtherAndUndoneIsAsBefore() throws {
    var random = SeededGenerator(seed: 20_261_122)
    var seen = (sent: 0, refused: 0, dependent: 0, cycles: 0, undone: 0)
    for round in 0..<500 {
      let note: Comment = "round \(round)"
      let tree = RandomRequest.tree(&random)
      let (changes, sequential) = request(on: tree, &random)
      switch (atomic(changes, on: tree), sequential) {
      case (.refuse(let index, let error), .failure(let refusal)):
        #expect(index == refusal.index && error == refusal.error, note)
        seen.refused += 1
      case (.refuse(_, let error), .success):
        #expect(error.diagnostic.contains("exchange addresses"), note)
        seen.cycles += 1
      case (.send(let intents, let unchanged, _), .success(let wanted)):
        #expect((intents.flatMap(\.indices) + unchanged.keys).sorted() == Array(changes.indices), note)
        var after = tree
        for intent in intents {
          var alone = tree
          if let code = alone.perform(intent.intent) {
            #expect(intent.dependsOnEarlier && code == .constraintViolation, note)
          }
          #expect(after.perform(intent.intent) == nil, note)
          let entry = after.entries[intent.intent.operation.dn.string]
          #expect(entry.map { Intent.wasApplied(intent.stamp(number: "A"), to: $0) } == true, note)
          if intent.dependsOnEarlier { seen.dependent += 1 }
        }
        #expect(after.contents(foldingCase: true) == wanted.contents(foldingCase: true), note)
        seen.sent += 1
        let applied = intents.isEmpty ? 0 : Int(random.next() % UInt64(intents.count + 1))
        seen.undone += applied
        expectUndone(intents, applied: applied, on: tree, note)
      case (.send, .failure(let refusal)):
        Issue.record("sent, though one after the other \(refusal)")
      }
    }
    // No case is rare enough to be missed.
    #expect(seen.sent > 150 && seen.refused > 150 && seen.undone > 150, "\(seen)")
    #expect(seen.dependent > 30 && seen.cycles > 5, "\(seen)")
  }

  /// A form of up to eight changes that can be carried out, but for the last one, which is any.
  private func request(on tree: SmallTree, _ random: inout SeededGenerator) -> ([Change], Result<SmallTree, Refusal>) {
    var changes: [Change] = []
    var after = tree
    let wanted = Int(random.next() % 8)
    for _ in 0..<20 where changes.count < wanted {
      let some = random.next() % 2 == 0 ? RandomRequest.moves(on: after, &random) : [RandomRequest.change(&random)]
      for change in some {
        guard case .success(let next) = carriedOut(change, index: changes.count, on: after) else { break }
        changes.append(change)
        after = next
      }
    }
    let last = RandomRequest.change(&random)
    return (changes + [last], carriedOut(last, index: changes.count, on: after))
  }

  private struct Refusal: Error {
    var index: Int
    var error: ChangeError
  }

  /// What a change makes of a directory where it is planned and sent by itself.
  private func carriedOut(_ change: Change, index: Int, on tree: SmallTree) -> Result<SmallTree, Refusal> {
    var tree = tree
    for namesTaken in 0..<10 {
      let plan = Plan.make(
        change, department: "Salud", stamp: Stamp(number: "A", index: index), holders: tree.holders,
        namesTaken: namesTaken, context: Fixture.context)
      switch plan {
      case .unchanged: return .success(tree)
      case .refuse(let error): return .failure(Refusal(index: index, error: error))
      case .send(let intent):
        guard let code = tree.perform(intent) else { return .success(tree) }
        #expect(code == .entryAlreadyExists)
      }
    }
    Issue.record("no name is free")
    return .success(tree)
  }

  /// As the agent does it: names that the directory has already are counted and planned around.
  private func atomic(_ changes: [Change], on tree: SmallTree) -> AtomicPlan {
    var namesTaken: [Int: Int] = [:]
    while true {
      let plan = AtomicPlan.make(
        number: "A", changes: changes, department: "Salud", holders: tree.holders, namesTaken: namesTaken,
        context: Fixture.context)
      guard case .send(let intents, _, _) = plan else { return plan }
      let taken = intents.filter { intent in
        if case .add(let dn, _) = intent.intent.operation { tree.entries[dn.string] != nil } else { false }
      }
      if taken.isEmpty { return plan }
      for intent in taken { namesTaken[intent.indices[0], default: 0] += 1 }
    }
  }

  private func expectUndone(_ intents: [MergedIntent], applied: Int, on before: SmallTree, _ note: Comment) {
    var tree = before
    for intent in intents.prefix(applied) { _ = tree.perform(intent.intent) }
    // Twice: the second time there is nothing to do.
    for pass in 0..<2 {
      for intent in intents.reversed() {
        let entry = tree.entries[intent.intent.operation.dn.string]
        switch Undo.plan(intent.intent, stamp: intent.stamp(number: "A"), entry: entry) {
        case .nothing: break
        case .send(let back):
          #expect(pass == 0, note)
          #expect(tree.perform(back) == nil, note)
          // What was sent long ago and comes late is refused.
          var late = tree
          if intent.intent.stampRead != nil { #expect(late.perform(intent.intent) == .assertionFailed, note) }
        case .impossible(let error): Issue.record("\(error)")
        }
      }
    }
    #expect(tree.contents(foldingCase: false) == before.contents(foldingCase: false), note)
  }
}
