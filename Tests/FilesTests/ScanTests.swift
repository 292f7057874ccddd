import Files
import Glibc
import Support
import Testing
import Text

@Suite("Scanning the spool")
struct ScanTests {
  @Test("Entries come by modification time, then by the bytes of their names")
  func order() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    for (name, second) in [("c", 100), ("b", 200), ("é", 100), ("a", 200), ("z", 100), ("B", 200)] {
      try scratch.write("", to: "in/\(name)")
      scratch.setModified("in/\(name)", second)
    }
    try scratch.write("", to: "in/first")
    scratch.setModified("in/first", 99, 999_999_999)
    #expect(try folder.scan().entries.map(\.name.description) == ["first", "c", "z", "é", "B", "a", "b"])
  }

  @Test("Files on their way are left out, everything else is told with its kind")
  func kinds() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    for name in [".a", "b~", "c.tmp", "d.part", "e.swp", "f.yaml"] { try scratch.write("", to: "in/\(name)") }
    _ = try scratch.folder("in/folder")
    #expect(symlink("/etc/passwd", "\(scratch.path)/in/link") == 0)
    #expect(mkfifo("\(scratch.path)/in/pipe", 0o600) == 0)
    let kinds = Dictionary(uniqueKeysWithValues: try folder.scan().entries.map { ($0.name.description, $0.kind) })
    #expect(kinds == ["f.yaml": .regular, "folder": .directory, "link": .symbolicLink, "pipe": .fifo])
  }

  @Test("Times that 64 bits of nanoseconds can't hold are the nearest, not a crash", arguments: [16_000_000_000, -1])
  func farTimes(second: Int) throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    try scratch.write("", to: "in/form.yaml")
    scratch.setModified("in/form.yaml", second)
    let entry = try #require(try folder.scan().entries.first)
    // A file system may clamp by itself, but only to what it can hold.
    #expect(second < 0 ? entry.modified < 0 : entry.modified > 4_000_000_000_000_000_000)
  }

  @Test("A scan settles only what changed more than a tick before it began")
  func settles() throws {
    let scan = Scan(started: 1_000_000_000_000, entries: [])
    for (age, settled) in [(Scan.tick + 1, true), (Scan.tick, false), (0, false), (-5, false)] {
      #expect(scan.settles(entry("a", changed: 1_000_000_000_000 - age)) == settled)
    }
    #expect((1...10_000_000).contains(Scan.tick))
  }

  @Test("A file that was there for a while is settled by a real scan")
  func settlesReally() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    try scratch.write("", to: "in/form.yaml")
    var scan = try folder.scan()
    let end = ContinuousClock.now + .seconds(5)
    while let entry = scan.entries.first, !scan.settles(entry), ContinuousClock.now < end { scan = try folder.scan() }
    #expect(scan.settles(try #require(scan.entries.first)))
  }
}

/// An entry of a made-up scan.
func entry(
  _ name: FileName, kind: FileStat.Kind = .regular, size: Int64 = 10, inode: UInt64 = 1, modified: Int64 = 0,
  changed: Int64
) -> ScanEntry {
  ScanEntry(
    name: name, kind: kind, size: size, owner: 1_004, inode: inode, modified: modified, changed: changed)
}
