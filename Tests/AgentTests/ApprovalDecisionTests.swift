import Configuration
import Installation
import Register
import Testing

@testable import Agent

@Suite("What becomes of a form that must be signed")
struct ApprovalDecisionTests {
  private static let trouble = Trouble(what: "x", remedy: "y")

  struct Row: Sendable {
    var verdict: SignatureVerdict?
    var submitter: Submitter? = Submitter(uid: 1_000, name: "maria")
    var fourEyes: Set<Configuration.Approval.Party> = [.requester, .submitter]
    var decision: ApprovalDecision
  }

  static let rows: [Row] = [
    Row(verdict: nil, decision: .wait),
    Row(verdict: .verified(key: "SHA256:a"), decision: .accept(key: "SHA256:a")),
    Row(verdict: .refused(problem: "p", remedy: "r"), decision: .waitForAnother(problem: "p", remedy: "r")),
    Row(verdict: .unknown(trouble), decision: .waitUnchecked(trouble)),
    // The approver's own form, signed or not.
    Row(verdict: .verified(key: "SHA256:a"), submitter: Submitter(uid: 1, name: "Jefe"), decision: refusal),
    Row(verdict: nil, submitter: Submitter(uid: 1, name: "jefe"), decision: refusal),
    Row(verdict: .unknown(trouble), submitter: Submitter(uid: 1, name: "jefe"), decision: refusal),
    Row(verdict: nil, submitter: Submitter(uid: 1, name: "jefe"), fourEyes: [.requester], decision: .wait),
    // Whose name isn't known is nobody else's.
    Row(verdict: .verified(key: "k"), submitter: Submitter(uid: 1), decision: .accept(key: "k")),
    Row(verdict: .verified(key: "k"), submitter: nil, decision: .accept(key: "k")),
  ]

  private static let refusal = ApprovalDecision.refuse(
    problem: "approval.by: jefe@example.org also submitted it (approval.four_eyes)",
    remedy: "have another user submit it, or have it approved by somebody else")

  @Test(arguments: rows) func decision(_ row: Row) {
    #expect(
      ApprovalDecision(
        approver: "jefe@example.org", submitter: row.submitter, fourEyes: row.fourEyes, verdict: row.verdict)
        == row.decision)
  }
}
