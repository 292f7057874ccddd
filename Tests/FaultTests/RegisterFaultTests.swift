import Foundation
import Support
import Testing

/// The register that another program holds locked for longer than SQLite waits (10 s), and the one whose sync fails.
@Suite("The register fails")
struct RegisterFaultTests {
  @Test("under a running agent, and at its start: it ends with a clear word, and takes up where it was")
  func busy() async throws {
    let site = try Site()
    let place = try site.workplace("busy")
    let agent = try await place.agent()
    try await place.carryOut(
      faultForm("K1", "create: {address: k1@example.org, name: {given: Ana, family: Ruiz}}"), "K1")
    let lock = try RegisterLock(place.state + "/register.sqlite")
    try place.drop(faultForm("K2", "modify: {address: k1@example.org, set: {position: Jefa}}"), as: "K2.yaml")
    let outcome = await agent.program.outcome()
    Self.expectBusy(outcome)
    if Torture.isFull { Self.expectBusy(try await place.run("run", "--once")) }
    lock.release()
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try site.timesApplied("K") == ["K1#0": 1, "K2#0": 1])
  }

  @Test(
    "before its tables are made: it ends with a clear word, and makes them at the next start",
    .enabled(if: Torture.isFull, "it waits for half a minute"))
  func migration() async throws {
    let site = try Site()
    let place = try site.workplace("new")
    try FileManager.default.createDirectory(
      atPath: place.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let lock = try RegisterLock(place.state + "/register.sqlite")
    for name in place.names(in: place.state) { #expect(chmod(place.state + "/" + name, 0o600) == 0) }
    let key = FileManager.default.createFile(
      atPath: place.state + "/slips.key", contents: Data(repeating: 7, count: 32),
      attributes: [.posixPermissions: 0o600])
    #expect(key)
    try place.drop(
      faultForm("N1", "create: {address: n1@example.org, name: {given: Ana, family: Ruiz}}"), as: "N1.yaml")
    Self.expectBusy(try await place.run("run", "--once"))
    lock.release()
    let second = try await place.run("run", "--once")
    #expect(second.status == 0, "\(second.errors)")
    #expect(try site.timesApplied("N") == ["N1#0": 1])
  }

  /// After a sync that failed the kernel calls the pages clean, whatever is on the disk (fsync(2), NOTES): who reads them
  /// again sees what was written, and a second sync of the same file answers success without writing anything.
  @Test("after a sync that failed, the next start makes durable what it finds before it works from it")
  func unsyncedLog() async throws {
    let site = try Site()
    let place = try site.workplace("unsynced")
    #expect(try await place.run("run", "--once").status == 0)
    try place.drop(
      faultForm("W1", "create: {address: w1@example.org, name: {given: Ana, family: Ruiz}}"), as: "W1.yaml")
    let fault = Fault(calls: ["fdatasync"], below: place.state + "/register.sqlite-wal", error: "EIO", at: 6)
    let (first, second) = (site.folder + "/trace-1", site.folder + "/trace-2")
    let failed = try await place.run("run", "--once", environment: place.faults(fault, trace: first))
    #expect(failed.status == 74, "\(failed.errors)")
    let met = try MetCall.trace(first)
    let failure = try #require(met.firstIndex { $0.error == "EIO" })
    // Neither commits nor checkpoints.
    #expect(!met[failure...].contains { $0.call == "fdatasync" && $0.error == nil })
    let log = try Data(contentsOf: URL(fileURLWithPath: place.state + "/register.sqlite-wal"))
    #expect(log.count > 32, "nothing but its header")

    #expect(try await place.run("run", "--once", environment: place.faults(nil, trace: second)).status == 0)
    let next = try MetCall.trace(second)
    let sent = try #require(next.firstIndex { $0.call == "send" })
    // Written anew to another file, and synced there.
    #expect(next[..<sent].contains { $0.call == "write" && $0.path == place.state + "/register.sqlite" })
    #expect(next[..<sent].contains { $0.call == "fdatasync" && $0.path == place.state + "/register.sqlite" })
    #expect(try site.timesApplied("W") == ["W1#0": 1])
  }

  private static func expectBusy(_ outcome: Outcome) {
    #expect([74, 75].contains(outcome.status), "\(outcome.status): \(outcome.errors)")
    let told = outcome.errors.split(separator: "\n").filter { $0.contains("Z error ") }
    #expect(told.count == 1, "\(outcome.errors)")
    #expect(told.first?.contains("locked by another program (SQLite error 5)") == true, "\(outcome.errors)")
    #expect(told.first?.contains(" do=") == true, "\(outcome.errors)")
  }
}

/// Another program's write lock: BEGIN IMMEDIATE.
private final class RegisterLock {
  private typealias Open =
    @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>, Int32, UnsafePointer<CChar>?) -> Int32
  private typealias Execute =
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
  private typealias Close = @convention(c) (OpaquePointer?) -> Int32

  private var database: OpaquePointer?
  private let close: Close

  init(_ path: String) throws {
    guard let library = dlopen("libsqlite3.so.0", RTLD_NOW), let open = dlsym(library, "sqlite3_open_v2"),
      let execute = dlsym(library, "sqlite3_exec"), let close = dlsym(library, "sqlite3_close_v2")
    else { throw SiteError("no libsqlite3") }
    // The types above are those of sqlite3.h.
    self.close = unsafeBitCast(close, to: Close.self)
    let readWriteCreate: Int32 = 2 | 4
    guard unsafeBitCast(open, to: Open.self)(path, &database, readWriteCreate, nil) == 0,
      unsafeBitCast(execute, to: Execute.self)(database, "PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE", nil, nil, nil)
        == 0
    else { throw SiteError("\(path) can't be locked") }
  }

  func release() {
    _ = close(database)
    database = nil
  }

  deinit { release() }
}
