import LDAP
import Providers
import Testing

@Suite("Which failure is tried with the next server")
struct FailoverTests {
  private func refused(_ code: ResultCode, _ operation: String = "simple bind") -> LDAPError {
    .refused(.init(operation: operation, dn: nil, response: Response(code: code)))
  }

  @Test(
    "A bind that is refused for who binds is not: each server would count a failed login",
    arguments: [
      ResultCode.invalidCredentials, .inappropriateAuthentication, .insufficientAccessRights, .unwillingToPerform,
      .constraintViolation, .noSuchObject, .authorizationDenied, ResultCode(rawValue: 12_345),
    ])
  func judged(_ code: ResultCode) {
    #expect(!refused(code).triesNextServer)
    #expect(!refused(code, "SCRAM-SHA-256 bind").triesNextServer)
  }

  @Test(
    "A server that can't judge who binds is passed over",
    arguments: [
      ResultCode.busy, .unavailable, .other, .referral, .authMethodNotSupported, .confidentialityRequired,
      ResultCode(rawValue: 81),
    ])
  func unjudged(_ code: ResultCode) { #expect(refused(code).triesNextServer) }

  @Test("So is one that gives no answer, or no TLS, or that nothing could be sent to")
  func unreachable() {
    for error: LDAPError in [
      .unavailable("down"), .invalid("no CA file"), refused(.unwillingToPerform, "StartTLS"),
      refused(.protocolError, "StartTLS"), tls(.selfSigned), tls(.handshake("x")),
    ] {
      #expect(error.triesNextServer, "\(error)")
    }
  }

  private func tls(_ reason: TLSFailure.Reason) -> LDAPError {
    .tls(TLSFailure(server: "ldaps://a", host: "a", authorities: "/x", reason: reason))
  }

  @Test("What somebody has to correct is tried again seldom; what may pass by itself is not")
  func lasting() {
    for reason: TLSFailure.Reason in [
      .otherHost(["b"]), .expired("2026-01-01"), .notYetValid("2027-01-01"), .selfSigned, .unknownAuthority("x"),
    ] {
      #expect(tls(reason).isLasting, "\(reason)")
    }
    for error in [refused(.invalidCredentials), refused(.protocolError, "StartTLS")] { #expect(error.isLasting) }
    for error: LDAPError in [
      tls(.handshake("x")), tls(.closed(showsCertificate: true)), .unavailable("down"), .outcomeUnknown("lost"),
      refused(.busy),
    ] {
      #expect(!error.isLasting, "\(error)")
    }
  }
}
