internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Records
internal import Register
internal import Text

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("The configuration. Default: $BUZON_CONFIG, else /etc/buzon/buzon.yaml.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  /// The configuration's path.
  var path: String {
    file ?? getenv("BUZON_CONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
      ?? Configuration.defaultFile
  }

  /// Reads the configuration.
  ///
  /// - Throws: ``ExitCode`` 78, after each mistake was reported on a line of its own; 74 where trying again may help.
  func configuration() throws -> Configuration {
    do {
      return try Configuration.load(path)
    } catch {
      for finding in error.findings { Console.report(finding, of: error.file) }
      throw error.isPassing ? ExitCode.inputOutput : .configuration
    }
  }

  /// Whether an agent has made a register yet.
  func hasRegister(_ configuration: Configuration) throws -> Bool {
    access(configuration.state + "/register.sqlite", F_OK) == 0 || errno == EACCES
  }

  /// Whether the caller may change the state.
  ///
  /// - Throws: ``Failure`` 77.
  func requireState(_ configuration: Configuration) throws {
    guard access(configuration.state, W_OK | X_OK) != 0, errno == EACCES else { return }
    throw Failure(
      "you may not change the state \(configuration.state); ask somebody who may, or use sudo -u buzon", .noPermission)
  }

  /// Opens the register for reading.
  ///
  /// - Throws: ``Failure`` 77 where the caller may not, 66 where there is none yet.
  func register(_ configuration: Configuration) throws -> Register {
    let path = configuration.state + "/register.sqlite"
    guard try hasRegister(configuration) else {
      throw Failure("there is no register at \(path) yet; start the agent once (buzon run)", .noInput)
    }
    guard access(path, R_OK) == 0 else {
      throw Failure(
        "you may not read the register \(path); ask somebody who may, or use sudo -u buzon", .noPermission)
    }
    return try Register(reading: path)
  }
}

extension Register {
  /// What was never read is not shown as nothing.
  ///
  /// - Throws: ``Failure`` 69 where the directory was never read to its end.
  func requireReading() throws {
    if try hasListened() { return }
    throw Failure(
      "the directory has not been read yet, so nothing is known of its accounts; start the agent (buzon status)",
      .unavailable)
  }
}

extension Configuration {
  /// The rules that a form is judged by today.
  func rulesToday() throws -> Rules {
    let (zone, now) = (try zone(), Timestamp.now())
    var rules = rules(today: zone.day(at: now))
    rules.hostTime = zone.timeAndZone(at: now)
    return rules
  }

  /// The zone that days and times for people follow.
  ///
  /// - Throws: ``Failure`` 78 where there is no such zone, 74 where it can't be read.
  func zone() throws -> Zone {
    do {
      return try Zone(organization.timezone)
    } catch {
      if case .unreadable = error { throw Failure("\(error); \(error.remedy)", .inputOutput) }
      throw Failure("organization.timezone: \(error); \(error.remedy)", .configuration)
    }
  }
}
