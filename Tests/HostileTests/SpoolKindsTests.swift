import Foundation
import Support
import Testing
import Text

extension Hostile {
  /// What lies in the spool and is no form, beyond what the end-to-end tests have.
  @Suite("What a stranger drops")
  struct SpoolKindsTests {
    struct Row: Sendable, CustomTestStringConvertible {
      var testDescription: String
      /// A word of the report.
      var word: String
      var make: @Sendable (_ path: String, _ beside: String) throws -> Void
    }

    private static func link(_ what: String, to target: String) -> Row {
      Row(testDescription: what, word: "symbolic link") { path, _ in #expect(symlink(target, path) == 0) }
    }

    private static let secret = form("SECRET", ["create: {address: stolen@example.org, \(person)}"])

    static let rows: [Row] = [
      link("a symbolic link to itself", to: "loop"), link("a symbolic link to a device", to: "/dev/zero"),
      link("a symbolic link to a folder", to: ".."), link("a symbolic link to 4,000 bytes of path", to: deep),
      Row(testDescription: "a hard link to a good form outside", word: "hard link") { path, beside in
        try Data(secret.utf8).write(to: URL(fileURLWithPath: beside))
        #expect(Foundation.link(beside, path) == 0)
      },
      Row(testDescription: "8 GiB of nothing", word: "8589934592") { path, _ in
        let file = open(path, O_CREAT | O_WRONLY, 0o644)
        #expect(ftruncate(file, 8 << 30) == 0)
        close(file)
      },
      Row(testDescription: "2^62 bytes of nothing, as far as the file system goes", word: "bytes, more than") {
        path, _ in
        let file = open(path, O_CREAT | O_WRONLY, 0o644)
        defer { close(file) }
        var size = 62
        while size > 33, ftruncate(file, 1 << size) != 0 { size -= 1 }
      },
      Row(testDescription: "a hole with a good form at its end", word: "bytes, more than") { path, _ in
        let file = open(path, O_CREAT | O_WRONLY, 0o644)
        let bytes = Array(secret.utf8)
        #expect(pwrite(file, bytes, bytes.count, 1 << 30) == bytes.count)
        close(file)
      },
      Row(testDescription: "a folder that nobody may look into", word: "folder") { path, _ in
        #expect(mkdir(path, 0o755) == 0)
        try Data(secret.utf8).write(to: URL(fileURLWithPath: path + "/form.yaml"))
        #expect(chmod(path, 0) == 0)
      },
      Row(testDescription: "a FIFO with a writer that says nothing", word: "FIFO") { path, _ in
        #expect(mkfifo(path, 0o666) == 0)
        // Open for both, so that it doesn't wait for a reader; closed when the test ends.
        #expect(open(path, O_RDWR | O_CLOEXEC) >= 0)
      },
    ]

    private static let deep = String(repeating: "a/", count: 2_000) + "b"

    /// As root: the devices that do something when they are opened or read.
    static let devices: [Row] = [
      ("the device of zeroes", S_IFCHR, 1, 5), ("the device of nothing", S_IFCHR, 1, 3), ("a terminal", S_IFCHR, 5, 0),
      ("a loop disk", S_IFBLK, 7, 200), ("a device without a driver", S_IFCHR, 250, 77),
    ].map { name, kind, major, minor in
      Row(testDescription: name, word: "device") { path, _ in
        #expect(mknod(path, kind | 0o666, dev_t(major << 8 | minor & 0xFF)) == 0)
      }
    }

    @Test("is refused with its reason, kept as it came, and holds nothing up")
    func kinds() async throws {
      let place = try Site().workplace("kinds")
      let agent = try await place.agent()
      var beat = Beat(place, "kinds")
      try await beat.good()
      let isRoot = geteuid() == 0
      if !isRoot { print("hostile: device nodes skipped: only root makes them") }
      let rows = Self.rows + (isRoot ? Self.devices : [])
      for (index, row) in rows.enumerated() {
        let name = row.testDescription.hasSuffix("itself") ? "loop" : "kind \(index)"
        let made = place.folder + "/\(name)"
        try row.make(made, place.folder + "/\(index).original")
        let before = Status(made)
        try place.moveIn(made, as: name)
        try await beat.good()
        let report = try await place.rejection(of: name)
        let finding = report.split(separator: "\n").first ?? ""
        #expect(finding.hasPrefix(name + ": ") && finding.contains(row.word) && finding.contains("; "), "\(report)")
        let lines = report.split(separator: "\n")
        #expect(lines.count == 2 && lines.last?.contains(": dropped by ") == true, "\(row.testDescription): \(report)")
        #expect(Status(place.spool + "/rejected/" + name) == before, "\(row.testDescription) isn't kept as it came")
      }
      #expect(try place.site.entry("stolen") == nil)
      beat.expectPrompt("\(rows.count) files that are none")
      await agent.expectGoodEnd("files that are none")
      Torture.report("hostile files", [("files", rows.count)], lost: 0, twice: 0)
    }

    @Test("is taken up to limits.form_size, and not a byte more")
    func sizes() async throws {
      let limit = 64 << 10
      let place = try Site().workplace("sizes", .with { $0.formSize = "64 KiB" })
      let agent = try await place.agent()
      for more in [-1, 0, 1] {
        let number = "SZ\(more + 1)"
        var text = form(number, ["create: {address: \(number)@example.org, \(person)}"]) + "#"
        text += String(repeating: "x", count: limit + more - text.utf8.count)
        #expect(text.utf8.count == limit + more)
        try place.drop(text, as: number)
        if more <= 0 {
          #expect(try await place.recorded(number)["outcome"] == "applied")
        } else {
          let report = try await place.rejection(of: number)
          #expect(report.contains("65537 bytes") && report.contains("limits.form_size"), "\(report)")
        }
      }
      await agent.expectGoodEnd("sizes")
    }

    @Test("without a right to read it is reported with the chmod that helps, and taken when that is done")
    func modes() async throws {
      let place = try Site().workplace("modes")
      let prefix = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
      let agent = try await place.agent(prefix: prefix)
      var beat = Beat(place, "modes")
      for mode: mode_t in [0o000, 0o111, 0o222, 0o4000] {
        let name = "mode \(String(mode, radix: 8))"
        let made = place.folder + "/made"
        try Data(form("MO-\(mode)", ["create: {address: mo\(mode)@example.org, \(person)}"]).utf8)
          .write(to: URL(fileURLWithPath: made))
        #expect(chmod(made, mode) == 0)
        try place.moveIn(made, as: name)
        try await beat.good()
        let report = try await place.rejection(of: name)
        #expect(report.contains("chmod ") && report.contains("can't be read"), "\(report)")
        let kept = place.spool + "/rejected/" + name
        #expect(chmod(kept, 0o644) == 0)
        try place.moveIn(kept, as: name)
        #expect(try await place.recorded("MO-\(mode)")["outcome"] == "applied")
      }
      beat.expectPrompt("files of mode 000")
      await agent.expectGoodEnd("modes")
    }
  }

  /// What a name stands for.
  private struct Status: Equatable {
    var inode: UInt64 = 0
    var mode: UInt32 = 0
    var size: Int64 = 0
    var device: UInt64 = 0

    init(_ path: String) {
      var status = stat()
      guard lstat(path, &status) == 0 else { return }
      (inode, mode, size, device) = (
        UInt64(status.st_ino), status.st_mode, Int64(status.st_size), UInt64(status.st_rdev)
      )
    }
  }
}
