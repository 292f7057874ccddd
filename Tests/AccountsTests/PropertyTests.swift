import Accounts
import Forms
import LDAP
import Support
import Testing
import Text

/// Random entries and random modifies: the directory after the planned operation against a model of the account.
@Suite struct PropertyTests {
  @Test func aPlannedModifyMakesWhatTheFormSaysAndIsMinimalAndDoneOnce() throws {
    var random = SeededGenerator(seed: 20_261_122)
    var sent = 0
    var unchanged = 0
    var refused = 0
    for round in 0..<6_000 {
      let entry = RandomAccount.entry(&random)
      let modify = RandomAccount.modify(&random)
      var model = AccountModel(entry)
      let verdict: Result<Void, AccountModel.Refusal>
      do throws(AccountModel.Refusal) {
        try model.apply(modify)
        verdict = .success(())
      } catch {
        verdict = .failure(error)
      }
      let note: Comment = "round \(round)"
      switch (Fixture.plan(.modify(modify), [entry]), verdict) {
      case (.refuse(let error), .failure(let reason)):
        let codes: [AccountModel.Refusal: ResultCode] = [
          .retained: .unwillingToPerform, .kind: .objectClassViolation, .losesMail: .constraintViolation,
        ]
        #expect(error.code == codes[reason], note)
        refused += 1
      case (.unchanged, .success):
        #expect(model == AccountModel(entry), note)
        #expect(entry["mailLocalAddress"].contains { $0.text?.lowercased() == model.texts["address"] }, note)
        unchanged += 1
      case (.send(let intent), .success):
        let after = try SmallDirectory.apply(intent.operation, to: entry).get()
        #expect(AccountModel(after) == model, note)
        #expect(after["mailLocalAddress"].contains { $0.text?.lowercased() == model.texts["address"] }, note)
        #expect(after["buzonRequest"] == [Fixture.stampValue], note)
        try expectMinimal(intent, of: entry, note)
        expectDone(modify, after, note)
        sent += 1
      case (let plan, let verdict):
        Issue.record("plan \(plan), model \(verdict)")
      }
    }
    // No case is rare enough to be missed.
    #expect(sent > 3_000 && unchanged > 60 && refused > 600)
  }

  /// Without any one of its modifications the operation would make something else: none is there for nothing.
  private func expectMinimal(_ intent: Intent, of entry: Entry, _ note: Comment) throws {
    guard case .modify(let dn, let all) = intent.operation else { return }
    // The password's own modifications hang together; PasswordTests are about them.
    if intent.grantsPassword { return }
    let whole = try SmallDirectory.apply(intent.operation, to: entry).get()
    for index in all.indices {
      var fewer = all
      fewer.remove(at: index)
      if case .success(let less) = SmallDirectory.apply(.modify(dn, fewer), to: entry) { #expect(less != whole, note) }
      #expect(all[index].kind == .replace || !all[index].values.isEmpty, note)
    }
  }

  /// The same change on the entry as it is then is nothing (a password is always another one).
  private func expectDone(_ modify: Change.Modify, _ after: Entry, _ note: Comment) {
    var again = modify
    again.address = modify.fields.address ?? modify.address
    // Which addresses a form may take away depends on which is the primary.
    if again.address != modify.address { again.fields.aliases = .init(added: modify.fields.aliases.added) }
    let plan = Fixture.plan(.modify(again), [after])
    #expect(plan.isUnchanged == (modify.reset == nil), note)
  }
}

/// A person's, a functional account's or a list's entry and what a form might say of it. Values are few, so that what is
/// asked is often so already.
enum RandomAccount {
  private static let words: [String] = ["Secretaria", "Jefa", "jefa", "Hacienda", "Jose\u{301}", "José", "Ñáñez"]
  private static let locals = ["ana", "a", "b", "c", "ana.b"]
  private static let primary = "ana@example.org"

