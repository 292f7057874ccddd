package import Accounts
package import LDAP
package import Register

/// Where the reason of a refusal lies, as far as its code shows.
package enum Fault: Sendable {
  /// In this entry alone, where others can be had.
  case entry
  /// In the directory or its configuration: it is the same for all.
  case directory
  /// In either.
  case unclear
  /// In another account, which the clock is to correct first.
  case clock
  /// In the server, which takes no writes: another one may.
  case server
  /// In the server, which shows an account as it was before.
  case lag

  /// No server's codes but what a proxy hands on: its own library's word (ldap.h) that it can't reach its server.
  package static let ofClients: ClosedRange<Int32> = 81...91
}

/// What an answer of the directory to a guarded operation means. Pure: decided here, acted upon by the applier.
package enum Verdict {
  /// Applied now.
  case applied(Response)
  /// Refused by a guard: the operation may have been applied when it was sent before, so the entry's stamp decides; where
  /// that isn't ours, the change is planned again from a fresh read. Told as this error where planning again is no use.
  case guarded(ChangeError)
  /// The directory will never apply it.
  case failed(ChangeError)
  /// Refused, and no fault of the change. Not applied by this sending.
  case refused(Trouble, Fault)
  /// No answer came, or it could not be sent. The same operation is sent again.
  case lost(Trouble)

  package init(_ result: Result<Response, LDAPError>, operation: Operation, inDoubt: Bool) {
    switch result {
    case .success(let response): self = .applied(response)
    case .failure(let error):
      switch error {
      case .refused(let refusal): self = Self.judge(refusal, operation, inDoubt: inDoubt)
      case .outcomeUnknown, .unavailable, .tls:
        self = .lost(Trouble(what: "\(error)", remedy: "check that the directory runs; the queue continues by itself"))
      case .invalid:
        self = .failed(
          ChangeError(code: .other, diagnostic: "\(error)", remedy: "report this: the plan made no valid operation"))
      }
    }
  }

  private static func judge(_ refusal: LDAPError.Refusal, _ operation: Operation, inDoubt: Bool) -> Verdict {
    let response = refusal.response
    let code = response.code
    func error(_ remedy: String) -> ChangeError {
      ChangeError(code: code, diagnostic: response.diagnostic, remedy: remedy)
    }
    func trouble(_ remedy: String, _ fault: Fault = .directory) -> Verdict {
      .refused(Trouble(what: "\(LDAPError.refused(refusal))", remedy: remedy), fault)
    }
    let isAdd = if case .add = operation { true } else { false }
    switch code {
    case .assertionFailed where response.diagnostic.contains("unique_search"):
      return trouble("let olcUniqueURI search below directory.accounts (buzon init --yes)")
    case .assertionFailed, .entryAlreadyExists, .noSuchAttribute, .attributeOrValueExists:
      return .guarded(error("check the entry, then submit the change again under a new number"))
    case .noSuchObject:
      if isAdd, refusal.isStranger { return trouble(refusal.accessRemedy) }
      if isAdd { return trouble("make the container of the accounts (directory.accounts)") }
      return .guarded(error("check the address against the corporate account list (buzon accounts)"))
    case .constraintViolation where response.passwordPolicy?.error != nil && !inDoubt:
      return trouble(
        "let the directory's password policy accept the passwords that policy.password makes; of hashes (policy.password.hash: "
          + "yescrypt) it can't check the quality: set pwdCheckQuality to 1, or the hash to directory")
    case .constraintViolation:
      return .guarded(error("the address may belong to another entry; choose another or free it first"))
    // Our own class or attribute, as an older schema has it.
    case .objectClassViolation where response.diagnostic.contains("'buzon"):
      return trouble(
        "load schema/buzon.ldif of this version into the directory (buzon init --yes)", .unclear)
    case .undefinedAttributeType:
      return trouble("load schema/buzon.ldif into the directory")
    case .invalidAttributeSyntax where response.diagnostic.lowercased().hasPrefix("objectclass"):
      return trouble("load schema/buzon.ldif into the directory")
    case .authorizationDenied, .invalidCredentials, .strongerAuthRequired, .confidentialityRequired,
      .inappropriateAuthentication,
      .authMethodNotSupported:
      return trouble("check directory.bind in the configuration against the directory")
    // Access is right, and the policy refuses all the same (slapo-ppolicy(5), pwdSafeModify): a reset knows no old password.
    case .insufficientAccessRights where response.passwordPolicy?.error == .mustSupplyOldPassword:
      return trouble(
        "set pwdSafeModify to FALSE in the directory's password policy (buzon init --yes)", .entry)
    case .insufficientAccessRights:
      return trouble(refusal.accessRemedy, .entry)
    case .timeLimitExceeded, .sizeLimitExceeded, .adminLimitExceeded:
      return trouble("give the agent the limits of config/slapd (buzon init)")
    case .unwillingToPerform where refusal.takesNoWrites:
      return trouble("let that server take writes (olcReadOnly), or name one that does in directory.uris", .server)
    case .busy, .unavailable, .other, .unwillingToPerform, .loopDetect, .saslBindInProgress, .canceled:
      return trouble("check the directory's log; the queue continues by itself", .unclear)
    case .aliasProblem where isAdd:
      return trouble("name the container itself in directory.accounts, not an alias of it")
    case _ where Fault.ofClients.contains(code.rawValue):
      return trouble(
        "check the log of the proxy between the agent and the directory; the queue continues by itself", .unclear)
    case .referral:
      return trouble("name the provider, not a replica, in directory.uris", .server)
    case .protocolError, .operationsError:
      return trouble("run buzon doctor, and see the directory's log", .unclear)
    case .unavailableCriticalExtension:
      return trouble("the directory lacks something the agent needs: run buzon doctor")
    default:
      // An overlay that looks before the guard does may refuse what was applied when it was sent first.
      return inDoubt ? .guarded(error("see the diagnostic")) : .failed(error("see the diagnostic of the directory"))
    }
  }
}
