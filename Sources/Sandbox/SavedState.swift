/// What a sandbox was made with: `sandbox.state`, one `key value` a line.
struct SavedState {
  var domain: String
  var base: String
  /// The path of slapd's Unix socket.
  var socket: String
  /// That of the second provider; `nil`: there is one.
  var secondSocket: String?
  /// 0: does not listen.
  var tcpPort: UInt16
  /// 0: does not listen.
  var tlsPort: UInt16
  var approvalSigned: Bool
  var durable: Bool

  var text: String {
    (secondSocket.map { "second \($0)\n" } ?? "") + """
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

  init(options: Sandbox.Options, sockets: [String]) throws(SandboxError) {
    domain = options.domain
    base = try options.suffix()
    socket = sockets[0]
    secondSocket = sockets.dropFirst().first
    (tcpPort, tlsPort) = (0, 0)
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
    secondSocket = values["second"]
    tcpPort = tcp
    tlsPort = tls
    approvalSigned = approval == "signed"
    self.durable = durable == "yes"
  }

  /// The directory's administrator.
  var admin: String { "cn=admin,\(base)" }

  /// Its slapds: one in the folder itself, or two in the folders `1` and `2`.
  func servers(_ home: Home) -> [Server] {
    guard let secondSocket else {
      return [Server(home: home, socket: socket, tcpPort: tcpPort, tlsPort: tlsPort)]
    }
    return [Server(home: home.provider(1), socket: socket), Server(home: home.provider(2), socket: secondSocket)]
  }

  /// - Parameter pids: of its slapds.
  func description(home: Home, pids: [Int32]) -> Sandbox.Description {
    let servers = servers(home)
    return Sandbox.Description(
      home: home.path, pids: pids, config: home.file("buzon.yaml"), uris: servers.map(\.uri),
      tcpURI: tcpPort == 0 ? nil : "ldap://127.0.0.1:\(tcpPort)",
      tlsURI: tlsPort == 0 ? nil : "ldaps://127.0.0.1:\(tlsPort)",
      caFile: tlsPort == 0 ? nil : home.file("tls/ca.pem"), base: base, domain: domain, admin: admin,
      passwordFile: home.passwordFile, agent: "cn=buzon,ou=services,\(base)",
      mailService: "cn=mail,ou=services,\(base)",
      mailPasswordFile: home.mailPasswordFile, spool: home.file("spool"), state: home.file("state"),
      records: home.file("records"), signers: home.file("allowed_signers"),
      signingKey: approvalSigned ? home.file("approver") : nil, log: servers[0].home.file("slapd.log"))
  }
}
