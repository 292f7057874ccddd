import Forms
import LDAP
import Testing
import Text

@testable import Accounts

/// The form that takes a request back, from what the register keeps of it.
@Suite("Reversing a request") struct RequestReversalTests {
  private static func address(_ name: String) -> Forms.Address { .init(known: "\(name)@example.org") }
  private static let rules = Rules(
    domains: ["example.org"], today: .init(nearest: 20_779))

  private func account(_ name: String, _ other: [String: [Value]] = [:]) -> Entry {
    Fixture.entry("\(name)@example.org", ["entryUUID": [Value("uuid-\(name)")]].merging(other) { $1 })
  }

  private func modify(_ name: String, reuse: Bool = false, _ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: Self.address(name), fields: fields, reuse: reuse))
  }

  /// A directory in which a request was carried out.
  private struct World {
    var holders: AddressIndex
    var entries: [String: Entry]
    var applied: [AppliedChange] = []
    var request: Request

    init(_ entries: [Entry], _ changes: [Change], handover: HandoverState = .none) {
      self.entries = Dictionary(uniqueKeysWithValues: entries.map { ($0.uuid ?? "", $0) })
      holders = AddressIndex(entries)
      request = Request(
        number: "R", department: "Salud", requester: .init(name: "Ana"),
        approval: .init(by: "jefe", date: RequestReversalTests.rules.today), changes: changes)
      for (index, change) in changes.enumerated() {
        let plan = Plan.make(
          change, department: "Salud", stamp: Stamp(number: "R", index: index), holders: holders,
          references: References(), context: Fixture.context)
        guard case .send(let intent) = plan else { continue }
        var uuid = intent.entryUUID ?? ""
        switch intent.operation {
        case .add(let dn, let attributes):
          uuid = "uuid-\(change.address.local)"
          let entry = Entry(dn: dn, attributes: attributes + [Attribute("entryUUID", [Value(uuid)])])
          holders.insert(entry)
          self.entries[uuid] = entry
        case .modify(_, let modifications):
          guard let before = intent.preImage else { continue }
          let after = before.applying(modifications)
          holders.replace(before, with: after)
          self.entries[uuid] = after
        case .delete: self.entries[uuid] = nil
        }
        applied.append(
          AppliedChange(
            index: index, intent: intent, entryUUID: uuid, address: change.address.text, handover: handover))
      }
    }

    func reversal(later: [String: [LaterChange]] = [:]) -> RequestReversal {
      RequestReversal(
        of: request, reason: "undo of R", applied: applied, later: later,
        entries: entries.values.sorted { $0.dn.string < $1.dn.string },
        rules: RequestReversalTests.rules, context: Fixture.context)
    }
  }

  @Test func valuesComeBackKeyByKeyAndChangesOfAnAccountTogether() {
    let ana = account("ana", ["buzonForward": ["a@example.com", "b@example.com"], "telephoneNumber": ["1"]])
    let world = World(
      [ana],
      [
        modify("ana") {
          $0.position = .set("Jefa")
          $0.forward = .init(added: [.init(known: "c@example.com")], removed: [.init(known: "a@example.com")])
        },
        modify("ana") { $0.phone = .clear },
        modify("ana") { $0.forward.removed = [.init(known: "c@example.com")] },
      ])
    let reversal = world.reversal()
    #expect(reversal.lost.isEmpty && reversal.hints.isEmpty)
    #expect(
      reversal.changes == [
        modify("ana") {
          $0.position = .set("Secretaria")
          $0.phone = .set("1")
          $0.forward.added = [.init(known: "a@example.com")]
        }
      ])
  }

  @Test func aRenameGoesBackWithItsAlias() {
    let world = World([account("ana")], [modify("ana") { $0.address = Self.address("lucia") }])
    let reversal = world.reversal()
    #expect(
      reversal.changes == [
        modify("lucia") { $0.address = Self.address("ana") },
        modify("ana") { $0.aliases.removed = [Self.address("lucia")] },
      ])
    #expect(reversal.hints.count == 1 && reversal.hints[0].contains("lucia stays a name to log in by"))
    // Where it was an alias before, it stays one.
    let other = World(
      [account("ana", ["mailLocalAddress": ["ana@example.org", "lucia@example.org"]])],
      [modify("ana") { $0.address = Self.address("lucia") }])
    #expect(other.reversal().changes == [modify("lucia") { $0.address = Self.address("ana") }])
  }

  @Test func whatWasChangedSinceStays() {
    var world = World(
      [account("ana")],
      [
        modify("ana") {
          $0.position = .set("Jefa")
          $0.phone = .set("2")
          $0.quota = .set(.init(known: 1 << 31))
        }
      ])
    world.entries["uuid-ana"]?.put("title", ["Directora"])
    world.entries["uuid-ana"]?.put("telephoneNumber", ["3"])
    let reversal = world.reversal(later: ["uuid-ana": [LaterChange(name: "S#1", keys: ["position"])]])
    #expect(
      reversal.lost == [
        "ana@example.org: position was changed since by S#1; it stays as it is now",
        "ana@example.org: phone was changed since outside Buzón; it stays as it is now",
      ])
    #expect(reversal.changes == [modify("ana") { $0.quota = .set(.init(known: 1 << 30)) }])
  }

  @Test func aCreatedAccountIsDeletedAndGivesUpWhatAnotherHad() {
    let world = World(
      [account("ana", ["mailLocalAddress": ["ana@example.org", "x@example.org"]])],
      [
        modify("ana") { $0.aliases.removed = [Self.address("x")] },
        .create(
          .init(address: Self.address("nuevo"), name: .person(given: "N", family: "N"), aliases: [Self.address("x")])),
        modify("nuevo") { $0.position = .set("Jefe") },
      ], handover: .open)
    let reversal = world.reversal()
    #expect(reversal.lost.isEmpty)
    #expect(
      reversal.changes == [
        modify("nuevo") { $0.aliases.removed = [Self.address("x")] },
        .delete(.init(address: Self.address("nuevo"), reason: "undo of R")),
        modify("ana") { $0.aliases.added = [Self.address("x")] },
      ])
    #expect(reversal.hints.count == 1 && reversal.hints[0].contains("never handed over"))
    let closed = World(
      [], [.create(.init(address: Self.address("nuevo"), name: .person(given: "N", family: "N")))], handover: .closed
    ).reversal()
    #expect(closed.changes.count == 1 && closed.lost.count == 1 && closed.lost[0].contains("its hand-over was closed"))
  }

  @Test func aDeletedAccountComesBack() {
    for status in ["active", "suspended"] {
      let ana = account(
        "ana",
        [
          "buzonStatus": [Value(status)],
          "pwdAccountLockedTime": status == "active" ? [] : ["000001010000Z"],
        ])
      let world = World([ana], [.delete(.init(address: Self.address("ana")))])
      let reversal = world.reversal()
      var expected = [modify("ana") { $0.status = .active }]
      if status == "suspended" { expected.append(modify("ana") { $0.status = .suspended }) }
      #expect(reversal.changes == expected && reversal.lost.isEmpty, "\(reversal)")
    }
  }

  @Test func whatCannotBeReversedIsSaid() {
    let foreign = Fixture.entry(
      "otra@example.org",
      [
        "objectClass": ["inetOrgPerson"], "buzonStatus": [], "buzonKind": [], "buzonRequest": [], "buzonQuota": [],
        "entryUUID": ["uuid-otra"],
      ])
    let world = World(
      [account("ana"), account("beto"), foreign],
      [
        .delete(.init(address: Self.address("ana"), immediately: true)),
        .modify(.init(address: Self.address("beto"), reset: .password)),
        .adopt(.init(address: Self.address("otra"))),
      ])
    let reversal = world.reversal()
    #expect(reversal.changes.isEmpty && reversal.lost.count == 3, "\(reversal.lost)")
    for (line, words) in zip(reversal.lost, ["deleted at once", "password was reset", "was adopted"]) {
      #expect(line.contains(words), "\(line)")
    }
    var restored = world
    restored.applied = [
      AppliedChange(index: 0, intent: nil, entryUUID: "uuid-beto", address: "beto@example.org", handover: .none)
    ]
    #expect(restored.reversal().lost.first?.contains("restored from a backup") == true)
    var gone = World([account("ana")], [modify("ana") { $0.position = .set("X") }])
    gone.entries = [:]
    #expect(gone.reversal().changes.isEmpty && gone.reversal().lost.first?.contains("has gone since") == true)
  }

  @Test func whatOnlyFollowedARenameIsLeft() {
    let ana = account("ana", ["buzonOwner": ["old@example.org"]])
    var world = World([ana, account("new")], [])
    var after = ana
    after.put("buzonOwner", ["new@example.org"])
    after.put("title", ["Jefa"])
    let change = modify("ana") { $0.position = .set("Jefa") }
    world.request.changes = [change]
    world.entries["uuid-ana"] = after
    world.applied = [
      AppliedChange(
        index: 0,
        intent: Intent(
          operation: .modify(
            ana.dn, [.replace("title", ["Jefa"]), .replace("buzonOwner", ["new@example.org"])]),
          entryUUID: "uuid-ana", preImage: ana), entryUUID: "uuid-ana", address: "ana@example.org", handover: .none)
    ]
    #expect(world.reversal().changes == [modify("ana") { $0.position = .set("Secretaria") }])
  }
}
