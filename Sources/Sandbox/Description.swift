extension Sandbox {
  /// Where everything of a running sandbox is.
  public struct Description: Sendable, Hashable {
    /// The folder, absolute and without symbolic links.
    public var home: String
    /// The processes of its slapds: one, or two.
    public var pids: [Int32]
    /// `buzon.yaml` for this sandbox.
    public var config: String
    /// The directory over its Unix sockets (`ldapi://`), one for each slapd. OpenLDAP's own tools take them too. They never
    /// change.
    public var uris: [String]
    /// `ldap://127.0.0.1:PORT`, where the sandbox was made with `tcp` or `tls`. The port may change at a restart.
    public var tcpURI: String?
    /// `ldaps://127.0.0.1:PORT`, where the sandbox was made with `tls`. The port may change at a restart.
    public var tlsURI: String?
    /// The certificate of the throw-away authority (PEM), where the sandbox was made with `tls`.
    public var caFile: String?
    /// The suffix of the directory.
    public var base: String
    /// The mail domain.
    public var domain: String
    /// The directory's administrator (its rootdn), who is above the access rules; `cn=config` and `cn=accesslog` too.
    public var admin: String
    /// The administrator's password: a file without a newline, mode 0600.
    public var passwordFile: String
    /// The identity that the user who started the sandbox has over `uri` with SASL EXTERNAL: the agent's.
    public var agent: String
    /// The entry that Postfix and Dovecot bind as.
    public var mailService: String
    /// Its password: a file without a newline, mode 0600.
    public var mailPasswordFile: String
    /// The spool: `incoming/`, `taken/`, `rejected/`.
    public var spool: String
    /// The agent's state.
    public var state: String
    /// The records.
    public var records: String
    /// The allowed-signers file (ssh-keygen(1)), empty until the sandbox is made with `approvalSigned`.
    public var signers: String
    /// The private key of the one approver, where the sandbox was made with `approvalSigned`.
    public var signingKey: String?
    /// What slapd said.
    public var log: String

    /// The suffix of the database that logs each write (slapo-accesslog(5)).
    public static let accesslog = "cn=accesslog"
    /// The approver whose key stands in `signers`.
    public static let approver = "jefe.sistemas"

    /// The first slapd's process, and its URI.
    public var pid: Int32 { pids[0] }
    public var uri: String { uris[0] }

    /// One line of JSON, version 1. What a sandbox was made without is `null`.
    public func json() -> String {
      let members: [(String, String?)] = [
        ("config", config), ("uri", uri), ("base", base), ("domain", domain), ("admin", admin),
        ("password_file", passwordFile), ("spool", spool), ("state", state), ("records", records),
        ("signers", signers), ("signing_key", signingKey), ("agent", agent), ("mail_service", mailService),
        ("mail_password_file", mailPasswordFile), ("tcp_uri", tcpURI), ("tls_uri", tlsURI), ("ca_file", caFile),
        ("log", log),
      ]
      let text = members.map { name, value in "\"\(name)\":\(value.map(quoted) ?? "null")" }
      let uris = uris.map(quoted).joined(separator: ",")
      return "{\"version\":1,\"pid\":\(pid),\(text.joined(separator: ",")),\"uris\":[\(uris)]}"
    }
  }
}

/// The text between double quotes as JSON (RFC 8259) and YAML 1.2 both read it.
func quoted(_ text: String) -> String {
  var bytes: [UInt8] = [UInt8(ascii: "\"")]
  let digits = Array("0123456789abcdef".utf8)
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes += [UInt8(ascii: "\\"), byte]
    case 0..<0x20, 0x7f:
      bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    default:
      bytes.append(byte)
    }
  }
  bytes.append(UInt8(ascii: "\""))
  return String(decoding: bytes, as: UTF8.self)
}
