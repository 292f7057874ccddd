public import Foundation
public import Sandbox
internal import Synchronization

/// Two slapds in multi-provider replication, with an agent's place. What they tell each other goes through two relays, so that
/// it can be cut as a network is, while clients reach them.
public final class ProviderPair: Office {
  public let sandbox: Sandbox.Description
  private let home: String
  private let relays = Relays()

  public var config: String { sandbox.config }
  public var spool: String { sandbox.spool }
  public var state: String { sandbox.state }
  public var records: String { sandbox.records }

  /// - Parameter more: lines of `directory` in `buzon.yaml`.
  public init(_ more: String...) throws {
    home = NSTemporaryDirectory() + "buzon-test-\(UUID().uuidString.prefix(8))"
    sandbox = try Sandbox.start(home: home, options: .init(durable: false, accesslog: false, providers: 2))
    let lines = (["first_retry: 50 ms", "longest_retry: 1 s"] + more).map { "  \($0)\n" }.joined()
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try text.replacing("  bind:\n", with: "\(lines)  bind:\n").write(toFile: config, atomically: true, encoding: .utf8)
    try relay()
  }

  deinit {
    relays.end()
    try? Sandbox.stop(home: home)
    if ProcessInfo.processInfo.environment["BUZON_TEST_KEEP"] != nil { return print("kept: \(home)") }
    try? FileManager.default.removeItem(atPath: home)
  }

  // MARK: What they tell each other

  /// Has each follow the other through a relay, and waits until both do.
  private func relay() throws {
    try connect()
    for place in [0, 1] {
      let other = 1 - place
      let path = "\(home)/relay\(other)".replacing("/", with: "%2F")
      try modify(
        place,
        """
        dn: olcDatabase={1}mdb,cn=config
        changetype: modify
        replace: olcSyncrepl
        olcSyncrepl: rid=00\(other + 1) provider=ldapi://\(path) searchbase="\(sandbox.base)"
          type=refreshAndPersist retry="1 +" timeout=5 network-timeout=5 bindmethod=simple
          binddn="\(sandbox.admin)" credentials=\(try password)
        -

        """)
    }
  }

  private var password: String { get throws { try String(contentsOfFile: sandbox.passwordFile, encoding: .utf8) } }

  /// Neither hears the other any more.
  public func cut() { relays.end() }

  /// They hear each other again.
  public func connect() throws { for place in [0, 1] { try relays.begin("\(home)/relay\(place)", to: socket(place)) } }

  private func socket(_ place: Int) -> String { "\(home)/\(place + 1)/ldapi" }

  // MARK: Their processes

  public func process(_ place: Int) throws -> pid_t {
    let text = try String(contentsOfFile: "\(home)/\(place + 1)/slapd.pid", encoding: .utf8)
    guard let pid = pid_t(text.filter(\.isNumber)) else { throw SiteError("no pid: \(text)") }
    return pid
  }

  public func kill(_ place: Int, _ signal: Int32 = SIGKILL) throws { Foundation.kill(try process(place), signal) }

  /// Starts whichever does not run, with its data.
  public func start() throws { _ = try Sandbox.start(home: home) }

  /// What a server has now, as LDIF (slapcat(8)).
  public func backUp(_ place: Int) throws -> String {
    let outcome = Outcome(of: try Program("/usr/sbin/slapcat", ["-n", "1", "-F", "\(home)/\(place + 1)/slapd.d"]))
    guard outcome.status == 0 else { throw SiteError("slapcat: \(outcome)") }
    return outcome.output
  }

