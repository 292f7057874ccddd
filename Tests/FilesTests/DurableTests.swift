import Files
import Glibc
import Support
import Testing

@Suite("Writing so that it stays")
struct DurableTests {
  @Test("A batch puts each file whole in its place, few or many, and leaves nothing behind", arguments: [1, 4, 5, 300])
  func batch(count: Int) throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folders = [try scratch.folder("a"), try scratch.folder("b")]
    try scratch.write("old", to: "a/0")
    var batch = DurableBatch(temporary)
    for index in 0..<count {
      let name = try #require(FileName("\(index)"))
      try batch.add(Array("text \(index)".utf8), as: name, in: folders[index % 2], mode: 0o640)
    }
    #expect(try scratch.text("a/0") == "old")
    #expect(batch.count == count)
    try batch.commit()
    for index in 0..<count {
      let path = "\(["a", "b"][index % 2])/\(index)"
      #expect(try scratch.text(path) == "text \(index)")
      #expect(scratch.mode(path) == 0o640)
    }
    #expect(try temporary.directory.list() == [])

    // The same batch serves again.
    try batch.add([], as: "empty", in: folders[0])
    try batch.commit()
    #expect(try scratch.text("a/empty") == "")
  }

  @Test("A batch keeps no more descriptors open than the few files that are synced one by one")
  func descriptors() throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folder = try scratch.folder("a")
    var batch = DurableBatch(temporary)
    try batch.add([], as: "first", in: folder)
    try batch.commit()
    for index in 0..<100 { try batch.add([], as: try #require(FileName("\(index)")), in: folder) }
    let targets = try Directory("/proc/self/fd").names().compactMap { name -> String? in
      var target = [CChar](repeating: 0, count: 4096)
      guard readlink("/proc/self/fd/\(name)", &target, 4095) > 0 else { return nil }
      return String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    #expect(targets.count { $0.hasPrefix(scratch.path + "/tmp/") } == 4)
    try batch.commit()
  }

  @Test("A batch that is given up leaves nothing behind and what was there untouched")
  func givenUp() throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folder = try scratch.folder("a")
    try scratch.write("old", to: "a/record")
    do {
      var batch = DurableBatch(temporary)
      try batch.add(Array("new".utf8), as: "record", in: folder)
      #expect(try temporary.directory.names().count == 1)
    }
    #expect(try temporary.directory.list() == [])
    #expect(try scratch.text("a/record") == "old")
  }

  @Test("A rename that fails is told, and the leftovers are removed")
  func failedRename() throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folder = try scratch.folder("a")
    _ = try scratch.folder("a/record")
    let error = #expect(throws: FileError.self) {
      var batch = DurableBatch(temporary)
      try batch.add([0x61], as: "record", in: folder)
      try batch.commit()
    }
    #expect(error?.code == EISDIR)
    #expect(try temporary.directory.list() == [])
  }

  @Test("A file that could not be written whole is no part of the batch")
  func noSpace() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      // Beyond the limit a write fails with EFBIG once the signal is ignored: the same way as a full disk.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
      #expect(setrlimit(__rlimit_resource_t(1), &limit) == 0)
      let temporary = TemporaryFolder(try Directory("\(path)/tmp", creating: 0o700))
      let folder = try Directory("\(path)/a", creating: 0o700)
      var batch = DurableBatch(temporary)
      try batch.add([UInt8](repeating: 0x61, count: 1000), as: "fits", in: folder)
      let error = #expect(throws: FileError.self) {
        try batch.add([UInt8](repeating: 0x62, count: 1001), as: "large", in: folder)
      }
      #expect(error?.code == EFBIG)
      try batch.commit()
      #expect(try folder.names() == ["fits"])
      #expect(try temporary.directory.names() == [])

      let streamed = #expect(throws: FileError.self) {
        var list = try StreamedFile(as: "list", in: folder, temporary: temporary)
        try list.append { $0.append(contentsOf: [UInt8](repeating: 0x63, count: 1001)) }
        try list.finish()
      }
      #expect(streamed?.code == EFBIG)
      let whole = #expect(throws: FileError.self) {
        try folder.writeDurably([UInt8](repeating: 0x62, count: 1001), as: "whole", mode: 0o600)
      }
      #expect(whole?.code == EFBIG)
      #expect(try folder.names() == ["fits"])
      #expect(try temporary.directory.names() == [])
    }
  }

  @Test("A sync that fails is a failure of its own kind, never an ordinary error")
  func failedSync() throws {
    // A pipe can't be synced; /proc can't either: what a broken disk answers can't be had here, but the way is one.
    let error = #expect(throws: SyncFailure.self) { try Directory("/proc/self/fd").sync() }
    #expect(error?.cause.call == "fsync")
    #expect(error?.cause.code == EINVAL)
  }

  @Test("One file is replaced, or left alone where nothing may be replaced")
  func writeDurably() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    #expect(try folder.writeDurably([0x61], as: "a", mode: 0o600, replacing: .nothing))
    #expect(try !folder.writeDurably([0x62], as: "a", mode: 0o600, replacing: .nothing))
    #expect(try scratch.text("in/a") == "a")
    #expect(try folder.writeDurably([0x63], as: "a", mode: 0o644))
    #expect(try scratch.text("in/a") == "c")
    #expect(scratch.mode("in/a") == 0o644)
    #expect(try folder.list() == ["a"])
  }

  @Test("A passing name that a crash left behind is passed over")
  func leftover() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    try scratch.write("half", to: "in/.\(getpid())-1.tmp")
    #expect(try folder.writeDurably([0x61], as: "a", mode: 0o600))
    #expect(try scratch.text("in/a") == "a")
    #expect(try folder.list() == [".\(getpid())-1.tmp", "a"])
  }

  @Test(
    "Whoever may only pass a drop folder can put a file there, and sees no other",
    .enabled(if: geteuid() == 0, "becomes another user"))
  func dropFolder() async throws {
    let scratch = try Scratch()
    #expect(chmod(scratch.path, 0o755) == 0)
    _ = try scratch.folder("in", mode: 0o3733)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      #expect(seteuid(65_534) == 0)
      let folder = try Directory("\(path)/in")
      #expect(!folder.isReadable)
      #expect(throws: FileError.self) { try folder.names() }
      #expect(try folder.writeDurably([0x61], as: "a.yaml", mode: 0o644, replacing: .nothing))
      #expect(try !folder.writeDurably([0x62], as: "a.yaml", mode: 0o644, replacing: .nothing))
    }
    #expect(try Directory("\(scratch.path)/in").list() == ["a.yaml"])
    #expect(try scratch.text("in/a.yaml") == "a")
  }

  @Test("A list larger than its buffer appears whole, and only when it is finished")
  func streamed() throws {
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folder = try scratch.folder("accounts")
    try scratch.write("old", to: "accounts/list")
    var list = try StreamedFile(as: "list", in: folder, temporary: temporary, bufferSize: 1000)
    var expected = ""
    for index in 0..<5000 {
      expected += "line \(index)\n"
      try list.append { $0.append(contentsOf: "line \(index)\n".utf8) }
    }
    #expect(list.count == expected.utf8.count)
    #expect(try scratch.text("accounts/list") == "old")
    try list.finish()
    #expect(try scratch.text("accounts/list") == expected)
    #expect(try temporary.directory.list() == [])
  }

  @Test("A list that is given up leaves no half and what was there untouched")
  func abandoned() throws {
    struct Stop: Error {}
    let scratch = try Scratch()
    let temporary = TemporaryFolder(try scratch.folder("tmp"))
    let folder = try scratch.folder("accounts")
    try scratch.write("old", to: "accounts/list")
    #expect(throws: Stop.self) {
      var list = try StreamedFile(as: "list", in: folder, temporary: temporary, bufferSize: 10)
      try list.append { $0.append(contentsOf: "more than the buffer".utf8) }
      try list.append { _ throws(Stop) in throw Stop() }
      try list.finish()
    }
    #expect(try scratch.text("accounts/list") == "old")
    #expect(try temporary.directory.list() == [])
  }

  @Test("A buffered writer writes through to a descriptor that stays the caller's")
  func buffered() throws {
    let scratch = try Scratch()
    let file = open("\(scratch.path)/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    do {
      var writer = try BufferedWriter(descriptor: file, path: "out", bufferSize: 4)
      try writer.append { $0.append(contentsOf: "12345".utf8) }
      #expect(try scratch.text("out") == "12345")
      try writer.append { $0.append(contentsOf: "6".utf8) }
      try writer.flush()
      #expect(writer.count == 6)
    }
    #expect(write(file, "7", 1) == 1)
    #expect(try scratch.text("out") == "1234567")
  }
}
