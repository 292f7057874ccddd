package import Register
internal import Text

/// A form with the signature that came with it.
package struct SignedForm: Sendable {
  /// The form exactly as received.
  package var bytes: [UInt8]
  /// Who must have signed it: `approval.by`.
  package var principal: String
  package var signature: [UInt8]

  package init(bytes: [UInt8], principal: String, signature: [UInt8]) {
    self.bytes = bytes
    self.principal = principal
    self.signature = signature
  }
}

/// What a signature is worth.
package enum SignatureVerdict: Sendable, Hashable {
  /// The principal made it over these bytes; with the fingerprint of the key: `SHA256:…`.
  case verified(key: String)
  /// It is not what it should be; what is wrong, and what to do.
  case refused(problem: String, remedy: String)
  /// Nobody knows, for a reason that is ours to correct.
  case unknown(Trouble)
}

/// Reads what ssh-keygen(1) says of a signature. Pure.
package enum KeygenAnswer {
  /// What was signed: the form's own purpose (PROTOCOL.sshsig, namespace).
  package static let namespace = "buzon-request"

  /// Bytes that a signature may have; one of ssh-keygen has less than 2 KiB.
  package static let longest = 64 << 10

  /// What `-Y verify` came to.
  enum Verification: Hashable {
    case verified(key: String)
    /// The signature itself is wrong.
    case refused(problem: String, remedy: String)
    /// The signature is one, but its key does not count: what ssh-keygen says of it, where it says something.
    case keyRefused(String?)
    case unknown(Trouble)
  }

  /// - Parameter signers: the path of the allowed signers as the call named it.
  static func verification(_ result: Keygen.Result, signers: String) -> Verification {
    if let trouble = trouble(result) { return .unknown(trouble) }
    if result.end == .exited(0) {
      // The principal stands before it and may be anything; the fingerprint ends the line.
      if let key = key(result.output) { return .verified(key: key) }
      return .unknown(unreadable(result))
    }
    let lines = result.errors.split(separator: "\n").map(String.init)
    if let (problem, remedy) = refusal(lines) { return .refused(problem: problem, remedy: remedy) }
    if lines.contains(where: { $0.contains("Unable to open allowed keys file") }) {
      return .unknown(Trouble(what: "\(displayed(signers.utf8)) can't be read", remedy: "let the agent's user read it"))
    }
    return .keyRefused(lines.first { isOfLine($0, of: signers) }.map { withoutPlace($0, of: signers) } ?? lines.first)
  }

  /// The mistakes that `-Y find-principals` reports of an allowed-signers file, each with its line: `3: missing key`.
  static func mistakes(_ result: Keygen.Result, signers: String) -> [String] {
    result.errors.split(separator: "\n").map(String.init).filter { isOfLine($0, of: signers) }
      .map { String($0.utf8.dropFirst(signers.utf8.count + 1)) ?? "" }
  }

  /// The fingerprint at the end of `Good "buzon-request" signature for … with ED25519 key SHA256:…`.
  static func key(_ output: String) -> String? {
    guard let line = output.split(separator: "\n").last, line.hasPrefix("Good ") || output.hasPrefix("Good "),
      let key = line.split(separator: " ").last, key.hasPrefix("SHA256:"),
      key.utf8.dropFirst(7).allSatisfy({ isBase64($0) })
    else { return nil }
    return String(key)
  }

  /// Why a call says nothing of the signature; `nil`: it does.
  static func trouble(_ result: Keygen.Result) -> Trouble? {
    switch result.end {
    case .exited: nil
    case .killed(let signal):
      Trouble(
        what: "ssh-keygen was ended by signal \(signal)",
        remedy: "see the kernel's log (dmesg), and whether the unit lets it run")
    case .overdue: Trouble(what: "ssh-keygen did not end in time", remedy: "see whether the host is overloaded")
    case .notStarted(let code):
      Trouble(
        what: "ssh-keygen can't be started (errno \(code))",
        remedy: "install openssh-client, and let the agent's user run ssh-keygen")
    }
  }

  static func unreadable(_ result: Keygen.Result) -> Trouble {
    Trouble(
      what: "ssh-keygen says what can't be understood: \(displayed(result.output.utf8.prefix(200)))",
      remedy: "install OpenSSH 8.9 or later")
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
    default: false
    }
  }

  /// Whether a line is `SIGNERS:NUMBER: …`.
  private static func isOfLine(_ line: String, of signers: String) -> Bool {
    line.utf8.starts(with: "\(signers):".utf8)
      && line.utf8.dropFirst(signers.utf8.count + 1).first.map { (0x30...0x39).contains($0) } == true
  }

  private static func withoutPlace(_ line: String, of signers: String) -> String {
    "line " + (String(line.utf8.dropFirst(signers.utf8.count + 1)) ?? "")
  }
}
