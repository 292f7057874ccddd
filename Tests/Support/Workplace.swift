public import Foundation
internal import Sandbox

/// One agent's place on a site's directory: a configuration, spool, state and records of its own, so that tests share a
/// slapd and nothing else. Its folder goes with the site's.
public struct Workplace: Office {
  /// What its configuration says beside the places.
  public struct Options: Sendable {
    public var domains = ["example.org"]
    /// `nil`: the site's own directory.
    public var uri: String?
    /// The lines of `directory.bind`.
    public var bind = "{method: external}"
    /// The lines of `directory.tls`.
    public var tls = "{mode: none}"
    public var connectTimeout = "5 s"
    public var operationTimeout = "30 s"
    public var firstRetry = "200 ms"
    public var longestRetry = "1 s"
    public var formSize = "1 MiB"
    public var log = "{format: text, level: info}"
    /// Lines behind all others.
    public var more = ""

    public init() {}

    /// The usual ones but for what `change` changes.
    public static func with(_ change: (inout Options) -> Void) -> Options {
      var options = Options()
      change(&options)
      return options
    }
  }

  public let site: Site
  public let folder: String

  public var config: String { folder + "/buzon.yaml" }
  public var spool: String { folder + "/spool" }
  public var state: String { folder + "/state" }
  public var records: String { folder + "/records" }

  fileprivate init(_ site: Site, name: String, _ options: Options) throws {
    self.site = site
    folder = site.folder + "/places/" + name
    let incoming = folder + "/spool/incoming"
    try FileManager.default.createDirectory(atPath: incoming, withIntermediateDirectories: true)
    guard chmod(incoming, 0o3730) == 0 else { throw SiteError("chmod \(incoming)") }
    try configure(options)
  }

  /// Writes `buzon.yaml` anew. A running agent reads it at SIGHUP.
  public func configure(_ options: Options) throws {
    let text = """
      organization: {name: Prueba}
      directory:
        uris: ["\(options.uri ?? site.sandbox.uri)"]
        base: "\(site.sandbox.base)"
        bind: \(options.bind)
        tls: \(options.tls)
        timeouts: {connect: \(options.connectTimeout), operation: \(options.operationTimeout)}
        first_retry: \(options.firstRetry)
        longest_retry: \(options.longestRetry)
      domains: [\(options.domains.joined(separator: ", "))]
      spool: "\(spool)"
      state: "\(state)"
      records: "\(records)"
      limits: {form_size: \(options.formSize)}
      log: \(options.log)
      \(options.more)

      """
    try text.write(toFile: config, atomically: true, encoding: .utf8)
  }

  /// Starts `buzon run` and waits until it takes forms.
  ///
  /// - Parameters:
  ///   - prefix: a program that starts the agent, with its arguments: `setpriv …`.
  ///   - environment: what it gets beside ours.
  public func agent(
    prefix: [String] = [], environment: [String: String] = [:]
  ) async throws -> RunningAgent {
    let command = prefix + [Program.built("buzon"), "run"]
    let agent = RunningAgent(
      try Program(
        command[0], Array(command.dropFirst()), environment: environment.merging(["BUZON_CONFIG": config]) { $1 }))
    guard await agent.says("agent.started") else { throw SiteError("no start: \(agent.program.written.errors)") }
    return agent
  }
}

extension Workplace {
  /// Starts `buzon run` beside an agent that works here.
  public func standby() throws -> RunningAgent {
    RunningAgent(try Program(Program.built("buzon"), ["run"], environment: ["BUZON_CONFIG": config]))
  }
}

extension Site {
  /// A place for one more agent on this site's directory.
  public func workplace(_ name: String, _ options: Workplace.Options = .init()) throws -> Workplace {
    try Workplace(self, name: "\(name)-\(UUID().uuidString.prefix(4))", options)
  }
}

extension Office {
  /// Waits until requests are recorded, and returns the record of the last of them.
  @discardableResult
  public func recorded(_ numbers: String..., within bound: Duration = patience) async throws -> JSON {
    for number in numbers {
      guard try await comesTrue(within: bound, { try record(number) != nil }) else {
        let queue = try await run("queue").output
        throw SiteError("\(number) isn't recorded; rejected: \(names(in: spool + "/rejected")); \(queue)")
      }
    }
    return try numbers.last.flatMap { try record($0) } ?? .null
  }

  /// Drops a form and waits for its record, which an agent has to write.
  @discardableResult
  public func carryOut(_ form: String, _ number: String) async throws -> JSON {
    try drop(form, as: number + ".yaml")
    return try await recorded(number)
  }

  /// Waits until a file lies among the rejected, and returns its report.
  public func rejection(of name: String, within bound: Duration = patience) async throws -> String {
    let path = spool + "/rejected/" + name
    guard await comesTrue(within: bound, { FileManager.default.fileExists(atPath: path + ".report") && exists(path) })
    else { throw SiteError("\(name) isn't rejected; rejected are \(names(in: spool + "/rejected"))") }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + ".report")), as: UTF8.self)
  }
}

/// Whether a name stands for something, a symbolic link to nothing too.
public func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// An agent that runs, and what it logs.
public final class RunningAgent: Sendable {
  public let program: Program

  init(_ program: Program) { self.program = program }

  /// The lines that it has written whole.
  public var log: [String] {
    program.written.errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// Waits until a line of its log has all of these words.
  public func says(_ words: String..., within bound: Duration = patience) async -> Bool {
    await comesTrue(within: bound) {
      log.contains { line in words.allSatisfy { line.contains($0) } } || !program.isRunning
    } && log.contains { line in words.allSatisfy { line.contains($0) } }
  }

  /// Sends a signal, SIGTERM as a rule, and waits for the end.
  ///
  /// - Returns: the exit status, or minus the signal that ended it.
  public func end(_ signal: Int32 = SIGTERM, atMost bound: Duration = patience) async -> Int32 {
    program.signal(signal)
    return await program.outcome(atMost: bound).status
  }
}
