extension Sandbox {
  /// What a sandbox is made with. An existing one keeps what it was made with.
  public struct Options: Sendable, Hashable {
    /// The mail domain: two labels or more, of letters, digits and `-`.
    public var domain: String
    /// The suffix of the directory, `dc=…` components only; `nil` makes it of the domain (RFC 2247).
    public var base: String?
    /// Listen on 127.0.0.1 too, at a free port.
    public var tcp: Bool
    /// Listen with TLS on 127.0.0.1 (`ldaps`, and StartTLS on the plain port), with a throw-away authority.
    public var tls: Bool
    /// `false` leaves out the `fsync` of every write. What was acknowledged still survives SIGKILL, but not a power cut.
    public var durable: Bool
    /// Log every write to `cn=accesslog`.
    public var accesslog: Bool
    /// Forms must be signed: an approver's key is made, and `buzon.yaml` asks for signatures.
    public var approvalSigned: Bool
    /// 1; or 2: two slapds in multi-provider replication, on Unix sockets alone.
    public var providers: Int

    /// Each option is at its usual value unless it is given.
    public init(
      domain: String = "example.org", base: String? = nil, tcp: Bool = false, tls: Bool = false, durable: Bool = true,
      accesslog: Bool = true, approvalSigned: Bool = false, providers: Int = 1
    ) {
      self.domain = domain
      self.base = base
      self.tcp = tcp
      self.tls = tls
      self.durable = durable
      self.accesslog = accesslog
      self.approvalSigned = approvalSigned
      self.providers = providers
    }

    /// - Throws: `SandboxError` (`usage`) where no sandbox can be made of them.
    func check() throws(SandboxError) {
      _ = try suffix()
      guard 1...2 ~= providers else {
        throw SandboxError(.usage, "a sandbox has one provider or two", remedy: "give --providers 1 or 2")
      }
      guard providers == 1 || !tcp && !tls else {
        throw SandboxError(
          .usage, "two providers listen on Unix sockets alone", remedy: "leave out --tcp and --tls, or --providers")
      }
    }

    /// The suffix that the options ask for.
    ///
    /// - Throws: `SandboxError` (`usage`) where the domain or the base is not fit to stand in a DN as it is.
    func suffix() throws(SandboxError) -> String {
      // Of one label, no address would be one.
      guard domain.utf8.count <= 253, Self.labels(domain), domain.utf8.contains(UInt8(ascii: ".")) else {
        throw SandboxError(
          .usage, "the domain \"\(printable(domain))\" can't be used",
          remedy: "give one of letters, digits, \"-\" and at least one \".\", such as example.org")
      }
      guard let base else {
        return domain.utf8.split(separator: UInt8(ascii: ".")).map { "dc=" + String(decoding: $0, as: UTF8.self) }
          .joined(separator: ",")
      }
      let components = base.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      let fit = components.allSatisfy { component in
        component.starts(with: "dc=".utf8)
          && Self.labels(String(decoding: component.dropFirst(3), as: UTF8.self), dots: false)
      }
      guard fit, base.utf8.count <= 253 else {
        throw SandboxError(
          .usage, "the base \"\(printable(base))\" can't be used",
          remedy: "give one of dc= components, such as dc=example,dc=org")
      }
      return base
    }

    /// Letters, digits and inner hyphens, in labels between dots.
    private static func labels(_ text: String, dots: Bool = true) -> Bool {
      let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      return (dots || labels.count == 1)
        && labels.allSatisfy { label in
          !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { byte in
              switch byte {
              case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
              default: false
              }
            }
        }
    }
  }
}

/// The text with control characters shown as `?`, so that a message stays on its line.
func printable(_ text: String) -> String {
  String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
}
