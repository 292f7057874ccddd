import Glibc

/// The first start of a sandbox. `sandbox.unfinished` stands from the first step to the last, and `sandbox.state` is
/// written last: a start that finds only the former throws away what there is and begins anew.
struct Setup {
  let home: Home
  let options: Sandbox.Options

  func run() throws(SandboxError) -> Sandbox.Description {
    try clear()
    let password = try secret(home.passwordFile)
    let mailPassword = try secret(home.mailPasswordFile)
    if options.tls { try makeCertificates(home) }
    let homes = options.providers == 1 ? [home] : (1...options.providers).map(home.provider)
    var sockets: [String] = []
    for home in homes {
      for name in ["slapd.d", "data", "accesslog"] { try makeFolder(home.file(name), mode: 0o700) }
      sockets.append(try home.chooseSocket())
    }

    var saved = try SavedState(options: options, sockets: sockets)
    do throws(SandboxError) {
      let pids = try launch(&saved, password: password, mailPassword: mailPassword)
      if options.providers > 1 { try replicate(saved, password: password) }
      try makeAgentFolders()
      try makeApprover()
      try writeFile(home.file("buzon.yaml"), agentConfiguration(home: home, saved: saved), mode: 0o644)
      try writeFile(home.file("sandbox.state"), saved.text, mode: 0o644, durable: options.durable)
      unlink(home.unfinished)
      return saved.description(home: home, pids: pids)
    } catch {
      for server in saved.servers(home) {
        try? server.slapd.stop()
        server.home.removeSocketFolder(server.socket)
      }
      throw error
    }
  }

  /// Starts each slapd, with its configuration; the first with the tree.
  private func launch(_ saved: inout SavedState, password: String, mailPassword: String) throws(SandboxError) -> [Int32]
  {
    let identifiers = saved.secondSocket == nil ? "" : Replication.identifiers(saved.servers(home))
    var pids: [Int32] = []
    for (place, server) in saved.servers(home).enumerated() {
      try load(
        baseConfiguration(
          home: server.home, saved: saved, options: options, password: password, identifiers: identifiers),
        into: server)
      var answers = false
      for _ in 1...5 where !answers {
        // Another program may take a free port before slapd does: then it ends, and we ask for others.
        if options.tcp || options.tls { saved.tcpPort = try freePort() }
        if options.tls { saved.tlsPort = try freePort() }
        _ = try server.slapd.launch(listeners: saved.servers(home)[place].listeners)
        answers = try server.slapd.awaitConnection(server.socket)
      }
      guard answers, let pid = try server.slapd.pid() else {
        throw SandboxError(
          .directory, "slapd does not start:\n\(server.slapd.lastWords())",
          remedy: "check \(server.home.file("slapd.log"))")
      }
      pids.append(pid)
      try apply(saved, mailPassword: mailPassword, to: server, hasTree: place == 0)
    }
    return pids
  }

  /// Has each provider follow the other, and waits until the second has what the first has.
  private func replicate(_ saved: SavedState, password: String) throws(SandboxError) {
    let servers = saved.servers(home)
    for server in servers {
      try modify(server, saved, Array(Replication.ldif(saved, servers, password: password).utf8))
    }
    let last = "cn=default,ou=policies,\(saved.base)"
    let deadline = ContinuousClock.now + .seconds(60)
    let ldapsearch = try Program.path("ldapsearch", package: "ldap-utils")
    while true {
      let result = try Program.run(
        ldapsearch,
        [
          "-x", "-LLL", "-D", saved.admin, "-y", home.passwordFile, "-H", servers[1].uri, "-s", "base", "-b", last,
          "1.1",
        ], limit: .seconds(60))
      if result.status == 0 { return }
      guard ContinuousClock.now < deadline else {
        throw SandboxError(
          .directory, "the second provider does not follow the first: \(result.text)",
          remedy: "check \(servers[1].home.file("slapd.log"))")
      }
      usleep(20_000)
    }
  }

  /// Ends what a first start that was cut short left.
  static func stop(_ home: Home) throws(SandboxError) {
    for one in [home, home.provider(1), home.provider(2)] where exists(one.slapdConfig) {
      try Slapd(home: one).stop()
    }
  }