  /// Kills a server, and starts it with what it had then.
  public func restore(_ place: Int, _ backup: String) throws {
    let folder = "\(home)/\(place + 1)"
    let pid = try process(place)
    Foundation.kill(pid, SIGKILL)
    while Foundation.kill(pid, 0) == 0 { usleep(10_000) }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/data") {
      try FileManager.default.removeItem(atPath: "\(folder)/data/\(name)")
    }
    let outcome = Outcome(
      of: try Program("/usr/sbin/slapadd", ["-q", "-n", "1", "-w", "-F", folder + "/slapd.d"], input: backup))
    guard outcome.status == 0 else { throw SiteError("slapadd: \(outcome)") }
    try start()
  }

  /// Whether a server takes writes.
  public func setReadOnly(_ isReadOnly: Bool, _ place: Int) throws {
    try modify(
      place,
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      replace: olcReadOnly
      olcReadOnly: \(isReadOnly ? "TRUE" : "FALSE")

      """)
  }

  public func uri(_ place: Int) -> String { sandbox.uris[place] }
  /// The suffix.
  public var base: String { sandbox.base }

  // MARK: Programs

  private func tool(_ name: String, _ place: Int, _ arguments: [String], input: String? = nil) throws -> Outcome {
    Outcome(
      of: try Program(
        "/usr/bin/\(name)",
        ["-x", "-H", uri(place), "-D", sandbox.admin, "-y", sandbox.passwordFile] + arguments, input: input))
  }

  /// Changes a server outside Buzón.
  public func modify(_ place: Int, _ ldif: String) throws {
    let outcome = try tool("ldapmodify", place, [], input: ldif)
    guard outcome.status == 0 else { throw SiteError("ldapmodify: \(outcome)") }
  }

  /// What a server has of the accounts.
  public func accounts(_ place: Int, _ attributes: [String] = ["*", "+"]) throws -> [LDIFEntry] {
    let outcome = try tool(
      "ldapsearch", place,
      ["-LLL", "-o", "ldif-wrap=no", "-b", "ou=people,\(sandbox.base)", "(objectClass=buzonAccount)"] + attributes)
    guard outcome.status == 0 else { throw SiteError("ldapsearch: \(outcome)") }
    return LDIFEntry.parse(outcome.output).sorted { $0.dn < $1.dn }
  }

  /// Whether an account can log in with a password, at a server.
  public func logsIn(_ name: String, _ password: String, _ place: Int) throws -> Bool {
    let program = try Program(
      "/usr/bin/ldapwhoami",
      ["-x", "-H", uri(place), "-D", "uid=\(name),ou=people,\(sandbox.base)", "-w", password])
    return Outcome(of: program).status == 0
  }

  /// Whether both have the same of all accounts.
  public func areEqual() throws -> Bool {
    func all(_ place: Int) throws -> [[String: [String]]] {
      try accounts(place).map { entry in entry.values.mapValues { $0.sorted() }.merging(["dn": [entry.dn]]) { $1 } }
    }
    return try all(0) == all(1)
  }

  /// Starts `buzon run` and waits until it takes forms.
  public func agent() async throws -> RunningAgent {
    let agent = RunningAgent(try Program(Program.built("buzon"), ["run"], environment: ["BUZON_CONFIG": config]))
    guard await agent.says("agent.started") else { throw SiteError("no start: \(agent.program.written.errors)") }
    return agent
  }
}

/// Processes that hand bytes on between Unix sockets, until they are killed.
private final class Relays: Sendable {
  private let programs = Mutex<[Program]>([])

  private static let text = """
    import os, socket, sys, threading
    def pump(source, sink):
        try:
            while data := source.recv(65536): sink.sendall(data)
        except OSError: pass
        for one in (source, sink):
            try: one.shutdown(socket.SHUT_RDWR)
            except OSError: pass
    path, target = sys.argv[1:]
    if os.path.exists(path): os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    while True:
        near, _ = server.accept()
        far = socket.socket(socket.AF_UNIX)
        try: far.connect(target)
        except OSError:
            near.close()
            continue
        for pair in ((near, far), (far, near)): threading.Thread(target=pump, args=pair, daemon=True).start()
    """

  func begin(_ path: String, to target: String) throws {
    let program = try Program("/usr/bin/python3", ["-c", Self.text, path, target])
    programs.withLock { $0.append(program) }
  }

  func end() {
    programs.withLock { programs in
      for program in programs { program.signal(SIGKILL) }
      programs = []
    }
  }
}
