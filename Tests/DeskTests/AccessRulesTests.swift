import Testing

@testable import Desk

@Suite("Our access rules among those of a database")
struct AccessRulesTests {
  private static let ours = ["to a by x write by * none", "to b by self read by * none", "to c by x read by * break"]

  @Test(
    "are judged by their places",
    arguments: [
      (ours, .none), (ours + ["to * by * read"], .none), (["to * by root manage by * break"] + ours, .none),
      (["to * by * read"] + ours, .mixed), ([], .missing), (["to * by * read"], .missing),
      ([ours[0], "to c by x write by * break", "to * by * read"], .other(0..<2)),
      ([ours[0], ours[1], "to d by x read by * break"], .other(0..<3)),
      ([ours[0], "to * by * read", ours[2]], .mixed),
    ] as [([String], AccessRules.Difference)])
  func places(present: [String], difference: AccessRules.Difference) {
    #expect(AccessRules(ours: Self.ours, present: present, agent: "by x ").difference == difference)
  }
}
