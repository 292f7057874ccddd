internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Glibc
internal import Records
internal import Register
internal import Text

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the register and its key to a file, also while the agent runs.",
    discussion: """
      The copy holds the register as it was at one moment, and the key of the
      temporary passwords. Everything else in the state folder can be made again.
      The copy is read back and verified before it gets its name, mode 0600. An
      interrupted backup leaves no file. An existing file is not replaced (exit
      code 73), unless you give --force.

      The file is as secret as the state folder: with it, temporary passwords that
      are still unchanged can be derived. Keep it on another machine, encrypted.

      EXAMPLE
        buzon backup /var/backups/buzon-$(date +%F).sqlite
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Replace a file of that name.")
  var force = false
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "The file to write.", completion: .file())
  var file: String

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    Interruption.hold()
    let progress = Progress()
    let result: StateBackup.Result
    do {
      result = try StateBackup.write(configuration, register, to: file, replacing: force) { done, all in
        try Interruption.check()
        progress.show("Copying", bytes: done, of: all)
      }
    } catch let error as FileError where error.code == 17 {
      throw Failure("\(error.path) is there already; take another name, or --force", .cannotCreate)
    }
    if json { return try Console.output(Self.json(result, file)) }
    try Console.say(
      "\(displayed(file.utf8)): \(result.contents.requests) requests, \(result.bytes) bytes, verified")
  }

  private static func json(_ result: StateBackup.Result, _ file: String) -> [UInt8] {
    JSONWriter.document { json in
      json.field("file", file)
      json.field("made", Timestamp(milliseconds: result.contents.made))
      json.field("requests", result.contents.requests)
      json.field("bytes", result.bytes)
    }
  }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Replace the register with a backup.",
    discussion: """
      Stop the agent first; while one runs, the command refuses (exit code 75). It
      verifies the whole backup, and refuses one that is incomplete or damaged
      (65). Then it copies the present register to
      register.sqlite.before-restore-TIME, and replaces register and key with one
      rename. If it is killed, the state is the old one or the new one, never a
      mixture.

      The directory keeps what was done since the backup, but the restored register
      does not know it. The command lists the delivery records that the register
      does not know. Their numbers stay used. Requests that were not done at the
      time of the backup may have been done since. They are held. Release each that
      was done, as its delivery record says: the agent recognizes what was done, and
      does nothing twice. Never cancel such a request: its record would then say
      cancelled. Until then `buzon drift` reports an account that such a request made
      or removed. Release or cancel the others.

      A temporary password that was granted after the backup is lost: its account
      has no open hand-over any more. Give it a new one with `reset: password`.

      Remove register.sqlite.before-restore-TIME when you no longer need it.

      EXAMPLE
        systemctl stop buzon
        buzon restore /var/backups/buzon-2026-11-21.sqlite
        buzon rebuild && systemctl start buzon
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "The backup.", completion: .file())
  var file: String

  func run() async throws {
    let configuration = try common.configuration()
    try requireFile()
    try common.requireState(configuration)
    Interruption.hold()
    let progress = Progress()
    let result: StateRestore.Result
    do {
      result = try await StateRestore.restore(configuration, from: file) { done, all in
        try Interruption.check()
        progress.show("Copying", bytes: done, of: all)
      }
    } catch let fault as BackupFault {
      throw Failure("\(displayed(file.utf8)) \(fault); nothing was changed; take another backup", .dataError)
    }
    if json {
      try Console.output(Self.json(result))
    } else {
      try Console.say(
        "restored: \(result.contents.requests) requests, as of "
          + (try configuration.zone()).timeAndZone(at: Timestamp(milliseconds: result.contents.made)))
      if let aside = result.aside { try Console.say("the register that was there: \(displayed(aside.utf8))") }
    }
    if result.held > 0 {
      Console.error(
        "buzon: \(result.held) requests weren't done when the backup was made, and may have been done since; they are held. "
          + "Where the delivery record says applied, `buzon release` it: the agent recognizes what was done, also an account "
          + "that was made or adopted, and does nothing twice. Cancel only what was never carried out")
    }
    if !result.unknown.isEmpty { Console.error("buzon: \(Self.warning(result.unknown, configuration.records))") }
  }

  private func requireFile() throws {
    let shown = displayed(file.utf8)
    var status = stat()
    guard stat(file, &status) == 0 else {
      if errno == ENOENT { throw Failure("there is no \(shown); name a backup that is there", .noInput) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure("\(shown) is not a regular file; name a backup (buzon backup)", .dataError)
    }
  }

  private static func warning(_ unknown: [String], _ records: String) -> String {
    let count = unknown.count
    let named = unknown.prefix(10).map { displayed($0.utf8) }.joined(separator: ", ") + (count > 10 ? ", …" : "")
    return (count == 1 ? "1 delivery record is of a request" : "\(count) delivery records are of requests")
      + " that the backup doesn't know; \(count == 1 ? "its number stays" : "their numbers stay") used: \(named); "
      + "keep them (\(displayed(records.utf8))/deliveries), and let `buzon rebuild` read the accounts from the directory"
  }

  private static func json(_ result: StateRestore.Result) -> [UInt8] {
    JSONWriter.document { json in
      json.field("made", Timestamp(milliseconds: result.contents.made))
      json.field("requests", result.contents.requests)
      json.field("aside", result.aside)
      json.field("unknown", result.unknown)
      json.field("held", result.held)
    }
  }
}
