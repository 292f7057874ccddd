public import Foundation
public import Sandbox

/// An institution to test with: a private slapd, a spool, a state and records in a folder of its own, and the `buzon` of
/// this build. Ended and removed when it goes.
public final class Site: Sendable {
  /// Where everything is.
  public let sandbox: Sandbox.Description
  private let home: String

  /// Starts the directory. Not durable by default: tests kill processes, never the power.
  public init(durable: Bool = false) throws {
    home = NSTemporaryDirectory() + "buzon-test-\(UUID().uuidString.prefix(8))"
    sandbox = try Sandbox.start(home: home, options: .init(durable: durable, accesslog: true))
  }

  deinit {
    try? Sandbox.stop(home: home)
    // To look at what a failed test left.
    if ProcessInfo.processInfo.environment["BUZON_TEST_KEEP"] != nil { return print("kept: \(home)") }
    try? FileManager.default.removeItem(atPath: home)
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

  // MARK: Spool

  /// Drops a form as a careful submitter does: written beside, moved in.
  ///
  /// - Parameter modified: the file's modification time, by which waiting forms are taken; default now.
  public func drop(_ form: String, as name: String, modified: Date? = nil) throws {
    let passing = sandbox.spool + "/incoming/.\(name).tmp"
    try Data(form.utf8).write(to: URL(fileURLWithPath: passing))
    if let modified {
      try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: passing)
    }
    guard rename(passing, sandbox.spool + "/incoming/\(name)") == 0 else { throw SiteError("rename") }
  }

  /// The names in a folder of the site, sorted; empty where it isn't there.
  public func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// Every delivery record, by number.
  public func records() throws -> [String: [String: Any]] {
    var records: [String: [String: Any]] = [:]
    let deliveries = sandbox.records + "/deliveries"
    for year in names(in: deliveries) {
      for name in names(in: deliveries + "/" + year) where name.hasSuffix(".json") {
        let record = try json(Data(contentsOf: URL(fileURLWithPath: "\(deliveries)/\(year)/\(name)")))
        records[String(name.dropLast(5))] = record
      }
    }
    return records
  }

  /// The corporate account list, by address.
  public func accounts() throws -> [String: [String: Any]] {
    let list = try json(Data(contentsOf: URL(fileURLWithPath: sandbox.records + "/accounts/accounts.json")))
    var accounts: [String: [String: Any]] = [:]
    for account in list["accounts"] as? [[String: Any]] ?? [] {
      accounts[account["address"] as? String ?? ""] = account
    }
    return accounts
  }

  // MARK: Programs

  /// Runs `buzon` with this site's configuration to its end.
  @discardableResult
  public func buzon(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Outcome(of: start(arguments, environment: environment))
  }

  /// Starts `buzon` with this site's configuration.
  public func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Program {
    var environment = environment
    environment["BUZON_CONFIG"] = sandbox.config
    return try Program(Program.built("buzon"), arguments, environment: environment)
  }

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
    guard outcome.status == 0 else { throw SiteError("ldapsearch: \(outcome.errors)") }
    return LDIFEntry.parse(outcome.output)
  }

  /// Changes the directory by other hands: `ldapmodify` as its administrator.
  public func modify(_ ldif: String) throws {
    let program = try Program(
      "/usr/bin/ldapmodify", ["-x", "-H", sandbox.uri, "-D", sandbox.admin, "-y", sandbox.passwordFile], input: ldif)
    let outcome = Outcome(of: program)
    guard outcome.status == 0 else { throw SiteError("ldapmodify: \(outcome.errors)") }
  }
}

/// A test's surroundings don't work.
public struct SiteError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Reads a JSON object.
public func json(_ data: Data) throws -> [String: Any] {
  guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
    throw SiteError("not a JSON object")
  }
  return object
}

/// Waits for something to become true, looking every 10 ms.
///
/// - Returns: whether it did within the bound.
public func eventually(within bound: Duration = .seconds(20), _ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + bound
  while ContinuousClock.now < end {
    if try condition() { return true }
    usleep(10_000)
  }
  return try condition()
}
