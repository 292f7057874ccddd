import Support

#if FAILPOINTS
  import Files
  import Glibc
  import Support
  import Testing

  /// Kills the process before and after every call that changes a file, as a power cut or a crash would, and looks at
  /// what is there.
  @Suite("Killed at every step")
  struct KillTests {
    /// Writes a batch of few files, one of many, a list and a single file, in place of older ones.
    static func scenario(_ path: String) throws {
      let root = try Directory("\(path)/records", creating: 0o750)
      let temporary = TemporaryFolder(try Directory("\(path)/records/.tmp", creating: 0o700))
      try temporary.clean()
      let year = try root.folder("2026", creating: 0o750, temporary: temporary)
      for count in [2, 6] {
        var batch = DurableBatch(temporary)
        for index in 0..<count {
          guard let name = FileName("\(count)-\(index)") else { continue }
          try batch.add(Array("new \(count)-\(index)".utf8), as: name, in: year)
        }
        try batch.commit()
      }
      var list = try StreamedFile(as: "list", in: root, temporary: temporary, bufferSize: 4)
      for _ in 0..<10 { try list.append { $0.append(contentsOf: "new ".utf8) } }
      try list.finish()
      try root.writeDurably(Array("new".utf8), as: "key", mode: 0o600)
      try root.writeDurably(Array("new".utf8), as: "submitted", mode: 0o600, replacing: .nothing)
    }

    static let wholeList = String(repeating: "new ", count: 10)

    @Test("Nothing is ever half, and doing it again completes it")
    func sweep() async throws {
      let points = try await countPoints()
      #expect(points > 30)
      for point in 1...points {
        // Behind a call is before the next one.
        for moment in Torture.isFull || point == 1 ? ["before", "after"] : ["after"] {
          let scratch = try prepared()
          await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = scratch.path as String, point = point as Int, moment = moment as String] in
            setenv("BUZON_FAILPOINT", "\(point):\(moment)", 1)
            try KillTests.scenario(path)
          }
          try checkHalfways(scratch, "\(point):\(moment)")
          try KillTests.scenario(scratch.path)
          try checkComplete(scratch, "\(point):\(moment)")
        }
      }
    }

    @Test("Contents are synced before any rename, and folders after the last one")
    func order() async throws {
      let scratch = try Scratch()
      await #expect(processExitsWith: .success) { [path = scratch.path as String] in
        setenv("BUZON_FAILPOINT_TRACE", "\(path)/trace", 1)
        let temporary = TemporaryFolder(try Directory("\(path)/tmp", creating: 0o700))
        let folders = [try Directory("\(path)/a", creating: 0o700), try Directory("\(path)/b", creating: 0o700)]
        for count in [2, 5] {
          var batch = DurableBatch(temporary)
          for index in 0..<count {
            if let name = FileName("\(index)") { try batch.add([], as: name, in: folders[index % 2]) }
          }
          try batch.commit()
        }
        try StreamedFile(as: "list", in: folders[0], temporary: temporary).finish()
        try folders[0].writeDurably([], as: "key", mode: 0o600)
        _ = try folders[0].folder("2026", creating: 0o700, temporary: temporary)
      }
      let trace = try #require(try scratch.text("trace"))
      let names = trace.split(separator: "\n").map { $0.split(separator: " ")[1] }
      let few = ["file.write", "file.write", "file.sync", "file.sync", "file.rename", "file.rename"]
      let many = Array(repeating: "file.write", count: 5) + ["file.syncfs"] + Array(repeating: "file.rename", count: 5)
      let folders = ["folder.sync", "folder.sync"]
      let list = ["file.create", "file.sync", "file.rename", "folder.sync"]
      let key = ["file.write", "file.sync", "file.rename", "folder.sync"]
      let year = ["folder.create", "folder.rename", "folder.sync"]
      let places = Array(repeating: ["folder.create", "folder.sync"], count: 3).flatMap { $0 }
      #expect(names.map(String.init) == places + few + folders + many + folders + list + key + year)
    }

    private func prepared() throws -> Scratch {
      let scratch = try Scratch()
      _ = try scratch.folder("records", mode: 0o750)
      try scratch.write("old", to: "records/list")
      try scratch.write("old", to: "records/key")
      return scratch
    }

    private func countPoints() async throws -> Int {
      let scratch = try prepared()
      await #expect(processExitsWith: .success) { [path = scratch.path as String] in
        setenv("BUZON_FAILPOINT_TRACE", "\(path)/trace", 1)
        try KillTests.scenario(path)
      }
      return try #require(try scratch.text("trace")).utf8.count { $0 == 0x0A }
    }

    private func checkHalfways(_ scratch: Scratch, _ place: Comment) throws {
      let root = try Directory("\(scratch.path)/records")
      #expect([KillTests.wholeList, "old"].contains(try scratch.text("records/list")), place)
      #expect(["new", "old"].contains(try scratch.text("records/key")), place)
      #expect([nil, "new"].contains(try scratch.text("records/submitted")), place)
      guard let year = try root.folder("2026") else { return }
      #expect(scratch.mode("records/2026") == 0o750, place)
      for name in try year.list() { #expect(try scratch.text("records/2026/\(name)") == "new \(name)", place) }
    }

    private func checkComplete(_ scratch: Scratch, _ place: Comment) throws {
      let root = try Directory("\(scratch.path)/records")
      #expect(try scratch.text("records/list") == KillTests.wholeList, place)
      #expect(try scratch.text("records/key") == "new", place)
      #expect(try scratch.text("records/submitted") == "new", place)
      let year = try #require(try root.folder("2026"))
      #expect(try year.names().count == 8, place)
      for name in try year.list() { #expect(try scratch.text("records/2026/\(name)") == "new \(name)", place) }
      #expect(try Directory("\(scratch.path)/records/.tmp").list() == [], place)
    }
  }
#endif
