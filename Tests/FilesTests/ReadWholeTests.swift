import Files
import Glibc
import Support
import Testing

@Suite("Reading a dropped file")
struct ReadWholeTests {
  /// How a thing that is no form is put there, and what is said of it.
  struct Trap: CustomTestStringConvertible, Sendable {
    let name: String
    let refusal: Refusal
    let put: @Sendable (_ path: String) -> Bool
    var testDescription: String { name }
  }

  static let traps = [
    Trap(name: "symbolic link to a file", refusal: .symbolicLink) { symlink("/etc/passwd", $0) == 0 },
    Trap(name: "symbolic link to nothing", refusal: .symbolicLink) { symlink("nowhere", $0) == 0 },
    Trap(name: "symbolic link to itself", refusal: .symbolicLink) { symlink($0, $0) == 0 },
    Trap(name: "FIFO without a writer", refusal: .fifo) { mkfifo($0, 0o644) == 0 },
    Trap(name: "folder", refusal: .directory) { mkdir($0, 0o755) == 0 },
    Trap(name: "hard link", refusal: .hardLink(links: 2)) { path in
      close(open(path, O_CREAT | O_WRONLY, 0o644))
      return Glibc.link(path, path + "-other") == 0
    },
    Trap(name: "socket", refusal: .socket) { path in
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
      }
    },
    Trap(name: "one byte too large", refusal: .tooLarge(size: 101, limit: 100)) { path in
      let file = open(path, O_CREAT | O_WRONLY, 0o644)
      defer { close(file) }
      return ftruncate(file, 101) == 0
    },
    Trap(name: "enormous and sparse", refusal: .tooLarge(size: 1 << 40, limit: 100)) { path in
      let file = open(path, O_CREAT | O_WRONLY, 0o644)
      defer { close(file) }
      return ftruncate(file, 1 << 40) == 0
    },
  ]

  @Test("What is not a regular file of its own is refused at once, by name and with what helps", arguments: traps)
  func refused(trap: Trap) throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    #expect(trap.put("\(scratch.path)/in/form.yaml"))
    let result = try #require(try folder.readWhole("form.yaml", limit: 100))
    #expect(throws: trap.refusal) { try result.get() }
    #expect(!trap.refusal.remedy("form.yaml").isEmpty)
    #expect(!trap.refusal.description.isEmpty)
  }

  @Test("A device is refused without being opened")
  func device() throws {
    let result = try #require(try Directory("/dev").readWhole("null", limit: 100))
    #expect(throws: Refusal.device) { try result.get() }
  }

  @Test("A file that has other than it said is refused as changing")
  func changing() throws {
    // The kernel says 0 bytes of these and then gives more, as a file that grows does.
    let result = try #require(try Directory("/proc/self").readWhole("status", limit: 1_000_000))
    #expect(throws: Refusal.changing) { try result.get() }
  }

  @Test("A file up to the limit is read whole, with what it was", arguments: [0, 1, 99, 100])
  func read(size: Int) throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    let text = String(repeating: "x", count: size)
    try scratch.write(text, to: "in/form.yaml")
    scratch.setModified("in/form.yaml", 1_700_000_000, 123_456_789)
    let file = try #require(try folder.readWhole("form.yaml", limit: 100)).get()
    #expect(file.bytes == Array(text.utf8))
    #expect(file.stat.size == size)
    #expect(file.stat.modified == 1_700_000_000_123_456_789)
    #expect(file.stat.owner == geteuid())
    #expect(file.stat.links == 1)
  }

  @Test(
    "A file that the agent may not read is refused with the chmod that helps",
    .enabled(if: geteuid() == 0, "becomes another user"))
  func notReadable() async throws {
    let scratch = try Scratch()
    #expect(chmod(scratch.path, 0o755) == 0)
    _ = try scratch.folder("in", mode: 0o755)
    for (name, group) in [("ours", gid_t(65_534)), ("theirs", 0)] {
      try scratch.write("form", to: "in/\(name)", mode: 0o600)
      #expect(chown("\(scratch.path)/in/\(name)", 0, group) == 0)
    }
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      #expect(setgroups(0, nil) == 0)
      #expect(setegid(65_534) == 0)
      #expect(seteuid(65_534) == 0)
      let folder = try Directory("\(path)/in")
      for (name, remedy) in [("ours", "chmod g+r ours"), ("theirs", "chmod a+r theirs")] as [(FileName, String)] {
        let result = try #require(try folder.readWhole(name, limit: 100))
        let refusal = #expect(throws: Refusal.self) { try result.get() }
        #expect(refusal?.name == "not-readable")
        #expect(refusal?.remedy(name) == remedy)
      }
    }
  }

  @Test("A file that a process has open for writing is refused as unfinished, and read once it is closed")
  func openForWriting() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    try scratch.write("form", to: "in/form.yaml")
    #expect(folder.writers(of: "form.yaml") == .nobody)
    let writer = open("\(scratch.path)/in/form.yaml", O_WRONLY | O_APPEND | O_CLOEXEC)
    #expect(folder.writers(of: "form.yaml") == .somebody)
    let result = try #require(try folder.readWhole("form.yaml", limit: 100))
    let refusal = #expect(throws: Refusal.openForWriting) { try result.get() }
    #expect(refusal?.isUnfinished == true)
    close(writer)
    #expect(folder.writers(of: "form.yaml") == .nobody)
    #expect(try folder.readWhole("form.yaml", limit: 100)?.get().bytes == Array("form".utf8))
  }

  @Test("Whoever opens a file for writing while it is read waits, and doesn't end us with a signal")
  func lease() async throws {
    let scratch = try Scratch()
    _ = try scratch.folder("in")
    try scratch.write("form", to: "in/form.yaml")
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      let folder = try Directory("\(path)/in")
      let writer = Task.detached {
        for _ in 0..<3_000 { close(Glibc.open("\(path)/in/form.yaml", O_WRONLY | O_CLOEXEC)) }
      }
      var refused = 0
      for _ in 0..<3_000 {
        if case .failure = try #require(try folder.readWhole("form.yaml", limit: 100)) { refused += 1 }
      }
      await writer.value
      #expect(refused < 3_000)
    }
  }

  @Test("Our own files are read up to their limit, symbolic links followed")
  func own() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("state")
    try scratch.write("0123456789", to: "state/key")
    #expect(symlink("key", "\(scratch.path)/state/link") == 0)
    #expect(try folder.read("link", limit: 10) == Array("0123456789".utf8))
    let error = #expect(throws: FileError.self) { try folder.read("key", limit: 9) }
    #expect(error?.code == EFBIG)
    #expect(try Directory("/proc/self").read("comm", limit: 100).last == 0x0A)
  }
}
