import CLDAP
import Glibc
import Synchronization

extension Handle {
  /// Encrypts the connection, or throws: a server that refuses StartTLS, a certificate that isn't trusted or is
  /// another host's, and a peer that stays silent all end the attempt.
  ///
  /// - Parameter verifies: `false` to see what a server shows that was refused before; nothing may be sent to it.
  func encrypt(
    _ tls: TLS, startTLS: Bool, verifies: Bool = true, until deadline: MonotonicTime
  ) throws(LDAPError) {
    try setTLSOptions(tls, verifies: verifies, until: deadline)
    if startTLS {
      var id: Int32 = 0
      let code = ldap_start_tls(ld, nil, nil, &id)
      guard code == LDAP_SUCCESS else { throw sendFailure(code, "StartTLS") }
      guard let response = try answer(to: id, "StartTLS", LDAP_RES_EXTENDED, until: deadline).response() else {
        throw .unavailable("\(place): the answer to StartTLS is not LDAP")
      }
      guard response.code == .success else {
        throw .refused(LDAPError.Refusal(operation: "StartTLS", dn: nil, response: response))
      }
    }
    let code = ldap_install_tls(ld)
    if code == LDAP_TIMEOUT { throw .unavailable("\(place): no TLS handshake in time") }
    guard code == LDAP_SUCCESS, ldap_tls_inplace(ld) != 0 else { throw .tls(tlsFailure(tls, .handshake(failure))) }
    hasAnswered = false
  }

  /// A failure of this handle's handshake.
  func tlsFailure(_ tls: TLS, _ reason: TLSFailure.Reason) -> TLSFailure {
    TLSFailure(server: place, host: host, authorities: tls.authorities, reason: reason)
  }

  /// libldap sets up its TLS library with the first context, without a lock of its own.
  private static let tlsSetUp = Mutex(())

  private func setTLSOptions(_ tls: TLS, verifies: Bool, until deadline: MonotonicTime) throws(LDAPError) {
    let authorities = tls.authorities
    guard access(authorities, R_OK) == 0 else { throw .invalid("CA file \(authorities): \(errnoText(errno))") }
    try set(LDAP_OPT_X_TLS_CACERTFILE, authorities)
    try set(LDAP_OPT_X_TLS_REQUIRE_CERT, verifies ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER)
    try set(LDAP_OPT_X_TLS_PROTOCOL_MIN, 0x303)  // TLS 1.2
    // Last of the TLS options: without it the handle uses the process's context, and those before it do nothing.
    guard makeContext() else { throw .invalid("CA file \(authorities) holds no certificate") }
    if let own = tls.own {
      for file in [own.certificateFile, own.keyFile] where access(file, R_OK) != 0 {
        throw .invalid("the agent's certificate: \(file): \(errnoText(errno))")
      }
      try set(LDAP_OPT_X_TLS_CERTFILE, own.certificateFile)
      try set(LDAP_OPT_X_TLS_KEYFILE, own.keyFile)
      // A second time, for libldap says of none of the files which one it can't use.
      guard makeContext() else {
        throw .invalid(
          "the agent's certificate: \(own.certificateFile) and \(own.keyFile) are not a certificate and its key (PEM, "
            + "without a passphrase)")
      }
    }
    var time = deadline.timeLeft
    guard ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &time) == LDAP_OPT_SUCCESS else {
      throw .invalid("libldap refuses a network timeout")
    }
    // Up to libldap 2.6.8 the handshake's timeout works only with this on (without it a silent peer is a loop at full
    // CPU, ITS#8047); since 2.6.9 only with it off.
    try set(LDAP_OPT_CONNECT_ASYNC, Self.libraryVersion < 20609 ? cldap_on() : cldap_off())
  }

  private func makeContext() -> Bool {
    Self.tlsSetUp.withLock { _ in
      var zero: Int32 = 0
      return ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &zero) == LDAP_OPT_SUCCESS
    }
  }
}
