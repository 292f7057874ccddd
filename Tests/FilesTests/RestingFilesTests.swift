import Files
import Testing
import Text

@Suite("Which files are whole, and in what order they are taken")
struct RestingFilesTests {
  /// A made-up spool: kernel time and the monotonic time run together unless the clock is set.
  struct Spool {
    var resting = RestingFiles()
    var clock: Int64 = 1_000_000_000_000
    var now = ContinuousClock.now
    var entries: [ScanEntry] = []
    /// Who may still write a file; nobody where it isn't named.
    var writers: [FileName: Writers] = [:]

    mutating func pass(_ milliseconds: Int64) {
      clock += milliseconds * 1_000_000
      now += .milliseconds(milliseconds)
    }

    mutating func write(_ name: FileName, size: Int64 = 10, inode: UInt64 = 1, modified: Int64? = nil) {
      entries.removeAll { $0.name == name }
      entries.append(entry(name, size: size, inode: inode, modified: modified ?? clock, changed: clock))
    }

    mutating func judge() -> RestingFiles.Verdict {
      let sorted = entries.sorted(by: ScanEntry.isTakenBefore)
      return resting.judge(Scan(started: clock, entries: sorted), now: now) { [writers] in
        writers[$0.name] ?? .nobody
      }
    }

    mutating func look() -> (ripe: [String], again: Duration?, waiting: Int) {
      let verdict = judge()
      return (verdict.ripe.map(\.name.description), verdict.rescanAfter, verdict.waiting)
    }
  }

  @Test("A file written in place is ripe after two seconds without change, and the look again is told")
  func rests() {
    var spool = Spool()
    spool.write("a")
    spool.pass(500)
    #expect(spool.look() == ([], .milliseconds(1500), 1))
    spool.pass(1499)
    #expect(spool.look() == ([], .milliseconds(1), 1))
    spool.pass(1)
    #expect(spool.look() == (["a"], nil, 0))
  }

  @Test("A file that lay there when the agent started needs no rest")
  func old() {
    var spool = Spool()
    spool.write("a")
    spool.pass(60_000)
    #expect(spool.look() == (["a"], nil, 0))
  }

