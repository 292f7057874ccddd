import Forms
import LDAP
import Testing

@testable import Accounts

/// What owner and lists may name.
@Suite struct ReferencesTests {
  private static let holders = AddressIndex([
    Fixture.entry("ana@example.org", [:]), Fixture.entry("vieja@example.org", ["buzonStatus": ["retained"]]),
    Fixture.entry("lista@example.org", ["buzonKind": ["list"]]),
    Fixture.entry(
      "cerrada@example.org", ["buzonKind": ["list"], "buzonStatus": ["retained"]]),
    Fixture.entry("bea@example.org", ["mailLocalAddress": ["bea@example.org", "alias@example.org"]]),
  ])

  private static func judged(
    owner: String? = nil, lists: [String] = [], of entry: Entry? = nil, promised: [String: Kind] = [:]
  ) -> ChangeError? {
    do throws(ChangeError) {
      try Plan.require(
        References(promised: promised), owner: owner.map { Address(known: $0) },
        lists: lists.map { Address(known: $0) }, of: entry, in: holders)
      return nil
    } catch {
      return error
    }
  }

  static let refused: [(owner: String?, list: String?, code: ResultCode, says: String)] = [
    ("nadie@example.org", nil, .noSuchObject, "owner: there is no account nadie@example.org"),
    ("alias@example.org", nil, .noSuchObject, "owner: alias@example.org is an alias of bea@example.org"),
    ("vieja@example.org", nil, .unwillingToPerform, "owner: vieja@example.org is retained"),
    (nil, "nadie@example.org", .noSuchObject, "lists: there is no account nadie@example.org"),
    (nil, "ana@example.org", .constraintViolation, "lists: ana@example.org is no list (kind: person)"),
    (nil, "cerrada@example.org", .unwillingToPerform, "lists: cerrada@example.org is retained"),
  ]

  @Test(arguments: refused.indices) func isRefused(_ index: Int) throws {
    let row = Self.refused[index]
    let error = try #require(Self.judged(owner: row.owner, lists: row.list.map { [$0] } ?? []))
    #expect(error.code == row.code && error.diagnostic.hasPrefix(row.says) && !error.remedy.isEmpty, "\(error)")
    #expect((error.missing != nil) == row.says.contains("there is no account"))
  }

  @Test func toLeaveAListByItsFormerAddressIsRefused() throws {
    let entry = Fixture.entry("ana@example.org", ["buzonList": ["vieja@example.org"]])
    func leaving(_ list: String) -> ChangeError? {
      do throws(ChangeError) {
        try Plan.require(
          References(), owner: nil, lists: [], leaving: [Address(known: list)], of: entry, in: Self.holders)
        return nil
      } catch {
        return error
      }
    }
    #expect(leaving("alias@example.org")?.remedy == "name the account by its primary address, bea@example.org")
    #expect(leaving("vieja@example.org") == nil && leaving("nadie@example.org") == nil)
    #expect(leaving("lista@example.org") == nil)
  }

  @Test func isTaken() {
    #expect(Self.judged(owner: "ana@example.org", lists: ["lista@example.org"]) == nil)
    #expect(Self.judged(owner: "lista@example.org") == nil)
  }

  @Test func whatTheFormCreatesLaterIsThere() {
    let promised: [String: Kind] = ["nueva@example.org": .person, "otra@example.org": .list]
    #expect(Self.judged(owner: "nueva@example.org", lists: ["otra@example.org"], promised: promised) == nil)
    #expect(Self.judged(lists: ["nueva@example.org"], promised: promised)?.code == .constraintViolation)
  }

  /// Other fields of an account can be changed also where its owner has gone.
  @Test func whatTheAccountRefersToAlreadyIsNotJudged() {
    let entry = Fixture.entry(
      "x@example.org", ["buzonOwner": ["Nadie@example.org"], "buzonList": ["ninguna@example.org"]])
    #expect(Self.judged(owner: "nadie@example.org", lists: ["ninguna@example.org"], of: entry) == nil)
  }
}
