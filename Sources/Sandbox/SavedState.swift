/// What a sandbox was made with: `sandbox.state`, one `key value` a line.
struct SavedState {
  var domain: String
  var base: String
  /// The path of slapd's Unix socket.
  var socket: String
  /// 0: does not listen.
  var tcpPort: UInt16
  /// 0: does not listen.
  var tlsPort: UInt16
  var approvalSigned: Bool
  var durable: Bool

  var text: String {
    """
    version 1
    domain \(domain)
    base \(base)
    socket \(socket)
    tcp \(tcpPort)
    tls \(tlsPort)
    approval \(approvalSigned ? "signed" : "recorded")
    durable \(durable ? "yes" : "no")

    """
  }

  init(options: Sandbox.Options, socket: String, tcpPort: UInt16, tlsPort: UInt16) throws(SandboxError) {
    domain = options.domain
    base = try options.suffix()
    self.socket = socket
    self.tcpPort = tcpPort
    self.tlsPort = tlsPort
    approvalSigned = options.approvalSigned
    durable = options.durable
  }

  /// - Returns: `nil` where the bytes are not what `text` writes.
  init?(_ bytes: [UInt8]) {
    var values: [String: String] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
      values[String(decoding: line[..<space], as: UTF8.self)] = String(decoding: line[(space + 1)...], as: UTF8.self)
    }
    guard values["version"] == "1", let domain = values["domain"], let base = values["base"],
      let socket = values["socket"], let tcp = values["tcp"].flatMap({ UInt16($0) }),
      let tls = values["tls"].flatMap({ UInt16($0) }), let approval = values["approval"],
      let durable = values["durable"]
    else { return nil }
    self.domain = domain
    self.base = base
    self.socket = socket
    tcpPort = tcp
    tlsPort = tls
    approvalSigned = approval == "signed"
    self.durable = durable == "yes"
  }

  /// The directory's administrator.
  var admin: String { "cn=admin,\(base)" }

  /// The socket as a URI. Every byte but letters, digits, `.`, `_` and `-` is escaped (RFC 3986).
  var uri: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes = Array("ldapi://".utf8)
    for byte in socket.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// All that slapd listens on (`slapd -h`).
  var listeners: String {
    var all = [uri]
    if tcpPort != 0 { all.append("ldap://127.0.0.1:\(tcpPort)") }
    if tlsPort != 0 { all.append("ldaps://127.0.0.1:\(tlsPort)") }
    return all.joined(separator: " ")
  }

  func description(home: Home, pid: Int32) -> Sandbox.Description {
    Sandbox.Description(
      home: home.path, pid: pid, config: home.file("buzon.yaml"), uri: uri,
      tcpURI: tcpPort == 0 ? nil : "ldap://127.0.0.1:\(tcpPort)",
      tlsURI: tlsPort == 0 ? nil : "ldaps://127.0.0.1:\(tlsPort)",
      caFile: tlsPort == 0 ? nil : home.file("tls/ca.pem"), base: base, domain: domain, admin: admin,
      passwordFile: home.passwordFile, agent: "cn=buzon,ou=services,\(base)",
      mailService: "cn=mail,ou=services,\(base)",
      mailPasswordFile: home.mailPasswordFile, spool: home.file("spool"), state: home.file("state"),
      records: home.file("records"), signers: home.file("allowed_signers"),
      signingKey: approvalSigned ? home.file("approver") : nil, log: home.file("slapd.log"))
  }
}
