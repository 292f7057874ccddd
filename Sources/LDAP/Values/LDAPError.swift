/// Why an operation did not succeed. The cases are the five things a caller must tell apart.
public enum LDAPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The server answered, and the answer was no. Nothing was applied.
  case refused(Refusal)
  /// Certainly nothing was applied: no connection, no place in the window in time, or the connection was lost before the
  /// whole request had left this process; or the operation only reads. Try again later.
  case unavailable(String)
  /// Nothing was sent but the handshake: the server isn't who it should be, or no TLS came about.
  case tls(TLSFailure)
  /// The request was sent and no answer came, for the connection was lost or the deadline passed: it may have been
  /// applied, it may even be applied yet (a stopped server works off what it had received).
  case outcomeUnknown(String)
  /// An argument can't be sent: an empty bind password, a damaged DN, a NUL byte, a file that isn't there.
  case invalid(String)

  /// A refusal with what was asked.
  public struct Refusal: Hashable, Sendable {
    /// The operation, e.g. `add`.
    public let operation: String
    /// The entry or base; nil where there is none.
    public let dn: DN?
    /// The server's answer.
    public let response: Response
    /// Whom the server took us for, where it was asked (``Connection/identifying(_:)``): `dn:…`, `u:…`, or empty for
    /// anonymous.
    public var authorizationID: String?
    /// The URI of the server that was asked that.
    public var server: String?

    /// A refusal by its parts.
    public init(operation: String, dn: DN?, response: Response, authorizationID: String? = nil) {
      self.operation = operation
      self.dn = dn
      self.response = response
      self.authorizationID = authorizationID
    }
  }

  /// The server's answer, where there is one.
  public var response: Response? {
    if case .refused(let refusal) = self { refusal.response } else { nil }
  }

  /// The server's result code, where there is one.
  public var code: ResultCode? {
    response?.code
  }

  /// One line without attribute values (but the DN), fit for a log.
  public var description: String {
    switch self {
    case .refused(let refusal):
      let name = refusal.dn.map { " \"\(ASCII.oneLine($0.string))\"" } ?? ""
      let matched = refusal.response.matchedDN
      let diagnostic = refusal.response.diagnostic
      return "\(refusal.operation)\(name) refused: \(refusal.response.code)"
        + (diagnostic.isEmpty ? "" : ": \(ASCII.oneLine(diagnostic))")
        + (matched.isEmpty ? "" : " (matched \"\(ASCII.oneLine(matched))\")")
        + (refusal.authorizationID.map { " (as \($0.isEmpty ? "anonymous" : ASCII.oneLine($0)))" } ?? "")
    case .tls(let failure): return "no TLS with \(failure.server): \(ASCII.oneLine(failure.words))"
    case .unavailable(let reason): return "directory unavailable: \(ASCII.oneLine(reason))"
    case .outcomeUnknown(let reason): return "outcome unknown: \(ASCII.oneLine(reason))"
    case .invalid(let reason): return "invalid: \(ASCII.oneLine(reason))"
    }
  }
}
