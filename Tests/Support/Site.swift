public import Foundation
public import Sandbox

/// An institution to test with: a private slapd, a spool, a state and records in a folder of its own, and the `buzon` of
/// this build. Ended and removed when it goes.
public final class Site: Office {
  /// Where everything is.
  public let sandbox: Sandbox.Description
  private let home: String

  public var config: String { sandbox.config }
  public var spool: String { sandbox.spool }
  public var state: String { sandbox.state }
  public var records: String { sandbox.records }
  /// The folder of all of it.
  public var folder: String { sandbox.home }

  /// Starts the directory. Not durable by default: tests kill processes, never the power.
  public init(durable: Bool = false, tcp: Bool = false, tls: Bool = false) throws {
    home = NSTemporaryDirectory() + "buzon-test-\(UUID().uuidString.prefix(8))"
    sandbox = try Sandbox.start(home: home, options: .init(tcp: tcp, tls: tls, durable: durable, accesslog: true))
  }

  deinit {
    try? Sandbox.stop(home: home)
    // To look at what a failed test left.
    if ProcessInfo.processInfo.environment["BUZON_TEST_KEEP"] != nil { return print("kept: \(home)") }
    try? FileManager.default.removeItem(atPath: home)
  }

  /// Starts slapd with something more in its environment; it is the caller's, and ends before the site goes.
  public func directory(environment: [String: String]) throws -> Program {
    let listeners = [sandbox.uri, sandbox.tcpURI, sandbox.tlsURI].compactMap(\.self).joined(separator: " ")
    let slapd = try Program(
      "/usr/sbin/slapd", ["-d", "none", "-F", home + "/slapd.d", "-h", listeners], environment: environment)
    guard eventually({ (try? search(filter: "(ou=people)", attributes: ["1.1"])) != nil || !slapd.isRunning }),
      slapd.isRunning
    else { throw SiteError("slapd: \(slapd.written.errors)") }
    return slapd
  }

  /// Kills slapd with SIGKILL and starts it again with its data.
  public func restartDirectory() throws {
    kill(try directoryProcess(), SIGKILL)
    _ = try Sandbox.start(home: home)
  }

  /// slapd's process id.
  public func directoryProcess() throws -> pid_t {
    guard case .running(let description) = try Sandbox.status(home: home) else { throw SiteError("slapd doesn't run") }
    return description.pid
  }

  /// Stops slapd; ``startDirectory()`` brings it back.
  public func stopDirectory() throws { try Sandbox.stop(home: home) }

  /// Starts slapd again with its data.
  public func startDirectory() throws { _ = try Sandbox.start(home: home) }

  // MARK: Programs

  /// What `ldapsearch` finds below a base, as the directory's administrator.
  public func search(base: String? = nil, filter: String = "(objectClass=*)", attributes: [String] = []) throws
    -> [LDIFEntry]
  {
    let program = try Program(
      "/usr/bin/ldapsearch",
      [
        "-x", "-LLL", "-o", "ldif-wrap=no", "-H", sandbox.uri, "-D", sandbox.admin, "-y", sandbox.passwordFile, "-z",
        "none", "-b", base ?? sandbox.base, filter,
      ] + attributes)
    let outcome = Outcome(of: program)
    guard outcome.status == 0 else { throw SiteError("ldapsearch: \(outcome)") }
    return LDIFEntry.parse(outcome.output)
  }

  /// Changes the directory outside Buzón: `ldapmodify` as its administrator.
  public func modify(_ ldif: String) throws {
    let program = try Program(
      "/usr/bin/ldapmodify", ["-x", "-H", sandbox.uri, "-D", sandbox.admin, "-y", sandbox.passwordFile], input: ldif)
    let outcome = Outcome(of: program)
    guard outcome.status == 0 else { throw SiteError("ldapmodify: \(outcome)") }
  }
}

extension Site {
  /// From now on the agent can bind with a password too.
  public func setAgentPassword(_ password: String) throws {
    try modify(
      """
      dn: \(sandbox.agent)
      changetype: modify
      add: objectClass
      objectClass: simpleSecurityObject
      -
      add: userPassword
      userPassword: \(password)

      """)
  }

  /// The writes of an entry that slapd's own log tells, in order: `reqType`, `reqMod`.
  public func writes(on dn: String) throws -> [LDIFEntry] {
    try search(
      base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0)(reqDN=\(dn)))",
      attributes: ["reqType", "reqMod", "reqAuthzID"])
  }

  /// How often each change was applied whose stamp `NUMBER#INDEX` begins so. A delete leaves no stamp.
  public func timesApplied(_ prefix: String) throws -> [String: Int] {
    let writes = try search(
      base: "cn=accesslog",
      filter: "(&(objectClass=auditWriteObject)(reqResult=0)(reqMod=buzonRequest:*\(prefix)*))",
      attributes: ["reqMod"])
    var times: [String: Int] = [:]
    for write in writes {
      for modification in write["reqMod"] where modification.hasPrefix("buzonRequest:") {
        guard let stamp = modification.split(separator: " ").last, stamp.hasPrefix(prefix) else { continue }
        times[String(stamp), default: 0] += 1
      }
    }
    return times
  }

  /// The DN of an account's entry whose local part is this.
  public func dn(_ uid: String) -> String { "uid=\(uid),ou=people,\(sandbox.base)" }

  /// The one entry of an account, with its operational attributes; `nil` where there is none.
  public func entry(_ uid: String) throws -> LDIFEntry? {
    try search(filter: "(entryDN=\(dn(uid)))", attributes: ["*", "+"]).first
  }
}

/// A test's surroundings don't work.
public struct SiteError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// How long a test waits for what must come: a hundred times what an idle machine needs. What comes early costs nothing.
public let patience = Duration.seconds(120)

/// Waits for something to become true, looking every 10 ms.
///
/// - Returns: whether it did within the bound.
public func eventually(within bound: Duration = patience, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + bound
  while ContinuousClock.now < end {
    if try condition() { return true }
    usleep(10_000)
  }
  return try condition()
}

/// Waits for something to become true, looking every 15 ms and letting other tests go on in between.
///
/// - Returns: whether it did within the bound.
public func comesTrue(within bound: Duration = patience, _ condition: () async throws -> Bool) async rethrows
  -> Bool
{
  let end = ContinuousClock.now + bound
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(15))
  }
  return try await condition()
}
