import Foundation
import Support
import Testing
import Text

extension EndToEnd {
  @Suite("What isn't a form")
  struct OddFilesTests {
    struct Row: Sendable, CustomTestStringConvertible {
      var testDescription: String
      /// A word of the report.
      var word: String
      var make: @Sendable (_ path: String, _ beside: String) throws -> Void
    }

    private static let good = form(
      number: "ODD", changes: ["create: {address: odd@example.org, name: {given: A, family: B}}"])

    private static func file(_ what: String, _ word: String, _ bytes: @escaping @Sendable () -> Data) -> Row {
      Row(testDescription: what, word: word) { path, _ in try bytes().write(to: URL(fileURLWithPath: path)) }
    }

    static let rows: [Row] = [
      Row(testDescription: "a symbolic link to a good form", word: "symbolic link") { path, beside in
        try Data(good.utf8).write(to: URL(fileURLWithPath: beside))
        #expect(symlink(beside, path) == 0)
      },
      Row(testDescription: "a symbolic link to nothing", word: "symbolic link") { path, _ in
        #expect(symlink("/nowhere", path) == 0)
      },
      Row(testDescription: "a FIFO that nobody writes", word: "FIFO") { path, _ in #expect(mkfifo(path, 0o644) == 0) },
      Row(testDescription: "a hard link of a good form", word: "hard link") { path, beside in
        try Data(good.utf8).write(to: URL(fileURLWithPath: beside))
        #expect(link(beside, path) == 0)
      },
      Row(testDescription: "a folder with a good form in it", word: "folder") { path, _ in
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data(good.utf8).write(to: URL(fileURLWithPath: path + "/form.yaml"))
      },
      Row(testDescription: "a socket", word: "socket") { path, _ in
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
        #expect(bound == 0)
      },
      file("an empty file", "empty") { Data() },
      file("more than limits.form_size", "limits.form_size") {
        Data((good + String(repeating: "# and more\n", count: 100_000)).utf8)
      },
      file("bytes that aren't UTF-8", "UTF-8") {
        Data(good.replacingOccurrences(of: "A,", with: "\u{E9},").unicodeScalars.map { UInt8($0.value & 0xFF) })
      },
      file("UTF-16", "UTF-") { good.data(using: .utf16) ?? Data() },
      file("a NUL", "1:") { Data((good + "\0").utf8) },
      file("two documents", "document") { Data((good + "---\n" + good).utf8) },
      file("an alias", "alias") { Data("a: &x [1]\nb: *x\n".utf8) },
      file("a bomb of aliases", "alias") { Data(CheckTests.bomb.utf8) },
      file("a key that stands twice", "department") { Data((good + "department: Otra\n").utf8) },
      file("brackets a hundred thousand deep", "deep") { Data(String(repeating: "[", count: 100_000).utf8) },
    ]

    @Test("is reported and kept, and holds nothing up")
    func reported() async throws {
      let place = try EndToEnd.place().site.workplace("odd", .with { $0.log = "{format: json, level: debug}" })
      let agent = try await place.agent()
      for (index, row) in Self.rows.enumerated() {
        // Made elsewhere, then moved in, so that it needs no rest.
        let made = place.folder + "/\(index)"
        try row.make(made, place.folder + "/\(index).original")
        try place.moveIn(made, as: "odd \(index)")
      }
      for (index, row) in Self.rows.enumerated() {
        let report = try await place.rejection(of: "odd \(index)")
        #expect(report.contains(row.word), "\(row.testDescription): \(report)")
        #expect(report.hasPrefix("odd \(index):") && report.hasSuffix("\n") && report.contains("; "), "\(report)")
      }
      let number = "ODD"
      #expect(try await place.carryOut(Self.good, number)["outcome"] == "applied", "no number is used up")
      #expect(await agent.end() == 0)
    }

    @Test("nor what the agent may not read: it is reported with the chmod that helps")
    func unreadable() async throws {
      let place = try EndToEnd.place().site.workplace("unreadable")
      // Root reads everything unless it gives that up.
      let prefix = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
      let agent = try await place.agent(prefix: prefix)
      let made = place.folder + "/closed"
      try Data(Self.good.utf8).write(to: URL(fileURLWithPath: made))
      #expect(chmod(made, 0) == 0)
      try place.moveIn(made, as: "closed.yaml")
      let report = try await place.rejection(of: "closed.yaml")
      #expect(report.contains("chmod ") && report.contains("closed.yaml"), "\(report)")
      #expect(await agent.end() == 0)
    }
  }
}
