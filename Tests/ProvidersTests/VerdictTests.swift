import Accounts
import LDAP
import Testing

@testable import Providers

@Suite("What an answer means")
struct VerdictTests {
  private static let add = Operation.add(DN(), [])
  private static let modify = Operation.modify(DN(), [])

  private func verdict(_ code: ResultCode, _ operation: Operation, inDoubt: Bool = false, diagnostic: String = "")
    -> String
  {
    let refusal = LDAPError.Refusal(
      operation: operation.name, dn: operation.dn, response: Response(code: code, diagnostic: diagnostic))
    switch Verdict(.failure(.refused(refusal)), operation: operation, inDoubt: inDoubt) {
    case .applied: return "applied"
    case .guarded: return "guarded"
    case .failed: return "failed"
    case .refused: return "refused"
    case .lost: return "lost"
    }
  }

  @Test(
    "Every result code has its meaning",
    arguments: [
      (ResultCode.assertionFailed, "guarded"), (.entryAlreadyExists, "guarded"), (.constraintViolation, "guarded"),
      (.noSuchAttribute, "guarded"), (.attributeOrValueExists, "guarded"), (.undefinedAttributeType, "refused"),
      (.invalidCredentials, "refused"), (.strongerAuthRequired, "refused"), (.confidentialityRequired, "refused"),
      (.insufficientAccessRights, "refused"), (.busy, "refused"), (.unavailable, "refused"), (.other, "refused"),
      (.unwillingToPerform, "refused"), (.referral, "refused"), (.adminLimitExceeded, "refused"),
      (.unavailableCriticalExtension, "refused"), (.protocolError, "refused"), (.objectClassViolation, "failed"),
      (.invalidAttributeSyntax, "failed"), (.namingViolation, "failed"), (ResultCode(rawValue: 4_711), "failed"),
    ])
  func codes(code: ResultCode, meaning: String) {
    #expect(verdict(code, Self.add) == meaning)
  }

  @Test("No such object: for an add the container is missing, for the others the entry")
  func noSuchObject() {
    #expect(verdict(.noSuchObject, Self.add) == "refused")
    #expect(verdict(.noSuchObject, Self.modify) == "guarded")
  }

  @Test("An object class that the directory doesn't know is a missing schema, no fault of the request")
  func missingSchema() {
    #expect(
      verdict(.invalidAttributeSyntax, Self.add, diagnostic: "objectClass: value #2 invalid per syntax") == "refused")
  }

  @Test("What was sent before is never failed by a refusal alone: it may have been applied")
  func resent() {
    #expect(verdict(.objectClassViolation, Self.add, inDoubt: true) == "guarded")
  }

  @Test("What has no answer is lost, whether it was sent or not: the same operation is sent again")
  func connection() {
    let tls = TLSFailure(server: "ldaps://a", host: "a", authorities: "/x", reason: .selfSigned)
    for error in [LDAPError.outcomeUnknown("lost"), .unavailable("down"), .tls(tls)] {
      guard case .lost = Verdict(.failure(error), operation: Self.add, inDoubt: false) else {
        Issue.record("\(error) isn't lost")
        continue
      }
    }
  }
}
