/// How a connection is encrypted, and whom it trusts.
///
/// The server's certificate is always verified, and so is its name against the URL's host; there is no switch for less.
/// TLS 1.2 is the least. (libldap takes the host `localhost` for this machine's own name: use the real name, or an
/// address that the certificate carries.)
public struct TLS: Hashable, Sendable {
  /// Whether `ldap://` is turned into TLS by StartTLS (RFC 4511 §4.14) before anything else is sent. A server that
  /// refuses ends the attempt. `ldaps://` needs no switch.
  public var startsTLS: Bool
  /// PEM file with the authorities that are trusted; nil: Debian's `/etc/ssl/certs/ca-certificates.crt`.
  public var caFile: String?
  /// The certificate that is shown to a server that asks for one, with its key; for a bind by ``Credentials/external``.
  public var own: OwnCertificate?

  /// Two files in PEM: a certificate, behind it those of authorities between it and the root; and its key, without a
  /// passphrase.
  public struct OwnCertificate: Hashable, Sendable {
    /// The certificate's file.
    public var certificateFile: String
    /// The key's file.
    public var keyFile: String

    /// Two files.
    public init(certificateFile: String, keyFile: String) {
      (self.certificateFile, self.keyFile) = (certificateFile, keyFile)
    }
  }

  /// TLS by its parts.
  public init(startsTLS: Bool = false, caFile: String? = nil, own: OwnCertificate? = nil) {
    (self.startsTLS, self.caFile, self.own) = (startsTLS, caFile, own)
  }

  /// As the URL says: `ldap://` in clear text, `ldaps://` with the system's authorities.
  public static let none = TLS()
  /// StartTLS with the system's authorities.
  public static let startTLS = TLS(startsTLS: true)

  /// The file that is really used.
  var authorities: String { caFile ?? Self.systemAuthorities }

  private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"
}

/// Who we are (RFC 4513).
public enum Credentials: Sendable {
  /// Nobody; no bind is sent.
  case anonymous
  /// SASL EXTERNAL: over `ldapi` the process's user and group, over TLS the subject of ``TLS/own``.
  case external
  /// Name and password. Refused locally where the password is empty (which would be an anonymous bind), and over a
  /// network without TLS; `ldapi` and loopback addresses are this machine.
  case simple(DN, password: Secret)
  /// A SCRAM mechanism of SASL (RFC 5802, 7677), e.g. `SCRAM-SHA-256`: the password does not travel, and the server
  /// proves that it knows it too.
  case scram(mechanism: String = "SCRAM-SHA-256", user: String, password: Secret)
  /// Kerberos by SASL GSSAPI, with the ticket of the process's credential cache.
  case gssapi
}
