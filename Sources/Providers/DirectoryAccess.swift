internal import Configuration
internal import Files
internal import Glibc
package import LDAP

extension Configuration.Directory {
  /// How the agent proves who it is. A password is read from its file each time, so that it can be changed in place.
  package func credentials() throws(LDAPError) -> Credentials {
    switch bind {
    case .external: .external
    case .simple(let dn, let password): .simple(dn, password: try password.read())
    case .scram(let mechanism, let user, let password):
      .scram(mechanism: mechanism.rawValue, user: user, password: try password.read())
    case .gssapi: .gssapi
    }
  }

  /// Opens a connection to a server that answers: from a place of ``uris`` on, all around.
  ///
  /// - Parameter credentials: somebody else's than the agent's.
  /// - Returns: the connection, and the place of its server.
  /// - Throws: the refusal that ended it (``LDAP/LDAPError/triesNextServer``), else the error of the first server that was
  ///   tried.
  package func connect(
    as credentials: Credentials? = nil, from first: Int = 0, tries: Int = .max
  ) async throws(LDAPError) -> (connection: Connection, place: Int) {
    var failure: LDAPError?
    for offset in 0..<min(tries, uris.count) {
      let place = (first + offset) % uris.count
      do throws(LDAPError) {
        let identity: Credentials
        if let credentials { identity = credentials } else { identity = try self.credentials() }
        return (
          try await Connection.open(uris[place], tls: security, credentials: identity, options: options), place
        )
      } catch {
        guard error.triesNextServer else { throw error }
        failure = failure ?? error
      }
    }
    throw failure ?? .unavailable("directory.uris names no server")
  }

  package var security: LDAP.TLS {
    var own: LDAP.TLS.OwnCertificate?
    if let certificate = tls.certificateFile, let key = tls.keyFile {
      own = LDAP.TLS.OwnCertificate(certificateFile: certificate, keyFile: key)
    }
    return LDAP.TLS(startsTLS: tls.mode == .starttls, caFile: tls.caFile, own: own)
  }

  package var options: Connection.Options {
    Connection.Options(connect: connectTimeout, operation: operationTimeout, window: window)
  }
}

extension Configuration.PasswordFile {
  /// The password, without a line end behind it.
  fileprivate func read() throws(LDAPError) -> Secret {
    guard let path = path(credentials: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }) else {
      throw .invalid("directory.bind names a credential of the service, and the service has none (LoadCredential=)")
    }
    do {
      var bytes = try readFile(path, limit: 4_096)
      while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      return Secret(bytes: bytes)
    } catch {
      throw .unavailable(LDAPError.passwordFile + "\(error)")
    }
  }
}
