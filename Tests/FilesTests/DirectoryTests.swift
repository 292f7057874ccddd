import Files
import Glibc
import Support
import Testing

@Suite("Folders")
struct DirectoryTests {
  @Test(
    "New folders and files have exactly their mode, whatever the umask", arguments: [0o077, 0o000, 0o777] as [UInt32])
  func exactModes(umask mask: UInt32) async throws {
    let scratch = try Scratch()
    // In a process of its own, because the umask belongs to the whole process.
    await #expect(processExitsWith: .success) { [path = scratch.path as String, mask = mask as UInt32] in
      umask(mask)
      let root = try Directory("\(path)/records", creating: 0o750)
      let temporary = TemporaryFolder(try Directory("\(path)/records/.tmp", creating: 0o700))
      let year = try root.folder("2026", creating: 0o2750, temporary: temporary)
      var batch = DurableBatch(temporary)
      try batch.add([0x61], as: "record.json", in: year, mode: 0o640)
      try batch.commit()
      try year.writeDurably([0x62], as: "open.json", mode: 0o666)
      var list = try StreamedFile(as: "list.csv", in: year, temporary: temporary, mode: 0o604)
      try list.append { $0.append(0x63) }
      try list.finish()
      _ = try LockFile("lock", in: year, mode: 0o644)
    }
    #expect(scratch.mode("records") == 0o750)
    #expect(scratch.mode("records/.tmp") == 0o700)
    #expect(scratch.mode("records/2026") == 0o2750)
    #expect(scratch.mode("records/2026/record.json") == 0o640)
    #expect(scratch.mode("records/2026/open.json") == 0o666)
    #expect(scratch.mode("records/2026/list.csv") == 0o604)
    #expect(scratch.mode("records/2026/lock") == 0o644)
  }

  @Test("The mode of a folder that is there already stays")
  func modeStays() throws {
    let scratch = try Scratch()
    _ = try scratch.folder("records", mode: 0o700)
    _ = try scratch.folder("records", mode: 0o755)
    #expect(scratch.mode("records") == 0o700)
  }

  @Test("A folder within a folder is not followed out of it by a symbolic link")
  func noSymbolicLink() throws {
    let scratch = try Scratch()
    let root = try scratch.folder("root")
    #expect(symlink("/etc", "\(scratch.path)/root/2026") == 0)
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    #expect(throws: FileError.self) { try root.folder("2026") }
    #expect(throws: FileError.self) { try root.folder("2026", creating: 0o750, temporary: temporary) }
  }

  @Test("A missing folder is told as missing, and a file in its place as an error")
  func missing() throws {
    let scratch = try Scratch()
    let root = try scratch.folder("root")
    #expect(try root.folder("2026") == nil)
    try scratch.write("", to: "root/2026")
    let error = #expect(throws: FileError.self) { try root.folder("2026") }
    #expect(error?.code == ENOTDIR)
  }

  @Test("Names are listed as the bytes they are: line ends, other encodings, combining accents")
  func names() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    let expected: [[UInt8]] = [Array("a\nb".utf8), Array("n\u{303}".utf8), [0xFF, 0x2E, 0x79]]
    for bytes in expected {
      let name = try #require(FileName(bytes))
      try folder.writeDurably([], as: name, mode: 0o600)
    }
    #expect(try folder.names().map { Array($0.bytes) } == expected)
  }

  @Test("A listing does not disturb another one of the same folder")
  func twoListings() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    for index in 0..<300 { try scratch.write("", to: "in/\(index)") }
    var (outer, inner) = (0, 0)
    try folder.forEachName { _ throws in
      outer += 1
      if outer == 1 { inner = try folder.names().count }
    }
    #expect(inner == 300)
    #expect(outer == 300)
  }

  @Test(
    "Who else may write in a folder keeps it from being trusted, and the command that helps is shown",
    .enabled(if: geteuid() == 0),
    arguments: [
      ("private", 0o700, nil, nil), ("readable", 0o755, nil, nil), ("group", 0o2770, nil, "chmod 700"),
      ("drop", 0o3730, nil, "chmod 700"), ("open", 0o1777, "chmod go-w", "chmod go-w"),
    ] as [(String, UInt32, String?, String?)])
  func trust(name: String, mode: UInt32, remedy: String?, closed: String?) throws {
    let scratch = try Scratch()
    _ = try scratch.folder(name, mode: mode)
    for (isClosed, remedy) in [(false, remedy), (true, closed)] {
      let error: Distrust?
      do {
        try PathTrust.requireFolder("\(scratch.path)/\(name)", isClosed: isClosed)
        error = nil
      } catch let distrust as Distrust {
        error = distrust
      }
      #expect(
        error?.description.hasSuffix(remedy.map { "; \($0) \(scratch.path)/\(name)" } ?? "?")
          == remedy.map { _ in true })
    }
  }

  @Test("What crashes left in the temporary folder is removed at start-up: files and unplaced folders")
  func clean() throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    try scratch.write("half", to: "tmp/1-1.tmp")
    _ = try scratch.folder("tmp/1-2.tmp")
    #expect(symlink("/etc/passwd", "\(scratch.path)/tmp/link") == 0)
    #expect(try temporary.clean() == 3)
    #expect(try temporary.directory.list() == [])
    #expect(access("/etc/passwd", F_OK) == 0)
  }

  @Test("Only old passing files are cleaned from a folder that others use")
  func cleanPassing() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    for name in [".12-3.tmp", ".12.tmp", ".a-1.tmp", "12-3.tmp", "a.yaml"] { try scratch.write("", to: "in/\(name)") }
    #expect(try folder.cleanPassing() == 0)
    #expect(try folder.names().count == 5)
  }
}
