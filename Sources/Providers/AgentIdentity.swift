internal import LDAP

extension LDAPError.Refusal {
  /// Whether the directory takes the agent for somebody else, whatever its access rules say: for nobody, or for the name
  /// that SASL gives a local user or a certificate and that no rule maps.
  package var isStranger: Bool {
    authorizationID.map { $0.isEmpty || $0.hasSuffix(",cn=external,cn=auth") } ?? false
  }

  /// What helps where the agent lacks access.
  package var accessRemedy: String {
    if isStranger {
      return "map the agent's user to the agent's identity with olcAuthzRegexp (config/slapd/agent.ldif), then restart "
        + "the agent; run as that user, `ldapwhoami -Q -Y EXTERNAL -H ldapi:///` must print that identity"
    }
    return "give the agent the access rights of config/slapd"
  }
}
