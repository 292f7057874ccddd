public import Foundation

/// Approvers' keys in a folder of a workplace, made and used with the real ssh-keygen.
public struct Signing: Sendable {
  /// The folder of the keys.
  public let folder: String
  /// The allowed-signers file that the workplace's configuration names.
  public var signers: String { folder + "/allowed_signers" }
  /// The file of revoked keys, where the configuration names one.
  public var revoked: String { folder + "/revoked" }

  /// - Parameter place: it gets the folder `keys`.
  public init(_ place: Workplace) throws {
    folder = place.folder + "/keys"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Of a place that has them.
  public init(in place: Workplace) { folder = place.folder + "/keys" }

  /// The lines of `buzon.yaml` for forms that must be signed.
  public func options(_ more: String = "") -> Workplace.Options {
    .with {
      $0.more =
        "spool_rest: 100 ms\napproval: {mode: signed, signers: \"\(signers)\"\(more.isEmpty ? "" : ", \(more)")}"
    }
  }

  /// Makes a key pair, once.
  ///
  /// - Returns: the public key as an allowed-signers line has it: type and base64.
  @discardableResult
  public func make(_ name: String, type: String = "ed25519") async throws -> String {
    if FileManager.default.fileExists(atPath: "\(folder)/\(name)") { return try publicKey(name) }
    try await run(["-q", "-t", type, "-N", "", "-C", name, "-f", "\(folder)/\(name)"])
    return try publicKey(name)
  }

  public func publicKey(_ name: String) throws -> String {
    let text = try String(contentsOfFile: "\(folder)/\(name).pub", encoding: .utf8)
    return text.split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// Writes the allowed signers.
  public func allow(_ lines: String...) throws {
    try lines.map { $0 + "\n" }.joined().write(toFile: signers, atomically: true, encoding: .utf8)
  }

  /// `PRINCIPAL namespaces="buzon-request" KEY`
  public func line(_ principal: String, _ name: String, _ options: String = "") throws -> String {
    let more = options.isEmpty ? "" : ",\(options)"
    return "\(principal) namespaces=\"buzon-request\"\(more) \(try publicKey(name))"
  }

  /// A certificate for a principal: `NAME-cert.pub`, by which `NAME` signs.
  public func certify(_ name: String, by authority: String, _ principal: String, valid: String = "-1d:+1d") async throws
  {
    try await run([
      "-q", "-s", "\(folder)/\(authority)", "-I", name, "-n", principal, "-V", valid, "\(folder)/\(name).pub",
    ])
  }

  /// The signature of a form by a key.
  public func signature(
    of form: String, by name: String, namespace: String = "buzon-request"
  ) async throws -> Data {
    let path = "\(folder)/\(UUID().uuidString)"
    try form.write(toFile: path, atomically: true, encoding: .utf8)
    try await run(["-q", "-Y", "sign", "-n", namespace, "-f", "\(folder)/\(name)", path])
    return try Data(contentsOf: URL(fileURLWithPath: path + ".sig"))
  }

  private func run(_ arguments: [String]) async throws {
    let outcome = try await Program.run("/usr/bin/ssh-keygen", arguments)
    guard outcome.status == 0 else { throw SiteError("ssh-keygen \(arguments): \(outcome.errors)") }
  }
}
