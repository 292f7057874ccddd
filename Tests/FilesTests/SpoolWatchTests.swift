import Files
import Glibc
import Support
import Synchronization
import Testing

@Suite("Hearing of files that arrive")
struct SpoolWatchTests {
  @Test("A file moved in and a file closed after writing are told apart, by the bytes of their names")
  func hears() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    let watch = try SpoolWatch(folder)
    try scratch.write("form", to: "outside")
    #expect(rename("\(scratch.path)/outside", "\(scratch.path)/in/moved\n") == 0)
    try scratch.write("form", to: "in/writtén")
    let events = try watch.wait(timeout: .seconds(10))
    #expect(events.movedIn == ["moved\n"])
    #expect(events.closed == ["writtén"])
    #expect(!events.overflowed && !events.isGone && !events.woken)
    #expect(try watch.wait(timeout: .zero).isEmpty)
  }

  @Test("What came before the watch was armed is not told: that is the first scan's")
  func before() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    try scratch.write("form", to: "in/a")
    #expect(try SpoolWatch(folder).wait(timeout: .zero).isEmpty)
  }

  @Test("It waits for the time it is given, without spinning")
  func timeout() throws {
    let scratch = try Scratch()
    let watch = try SpoolWatch(try scratch.folder("in"))
    let start = ContinuousClock.now
    let events = try watch.wait(timeout: .microseconds(30_500))
    #expect(events.isEmpty)
    #expect(ContinuousClock.now - start >= .microseconds(30_500))
  }

  @Test("Another thread wakes it; a wake that comes first is not lost")
  func wakes() async throws {
    let scratch = try Scratch()
    let watch = try SpoolWatch(try scratch.folder("in"))
    watch.wake()
    watch.wake()
    #expect(try watch.wait(timeout: .seconds(10)).woken)
    #expect(try watch.wait(timeout: .zero).isEmpty)
    let waiting = Task.detached { try watch.wait(timeout: .seconds(60)) }
    watch.wake()
    let woken = try await waiting.value
    #expect(woken.woken)
  }

  @Test("More events than the kernel keeps are told as an overflow")
  func overflow() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    let watch = try SpoolWatch(folder)
    try scratch.write("form", to: "a")
    let limit = try queueLimit()
    // Each rename into the folder is one event; names alternate, because equal events that follow are told once.
    for index in 0...limit {
      #expect(rename("\(scratch.path)/a", "\(scratch.path)/in/\(index % 2)") == 0)
      #expect(rename("\(scratch.path)/in/\(index % 2)", "\(scratch.path)/a") == 0)
    }
    let events = try watch.wait(timeout: .seconds(10))
    #expect(events.overflowed)
    #expect(events.movedIn.count >= limit / 2)
  }

  @Test("A folder that was moved away or removed is told as gone", arguments: ["moved", "removed"])
  func gone(how: String) throws {
    let scratch = try Scratch()
    let watch = try SpoolWatch(try scratch.folder("in"))
    if how == "moved" {
      #expect(rename("\(scratch.path)/in", "\(scratch.path)/elsewhere") == 0)
    } else {
      #expect(rmdir("\(scratch.path)/in") == 0)
    }
    #expect(try watch.wait(timeout: .seconds(10)).isGone)
  }

  private func queueLimit() throws -> Int {
    let bytes = try Directory("/proc/sys/fs/inotify").read("max_queued_events", limit: 100)
    return try #require(Int(String(decoding: bytes.dropLast(), as: UTF8.self)))
  }
}
