/// Why a connection could not be encrypted (RFC 4513 §3.1.3, RFC 5280 §6).
///
/// The reason is made for people: what decides is libldap's check, which has refused the server before anybody asks why.
public struct TLSFailure: Hashable, Sendable {
  /// What was wrong.
  public enum Reason: Hashable, Sendable {
    /// The certificate is of other hosts: the names that it has.
    case otherHost([String])
    /// The certificate has ended, on this day (UTC, `YYYY-MM-DD`).
    case expired(String)
    /// The certificate begins later, on this day (UTC, `YYYY-MM-DD`).
    case notYetValid(String)
    /// The certificate vouches for itself and is not trusted.
    case selfSigned
    /// No trusted authority vouches for the certificate: its issuer's name.
    case unknownAuthority(String)
    /// There was no handshake: the library's words.
    case handshake(String)
    /// The server ended the connection behind the handshake, before it answered: it may have refused us.
    case closed(showsCertificate: Bool)
  }

  /// The URI of the server.
  public let server: String
  /// Its host, as the URI names it.
  public let host: String
  /// The file of the authorities that are trusted.
  public let authorities: String
  /// What was wrong.
  public let reason: Reason

  /// A failure by its parts.
  public init(server: String, host: String, authorities: String, reason: Reason) {
    (self.server, self.host, self.authorities, self.reason) = (server, host, authorities, reason)
  }

  /// Whether the server showed a certificate that isn't to be believed: that never passes by waiting.
  public var isOfCertificate: Bool {
    switch reason {
    case .otherHost, .expired, .notYetValid, .selfSigned, .unknownAuthority: true
    case .handshake, .closed: false
    }
  }

  /// Whether the server may have refused our certificate, or the lack of one.
  public var isOfAgent: Bool { if case .closed = reason { true } else { false } }

  /// The same failure for another reason.
  func with(_ reason: Reason) -> TLSFailure {
    TLSFailure(server: server, host: host, authorities: authorities, reason: reason)
  }

  /// Names of a certificate that are shown.
  private static let shown = 3

  /// One line. Names of a certificate are its author's: control characters are replaced by the caller.
  var words: String {
    switch reason {
    case .otherHost(let names) where names.isEmpty: return "the server's certificate names no host"
    case .otherHost(let names):
      let more = names.count > Self.shown ? ", …" : ""
      return
        "the server's certificate is for \(names.prefix(Self.shown).joined(separator: ", "))\(more), not for \(host)"
    case .expired(let day): return "the server's certificate expired on \(day)"
    case .notYetValid(let day): return "the server's certificate is not valid before \(day)"
    case .selfSigned: return "the server's certificate is signed by itself and does not stand in \(authorities)"
    case .unknownAuthority(let issuer):
      return "no authority of \(authorities) vouches for the server's certificate, which \"\(issuer)\" has signed"
    case .handshake(let words): return "the handshake failed: \(words)"
    case .closed(showsCertificate: false):
      return "the server closed the connection after the handshake; it may ask for a certificate of the agent"
    case .closed(showsCertificate: true):
      return "the server closed the connection after the handshake; it may not trust the agent's certificate"
    }
  }
}
