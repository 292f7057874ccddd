import Files
import Glibc
import Support
import Testing

@Suite("Taking and reading what strangers dropped")
struct TakeTests {
  @Test("A taken file lies in our folder and no longer in theirs")
  func take() throws {
    let scratch = try Scratch()
    let (incoming, taken) = (try scratch.folder("in"), try scratch.folder("taken"))
    try scratch.write("form", to: "in/a.yaml")
    #expect(try incoming.take("a.yaml", to: taken, as: "1") == .taken)
    #expect(try incoming.list() == [])
    #expect(try scratch.text("taken/1") == "form")
  }

  @Test("A name that is in use is never overwritten")
  func occupied() throws {
    let scratch = try Scratch()
    let (incoming, taken) = (try scratch.folder("in"), try scratch.folder("taken"))
    try scratch.write("new", to: "in/a.yaml")
    try scratch.write("old", to: "taken/a.yaml")
    #expect(try incoming.take("a.yaml", to: taken, as: "a.yaml") == .occupied)
    #expect(try scratch.text("in/a.yaml") == "new")
    #expect(try scratch.text("taken/a.yaml") == "old")
  }

  @Test("A file that its owner withdrew is gone")
  func gone() throws {
    let scratch = try Scratch()
    let (incoming, taken) = (try scratch.folder("in"), try scratch.folder("taken"))
    #expect(try incoming.take("a.yaml", to: taken, as: "1") == .gone)
    #expect(try taken.readWhole("1", limit: 10) == nil)
  }

  @Test("A symbolic link is taken itself, not what it points to")
  func link() throws {
    let scratch = try Scratch()
    let (incoming, taken) = (try scratch.folder("in"), try scratch.folder("taken"))
    try scratch.write("secret", to: "secret")
    #expect(symlink("\(scratch.path)/secret", "\(scratch.path)/in/a.yaml") == 0)
    #expect(try incoming.take("a.yaml", to: taken, as: "1") == .taken)
    #expect(try scratch.text("secret") == "secret")
    #expect(try taken.stat("1")?.kind == .symbolicLink)
  }

  @Test("A folder on another file system can't be taken into, and the error says what helps")
  func otherFileSystem() throws {
    let scratch = try Scratch()
    let incoming = try scratch.folder("in")
    try scratch.write("form", to: "in/a.yaml")
    let error = #expect(throws: FileError.self) {
      try incoming.take("a.yaml", to: Directory("/proc"), as: "1")
    }
    #expect(error?.code == EXDEV)
    #expect(error?.remedy == "put both folders on one file system")
    #expect(try scratch.text("in/a.yaml") == "form")
  }

  @Test(
    "A folder of another user that can't be moved is told as fixed, and stops nobody else",
    .enabled(if: geteuid() == 0, "becomes another user"))
  func fixed() async throws {
    let scratch = try Scratch()
    #expect(chmod(scratch.path, 0o755) == 0)
    _ = try scratch.folder("in", mode: 0o777)
    _ = try scratch.folder("taken", mode: 0o777)
    _ = try scratch.folder("in/folder", mode: 0o755)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      #expect(seteuid(65_534) == 0)
      let (incoming, taken) = (try Directory("\(path)/in"), try Directory("\(path)/taken"))
      guard case .fixed(let error) = try incoming.take("folder", to: taken, as: "1") else {
        Issue.record("it was moved")
        return
      }
      #expect(error.code == EACCES || error.code == EPERM)
    }
  }
}
