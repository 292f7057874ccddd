internal import Files
internal import Glibc
package import Register
internal import Text

/// Asks ssh-keygen(1) whether forms were signed by whom they name. Blocks while it does.
///
/// Owns: what is known of the allowed-signers file and of the file of revoked keys. ssh-keygen reads both for each
/// signature, so a change counts at once. Whether they can be used is found out when they have changed since: with a
/// signature of a key that nobody has, ssh-keygen must go through all lines, and reports the mistakes of each.
///
/// Errors: none is thrown. What keeps a signature from being checked is ``SignatureVerdict/unknown(_:)``: ours to correct.
package struct SignatureCheck: Sendable {
  let signers: String
  let revoked: String?
  /// What was found, and what the files were then.
  private var known: (state: [FileState], trouble: Trouble?, isFatal: Bool)?

  /// So many forms are copied and asked for at once.
  private static let most = 256

  /// - Parameters:
  ///   - signers: the path of OpenSSH's allowed-signers file.
  ///   - revoked: the path of a file of revoked keys, or of a KRL.
  package init(signers: String, revoked: String?) {
    self.signers = signers
    self.revoked = revoked
  }

  /// What keeps signatures from being checked; `nil`: nothing.
  package mutating func trouble() -> Trouble? {
    examine()
    return known?.trouble
  }

  /// Judges signatures, in their order.
  package mutating func judge(_ forms: [SignedForm]) -> [SignatureVerdict] {
    var verdicts: [SignatureVerdict] = []
    for first in stride(from: 0, to: forms.count, by: Self.most) {
      verdicts += judge(some: Array(forms[first..<min(first + Self.most, forms.count)]))
    }
    return verdicts
  }

  private mutating func judge(some forms: [SignedForm]) -> [SignatureVerdict] {
    for attempt in 1... {
      let keygen = examine()
      guard let keygen, let known, !known.isFatal else {
        let trouble = known?.trouble ?? Self.missing
        return forms.map { _ in .unknown(trouble) }
      }
      let results = keygen.run(forms.map { verify($0) })
      // A file that was replaced meanwhile was read before or after.
      if state() != known.state, attempt < 3 { continue }
      return zip(forms, results).map { verdict($0, $1, known.trouble, keygen) }
    }
    return []
  }

  func verify(_ form: SignedForm, revoked: Bool = true) -> Keygen.Call {
    Keygen.Call(
      ["-Y", "verify", "-n", KeygenAnswer.namespace, "-f", signers, "-I", form.principal, "-s", Keygen.Call.file(0)]
        + (revoked ? revocation : []),
      input: form.bytes, files: [form.signature])
  }

  private var revocation: [String] { revoked.map { ["-r", $0] } ?? [] }

  private func verdict(_ form: SignedForm, _ result: Keygen.Result, _ trouble: Trouble?, _ keygen: Keygen)
    -> SignatureVerdict
  {
    switch KeygenAnswer.verification(result, signers: signers) {
    case .verified(let key): return .verified(key: key)
    case .unknown(let trouble): return .unknown(trouble)
    // The line that ssh-keygen could not read may be the one that names the key.
    case .keyRefused where trouble != nil: return .unknown(trouble ?? Self.missing)
    case .refused(let problem, let remedy): return .refused(problem: problem, remedy: remedy)
    case .keyRefused(let why):
      let (problem, remedy) = refusal(of: form, why, keygen)
      return .refused(problem: problem, remedy: remedy)
    }
  }

  // MARK: The files

  private static let missing = Trouble(
    what: "ssh-keygen is not installed, so no signature can be checked", remedy: "apt-get install openssh-client")

  /// Finds out whether the files can be used, where they aren't as they were.
  ///
  /// - Returns: `nil`: there is no ssh-keygen.
  @discardableResult
  private mutating func examine() -> Keygen? {
    guard let keygen = Keygen() else {
      known = ([], Self.missing, true)
      return nil
    }
    let state = state()
    if let known, known.state == state, !known.isFatal { return keygen }
    if let fatal = fatal(keygen) {
      known = (state, fatal, true)
    } else {
      known = (state, mistake(keygen), false)
    }
    return keygen
  }

  /// Why no signature at all can be checked.
  private func fatal(_ keygen: Keygen) -> Trouble? {
    for (path, key) in [(signers, "approval.signers"), (revoked, "approval.revoked")] {
      guard let path else { continue }
      let shown = displayed(path.utf8)
      do {
        try PathTrust.requireFile(path, readers: .everybody)
        let bytes = try readFile(path, limit: 16 << 20)
        if key == "approval.signers", !Self.hasLine(bytes) {
          return Trouble(
            what: "\(shown) names no signer",
            remedy: "write a line for each approver: PRINCIPAL namespaces=\"buzon-request\" KEYTYPE KEY")
        }
      } catch let error as FileError {
        return Trouble(
          what: "\(error)",
          remedy: error.isOfName
            ? "put the file back, or correct \(key); the agent looks again within 30 s"
            : "correct \(key), or let the agent's user read that file")
      } catch {
        let parts = "\(error)".split(separator: "; ", maxSplits: 1).map(String.init)
        return Trouble(what: parts.first ?? "", remedy: parts.last ?? "")
      }
    }
    let probe = keygen.run([
      Keygen.Call(
        [
          "-Y", "verify", "-n", KeygenAnswer.namespace, "-f", Keygen.Call.file(1), "-I", "probe", "-s",
          Keygen.Call.file(0),
        ] + revocation, input: Probe.text, files: [Probe.signature, Probe.signers])
    ])[0]
    if case .verified = KeygenAnswer.verification(probe, signers: Keygen.Call.file(1)) { return nil }
    if let trouble = KeygenAnswer.trouble(probe) { return trouble }
    if let revoked {
      return Trouble(
        what: "\(displayed(revoked.utf8)) is neither a list of public keys nor a KRL",
        remedy: "write a public key a line, or make it with ssh-keygen -k")
    }
    return KeygenAnswer.unreadable(probe)
  }

  /// What is wrong with lines of the allowed signers.
  private func mistake(_ keygen: Keygen) -> Trouble? {
    let result = keygen.run([
      Keygen.Call(["-Y", "find-principals", "-f", signers, "-s", Keygen.Call.file(0)], files: [Probe.signature])
    ])[0]
    if let trouble = KeygenAnswer.trouble(result) { return trouble }
    guard let first = KeygenAnswer.mistakes(result, signers: signers).first else { return nil }
    return Trouble(
      what: "\(displayed(signers.utf8)) has a mistake in line \(displayed(first.utf8.prefix(200)))",
      remedy: "correct the line (ssh-keygen(1), ALLOWED SIGNERS)")
  }

  /// Whether there is a line that is no comment.
  private static func hasLine(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: "\n")).contains { line in
      line.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }.map { $0 != UInt8(ascii: "#") } ?? false
    }
  }

  private func state() -> [FileState] { [signers, revoked].compactMap(\.self).map(FileState.init) }
}

