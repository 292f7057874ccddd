import LDAP
import Providers
import Register
import Testing

@testable import Agent

@Suite("Whom the directory takes the agent for")
struct AgentIdentityTests {
  private static let unmapped = "dn:gidNumber=999+uidNumber=999,cn=peercred,cn=external,cn=auth"
  private static let ours = "dn:cn=buzon,ou=services,dc=example,dc=org"

  private func trouble(_ code: ResultCode, _ operation: Operation, as identity: String?) -> (String, String)? {
    let refusal = LDAPError.Refusal(
      operation: operation.name, dn: operation.dn, response: Response(code: code), authorizationID: identity)
    guard case .refused(let trouble, _) = Verdict(.failure(.refused(refusal)), operation: operation, inDoubt: false)
    else { return nil }
    return (trouble.what, trouble.remedy)
  }

  @Test(
    "An identity that no rule maps is named, with the rule that is missing",
    arguments: [
      (ResultCode.insufficientAccessRights, unmapped, true), (.noSuchObject, unmapped, true),
      (.insufficientAccessRights, "", true), (.insufficientAccessRights, ours, false), (.noSuchObject, ours, false),
      (.insufficientAccessRights, nil, false),
    ] as [(ResultCode, String?, Bool)])
  func remedy(code: ResultCode, identity: String?, isStranger: Bool) throws {
    let (what, remedy) = try #require(trouble(code, .add(DN(), []), as: identity))
    if let identity { #expect(what.contains("(as \(identity.isEmpty ? "anonymous" : identity))")) }
    #expect(remedy.contains("olcAuthzRegexp") == isStranger, "\(remedy)")
  }
}