  static func entry(_ random: inout SeededGenerator) -> Entry {
    let kind = pick(["person", "person", "functional", "list"], &random)
    let status = pick(["active", "active", "active", "suspended", "retained"], &random)
    var other: [String: [Value]] = ["buzonKind": [Value(kind)], "buzonStatus": [Value(status)]]
    for name in ["title", "ou", "displayName", "employeeNumber", "telephoneNumber"] {
      other[name] = maybe(&random) ? [Value(pick(words, &random))] : []
    }
    other["cn"] = [Value(pick(words, &random))]
    other["buzonOwner"] = kind == "person" && maybe(&random) ? [] : ["b@example.org"]
    other["buzonKeepCopy"] = pick([[], ["TRUE"], ["FALSE"]], &random)
    other["buzonQuota"] = kind == "list" ? [] : [pick(["1073741824", "5368709120"], &random)]
    other["buzonExpires"] = pick([[], ["20261231235959Z"]], &random)
    other["buzonForward"] = some(&random) { Value("\($0)@example.com") }
    other["buzonList"] = some(&random) { Value("\($0)@example.org") }
    other["buzonMember"] = kind == "list" ? some(&random) { Value("\($0)@example.com") } : []
    other["mail"] = [pick([Value(primary), "Ana@Example.org"], &random)]
    var addresses = some(&random) { Value("\($0)@example.org") }.filter { $0 != Value(primary) }
    // Other hands may have left the primary out.
    if random.next() % 8 != 0 { addresses.append(pick([Value(primary), "ANA@example.org"], &random)) }
    other["mailLocalAddress"] = addresses.isEmpty ? [Value(primary)] : addresses
    other["uid"] = pick([["ana"], ["ana", "b"], ["Ana", "ana.b"]], &random)
    if status == "retained" { other["buzonRetainedSince"] = ["20260101000000Z"] }
    if status != "active" { other["pwdAccountLockedTime"] = ["000001010000Z"] }
    if maybe(&random) { other["pwdReset"] = ["TRUE"] }
    return Fixture.entry(primary, other)
  }

  static func modify(_ random: inout SeededGenerator) -> Change.Modify {
    let address = Forms.Address(known: primary)
    if random.next() % 16 == 0 { return .init(address: address, reset: .password) }
    var fields = Change.Fields()
    for _ in 0...random.next() % 4 { name(one: Int(random.next() % 15), in: &fields, &random) }
    return .init(address: address, fields: fields)
  }

  private static func name(one field: Int, in fields: inout Change.Fields, _ random: inout SeededGenerator) {
    switch field {
    case 0: fields.address = Forms.Address(known: pick(locals, &random) + "@example.org")
    case 1: fields.status = pick([.active, .suspended], &random)
    case 2:
      fields.name =
        maybe(&random)
        ? .display(pick(words, &random)) : .person(given: pick(words, &random), family: pick(words, &random))
    case 3: fields.document = setting(pick(words, &random), &random)
    case 4: fields.position = setting(pick(words, &random), &random)
    case 5: fields.department = pick(words, &random)
    case 6: fields.phone = setting(pick(words, &random), &random)
    case 7: fields.owner = setting(Forms.Address(known: pick(locals, &random) + "@example.org"), &random)
    case 8: fields.keepCopy = setting(maybe(&random), &random)
    case 9: fields.quota = setting(ByteCount(known: pick([1 << 30, 5 << 30, 10 << 30], &random)), &random)
    case 10:
      fields.expires = Day(year: 2026, month: 12, day: pick([30, 31], &random)).map { setting($0, &random) } ?? .keep
    case 11: fields.aliases = list(&random) { Forms.Address(known: "\($0)@example.org") }
    case 12: fields.forward = list(&random) { ExternalAddress(known: "\($0)@example.com") }
    case 13: fields.lists = list(&random) { Forms.Address(known: "\($0)@example.org") }
    default: fields.members = list(&random) { ExternalAddress(known: "\($0)@example.com") }
    }
  }

  /// As a form can say it: replaced, or added and removed, and no value both.
  private static func list<T>(_ random: inout SeededGenerator, _ value: (String) -> T) -> Change.ListSetting<T> {
    if random.next() % 3 == 0 { return .init(replacement: some(&random, value)) }
    let chosen = locals.shuffled(using: &random)
    let split = Int(random.next() % 3)
    return .init(added: chosen.prefix(split).map(value), removed: chosen.dropFirst(split).prefix(2).map(value))
  }

  private static func setting<T>(_ value: T, _ random: inout SeededGenerator) -> Change.Setting<T> {
    random.next() % 3 == 0 ? .clear : .set(value)
  }

  private static func maybe(_ random: inout SeededGenerator) -> Bool { random.next() % 2 == 0 }

  private static func pick<T>(_ values: [T], _ random: inout SeededGenerator) -> T {
    values[Int(random.next() % UInt64(values.count))]
  }

  private static func some<T>(_ random: inout SeededGenerator, _ value: (String) -> T) -> [T] {
    locals.shuffled(using: &random).prefix(Int(random.next() % 4)).map(value)
  }
}
