import Foundation
import Sandbox
import Support
import Testing

/// The claims that need no disturbance share one directory and one running agent; each test has numbers and addresses of
/// its own.
@Suite("End to end", SharedOffice())
struct EndToEnd {}

/// Starts the directory and the agent before the first test of a suite, and ends both behind the last.
struct SharedOffice: SuiteTrait, TestScoping {
  @TaskLocal static var current: Workplace?

  func provideScope(for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void)
    async throws
  {
    // The second domain is that of the sample forms.
    let place = try Site().workplace("shared", .with { $0.domains += ["putumayo.gov.co"] })
    let agent = try await place.agent()
    try await Self.$current.withValue(place) { try await body() }
    #expect(await agent.end() == 0)
    #expect(agent.log.allSatisfy { !$0.contains(" error ") }, "\(agent.log.filter { $0.contains(" error ") })")
  }
}

extension EndToEnd {
  /// The shared agent's place.
  static func place() throws -> Workplace { try #require(SharedOffice.current) }
}

extension Site {
  /// A bind with a password, and who the directory says that is; `ldapwhoami`.
  func bind(_ dn: String, password: String) async throws -> Outcome {
    try await Program.run("/usr/bin/ldapwhoami", ["-x", "-H", sandbox.uri, "-D", dn, "-w", password])
  }
}

extension Office {
  /// The temporary password that a change granted, worked out apart from the product's code: HMAC-SHA256 (OpenSSL's) of
  /// the salt in the register under `slips.key`, 20 symbols of 5 bits in groups of five.
  func temporaryPassword(_ number: String, change: Int = 0) async throws -> String {
    let rows = try SQLite.rows(
      state + "/register.sqlite",
      """
      SELECT coalesce(handover.salt, change.salt) AS salt FROM request JOIN change ON change.request = request.id
        LEFT JOIN handover ON handover.request = change.request AND handover.change_index = change.change_index
      WHERE number = '\(number)' AND change.change_index = \(change)
      """
    )
    let salt = try #require(rows.first?["salt"]?.blob)
    let key = try Data(contentsOf: URL(fileURLWithPath: state + "/slips.key"))
    let file = state + "/../salt-\(UUID().uuidString)"
    try salt.write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let hex = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let outcome = try await Program.run(
      "/usr/bin/openssl", ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(hex)", file])
    let digits = try #require(outcome.output.split(whereSeparator: \.isWhitespace).last)
    var bits = try digits.map { try String(#require($0.hexDigitValue), radix: 2) }
      .map { String(repeating: "0", count: 4 - $0.count) + $0 }.joined()[...]
    let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
    var groups: [String] = []
    for _ in 0..<4 {
      var group = ""
      for _ in 0..<5 {
        group.append(alphabet[try #require(Int(bits.prefix(5), radix: 2))])
        bits = bits.dropFirst(5)
      }
      groups.append(group)
    }
    return groups.joined(separator: "-")
  }
}

/// `sha256:` and the digest of a file, by coreutils.
func sha256(_ path: String) async throws -> String {
  let outcome = try await Program.run("/usr/bin/sha256sum", [path])
  return "sha256:" + outcome.output.prefix(64)
}

/// Permission bits, set-id and sticky bits included, as `ls` would have them in octal.
func mode(_ path: String) -> String {
  var status = stat()
  return lstat(path, &status) == 0 ? String(status.st_mode & 0o7777, radix: 8) : "none"
}
