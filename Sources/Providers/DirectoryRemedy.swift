package import Configuration
package import LDAP

extension LDAPError {
  /// What helps against an error of the directory, whichever part of the agent met it: one source for queue, mirror, log
  /// and status. Pure.
  ///
  /// | what happened | what is to be checked |
  /// |---|---|
  /// | no answer | slapd |
  /// | no ticket of Kerberos | keytab, KDC |
  /// | a certificate of another host | `directory.uris`, the certificate |
  /// | a certificate out of date | the certificate, or the clock |
  /// | a certificate that nobody vouches for | `directory.tls.ca_file` |
  /// | no handshake, StartTLS refused | the server's TLS, `directory.tls` |
  /// | the end of the connection behind the handshake | `directory.tls.certificate_file` |
  /// | a password that can't be read, a refused bind | `directory.bind` |
  /// | an identity that no rule maps | `olcAuthzRegexp` |
  /// | a read that was refused | the agent's access rights and limits |
  package func remedy(for directory: Configuration.Directory) -> String {
    let server = server(of: directory)
    switch self {
    case .unavailable(let reason) where reason.hasPrefix(Self.passwordFile):
      return "let the agent's user read that file, which directory.bind names (chown, chmod 600)"
    case .unavailable(let reason) where reason.contains(": GSSAPI bind: "):
      return
        "give the agent a ticket, or a keytab to get one with (KRB5_CLIENT_KTNAME), and see that the KDC answers; run "
        + "as the agent's user with its environment, `kinit -k -i` says what is missing"
    case .tls(let failure):
      return Self.remedy(failure) + (directory.certificateCommand(at: server).map { " (\($0))" } ?? "")
    case .unavailable, .outcomeUnknown:
      return "check that slapd runs and answers (\(directory.searchCommand(at: server)))"
    case .invalid:
      return "correct directory.bind or directory.tls in the configuration, then reload the agent "
        + "(systemctl reload buzon)"
    case .refused(let refusal):
      if let identity = refusal.authorizationID, directory.takesForItself(identity) == false {
        return LDAPError.Refusal.mapping(of: identity)
      }
      if refusal.operation == "StartTLS" {
        return "let the server offer StartTLS (olcTLSCertificateFile), or correct directory.tls"
      }
      if refusal.operation.hasSuffix(" bind"), !triesNextServer {
        return "check directory.bind and its password file against the directory "
          + "(\(directory.bindCommand(at: server)))"
      }
      return refusal.remedy ?? "check that slapd runs and answers (\(directory.searchCommand(at: server))), "
        + "and that the agent may read it"
    }
  }

  private static func remedy(_ failure: TLSFailure) -> String {
    switch failure.reason {
    case .otherHost: "name the server in directory.uris as its certificate does, or give it a certificate for that name"
    case .expired: "give the server a new certificate"
    case .notYetValid: "check the clock of this host and the server's certificate"
    case .selfSigned, .unknownAuthority:
      "name the authority that signs the server's certificate in directory.tls.ca_file"
    case .handshake: "compare the server's TLS with directory.tls"
    case .closed(showsCertificate: false):
      "name a certificate of the agent in directory.tls.certificate_file, or let the server ask for none "
        + "(olcTLSVerifyClient); see its log"
    case .closed(showsCertificate: true):
      "let the server trust the authority of directory.tls.certificate_file (olcTLSCACertificateFile), or renew that "
        + "certificate; see its log"
    }
  }

  /// The server that the error names.
  private func server(of directory: Configuration.Directory) -> LDAPURL? {
    let words = description
    // The longest: of ldap://a and ldap://a:390 the first stands in the other.
    return directory.uris.filter { words.contains($0.description) }
      .max { $0.description.utf8.count < $1.description.utf8.count }
  }

  /// Whether the agent's own password can't be read.
  package var isOfPasswordFile: Bool {
    if case .unavailable(let reason) = self { reason.hasPrefix(Self.passwordFile) } else { false }
  }

  /// How an error of the password's file begins.
  static let passwordFile = "the password's file: "
}

extension Configuration.Directory {
  /// Whether a name may be the agent's own entry; `false`: it is the subject of its certificate, which no rule maps. slapd
  /// has no mark for those.
  package func takesForItself(_ identity: String) -> Bool {
    guard bind == .external, tls.certificateFile != nil, identity.hasPrefix("dn:"), !identity.hasSuffix(",cn=auth"),
      let name = try? DN(parsing: String(identity.dropFirst(3)))
    else { return true }
    return name.isDescendant(of: base)
  }
}

extension LDAPError.Refusal {
  /// Whether the directory takes the agent for somebody else, whatever its access rules say: for nobody, or for the name
  /// that SASL gives a local user or a certificate and that no rule maps.
  package var isStranger: Bool {
    authorizationID.map { $0.isEmpty || $0.hasSuffix(",cn=auth") } ?? false
  }

  /// What helps where a rule for a name is missing.
  package static func mapping(of identity: String) -> String {
    "map \(identity) to the agent's identity with olcAuthzRegexp, then restart the agent"
  }

  /// Whether the server takes no writes from anybody: it is a replica, or was made read-only (slapd's own words).
  package var takesNoWrites: Bool {
    switch response.code {
    case .referral: true
    case .unwillingToPerform:
      response.diagnostic.contains("shadow context") || response.diagnostic.contains("operation restricted")
    default: false
    }
  }

  /// What helps where the agent lacks access.
  package var accessRemedy: String {
    if let authorizationID, authorizationID.hasSuffix(",cn=auth"), !authorizationID.hasSuffix(",cn=external,cn=auth") {
      return Self.mapping(of: authorizationID)
    }
    if isStranger {
      return "map the agent's user to the agent's identity with olcAuthzRegexp (buzon init), then restart "
        + "the agent; run as that user, `ldapwhoami -Q -Y EXTERNAL -H \(server ?? "ldapi:///")` must print that identity"
    }
    return "give the agent the access rights of config/slapd (buzon init)"
  }

  /// What helps against a refusal that is no fault of what was asked; `nil`: its code says nothing of that.
  package var remedy: String? {
    if isStranger { return accessRemedy }
    switch response.code {
    case .authorizationDenied, .invalidCredentials, .strongerAuthRequired, .confidentialityRequired,
      .inappropriateAuthentication, .authMethodNotSupported:
      return "check directory.bind in the configuration against the directory"
    case .insufficientAccessRights: return accessRemedy
    case .noSuchObject:
      return "check that directory.accounts names the container, and give the agent the access rights of config/slapd "
        + "(buzon init)"
    case .timeLimitExceeded, .sizeLimitExceeded, .adminLimitExceeded:
      return "give the agent the limits of config/slapd (buzon init)"
    case .referral: return "name the provider, not a replica, in directory.uris"
    case .busy, .unavailable, .other, .unwillingToPerform, .loopDetect:
      return "check the directory's log; the agent tries again by itself"
    case .unavailableCriticalExtension:
      return "the directory lacks something the agent needs: run buzon doctor"
    // A proxy's own library can't reach its server (ldap.h).
    case _ where (81...91).contains(response.code.rawValue):
      return "check the log of the proxy between the agent and the directory; the agent tries again by itself"
    default: return nil
    }
  }
}
