import Glibc

/// The first start of a sandbox. `sandbox.unfinished` stands from the first step to the last, and `sandbox.state` is
/// written last: a start that finds only the former throws away what there is and begins anew.
struct Setup {
  let home: Home
  let options: Sandbox.Options

  func run() throws(SandboxError) -> Sandbox.Description {
    try clear()
    let slapd = Slapd(home: home)
    let password = try secret(home.passwordFile)
    let mailPassword = try secret(home.mailPasswordFile)
    for name in ["slapd.d", "data", "accesslog"] { try makeFolder(home.file(name), mode: 0o700) }
    if options.tls { try makeCertificates(home) }

    var saved = try SavedState(options: options, socket: try home.chooseSocket(), tcpPort: 0, tlsPort: 0)
    do throws(SandboxError) {
      try load(baseConfiguration(home: home, saved: saved, options: options, password: password))
      var answers = false
      for _ in 1...5 where !answers {
        // Another program may take a free port before slapd does: then it ends, and we ask for others.
        if options.tcp || options.tls { saved.tcpPort = try freePort() }
        if options.tls { saved.tlsPort = try freePort() }
        _ = try slapd.launch(listeners: saved.listeners)
        answers = try slapd.awaitConnection(saved.socket)
      }
      guard answers, let pid = try slapd.pid() else {
        throw SandboxError(
          .directory, "slapd does not start:\n\(slapd.lastWords())", remedy: "check \(home.file("slapd.log"))")
      }
      try apply(saved, mailPassword: mailPassword)
      try makeAgentFolders()
      try makeApprover()
      try writeFile(home.file("buzon.yaml"), agentConfiguration(home: home, saved: saved), mode: 0o644)
      try writeFile(home.file("sandbox.state"), saved.text, mode: 0o644, durable: options.durable)
      unlink(home.unfinished)
      return saved.description(home: home, pid: pid)
    } catch {
      try? slapd.stop()
      home.removeSocketFolder(saved.socket)
      throw error
    }
  }

  /// What the directory answers to its administrator's bind: nothing where it takes him, else the tool's message.
  static func answer(_ home: Home, _ saved: SavedState) throws(SandboxError) -> String {
    let result = try Program.run(
      try Program.path("ldapwhoami", package: "ldap-utils"),
      ["-x", "-D", saved.admin, "-y", home.passwordFile, "-H", saved.uri], limit: .seconds(60))
    return result.status == 0 ? "" : result.text
  }

  /// Throws away what an earlier first start left; refuses a folder that holds something of somebody else.
  private func clear() throws(SandboxError) {
    let ours = ["slapd.d", "data", "accesslog", "tls"]
    if !exists(home.unfinished) {
      guard let taken = (ours + ["spool", "state", "records", "buzon.yaml"]).first(where: { exists(home.file($0)) })
      else {
        try writeFile(home.unfinished, "A first start began.\n", mode: 0o644)
        return
      }
      throw SandboxError(
        .usage, "\(home.path) is not a sandbox, but holds \"\(taken)\"", remedy: "choose an empty folder or a new one")
    }
    try Slapd(home: home).stop()
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
  private func load(_ ldif: String) throws(SandboxError) {
    let result = try Program.run(
      try Program.path("slapadd", package: "slapd"), ["-q", "-n", "0", "-F", home.slapdConfig],
      input: Array(ldif.utf8))
    guard result.status == 0 else {
      throw SandboxError(
        .directory, "slapd refuses its configuration: \(result.text)", remedy: "check that slapd is 2.5 or later")
    }
  }

  /// Applies what a sysadmin applies, as he does, to the running directory.
  private func apply(_ saved: SavedState, mailPassword: String) throws(SandboxError) {
    let misc = "/etc/ldap/schema/misc.ldif"
    guard let schema = try readFile(misc) else {
      throw SandboxError(.missingProgram, "\(misc) is missing", remedy: "apt-get install slapd")
    }
    let ldif =
      schema + Array("\n\n".utf8) + Array(SiteConfiguration.ldif(saved: saved, mailPassword: mailPassword).utf8)
    let result = try Program.run(
      try Program.path("ldapmodify", package: "ldap-utils"),
      ["-a", "-x", "-D", saved.admin, "-y", home.passwordFile, "-H", saved.uri], input: ldif)
    guard result.status == 0 else {
      throw SandboxError(
        .directory, "the directory refuses the configuration: \(result.text)",
        remedy: "check \(home.file("slapd.log"))")
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
