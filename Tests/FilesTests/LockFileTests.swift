import Files
import Glibc
import Support
import Testing
import Text

@Suite("One agent per spool")
struct LockFileTests {
  @Test("A second one is refused and told who holds the lock, until the first lets go")
  func held() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("spool")
    do {
      let lock = try LockFile("lock", in: folder)
      let held = #expect(throws: LockFile.Held.self) { _ = try LockFile("lock", in: folder) }
      #expect(held?.pid == getpid())
      #expect(abs((held?.since ?? 0) - Int64(time(nil))) < 60)
      #expect(held?.description == "\(scratch.path)/spool/lock is held by process \(getpid())")
      #expect(try LockFile.holder("lock", in: folder)?.pid == getpid())
      _ = consume lock
    }
    // A child that another test is starting just now holds a copy of the descriptor until its exec.
    let end = ContinuousClock.now + .seconds(30)
    while try LockFile.holder("lock", in: folder) != nil, ContinuousClock.now < end { usleep(1_000) }
    #expect(try LockFile.holder("lock", in: folder) == nil)
  }

  @Test("A process that was killed holds nothing, and the next holder isn't taken for it")
  func killed() async throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("spool")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      let lock = try LockFile("lock", in: Directory("\(path)/spool"))
      kill(getpid(), SIGKILL)
      _ = consume lock
    }
    #expect(try scratch.text("spool/lock")?.isEmpty == false)
    #expect(try LockFile.holder("lock", in: folder) == nil)
    let lock = try LockFile("lock", in: folder)
    #expect(try LockFile.holder("lock", in: folder)?.pid == getpid())
    _ = consume lock
  }

  @Test("Another process is refused and told our id")
  func otherProcess() async throws {
    let scratch = try Scratch()
    let lock = try LockFile("lock", in: scratch.folder("spool"))
    await #expect(processExitsWith: .success) { [path = scratch.path as String, holder = getpid() as Int32] in
      let held = #expect(throws: LockFile.Held.self) { _ = try LockFile("lock", in: Directory("\(path)/spool")) }
      #expect(held?.pid == holder)
    }
    _ = consume lock
  }

  @Test(
    "A lock whose text says nothing still names nobody wrongly", arguments: ["", "x", "0 1", "-1 1", "999999999 1"])
  func damaged(text: String) throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("spool")
    let lock = try LockFile("lock", in: folder)
    try scratch.write(text, to: "spool/lock")
    let held = #expect(throws: LockFile.Held.self) { _ = try LockFile("lock", in: folder) }
    #expect(held?.pid == nil)
    #expect(held?.since == nil)
    _ = consume lock
  }
}
