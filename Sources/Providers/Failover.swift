package import LDAP

extension LDAPError {
  /// Whether the next server of `directory.uris` is tried after one that no connection could be opened to: one policy for
  /// daemon and commands. Pure.
  ///
  /// | what happened | next server |
  /// |---|---|
  /// | no answer, no TLS, nothing could be sent | yes |
  /// | StartTLS refused | yes: nobody was judged |
  /// | the server can't judge who binds: busy, a referral, another mechanism only | yes |
  /// | the bind was refused otherwise (49 and the like) | no |
  ///
  /// A refused bind is refused by the others too, and each of them counts it as a failed login: to try all of them locks
  /// the account as many times as fast (slapo-ppolicy(5), `pwdMaxFailure`).
  package var triesNextServer: Bool {
    guard case .refused(let refusal) = self, refusal.operation.hasSuffix(" bind") else { return true }
    return Self.unjudged.contains(refusal.response.code)
      // A proxy's own library can't reach its server (ldap.h).
      || (81...91).contains(refusal.response.code.rawValue)
  }

  /// Whether waiting alone never helps: somebody has to correct it. It is tried again as seldom as `longest_retry` lets it.
  package var isLasting: Bool {
    switch self {
    case .tls(let failure): failure.isOfCertificate
    case .refused(let refusal): !triesNextServer || refusal.operation == "StartTLS"
    case .invalid, .unavailable, .outcomeUnknown: false
    }
  }

  /// Answers to a bind that say nothing of who binds.
  private static let unjudged: Set<ResultCode> = [
    .operationsError, .protocolError, .timeLimitExceeded, .authMethodNotSupported, .strongerAuthRequired, .referral,
    .adminLimitExceeded, .unavailableCriticalExtension, .confidentialityRequired, .busy, .unavailable, .loopDetect,
    .other,
  ]
}
