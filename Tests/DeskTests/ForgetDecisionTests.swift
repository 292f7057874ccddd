import Register
import Testing

@testable import Desk

/// Who may be forgotten.
@Suite("Whether an account may be forgotten")
struct ForgetDecisionTests {
  private static let day: Int64 = 86_400_000
  private static let now: Int64 = 1_000 * day
  private static let before = ForgottenAddress(at: 5, by: "root", because: "x", until: nil)

  private static func account(_ uuid: String, isThere: Bool = false, gone: Int64?, open: String? = nil)
    -> ForgettableAccounts.Account
  {
    .init(entryUUID: uuid, address: "\(uuid)@example.org", isThere: isThere, gone: gone, open: open)
  }

  private static func lost(_ index: Int, at: Int64) -> ForgettableAccounts.Lost {
    .init(id: ChangeID(request: 9, index: index), at: at)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var accounts: [ForgettableAccounts.Account] = []
    var lost: [ForgettableAccounts.Lost] = []
    var forgotten: [ForgottenAddress] = []
    var present: Set<String> = []
    var expected: ForgetDecision
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "nothing is known", expected: .refused(.unknown)),
    Row(
      name: "it went exactly so long ago", accounts: [account("a", gone: now - 30 * day)],
      expected: .forget(entries: ["a"], lost: [], others: [])),
    Row(
      name: "a millisecond less", accounts: [account("a", gone: now - 30 * day + 1)],
      expected: .refused(.tooEarly(until: now + 1))),
    Row(
      name: "the mirror has it", accounts: [account("a", isThere: true, gone: 0)],
      expected: .refused(.isThere(address: "a@example.org"))),
    Row(
      name: "the directory has it, and the mirror doesn't", accounts: [account("a", gone: 0)], present: ["a"],
      expected: .refused(.isThere(address: "a@example.org"))),
    Row(
      name: "a request about it isn't done", accounts: [account("a", gone: 0, open: "N-1")],
      expected: .refused(.isOpen(number: "N-1"))),
    Row(name: "nobody knows when it went", accounts: [account("a", gone: nil)], expected: .refused(.undated)),
    Row(
      name: "an earlier holder went long ago, the present one stays",
      accounts: [account("a", gone: 0), account("b", isThere: true, gone: 1)], lost: [lost(0, at: 0)],
      expected: .forget(entries: ["a"], lost: [], others: [.isThere(address: "b@example.org")])),
    Row(
      name: "two holders, one of them too early", accounts: [account("a", gone: 0), account("b", gone: now)],
      expected: .forget(entries: ["a"], lost: [], others: [.tooEarly(until: now + 30 * day)])),
    Row(
      name: "only what reached no account", lost: [lost(0, at: 0), lost(1, at: now)],
      expected: .forget(
        entries: [], lost: [ChangeID(request: 9, index: 0)], others: [.tooEarly(until: now + 30 * day)])),
    Row(
      name: "forgotten before", forgotten: [before], expected: .refused(.forgotten(before))),
    Row(
      name: "forgotten before, and somebody new has it", accounts: [account("b", isThere: true, gone: nil)],
      forgotten: [before], expected: .refused(.isThere(address: "b@example.org"))),
  ]

  @Test("each case", arguments: rows)
  func decides(_ row: Row) {
    var found = ForgettableAccounts()
    found.accounts = row.accounts
    found.lost = row.lost
    found.forgotten = row.forgotten
    let decision = ForgetDecision(found, present: row.present, archive: 30 * 86_400, now: Self.now)
    #expect(decision == row.expected)
  }

  @Test(
    "Numbers as ranges and back",
    arguments: [
      ([], ""), ([7], "7"), ([3, 1, 2], "1-3"), ([1, 3, 4, 5, 9], "1,3-5,9"), ([2, 2], "2"),
    ] as [([Int64], String)])
  func ranges(_ numbers: [Int64], _ text: String) {
    #expect(Ranges(numbers).text == text)
    guard !text.isEmpty else { return }
    let read = Ranges(text)
    #expect(read == Ranges(numbers))
    #expect(numbers.allSatisfy { read?.contains($0) == true } && read?.contains(6) == false)
  }

  @Test("What is no ranges", arguments: ["", "a", "1-", "3-1", "1,,2", "1-2-3"])
  func noRanges(_ text: String) { #expect(Ranges(text) == nil) }
}
