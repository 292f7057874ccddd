internal import Configuration
internal import Files
internal import Glibc
internal import LDAP

extension Configuration.Directory {
  /// How the agent proves who it is. A password is read from its file each time, so that it can be changed in place.
  func credentials() throws(LDAPError) -> Credentials {
    switch bind {
    case .external: .external
    case .simple(let dn, let password): .simple(try DN(parsing: dn), password: try password.read())
    case .scram(let mechanism, let user, let password):
      .scram(mechanism: mechanism.rawValue, user: user, password: try password.read())
    case .gssapi: .gssapi
    }
  }

  var security: LDAP.TLS { LDAP.TLS(startsTLS: tls.mode == .starttls, caFile: tls.caFile) }

  var options: Connection.Options {
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
      throw .unavailable("the password's file: \(error)")
    }
  }
}