  /// What the directory answers to its administrator's bind: nothing where it takes him, else the tool's message.
  static func answer(_ home: Home, _ saved: SavedState, at server: Server) throws(SandboxError) -> String {
    let result = try Program.run(
      try Program.path("ldapwhoami", package: "ldap-utils"),
      ["-x", "-D", saved.admin, "-y", home.passwordFile, "-H", server.uri], limit: .seconds(60))
    return result.status == 0 ? "" : result.text
  }

  /// Throws away what an earlier first start left; refuses a folder that holds something of somebody else.
  private func clear() throws(SandboxError) {
    let ours = ["slapd.d", "data", "accesslog", "tls", "1", "2"]
    if !exists(home.unfinished) {
      guard let taken = (ours + ["spool", "state", "records", "buzon.yaml"]).first(where: { exists(home.file($0)) })
      else {
        try writeFile(home.unfinished, "A first start began.\n", mode: 0o644)
        return
      }
      throw SandboxError(
        .usage, "\(home.path) is not a sandbox, but holds \"\(taken)\"", remedy: "choose an empty folder or a new one")
    }
    try Self.stop(home)
    for name in ours { try removeTree(home.file(name)) }
  }

  /// A new password in a file: 24 letters and digits.
  private func secret(_ path: String) throws(SandboxError) -> String {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789".utf8)
    let bytes = (0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    let text = String(decoding: bytes, as: UTF8.self)
    try writeFile(path, text, mode: 0o600)
    return text
  }

  /// Writes the configuration database offline (slapadd(8)).
  private func load(_ ldif: String, into server: Server) throws(SandboxError) {
    let result = try Program.run(
      try Program.path("slapadd", package: "slapd"), ["-q", "-n", "0", "-F", server.home.slapdConfig],
      input: Array(ldif.utf8))
    guard result.status == 0 else {
      throw SandboxError(
        .directory, "slapd refuses its configuration: \(result.text)", remedy: "check that slapd is 2.5 or later")
    }
  }

  /// Applies what a sysadmin applies, as he does, to the running directory.
  private func apply(_ saved: SavedState, mailPassword: String, to server: Server, hasTree: Bool) throws(SandboxError) {
    let misc = "/etc/ldap/schema/misc.ldif"
    guard let schema = try readFile(misc) else {
      throw SandboxError(.missingProgram, "\(misc) is missing", remedy: "apt-get install slapd")
    }
    let site = SiteConfiguration.ldif(saved: saved, mailPassword: mailPassword, hasTree: hasTree)
    try modify(server, saved, schema + Array("\n\n".utf8) + Array(site.utf8))
  }

  private func modify(_ server: Server, _ saved: SavedState, _ ldif: [UInt8]) throws(SandboxError) {
    let result = try Program.run(
      try Program.path("ldapmodify", package: "ldap-utils"),
      ["-a", "-x", "-D", saved.admin, "-y", home.passwordFile, "-H", server.uri], input: ldif)
    guard result.status == 0 else {
      throw SandboxError(
        .directory, "the directory refuses the configuration: \(result.text)",
        remedy: "check \(server.home.file("slapd.log"))")
    }
  }

  private func makeAgentFolders() throws(SandboxError) {
    try makeFolder(home.file("spool"), mode: 0o755)
    try makeFolder(home.file("spool/incoming"), mode: 0o3730)
    try makeFolder(home.file("spool/taken"), mode: 0o700)
    try makeFolder(home.file("spool/rejected"), mode: 0o750)
    try makeFolder(home.file("state"), mode: 0o700)
    try makeFolder(home.file("records"), mode: 0o750)
  }

  /// The file of allowed signers, with a key pair of one approver in it where forms must be signed.
  private func makeApprover() throws(SandboxError) {
    var line = ""
    if options.approvalSigned {
      let key = home.file("approver")
      for file in [key, key + ".pub"] { unlink(file) }
      let result = try Program.run(
        try Program.path("ssh-keygen", package: "openssh-client"),
        ["-q", "-t", "ed25519", "-N", "", "-C", Sandbox.Description.approver, "-f", key])
      guard result.status == 0, let publicKey = try readFile(key + ".pub") else {
        throw SandboxError(.directory, "ssh-keygen: \(result.text)", remedy: "check the installed openssh-client")
      }
      line =
        "\(Sandbox.Description.approver) namespaces=\"buzon-request\" \(String(decoding: publicKey, as: UTF8.self))"
    }
    try writeFile(home.file("allowed_signers"), line, mode: 0o644)
  }
}
