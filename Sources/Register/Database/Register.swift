internal import Dispatch
internal import Failpoints
internal import GRDB
internal import Glibc
internal import Synchronization
internal import Text

/// The register: what was asked, what was intended, what came of it. One SQLite database, the only SQL of the program.
///
/// - Durability: WAL with `synchronous=FULL`, so what a ``Commit`` has confirmed survives a power cut.
/// - One writer: every write goes through one queue and is committed with whatever waits beside it (group commit); the
///   order in which writes are posted is the order in which they become true, and a later one is never durable without
///   an earlier one. The dispatcher leans on that: an outcome posted before an intent can't be lost behind it. So after
///   a commit that failed every later write is refused with the same error, until the register is opened again.
/// - Readers see a snapshot and never wait for the writer.
/// - Personal data: the register holds forms as received, so its folder is closed to others (0700, files 0600).
public final class Register: Sendable {
  /// A write that was posted: it is true once ``value()`` has returned.
  public final class Commit<Value: Sendable>: Sendable {
    private enum State {
      case waiting([CheckedContinuation<Value, any Error>])
      case done(Result<Value, any Error>)
    }
    private let state = Mutex<State>(.waiting([]))

    /// Returns once the write is durable.
    /// - Throws: ``RegisterError`` where the commit failed; nothing of it was written.
    public func value() async throws -> Value {
      try await withCheckedThrowingContinuation { continuation in
        let result: Result<Value, any Error>? = state.withLock { state in
          switch state {
          case .waiting(let others):
            state = .waiting(others + [continuation])
            return nil
          case .done(let result):
            return result
          }
        }
        if let result { continuation.resume(with: result) }
      }
    }

    func resolve(_ result: Result<Value, any Error>) {
      let waiting = state.withLock { state in
        guard case .waiting(let waiting) = state else { return [CheckedContinuation<Value, any Error>]() }
        state = .done(result)
        return waiting
      }
      for continuation in waiting { continuation.resume(with: result) }
    }
  }

  private struct Write: Sendable {
    var perform: @Sendable (Database) throws -> Void
    /// Called with `nil` once the commit is durable, with the error where it failed.
    var finish: @Sendable ((any Error)?) -> Void
  }

  let database: any DatabaseReader
  private let writer: DatabasePool?
  private let writing = DispatchQueue(label: "register")
  private let waiting = Mutex<[Write]>([])
  /// Why nothing is written any more; touched on `writing` alone.
  private let failure = Mutex<RegisterError?>(nil)
  private let isClosed = Mutex(false)

