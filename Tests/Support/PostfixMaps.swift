internal import Foundation

/// `config/postfix/` filled in for a site, and asked with `postmap -q` as whoever runs the tests. No daemon runs.
public final class PostfixMaps: Sendable {
  let site: Site
  let folder: String

  /// - Parameters:
  ///   - domains: as `virtual_mailbox_domains` has them.
  ///   - more: further parameters; they replace what our `main.cf` says of them.
  public init(_ site: Site, domains: String = "example.org", more: [(String, String)] = []) throws {
    self.site = site
    folder = site.folder + "/postfix-\(UUID().uuidString.prefix(4))"
    try MailServers.makeFolder(folder + "/buzon")
    for name in try MailServers.names(in: "postfix") where name.hasSuffix(".cf") {
      try MailServers.fill(
        "postfix/" + name, into: name == "main.cf" ? folder : folder + "/buzon", site: site, mode: 0o644,
        changes: ["@DOMAINS@": domains, "@POSTFIX@": folder])
    }
    // Debian's map types and libraries; without them ours is the only folder that Postfix looks into.
    let all = [("shlib_directory", "/usr/lib/postfix"), ("meta_directory", "/etc/postfix")] + more
    let ours = try String(contentsOfFile: folder + "/main.cf", encoding: .utf8)
      .components(separatedBy: "\n").filter { line in !all.contains { line.hasPrefix($0.0 + " =") } }
    let text = all.map { "\($0.0) = \($0.1)" } + ours
    try text.joined(separator: "\n").write(toFile: folder + "/main.cf", atomically: false, encoding: .utf8)
  }

  /// What comes of one question.
  public enum Answer: Sendable, Hashable {
    case nothing
    /// The values, in the order of the answer.
    case values([String])
    /// The directory can't be asked: Postfix puts the mail off.
    case temporaryError
  }

  /// Asks the tables of a parameter of `main.cf` in their order, as Postfix does; the first that answers is taken.
  public func ask(_ parameter: String, _ key: String) async throws -> Answer {
    let value = try await Program.run("/usr/sbin/postconf", ["-c", folder, "-h", "-x", parameter])
    let tables = value.output.split(whereSeparator: \.isWhitespace)
    guard value.status == 0, !tables.isEmpty else { throw SiteError("postconf \(parameter): \(value)") }
    for table in tables {
      let answer = try await ask(table: table.replacingOccurrences(of: "proxy:", with: ""), key)
      if answer != .nothing { return answer }
    }
    return .nothing
  }

  /// Asks the table of `check_recipient_access`.
  public func access(_ key: String) async throws -> Answer {
    try await ask(table: "ldap:\(folder)/buzon/closed.cf", key)
  }

  private func ask(table: String, _ key: String) async throws -> Answer {
    let outcome = try await Program.run("/usr/sbin/postmap", ["-c", folder, "-q", key, table])
    if outcome.status == 0 {
      return .values(outcome.output.split(separator: "\n")[0].split(separator: ",").map(String.init))
    }
    // postmap(1) ends with 1 for both; it is silent where there is nothing.
    guard outcome.status == 1 else { throw SiteError("postmap: \(outcome.status) \(outcome)") }
    if outcome.errors.isEmpty { return .nothing }
    guard outcome.errors.contains("query error") else { throw SiteError("postmap: \(outcome)") }
    return .temporaryError
  }
}
