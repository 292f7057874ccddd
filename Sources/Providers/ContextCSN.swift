internal import Accounts
package import LDAP

extension Connection {
  /// How far the server has heard each of the servers that write; empty where the agent may not read it.
  ///
  /// - Parameter base: the suffix, which has it.
  package func contextCSN(of base: DN) async throws(LDAPError) -> ContextCSN {
    let entries = try await searchAll(
      base: base, scope: .base, filter: .present(Schema.entryUUID), attributes: [Schema.contextCSN], limit: 1)
    return ContextCSN(entries.flatMap { $0[Schema.contextCSN].compactMap(\.text) })
  }
}

/// How far a server has heard each of the servers that write: its `contextCSN`. Pure.
package struct ContextCSN: Sendable, Hashable {
  /// By the number of the server (olcServerID, three hexadecimal digits): the CSN of the last change that is known.
  private var values: [Substring: String] = [:]

  package var isEmpty: Bool { values.isEmpty }

  /// - Parameter csns: `20261130121525.782121Z#000000#001#000000` each.
  package init(_ csns: [String]) {
    for csn in csns {
      guard let server = Self.server(csn) else { continue }
      values[server] = max(values[server] ?? "", csn)
    }
  }

  /// Whether a server that doesn't show an account knows that it has gone: it has heard the account's last change. Where it
  /// shows no contextCSN, a change is heard after ``Lag/window``.
  ///
  /// - Parameters:
  ///   - csn: of the account's last change.
  ///   - now: milliseconds since 1970 UTC.
  package func knows(_ csn: String, now: Int64) -> Bool {
    if !values.isEmpty { return covers(csn) }
    return Self.seconds(csn).map { $0 * 1_000 < now - Lag.window } ?? true
  }

  /// Whether the change of this CSN has been heard. One that can't be read has.
  package func covers(_ csn: String) -> Bool {
    guard let server = Self.server(csn) else { return true }
    return values[server].map { csn <= $0 } ?? false
  }

  /// When the server that a CSN is of was heard last, seconds since 1970 UTC; `nil`: never.
  package func time(ofServer csn: String) -> Int64? {
    Self.server(csn).flatMap { values[$0] }.flatMap(Self.seconds)
  }

  private static func seconds(_ csn: String) -> Int64? {
    GeneralizedTime.seconds(Value("\(csn.prefix { $0 != "." })Z"))
  }

  private static func server(_ csn: String) -> Substring? {
    let parts = csn.split(separator: "#", omittingEmptySubsequences: false)
    return parts.count == 4 ? parts[2] : nil
  }
}
