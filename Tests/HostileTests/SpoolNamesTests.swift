import Foundation
import Support
import Testing

extension Hostile {
  /// Names are bytes; every place that shows one shows one safe line.
  @Suite("A file's name")
  struct SpoolNamesTests {
    static let names: [[UInt8]] =
      [
        "-rf", "--help", "-", " ", "  x", "x ", "\n", "a\nb", "a\r\nb", "a\tb", "\u{7}", "\u{1B}[31mred",
        "\u{1B}]0;title\u{7}",
        "\u{1B}]52;c;aG9sYQ==\u{7}", "\u{1B}]8;;http:x\u{1B}\\x", "\u{9B}31m", "x\u{202E}lmay.", "\u{2066}x",
        "\u{200F}", "\u{61C}x", "\u{2028}", "\u{FEFF}x", "\u{E0041}\u{E0042}", "*", "?", "[a-z]", "$(id)", "`id`",
        "a;b|c&d",
        "\"", "'", "\\", "\\x0A", "%s%n%@", "CON", "c:x", "2026-11-23T00:00:00Z error forged=1", "a b=c \"d\"",
        "e\u{301}", "\u{E9}", "\u{3164}", "\u{301}", "x.sig.yaml", "x.report", "x.report.report", "taken", "rejected",
        "http:x", "{{number}}", "<b>", "&amp;", "名前", "עברית", "👨‍👩‍👧",
      ].map { Array($0.utf8) } + [
        [0xFF, 0xFE], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x66, 0x80],
        [0x9B, 0x33, 0x31, 0x6D],
        Array(repeating: 0xFF, count: 255), Array(repeating: 0x78, count: 249), Array(repeating: 0x78, count: 248),
        Array(repeating: 0x78, count: 254) + [0x31], Array(repeating: 0x78, count: 254) + [0x32],
        Array(String(repeating: "\u{301}", count: 127).utf8), Array(repeating: 0x1B, count: 255),
      ]

    @Test("is free: good forms of any are carried out, bad ones kept with a safe report each")
    func names() async throws {
      let place = try Site().workplace("names", .with { $0.log = "{format: text, level: debug}" })
      let agent = try await place.agent()
      var beat = Beat(place, "names")
      for (index, name) in Self.names.enumerated() {
        try place.drop(form("NM-\(index)", ["create: {address: nm\(index)@example.org, \(person)}"]), named: name)
      }
      for index in Self.names.indices { #expect(try await place.recorded("NM-\(index)")["outcome"] == "applied") }
      for (index, name) in Self.names.enumerated() { try place.drop("number: \(index)\n", named: name) }
      try await beat.good()
      await place.expectDrained()

      // Each lies there as it came, and each has a report of its own that begins with its own name.
      let rejected = place.byteNames(in: place.spool + "/rejected")
      let reports = try rejected.filter { $0.suffix(7).elementsEqual(".report".utf8) }.map { try place.rejected($0) }
        .filter { !$0.starts(with: Data("number: ".utf8)) }
      let kept = try rejected.map { try place.rejected($0) }.filter { $0.starts(with: Data("number: ".utf8)) }
      #expect(
        Set(kept) == Set(Self.names.indices.map { Data("number: \($0)\n".utf8) }), "some aren't kept as they came")
      #expect(reports.count == Self.names.count && Set(reports).count == Self.names.count, "\(reports.count) reports")
      for report in reports {
        expectSafe(report, "a report")
        let lines = String(decoding: report, as: UTF8.self).split(separator: "\n")
        #expect(lines.last?.contains(": dropped by ") == true, "\(lines)")
        for line in lines.dropLast() {
          #expect(line.contains(/:1:1: [a-z]+: .+; .+/), "\(line)")
        }
      }
      // What the log tells of a file is one line (`expectGoodEnd` sees that each is an event, and safe).
      #expect(agent.log.filter { $0.contains(" request.rejected ") }.count == Self.names.count)
      for index in Self.names.indices {
        let shown = try await place.run("show", "NM-\(index)")
        expectSafe(Data(shown.output.utf8), "show")
        #expect(shown.output.split(separator: "\n").filter { $0.hasPrefix("Received ") }.count == 1)
      }
      beat.expectPrompt("\(2 * Self.names.count) strange names")
      await agent.expectGoodEnd("strange names")
      Torture.report("hostile names", [("files", 2 * Self.names.count)], lost: 0, twice: 0)
    }