  @Test("A modification time in the past, as cp -p sets it, doesn't make a file rest")
  func copiedTime() {
    var spool = Spool()
    spool.write("a", modified: 5)
    spool.pass(1000)
    #expect(spool.look().ripe == [])
    spool.pass(1000)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("Each change begins the rest again", arguments: ["size", "time", "inode"])
  func changes(what: String) {
    var spool = Spool()
    spool.write("a")
    spool.pass(1900)
    #expect(spool.look().ripe == [])
    switch what {
    case "size": spool.write("a", size: 11, modified: spool.entries[0].modified)
    case "time": spool.write("a")
    default: spool.write("a", inode: 2, modified: spool.entries[0].modified)
    }
    spool.pass(1900)
    #expect(spool.look().ripe == [])
    spool.pass(100)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("A chmod alone doesn't begin the rest of a watched file again")
  func chmod() {
    var spool = Spool()
    spool.write("a")
    #expect(spool.look().ripe == [])
    spool.pass(1900)
    spool.entries = [entry("a", modified: spool.entries[0].modified, changed: spool.clock)]
    #expect(spool.look().ripe == [])
    spool.pass(100)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("A file that was moved in is ripe as soon as the scan is sure of the order")
  func movedIn() {
    var spool = Spool()
    spool.write("a")
    spool.resting.movedIn(["a"])
    let first = spool.look()
    #expect(first.ripe == [])
    #expect(first.again == .nanoseconds(2 * Scan.tick))
    spool.pass(20)
    #expect(spool.look() == (["a"], nil, 0))
  }

  @Test("A file that was moved in and then written in place rests like any other")
  func movedInThenWritten() {
    var spool = Spool()
    spool.write("a")
    spool.resting.movedIn(["a"])
    #expect(spool.look().ripe == [])
    spool.write("a", size: 20)
    spool.pass(20)
    #expect(spool.look().ripe == [])
    spool.pass(2000)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("What was seen by an earlier scan is settled though the clock was set back")
  func clockSetBack() {
    var spool = Spool()
    spool.write("a")
    spool.resting.movedIn(["a"])
    spool.clock -= 3_600_000_000_000
    #expect(spool.look().ripe == [])
    spool.pass(10)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("A file written in place rests by the looks alone when the clock was set back")
  func clockSetBackAndResting() {
    var spool = Spool()
    spool.write("a")
    spool.clock -= 3_600_000_000_000
    #expect(spool.look().again == .seconds(2))
    spool.pass(1999)
    #expect(spool.look().ripe == [])
    spool.pass(1)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("Files that wait together are taken by modification time, though they come to rest in another order")
  func order() {
    var spool = Spool()
    spool.write("newest", modified: 300)
    spool.pass(100)
    spool.write("middle", modified: 200)
    spool.pass(100)
    spool.write("oldest", modified: 100)
    spool.pass(1800)
    // The first has rested, the others not yet.
    #expect(spool.look() == ([], .milliseconds(100), 3))
    spool.pass(200)
    #expect(spool.look() == (["oldest", "middle", "newest"], nil, 0))
  }

  @Test("A file that is earlier in order isn't held up by one that is later")
  func laterOnes() {
    var spool = Spool()
    spool.write("a", modified: 100)
    spool.pass(2000)
    spool.write("b", modified: 200)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("A file that never comes to rest holds the others up for ten seconds, not longer")
  func patience() {
    var spool = Spool()
    spool.write("whole", modified: 500)
    spool.pass(3000)
    var waited: Int64 = 0
    var size: Int64 = 1
    while waited < 60_000 {
      spool.write("endless", size: size, modified: 100)
      size += 1
      if spool.look().ripe == ["whole"] { break }
      spool.pass(500)
      waited += 500
    }
    #expect(waited == 10_000)
  }

  @Test("What is not a regular file is told without rest, and set aside until it changes")
  func irregular() {
    var spool = Spool()
    spool.entries = [entry("pipe", kind: .fifo, changed: spool.clock)]
    spool.pass(20)
    #expect(spool.look().ripe == ["pipe"])
    spool.resting.setAside(spool.entries[0])
    #expect(spool.look() == ([], nil, 0))
    spool.pass(60_000)
    #expect(spool.look() == ([], nil, 0))
    spool.entries = [entry("pipe", kind: .fifo, inode: 9, changed: spool.clock)]
    spool.pass(20)
    #expect(spool.look().ripe == ["pipe"])
  }

  @Test("A file set aside holds nobody up")
  func aside() {
    var spool = Spool()
    spool.entries = [entry("folder", kind: .directory, modified: 1, changed: spool.clock)]
    spool.resting.setAside(spool.entries[0])
    spool.write("form", modified: 2)
    spool.pass(2000)
    #expect(spool.look().ripe == ["form"])
  }

  @Test("A file that went and came again is a new one")
  func again() {
    var spool = Spool()
    spool.write("a")
    #expect(spool.look().ripe == [])
    let kept = spool.entries
    spool.entries = []
    spool.pass(1900)
    #expect(spool.look() == ([], nil, 0))
    spool.entries = [entry("a", modified: kept[0].modified, changed: spool.clock)]
    spool.pass(100)
    #expect(spool.look().ripe == [])
  }

  @Test("A ripe file that nobody took is ripe in the next look, its rest not forgotten")
  func untaken() {
    var spool = Spool()
    spool.write("a")
    spool.resting.movedIn(["a"])
    _ = spool.look()
    spool.pass(20)
    #expect(spool.look().ripe == ["a"])
    spool.pass(20)
    #expect(spool.look().ripe == ["a"])
  }

  @Test("Times at the ends of what 64 bits hold don't stop the process", arguments: [Int64.min, Int64.max])
  func extremes(time: Int64) {
    var spool = Spool()
    spool.entries = [entry("a", modified: time, changed: time)]
    _ = spool.look()
    spool.pass(2000)
    #expect(spool.look().ripe == ["a"])
  }

  // MARK: Whole or not

  struct Wholeness: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var isMovedIn = false
    var isClosed = false
    var size: Int64 = 10
    var writers = Writers.nobody
    /// After how many milliseconds without a change it is taken; `nil`: not within an hour.
    var taken: Int64?
  }

  static let wholeness = [
    Wholeness(testDescription: "renamed into the folder", isMovedIn: true, taken: 0),
    Wholeness(testDescription: "closed by its writer", isClosed: true, taken: 500),
    Wholeness(testDescription: "closed, and empty", isClosed: true, size: 0, taken: 2_000),
    Wholeness(testDescription: "neither was seen, and nobody has it open", taken: 2_000),
    Wholeness(testDescription: "neither was seen, and it can't be known", writers: .unknown, taken: 20_000),
    Wholeness(testDescription: "renamed, and it can't be known", isMovedIn: true, writers: .unknown, taken: 0),
    Wholeness(testDescription: "closed, and it can't be known", isClosed: true, writers: .unknown, taken: 500),
    Wholeness(testDescription: "renamed while a process has it open", isMovedIn: true, writers: .somebody, taken: nil),
    Wholeness(testDescription: "closed by one process while another has it open", isClosed: true, writers: .somebody),
    Wholeness(testDescription: "its writer pauses", writers: .somebody, taken: nil),
  ]

  @Test("A file is whole by what was seen of it, never while a process writes it", arguments: wholeness)
  func whole(row: Wholeness) {
    var spool = Spool()
    spool.write("a", size: row.size)
    spool.writers["a"] = row.writers
    if row.isMovedIn { spool.resting.movedIn(["a"]) }
    if row.isClosed { spool.resting.closed(["a"]) }
    _ = spool.look()
    var passed: Int64 = 0
    for limit in [20, 499, 500, 1_999, 2_000, 19_999, 20_000, 3_600_000] as [Int64] {
      spool.pass(limit - passed)
      passed = limit
      let isDue = row.taken.map { $0 <= passed } ?? false
      #expect(spool.look().ripe == (isDue ? ["a"] : []), "after \(passed) ms")
    }
  }

  @Test(
    "A file that a process has open is reported once, holds others up for ten seconds, and is taken when it is closed")
  func open() {
    var spool = Spool()
    spool.write("open", modified: 100)
    spool.writers["open"] = .somebody
    spool.write("other", modified: 200)
    spool.pass(2_000)
    #expect(spool.look() == ([], .seconds(1), 2))
    spool.pass(9_999)
    #expect(spool.judge().newlyOpen == [])
    spool.pass(1)
    let verdict = spool.judge()
    #expect(verdict.ripe.map(\.name) == ["other"] && verdict.newlyOpen.map(\.name) == ["open"])
    #expect(verdict.waiting == 0 && verdict.openCount == 1)
    spool.entries.removeAll { $0.name == "other" }
    // What comes later doesn't wait for it again.
    spool.write("later", modified: 300)
    spool.pass(2_000)
    let next = spool.judge()
    #expect(next.ripe.map(\.name) == ["later"] && next.newlyOpen == [] && next.openCount == 1)
    spool.entries.removeAll { $0.name == "later" }
    spool.writers = [:]
    spool.resting.closed(["open"])
    #expect(spool.judge().ripe.map(\.name) == ["open"])
  }

  @Test("A file that is closed twice is not taken in between")
  func closedTwice() {
    var spool = Spool()
    spool.write("a")
    spool.resting.closed(["a"])
    spool.pass(400)
    #expect(spool.look().ripe == [])
    spool.write("a", size: 20)
    spool.resting.closed(["a"])
    spool.pass(400)
    #expect(spool.look().ripe == [])
    spool.pass(100)
    #expect(spool.look().ripe == ["a"])
  }
}
