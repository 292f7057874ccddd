import Forms
import LDAP
import Testing

@testable import Accounts

/// A modify never leaves mail neither kept nor forwarded, in whichever way that would come about.
@Suite struct LostMailTests {
  private static let forward = Change.Fields.forwarding("a@example.com")
  private static let kept: [String: [Value]] = ["buzonForward": ["a@example.com"], "buzonKeepCopy": ["TRUE"]]
  private static let passed: [String: [Value]] = ["buzonForward": ["a@example.com"], "buzonKeepCopy": ["FALSE"]]

  static let losing: [(String, [String: [Value]], @Sendable (inout Change.Fields) -> Void)] = [
    ("nothing is kept, and there is no forward", [:], { $0.keepCopy = .set(false) }),
    ("the only forward is removed", passed, { $0.forward.removed = [.init(known: "a@example.com")] }),
    ("the forwards are replaced by none", passed, { $0.forward.replacement = [] }),
    (
      "both at once", kept,
      {
        $0.keepCopy = .set(false)
        $0.forward.removed = [.init(known: "a@example.com")]
      }
    ),
  ]

  @Test(arguments: losing.indices) func isRefused(_ index: Int) throws {
    let (name, entry, change) = Self.losing[index]
    let error = try #require(Fixture.modify([Fixture.entry("ana@example.org", entry)], change).error)
    #expect(error.code == .constraintViolation && error.diagnostic.contains("neither kept nor forwarded"), "\(name)")
  }

  static let keeping: [(String, [String: [Value]], @Sendable (inout Change.Fields) -> Void)] = [
    ("a forward comes with it", [:], { ($0.keepCopy, $0.forward) = (.set(false), forward) }),
    (
      "the forward goes, and mail is kept again", passed,
      { ($0.keepCopy, $0.forward) = (.clear, .init(replacement: [])) }
    ),
    ("another forward takes its place", passed, { $0.forward.replacement = [.init(known: "b@example.com")] }),
    ("it was so before, and something else is asked for", ["buzonKeepCopy": ["FALSE"]], { $0.position = .set("Jefa") }),
  ]

  @Test(arguments: keeping.indices) func isPlanned(_ index: Int) {
    let (name, entry, change) = Self.keeping[index]
    #expect(Fixture.modify([Fixture.entry("ana@example.org", entry)], change).intent != nil, "\(name)")
  }
}

extension Change.Fields {
  fileprivate static func forwarding(_ address: String) -> Change.ListSetting<ExternalAddress> {
    .init(added: [ExternalAddress(known: address)])
  }
}
