public import LDAP

extension Configuration {
  /// The LDAP directory and the way to it.
  public struct Directory: Sendable, Hashable {
    /// In order of preference: `ldapi:///`, `ldapi://%2Frun%2Fslapd%2Fldapi`, `ldap://host`, `ldaps://host:port`.
    public var uris: [LDAPURL]
    /// All our entries stand under it.
    public var base: DN
    /// The container of the accounts, whole.
    public var accounts: DN
    /// How the agent says who it is.
    public var bind: Bind
    /// How the connection is protected.
    public var tls: TLS
    /// How long a connection may take, handshake and bind included.
    public var connectTimeout: Duration
    /// How long an operation may take.
    public var operationTimeout: Duration
    /// Outstanding operations on a connection, 1 to 1000.
    public var window: Int
    /// The first pause after the directory went away, at most 1 s; each further one is twice as long.
    public var firstRetry: Duration
    /// The longest pause.
    public var longestRetry: Duration
    /// How long the queue waits for a server that lags behind what was done with another one.
    public var lagPatience: Duration
  }

  /// How the agent says who it is (RFC 4513).
  public enum Bind: Sendable, Hashable {
    /// SASL EXTERNAL: the process's user over ldapi, the certificate over TLS.
    case external
    /// A DN and a password.
    case simple(dn: DN, password: PasswordFile)
    /// SASL SCRAM (RFC 5802): the password doesn't cross the wire.
    case scram(ScramMechanism, user: String, password: PasswordFile)
    /// SASL GSSAPI (Kerberos), with the credentials of the process's own environment.
    case gssapi
  }

  /// The hash of a SCRAM bind; the raw value is the mechanism's registered name.
  public enum ScramMechanism: String, Sendable, Hashable, CaseIterable {
    case sha1 = "SCRAM-SHA-1"
    case sha256 = "SCRAM-SHA-256"
    case sha512 = "SCRAM-SHA-512"
  }

  /// Where a password is read from.
  public enum PasswordFile: Sendable, Hashable {
    /// An absolute path.
    case path(String)
    /// `credential:NAME`: a systemd credential (systemd.exec(5), LoadCredential=).
    case credential(String)

    /// The file's path.
    /// - Parameter credentials: the folder that systemd names in `$CREDENTIALS_DIRECTORY`.
    /// - Returns: `nil` for a credential without that folder.
    public func path(credentials: String?) -> String? {
      switch self {
      case .path(let path): path
      case .credential(let name): credentials.map { "\($0)/\(name)" }
      }
    }
  }

  /// How the connection is protected. A certificate that can't be verified always ends it.
  public struct TLS: Sendable, Hashable {
    /// What is done on `ldap://`; `ldaps://` is TLS by itself.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
      case none, starttls
    }
    /// What is done on `ldap://`.
    public var mode: Mode
    /// Authorities that are trusted (PEM); `nil`: the system's.
    public var caFile: String?
    /// Our own certificate (PEM), for a bind by EXTERNAL over TLS.
    public var certificateFile: String?
    /// Its key (PEM).
    public var keyFile: String?
  }
}