  /// Opens the register for the agent, the one writer, and brings its schema up to date.
  ///
  /// - Parameters:
  ///   - path: the database file; made where it is missing.
  ///   - checkpointing: not beside a running agent, as in ``close(checkpointing:)``.
  /// - Throws: ``RegisterError``.
  public init(writing path: String, checkpointing: Bool = true) throws {
    do {
      var configuration = Configuration()
      configuration.label = "register"
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(10)
      configuration.maximumReaderCount = 4
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete=ON") }
      let pool = try DatabasePool(path: path, configuration: configuration)
      guard try !pool.read(Migrations.all.hasBeenSuperseded) else {
        throw RegisterError(
          what: "\(path): the register is of a newer version of Buzón",
          remedy: "start that version; this one can't read it")
      }
      try Migrations.all.migrate(pool)
      // GRDB sets a pool's writer to NORMAL after `prepareDatabase`, which would lose the last commits in a power cut.
      try pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous=FULL")
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
          throw RegisterError(what: "SQLite does not take synchronous=FULL", remedy: "use Debian's libsqlite3")
        }
        // The pragma that asks for it reports nothing when the disk fails.
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal" else {
          throw RegisterError(
            what: "\(path): SQLite could not begin a write-ahead log",
            remedy: "look for errors of the disk in the kernel's log before starting again")
        }
      }
      self.database = pool
      self.writer = pool
      // After a sync that failed the log reads well and may not be on the disk: written to the database anew, it is.
      if checkpointing { try Self.checkpoint(pool) }
    } catch {
      throw RegisterError(error, path: path)
    }
  }

  /// Opens the register for reading, beside a running agent or without one.
  ///
  /// - Parameter patience: how long it may be of another version: an agent that has just started may still be making it.
  /// - Throws: ``RegisterError`` where there is none yet, it is of another version, or the caller may not read it.
  public init(reading path: String, patience: Duration = .seconds(5)) throws {
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(10)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let end = ContinuousClock.now + patience
      while try !Self.isOfThisVersion(queue) {
        guard ContinuousClock.now < end else {
          throw RegisterError(
            what: "the register is of another version of Buzón", remedy: "let the agent of this version start once")
        }
        usleep(50_000)
      }
      self.database = queue
      self.writer = nil
    } catch {
      throw RegisterError(error, path: path)
    }
  }

  private static func isOfThisVersion(_ database: DatabaseQueue) throws -> Bool {
    try database.read { database in
      let migrations = Migrations.all
      return try migrations.hasCompletedMigrations(database) && !migrations.hasBeenSuperseded(database)
    }
  }

  /// How many writes wait for the next commit.
  var waitingWrites: Int { waiting.withLock { $0.count } }

  /// Posts a write; it is committed with the others that wait. Never blocks.
  func post<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) -> Commit<Value> {
    let commit = Commit<Value>()
    let value = Mutex<Value?>(nil)
    let write = Write(
      perform: { database in
        let result = try body(database)
        value.withLock { $0 = result }
      },
      finish: { error in
        if let error {
          commit.resolve(.failure(error))
        } else if let result = value.withLock({ $0 }) {
          commit.resolve(.success(result))
        }
      })
    let isFirst = waiting.withLock { waiting in
      waiting.append(write)
      return waiting.count == 1
    }
    // Whoever finds the queue empty starts a commit; all that is posted until it begins goes with it.
    if isFirst { writing.async { self.commitWaiting() } }
    return commit
  }

  /// True once all that was posted before is.
  public func posted() -> Commit<Void> { post { _ in } }

  private func commitWaiting() {
    let writes = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    let failure = failure.withLock { failure in
      if failure == nil {
        do { try commit(writes) } catch { failure = RegisterError(error, path: nil) }
      }
      return failure
    }
    for write in writes { write.finish(failure) }
  }

  private func commit(_ writes: [Write]) throws {
    guard let writer else { throw RegisterError(what: "the register is open for reading only", remedy: "") }
    try writer.writeWithoutTransaction { database in
      try failpoint("register.commit") {
        try database.inTransaction(.immediate) {
          for write in writes { try write.perform(database) }
          return .commit
        }
      }
    }
  }

  /// Copies the WAL into the database and empties it, unless a reader needs it: waiting for one would keep other writers
  /// waiting.
  ///
  /// - Returns: whether it is empty.
  @discardableResult
  func checkpoint() throws -> Bool { try writer.map(Self.checkpoint) ?? false }

  @discardableResult
  private static func checkpoint(_ writer: DatabasePool) throws -> Bool {
    do {
      return try writer.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? database.execute(sql: "PRAGMA busy_timeout = 10000") }
        do {
          _ = try database.checkpoint(.truncate)
          return true
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
          return false
        }
      }
    } catch {
      leaveOpen(writer)
      throw error
    }
  }

  /// After a sync that failed: SQLite syncs the log again when it is closed, and would believe that. So it is left open
  /// until the process ends.
  private static func leaveOpen(_ writer: DatabasePool) { _ = Unmanaged.passRetained(writer) }

  /// SQLite's VACUUM.
  func vacuum() throws { try failpoint("register.vacuum") { try writer?.vacuum() } }

  /// Waits for the writes that were posted, copies the WAL into the database and closes it; called when the agent ends.
  /// What was committed is safe without. Blocks.
  ///
  /// - Parameter checkpointing: not beside a running agent: while readers read, it would keep the agent waiting.
  /// - Throws: ``RegisterError`` where the WAL can't be copied.
  public func close(checkpointing: Bool = true) throws {
    guard let writer else { return }
    writing.sync {}
    // A checkpoint of a closed connection ends the process.
    let wasClosed = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return isClosed
    }
    if wasClosed { return }
    if failure.withLock({ $0 != nil }) { return Self.leaveOpen(writer) }
    do {
      if checkpointing { try Self.checkpoint(writer) }
      try writer.close()
    } catch {
      throw RegisterError(error, path: nil)
    }
  }
}

/// The register can't be read or written.
public struct RegisterError: Error, Sendable, CustomStringConvertible {
  public var what: String
  public var remedy: String

  public init(what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }

  init(_ error: any Error, path: String?) {
    if let error = error as? RegisterError {
      self = error
      return
    }
    let place = path.map { "\($0): " } ?? ""
    if let error = error as? DatabaseError {
      // The message of a DatabaseError names statements, never their arguments, which may be personal data.
      self.what = "\(place)\(Self.words(error)) (SQLite error \(error.extendedResultCode.rawValue))"
      switch error.resultCode {
      case .SQLITE_CANTOPEN:
        switch DescriptorShortage.found() {
        case .some(let code):
          let text = String(cString: strerror(code)).lowercased()
          self.what = "\(place)\(text) (SQLite error \(error.extendedResultCode.rawValue))"
          self.remedy =
            code == EMFILE
            ? "raise the limit of open files (LimitNOFILE, ulimit -n)"
            : "raise the system's limit of open files (fs.file-max)"
        case nil: self.remedy = "check that the file is there and that you may read it"
        }
      case .SQLITE_FULL: self.remedy = "free space on the disk, then try again"
      case .SQLITE_IOERR: self.remedy = "look for errors of the disk in the kernel's log before starting again"
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        self.remedy = "another program holds the register locked; end it (fuser shows which), then try again"
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.remedy = "restore the register from a backup (buzon restore)"
      case .SQLITE_READONLY: self.remedy = "mount the file system of the state writable"
      default: self.remedy = "look up the SQLite error (sqlite.org/rescode.html)"
      }
    } else {
      self.what = "\(place)\(error)"
      self.remedy = "see the message"
    }
  }

  /// What SQLite's code means for the register.
  private static func words(_ error: DatabaseError) -> String {
    switch error.resultCode {
    case .SQLITE_FULL: "no space is left"
    case .SQLITE_IOERR: "the disk could not be read or written"
    case .SQLITE_BUSY, .SQLITE_LOCKED: "the register is locked by another program"
    case .SQLITE_CORRUPT: "the register is damaged"
    case .SQLITE_NOTADB: "the file is no register"
    case .SQLITE_CANTOPEN: "the register could not be opened"
    case .SQLITE_READONLY: "the register can't be written"
    default: error.message ?? "the register could not be used"
    }
  }

  public var description: String { remedy.isEmpty ? what : "\(what); \(remedy)" }
}