/// Which file a path leads to, and when it was changed last.
private struct FileState: Sendable, Hashable {
  private var numbers: [Int64] = []

  init(_ path: String) {
    var raw = stat()
    guard stat(path, &raw) == 0 else { return }
    numbers = [
      Int64(raw.st_dev), Int64(raw.st_ino), Int64(raw.st_size), Int64(raw.st_mode), Int64(raw.st_uid),
      Int64(raw.st_mtim.tv_sec), Int64(raw.st_mtim.tv_nsec), Int64(raw.st_ctim.tv_sec), Int64(raw.st_ctim.tv_nsec),
    ]
  }
}

/// A signature whose private key was thrown away.
private enum Probe {
  static let text = Array("buzon".utf8)
  static let signers = Array(
    ["probe", "ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIO35Fnz+BzLcSjvkQurQrUWcxw5tbdKsZv6OY/FHM9zN", "\n"]
      .joined(separator: " ").utf8)
  static let signature = Array(
    """
    -----BEGIN SSH SIGNATURE-----
    U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7fkWfP4HMtxKO+RC6tCtRZzHDm
    1t0qxm/o5j8Ucz3M0AAAANYnV6b24tcmVxdWVzdAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtz
    c2gtZWQyNTUxOQAAAEAMtSLhqI3O9dQNb6iX1TT6aRk1oDO81AK3+rEJtgJy2KpdqO09Dh
    oOpvBQ9xxIzRmLSPZf2fClfqZIUAfJkXMP
    -----END SSH SIGNATURE-----

    """.utf8)
}