    @Test("shown in a command that helps stands there as one harmless word")
    func commands() async throws {
      let place = try Site().workplace("words")
      let agent = try await place.agent()
      let mark = place.folder + "/ran"
      let names = [
        "x;touch \(mark)".replacing("/", with: "\\"), "$(id)", "`id`", "-rf", "a b", "it's", "a\nb", "\"", "~x",
      ]
      for name in names { try place.drop(symbolicLink: "/etc/hostname", named: Array(name.utf8)) }
      await place.expectDrained()
      var told = 0
      for name in place.byteNames(in: place.spool + "/rejected") where name.suffix(7).elementsEqual(".report".utf8) {
        let report = String(decoding: try place.rejected(name), as: UTF8.self)
        expectSafe(Data(report.utf8), "a report")
        guard let command = report.firstMatch(of: /cp -L (.*) COPY,/)?.1 else {
          Issue.record("no command: \(report)")
          continue
        }
        // A shell makes one argument of it, runs nothing and takes it for no option.
        let script = "set -- \(command); printf '%s\\n' \"$#\" \"$1\""
        let outcome = try await Program.run("/bin/sh", ["-c", script])
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && outcome.errors.isEmpty && lines.first == "1", "\(command): \(outcome)")
        #expect(lines.last?.hasPrefix("-") == false, "\(command)")
        told += 1
      }
      #expect(told == names.count)
      await agent.expectGoodEnd("names in commands")
    }

    @Test("may be that of the report of another: none is written over")
    func reports() async throws {
      let place = try Site().workplace("reports")
      let agent = try await place.agent()
      for (index, name) in ["a.report", "a", "a.report.report", "a.2", "a", "a.report", "a.2.report"].enumerated() {
        try place.drop("number: \(index)\n", as: name)
        await place.expectDrained()
      }
      let texts = try place.byteNames(in: place.spool + "/rejected").map { try place.rejected($0) }
      let kept = texts.filter { $0.starts(with: Data("number: ".utf8)) }
      #expect(kept.count == 7 && Set(kept).count == 7, "some were written over")
      #expect(texts.count == 14)
      await agent.expectGoodEnd("names of reports")
    }

    @Test("may come again and again: ten thousand bad files of one name hold nothing up")
    func sameName() async throws {
      let place = try Site().workplace("same")
      let rejected = place.spool + "/rejected"
      try FileManager.default.createDirectory(atPath: rejected, withIntermediateDirectories: true)
      for index in 1...10_000 {
        let name = index == 1 ? "same.yaml" : "same.yaml.\(index)"
        for path in [name, name + ".report"] { close(open("\(rejected)/\(path)", O_CREAT | O_WRONLY, 0o640)) }
      }
      let agent = try await place.agent()
      var beat = Beat(place, "same")
      for index in 0..<20 {
        try place.drop("number: \(index)\n", as: "same.yaml")
        try await beat.good()
      }
      await place.expectDrained()
      let kept = try place.byteNames(in: rejected).map { try place.rejected($0) }
        .filter { $0.starts(with: Data("number: ".utf8)) }
      #expect(Set(kept).count == 20)
      beat.expectPrompt("10,000 bad files of one name")
      await agent.expectGoodEnd("one name")
    }
  }
}

extension Workplace {
  /// What lies among the rejected under a name of any bytes.
  fileprivate func rejected(_ name: [UInt8]) throws -> Data {
    let file = withPath(Array((spool + "/rejected/").utf8) + name) { open($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
    guard file >= 0 else { return Data() }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(file, &bytes, bytes.count)
    return Data(bytes.prefix(max(0, count)))
  }

  fileprivate func drop(symbolicLink target: String, named name: [UInt8]) throws {
    guard withPath(incoming(name), { symlink(target, $0) }) == 0 else { throw SiteError("symlink: \(errno)") }
  }
}
