import Foundation
import Sandbox
import Support
import Testing

/// The promise of `buzon undo` on a real slapd: whatever requests are carried out on the same accounts, their undos in the
/// opposite order leave the directory as it was.
@Suite("Random requests and their undo")
struct RandomUndoTests {
  @Test("leave the directory as before, value by value")
  func sequences() async throws {
    let site = try Site()
    let place = try site.workplace("undo", .with { $0.more = "policy: {address_memory: 30 d}" })
    let agent = try await place.agent()
    var model = Model()
    var generator = RequestGenerator(seed: Torture.seed &+ 11)
    var number = 0
    func carryOut(_ changes: [Model.Change], isAtomic: Bool) async throws -> String {
      number += 1
      let name = "RU-\(number)"
      model.stamp.number = name
      if isAtomic {
        _ = model.applyAtomically(changes, department: "Salud")
      } else {
        for (index, change) in changes.enumerated() {
          model.stamp.place = index
          model.promise(changes, behind: index)
          _ = model.apply(change, department: "Salud")
        }
      }
      try await place.carryOut(
        form(number: name, department: "Salud", atomic: isAtomic, changes: changes.map(\.yaml)), name)
      return name
    }
    for _ in 0..<25 {
      let (changes, isAtomic) = generator.request(model)
      let some = changes.filter(Self.isReversible)
      if !some.isEmpty { _ = try await carryOut(some, isAtomic: isAtomic) }
    }
    var undone = 0
    for _ in 0..<Torture.count(share: 15, full: 200) {
      let before = try await state(place)
      let kept = model
      var numbers: [String] = []
      for _ in 0..<Int.random(in: 1...4, using: &generator.random) {
        let (changes, isAtomic) = generator.request(model)
        let some = changes.filter(Self.isReversible)
        if !some.isEmpty { numbers.append(try await carryOut(some, isAtomic: isAtomic)) }
      }
      var story = ""
      for number in numbers.reversed() {
        let outcome = try await place.run("undo", number)
        story += "\(outcome.errors)\(outcome.output)"
        // A request that changed nothing has nothing to reverse.
        guard outcome.status == 0 else {
          #expect(outcome.status == 66 && outcome.errors.contains("changed nothing"), "\(number): \(outcome)")
          continue
        }
        undone += 1
        let record = try await place.carryOut(outcome.output, number + "-undo")
        #expect(record["outcome"] == "applied", "\(number): \(outcome.output)\(record)")
        try await purge(place, outcome.output, number + "-purge")
      }
      let after = try await state(place)
      #expect(Set(after.keys) == Set(before.keys), "\(numbers): \(story)")
      for (uuid, image) in before {
        #expect(after[uuid] == image, "\(numbers): \(story)")
      }
      model = kept
    }
    Torture.report("random undos", [("requests undone", undone)])
    #expect(await agent.end() == 0)
  }

  /// Without those whose loss the command reports.
  private static func isReversible(_ change: Model.Change) -> Bool {
    switch change {
    case .reset, .adopt: false
    case .delete(_, let immediately): !immediately
    case .create, .modify: true
    }
  }

  /// What the undo of a create retains goes at once, so that what comes later meets the directory of before.
  private func purge(_ place: Workplace, _ undo: String, _ number: String) async throws {
    let changes = undo.split(separator: "\n").compactMap { line -> String? in
      guard let match = line.firstMatch(of: /delete: \{address: ([^,}]+)/), line.contains("Reversión de") else {
        return nil
      }
      return "delete: {address: \(match.1), immediately: true}"
    }
    // The undo of a modify that brought an account back deletes it as well.
    let created = try changes.filter { change in
      guard let address = change.firstMatch(of: /address: ([^,}]+)/) else { return false }
      let number = number.replacingOccurrences(of: "-purge", with: "")
      return try place.record(number)?["changes"].array.contains {
        $0["operation"] == "create" && $0["outcome"] == "applied" && $0["address"].text == String(address.1)
      } == true
    }
    if !created.isEmpty { try await place.carryOut(form(number: number, changes: created), number) }
  }

  /// By entryUUID, what each entry holds that a form can change, once the clock has nothing to correct.
  private func state(_ place: Workplace) async throws -> [String: [String: [String]]] {
    let passing: Set = [
      "buzonrequest", "entrycsn", "modifytimestamp", "modifiersname", "uid", "buzonretainedsince", "entryuuid",
    ]
    func read() throws -> [String: [String: [String]]] {
      let entries = try place.site.search(filter: "(objectClass=inetOrgPerson)", attributes: ["*", "+"])
      return Dictionary(
        uniqueKeysWithValues: entries.map { entry in
          (entry["entryUUID"][0], entry.values.mapValues { $0.sorted() }.filter { !passing.contains($0.key) })
        })
    }
    var last = try read()
    // What names a renamed account follows by the clock.
    while true {
      let isSettled = try await comesTrue {
        let rows = try SQLite.rows(
          place.state + "/register.sqlite",
          "SELECT count(*) AS open FROM request WHERE state <> 'done' UNION ALL SELECT count(*) FROM reference")
        return rows.allSatisfy { $0["open"]?.integer == 0 }
      }
      #expect(isSettled)
      let next = try read()
      if next == last { return last }
      last = next
    }
  }
}
