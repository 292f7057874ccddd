import Sandbox
import Support

/// Somebody at the directory, by OpenLDAP's own tools: nothing of ours stands between a test and the server. Each answer is
/// LDAP's result code (RFC 4511).
struct Visitor: Sendable {
  let uri: String
  let login: [String]

  private func run(_ tool: String, _ arguments: [String], input: String = "") async throws -> Outcome {
    try await Program.run("/usr/bin/" + tool, ["-H", uri] + login + arguments, input: input)
  }

  /// A change as LDIF.
  func change(_ ldif: String, controls: [String] = []) async throws -> Int32 {
    try await run("ldapmodify", controls.flatMap { ["-e", $0] }, input: ldif).status
  }

  func replace(_ dn: String, _ attribute: String, _ value: String) async throws -> Int32 {
    try await change("dn: \(dn)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n")
  }

  func delete(_ dn: String) async throws -> Int32 { try await run("ldapdelete", [dn]).status }

  func rename(_ dn: String, to rdn: String, below parent: String? = nil) async throws -> Int32 {
    try await run("ldapmodrdn", (parent.map { ["-s", $0] } ?? []) + [dn, rdn]).status
  }

  /// The password modify operation (RFC 3062).
  func setPassword(of dn: String, to new: String) async throws -> Int32 {
    try await run("ldappasswd", ["-s", new, dn]).status
  }

  /// 6: true, 5: false.
  func compare(_ dn: String, _ assertion: String) async throws -> Int32 {
    try await run("ldapcompare", ["-z", dn, assertion]).status
  }

  /// What is seen of an entry: names of attributes; empty: not even that it is there.
  func sees(_ dn: String) async throws -> Set<String> {
    let outcome = try await run("ldapsearch", ["-LLL", "-o", "ldif-wrap=no", "-s", "base", "-b", dn, "*", "+"])
    return Set(outcome.output.split(separator: "\n").compactMap { $0.split(separator: ":").first.map(String.init) })
  }

  /// How many entries a filter finds.
  func finds(_ filter: String, below base: String) async throws -> Int {
    let outcome = try await run("ldapsearch", ["-LLL", "-z", "none", "-b", base, filter, "1.1"])
    return outcome.output.split(separator: "\n").count { $0.hasPrefix("dn:") }
  }
}

extension Site {
  /// The agent's identity, which the sandbox gives the user who started it.
  var asAgent: Visitor { Visitor(uri: sandbox.uri, login: ["-Q", "-Y", "EXTERNAL"]) }
  var asNobody: Visitor { Visitor(uri: sandbox.uri, login: ["-x"]) }

  func asAccount(_ uid: String, _ password: String) -> Visitor {
    Visitor(uri: sandbox.uri, login: ["-x", "-D", dn(uid), "-w", password])
  }
}
