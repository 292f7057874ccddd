import Accounts
import Register
import Testing

@Suite struct MirrorTests {
  /// Settles one change of a new request that leaves the mirror so.
  private func settle(_ test: TestRegister, _ mirror: SettledChange.Mirror, _ handover: HandoverState = .none)
    async throws
  {
    let number = "n\(try test.register.openRequests()[.ready] ?? 0)"
    let id = try await test.accept(number)[0]
    _ = try await test.register.settle(
      [Sample.settled(id, number, Sample.result(0, handover: handover), mirror: mirror)], completed: [], at: 1
    ).value()
  }

  private func accounts(_ register: Register) throws -> [MirroredAccount] {
    var all: [MirroredAccount] = []
    try register.forEachAccount { all.append($0) }
    return all
  }

  @Test func anAccountComesBackWhole() async throws {
    let test = try TestRegister()
    let full = Account(
      entryUUID: "u-1", dn: "uid=ana,ou=gente\\, ñ,dc=example", address: "ana@example.org",
      aliases: ["a@example.org", "\u{301}b@example.org"], kind: "functional", name: "Jose\u{301} «ñ»\n2",
      department: "Salud",
      position: "Jefa", status: "retained", quota: .max, owner: "jefe@example.org",
      lists: ["l@example.org", "m@example.org"],
      created: -1, changed: 1_795_345_523, entryCSN: "20261122110000.000001Z#000000#000#000000")
    let bare = Sample.account("b-bare@example.org")
    try await settle(test, .put(full), .open)
    try await settle(test, .put(bare))
    let (_, after) = try test.image()
    for register in [test.register, after] {
      let read = try accounts(register)
      #expect(read.map(\.account) == [full, bare])
      #expect(read.first?.account.aliases.count == 2)
      #expect(read.first?.account.name.utf8.elementsEqual(full.name.utf8) == true)
      #expect(read.map(\.handover) == [.open, .none])
      #expect(try register.accountCount() == 2)
    }
  }

  @Test func aLaterImageTakesTheEarliersPlace() async throws {
    let test = try TestRegister()
    try await settle(
      test, .put(Sample.account("ana@example.org", uuid: "u", aliases: ["a@example.org"], lists: ["l@example.org"])))
    let renamed = Sample.account("zoe@example.org", uuid: "u", aliases: ["ana@example.org"])
    try await settle(test, .put(renamed))
    #expect(try accounts(test.register).map(\.account) == [renamed])
    #expect(
      try test.register.companions(of: ["a@example.org", "zoe@example.org"]).keys.sorted() == ["zoe@example.org"])
  }

  @Test(arguments: [HandoverState.open, .delivered, .closed, .expired]) func aChangeWithoutAPasswordKeepsTheHandover(
    _ handover: HandoverState
  ) async throws {
    let test = try TestRegister()
    let account = Sample.account("ana@example.org")
    try await settle(test, .put(account), handover)
    try await settle(test, .put(account), .none)
    #expect(try accounts(test.register).map(\.handover) == [handover])
    try await settle(test, .put(account), .open)
    #expect(try accounts(test.register).map(\.handover) == [.open])
  }

  @Test func aRemovedAccountTakesItsAddressesWithIt() async throws {
    let test = try TestRegister()
    try await settle(test, .put(Sample.account("ana@example.org", uuid: "u", aliases: ["a@example.org"])))
    try await settle(test, .put(Sample.account("eva@example.org", uuid: "v", aliases: ["e@example.org"])))
    try await settle(test, .remove(entryUUID: "u"))
    #expect(try accounts(test.register).map(\.account.address) == ["eva@example.org"])
    #expect(
      try test.register.companions(of: ["ana@example.org", "a@example.org", "eva@example.org"]).keys.sorted() == [
        "eva@example.org"
      ])
    try await settle(test, .remove(entryUUID: "never there"))
    #expect(try test.register.accountCount() == 1)
  }

  @Test func companionsAreTheAddressesOfTheSameAccount() async throws {
    let test = try TestRegister()
    try await settle(
      test, .put(Sample.account("ana@example.org", uuid: "u", aliases: ["a@example.org", "b@example.org"])))
    try await settle(test, .put(Sample.account("eva@example.org", uuid: "v")))
    let companions = try test.register.companions(of: [
      "a@example.org", "ana@example.org", "eva@example.org", "none@example.org",
    ])
    #expect(companions.keys.sorted() == ["a@example.org", "ana@example.org"])
    for all in companions.values { #expect(all.sorted() == ["a@example.org", "ana@example.org", "b@example.org"]) }
    #expect(try test.register.companions(of: []).isEmpty)
  }

  @Test func anAddressThatMovesBelongsToItsNewAccount() async throws {
    let test = try TestRegister()
    try await settle(
      test, .put(Sample.account("ana@example.org", uuid: "u", aliases: ["shared@example.org", "a@example.org"])))
    try await settle(test, .put(Sample.account("eva@example.org", uuid: "v", aliases: ["shared@example.org"])))
    let companions = try test.register.companions(of: ["shared@example.org", "ana@example.org"])
    #expect(companions["shared@example.org"]?.sorted() == ["eva@example.org", "shared@example.org"])
    #expect(companions["ana@example.org"]?.sorted() == ["a@example.org", "ana@example.org"])
  }

  @Test func aCreatedAccountTakesThePlaceOfOneThatOtherHandsRemoved() async throws {
    let test = try TestRegister()
    try await settle(test, .put(Sample.account("ana@example.org", uuid: "gone")))
    try await settle(test, .put(Sample.account("eva@example.org", uuid: "v")))
    let id = try await test.accept("new")[0]
    let new = Sample.account("ana@example.org", uuid: "new")
    var result = Sample.result()
    result.operation = "create"
    _ = try await test.register.settle([Sample.settled(id, "new", result, mirror: .put(new))], completed: [], at: 1)
      .value()
    #expect(try accounts(test.register).map(\.account.entryUUID) == ["new", "v"])
  }

  @Test func theListIsInTheOrderOfTheAddressesBytes() async throws {
    let test = try TestRegister()
    for address in ["b@example.org", "a.z@example.org", "a-z@example.org", "a@example.org", "_@example.org"] {
      try await settle(test, .put(Sample.account(address)))
    }
    #expect(
      try accounts(test.register).map(\.account.address)
        == ["_@example.org", "a-z@example.org", "a.z@example.org", "a@example.org", "b@example.org"])
  }

  @Test func theListIsOneSnapshotWhateverIsWrittenMeanwhile() async throws {
    let test = try TestRegister()
    let register = test.register
    let ids = try await test.accept("x", changes: 100)
    func put(_ index: Int) -> Register.Commit<[Settlement]> {
      register.settle(
        [Sample.settled(ids[0], "x", Sample.result(index), mirror: .put(Sample.account("\(index)@example.org")))],
        completed: [], at: 1)
    }
    for index in 0..<50 { _ = try await put(index).value() }
    var count = 0
    try register.forEachAccount { _ in
      _ = put(50 + count)
      count += 1
    }
    #expect(count == 50)
    _ = try await put(0).value()
    #expect(try register.accountCount() == 100)
  }
}
