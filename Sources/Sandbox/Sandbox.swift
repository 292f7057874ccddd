import Glibc

/// A private OpenLDAP in a folder, fit for Buzón: to try, to train, to test.
///
/// It is a slapd of the system's package that runs as the user who starts it, listens on a Unix socket, and has the
/// schema, indexes, overlays, access rules and password policy of `schema/` and `config/slapd/`; beside it stand a spool,
/// a `buzon.yaml` and all that an agent needs. It outlives the process that starts it.
///
/// All functions block the calling thread, for up to about half a second as a rule.
public enum Sandbox {
  /// Whether a sandbox's slapd runs.
  public enum Status: Sendable, Hashable {
    /// Its slapd, or one of two, does not run; `start` brings it back with its data.
    case stopped
    /// It runs.
    case running(Description)
  }

  /// Starts the sandbox in a folder and comes back when it answers.
  ///
  /// Can be repeated: one that runs is left as it is, one that was stopped or killed starts again with its data, and a
  /// first start that was cut short begins anew.
  ///
  /// - Parameters:
  ///   - home: the folder; made where it is missing.
  ///   - options: what a new sandbox is made with; one that is there keeps what it was made with.
  public static func start(home: String, options: Options = Options()) throws(SandboxError) -> Description {
    try options.check()
    let home = try Home(home, create: true)
    return try alone(home) { () throws(SandboxError) in
      guard var saved = try savedState(home) else { return try Setup(home: home, options: options).run() }
      if options.approvalSigned && !saved.approvalSigned {
        throw SandboxError(
          .usage, "the sandbox in \(home.path) was made without signatures",
          remedy: "make another one in another folder")
      }
      for place in saved.servers(home).indices { try resume(home, &saved, place) }
      var pids: [Int32] = []
      for server in saved.servers(home) { if let pid = try server.slapd.pid() { pids.append(pid) } }
      return saved.description(home: home, pids: pids)
    }
  }

  /// Stops the sandbox's slapds. Its data stays. Nothing happens where it does not run.
  public static func stop(home: String) throws(SandboxError) {
    let home = try Home(home, create: false)
    guard exists(home.file("sandbox.state")) || exists(home.unfinished) else { throw missing(home.path) }
    try alone(home) { () throws(SandboxError) in
      guard let saved = try savedState(home) else { return try Setup.stop(home) }
      for server in saved.servers(home) {
        try server.slapd.stop()
        server.home.removeSocketFolder(server.socket)
      }
    }
  }

  /// Looks whether the sandbox in a folder runs.
  ///
  /// - Throws: `SandboxError` (`usage`) where there is none, or its first start was cut short.
  public static func status(home: String) throws(SandboxError) -> Status {
    let home = try Home(home, create: false)
    guard let saved = try savedState(home) else { throw missing(home.path) }
    var pids: [Int32] = []
    for server in saved.servers(home) {
      guard try server.slapd.isRunning(), let pid = try server.slapd.pid() else { return .stopped }
      pids.append(pid)
    }
    return .running(saved.description(home: home, pids: pids))
  }

  private static func missing(_ path: String) -> SandboxError {
    SandboxError(.usage, "there is no sandbox in \(path)", remedy: "give the folder that start was given")
  }

  /// One start or stop at a time.
  private static func alone<Value>(
    _ home: Home, _ body: () throws(SandboxError) -> Value
  ) throws(SandboxError) -> Value {
    guard let lock = try FileLock.take(home.file("sandbox.lock"), patience: .seconds(300)) else {
      throw SandboxError(
        .directory, "another start or stop of \(home.path) has been at work for five minutes",
        remedy: "look what it waits for")
    }
    let value = try body()
    lock.close()
    return value
  }

  private static func savedState(_ home: Home) throws(SandboxError) -> SavedState? {
    guard let bytes = try readFile(home.file("sandbox.state")) else { return nil }
    guard let saved = SavedState(bytes) else {
      throw SandboxError(
        .usage, "\(home.file("sandbox.state")) is damaged or of a later version", remedy: "make another sandbox")
    }
    return saved
  }

  /// Starts a slapd that was made before, or finds it running.
  private static func resume(_ home: Home, _ saved: inout SavedState, _ place: Int) throws(SandboxError) {
    var server: Server { saved.servers(home)[place] }
    let slapd = server.slapd
    let deadline = ContinuousClock.now + .seconds(120)
    var answer = ""
    repeat {
      try server.home.prepareSocketFolder(server.socket)
      let launched = try slapd.launch(listeners: server.listeners)
      try slapd.requireUnpaused()
      if try slapd.awaitConnection(server.socket) {
        answer = try Setup.answer(home, saved, at: server)
        if answer.isEmpty { return }
        // One that ran may have been killed the moment before: then it listens no more, and the next round starts it.
      } else if launched && saved.tcpPort != 0 {
        // It ended at once: somebody has taken its ports meanwhile.
        saved.tcpPort = try freePort()
        if saved.tlsPort != 0 { saved.tlsPort = try freePort() }
        try writeFile(home.file("sandbox.state"), saved.text, mode: 0o644, durable: saved.durable)
      } else if launched {
        break
      }
      usleep(2000)
    } while ContinuousClock.now < deadline
    throw SandboxError(
      .directory, "slapd does not start or does not answer: \(answer)\n\(slapd.lastWords())",
      remedy: "check \(server.home.file("slapd.log"))")
  }
}
