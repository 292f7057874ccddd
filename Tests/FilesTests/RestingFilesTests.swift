import Files
import Testing

@Suite("Which files are whole, and in what order they are taken")
struct RestingFilesTests {
  /// A made-up spool: kernel time and the monotonic time run together unless the clock is set.
  struct Spool {
    var resting = RestingFiles()
    var clock: Int64 = 1_000_000_000_000
    var now = ContinuousClock.now
    var entries: [ScanEntry] = []

    mutating func pass(_ milliseconds: Int64) {
      clock += milliseconds * 1_000_000
      now += .milliseconds(milliseconds)
    }

    mutating func write(_ name: FileName, size: Int64 = 10, inode: UInt64 = 1, modified: Int64? = nil) {
      entries.removeAll { $0.name == name }
      entries.append(entry(name, size: size, inode: inode, modified: modified ?? clock, changed: clock))
    }

    mutating func look() -> (ripe: [String], again: Duration?, waiting: Int) {
      let sorted = entries.sorted(by: ScanEntry.isTakenBefore)
      let verdict = resting.look(Scan(started: clock, entries: sorted), now: now)
      return (verdict.ripe.map(\.name.description), verdict.lookAgain, verdict.waiting)
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

  @Test("What is no regular file is told without rest, and set aside until it changes")
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
}
