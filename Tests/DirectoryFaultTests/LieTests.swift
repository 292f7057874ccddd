import Foundation
import Sandbox
import Support
import Synchronization
import Testing

/// A directory that doesn't tell the truth, or doesn't speak LDAP: the agent lives, believes no entry that it didn't ask
/// for, and what was asked is done once the lie is over.
@Suite("Answers that lie")
struct LieTests {
  /// A lie in place of the answer to a read or a write: what each message of the answer becomes.
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var tell: @Sendable (LDAPMessage, _ base: String) -> [[UInt8]]?

    init(_ what: String, _ tell: @escaping @Sendable (LDAPMessage, String) -> [[UInt8]]?) {
      (testDescription, self.tell) = (what, tell)
    }

    /// More messages before the last one.
    static func before(_ what: String, _ more: @escaping @Sendable (Int, String) -> [[UInt8]]) -> Row {
      Row(what) { message, base in
        [0x64, 0x73, 0x79].contains(message.tag) ? [message.bytes] : more(message.id, base) + [message.bytes]
      }
    }

    /// Every entry changed.
    static func entries(_ what: String, _ change: @escaping @Sendable (inout LyingEntry) -> Void) -> Row {
      Row(what) { message, _ in
        guard message.tag == 0x64, var entry = LyingEntry(message) else { return [message.bytes] }
        change(&entry)
        return [LDAPMessage.entry(message.id, entry)]
      }
    }
  }

  static let escape: [UInt8] = Array("\u{1b}[2J\u{1b}]0;x\u{7}".utf8) + [0, 13, 10] + Array("\u{202e}x\u{2066}".utf8)
  static let binary: [UInt8] = [0xFF, 0xFE, 0x00, 0x80, 0xC3, 0x28]
  static let large = [UInt8](repeating: UInt8(ascii: "A"), count: 10_000_000)

  /// An entry that looks like an account of ours.
  static func stranger(_ dn: String, _ mail: String) -> LyingEntry {
    func values(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
    return LyingEntry(
      dn: dn,
      [
        ("objectClass", values("inetOrgPerson", "inetLocalMailRecipient", "buzonAccount")), ("uid", values("stranger")),
        ("cn", values("Stranger")), ("sn", values("Stranger")), ("mail", values(mail)),
        ("mailLocalAddress", values(mail)),
        ("buzonKind", values("person")), ("buzonStatus", values("active")),
        ("entryUUID", values("ffffffff-1111-4222-8333-444444444444")),
        ("entryCSN", values("20200101000000.000000Z#000000#000#000000")),
      ])
  }

  private static func ofProtocol() -> [Row] {
    [
      Row("cut in the middle of a message") { message, _ in nil },
      Row("BER that ends too early") { message, _ in
        [BER.wrap(0x30, BER.integer(message.id), [message.tag, 0x20, 0x0A])]
      },
      Row("no BER at all") { _, _ in [Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)] },
      Row("another message's id") { message, _ in
        [LDAPMessage.whole(message.id + 1_000, BER.wrap(message.tag, Array(message.bytes[message.operation])), [])]
      },
      Row("another operation's answer") { message, _ in [LDAPMessage.result(message.id, 0x6D, code: 0, "")] },
      Row("a notice of disconnection") { message, _ in
        let notice = BER.wrap(
          0x78, BER.integer(52, tag: 0x0A), BER.text(""), BER.text("going"),
          BER.text("1.3.6.1.4.1.1466.20036", tag: 0x8A))
        return [LDAPMessage.whole(0, notice, []), message.bytes]
      },
      .before("an intermediate answer that nobody asked for") { id, _ in
        [LDAPMessage.whole(id, BER.wrap(0x79, BER.text("1.2.3.4", tag: 0x80), BER.text("x", tag: 0x81)), [])]
      },
      Row("each answer twice") { message, _ in [message.bytes, message.bytes] },
    ]
  }

  static let reads: [Row] =
    ofProtocol() + [
      .before("references to elsewhere") { id, _ in
        [LDAPMessage.whole(id, BER.wrap(0x73, BER.text("ldap://127.0.0.1:1/ou=people")), [])]
      },
      .before("an entry outside the base that has the address") { id, _ in
        [LDAPMessage.entry(id, stranger("uid=lie,ou=people,dc=elsewhere", "lie@example.org"))]
      },
      .before("an entry without a name that has the address") { id, _ in
        [LDAPMessage.entry(id, stranger("", "lie@example.org"))]
      },
      .before("an entry whose name is none") { id, _ in
        [LDAPMessage.entry(id, stranger("no name at all", "lie@example.org"))]
      },
      .before("an entry whose name is not UTF-8") { id, base in
        var entry = stranger("", "lie@example.org")
        entry.dn = [0xFF, 0xFE] + Array(",ou=people,\(base)".utf8)
        return [LDAPMessage.entry(id, entry)]
      },
      .before("entries that have other addresses, by strange names") { id, base in
        [
          "cn=a+uid=b,ou=people,\(base)", "#0403=#0401FF,ou=people,\(base)",
          "uid=\\00\\2c\\e2\\80\\ae,ou=people,\(base)",
          "uid=\\,\\+\\\"\\\\\\<\\>\\;,ou=people,\(base)",
        ].map { LDAPMessage.entry(id, stranger($0, "other@example.org")) }
      },
      .entries("without entryUUID") { $0.set("entryUUID", nil) },
      .entries("an entryUUID that is none") { $0.set("entryUUID", [Array("not-a-uuid)(x=*".utf8)]) },
      .entries("binary values") {
        $0.set("title", [binary]); $0.set("displayName", [binary])
      },
      .entries("terminal escapes, NUL and bidi controls") {
        $0.set("title", [escape]); $0.set("displayName", [escape])
      },
      .entries("a value of 10 MB") { $0.set("title", [large]) },
      .entries("100,000 addresses") { entry in
        entry.set(
          "mailLocalAddress", (0..<100_000).map { Array("m\($0)@example.org".utf8) } + [Array("lie@example.org".utf8)])
      },
    ]

  static let writes: [Row] =
    ofProtocol() + [
      Row("a post-read of another entry") { message, base in
        let other = stranger("uid=stranger,ou=people,\(base)", "stranger@example.org")
        let control = LDAPMessage.control("1.3.6.1.1.13.2", other.value)
        return [LDAPMessage.result(message.id, message.tag, code: 0, "", controls: [control])]
      },
      Row("a post-read that is none") { message, _ in
        [
          LDAPMessage.result(
            message.id, message.tag, code: 0, "", controls: [LDAPMessage.control("1.3.6.1.1.13.2", binary)])
        ]
      },
      Row("no post-read") { message, _ in [LDAPMessage.result(message.id, message.tag, code: 0, "")] },
    ]

  /// Tells each of the lies once, to one agent after the other, and looks what came of it.
  private func lies(_ rows: [Row], to kinds: [Proxy.Kind], _ name: String) async throws {
    let site = try Site()
    let proxy = try Proxy(site, "lies")
    let base = site.sandbox.base
    let place = try site.behind(proxy, "lies", operation: "1 s")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    try await place.carryOut(form("P-1", create("lie", ", aliases: [alias@example.org]"), create("other1")), "P-1")
    var (expected, told) = (0, 0)
    for (index, row) in rows.enumerated() {
      for kind in kinds {
        let number = "\(name)-\(index)-\(kind)"
        let isLeft = Atomic(true)
        proxy.rule { request in
          let isMeant = kind == .search ? request.isOfPlan : request.kind == kind && request.name.hasPrefix("uid=")
          guard isMeant, isLeft.compareExchange(expected: true, desired: false, ordering: .relaxed).exchanged else {
            return .pass
          }
          return .change { row.tell($0, base) }
        }
        let change = kind == .add ? create("n\(index)") : retitle("lie", "T\(expected)")
        try place.drop(form(number, change), as: number)
        guard let record = try? await place.recorded(number) else {
          Issue.record("\(row): \(kind) is not done: \(agent.log.suffix(3))")
          return
        }
        expected += 1
        if record["outcome"] == "applied" { told += 1 }
        #expect(record["outcome"] == "applied", "\(row): \(kind): \(record["changes"][0]["error"])")
        #expect(!"\(record)".contains("elsewhere") && !"\(record)".contains("tranger"), "\(row): \(kind): \(record)")
        let wasTold = !isLeft.load(ordering: .relaxed)
        #expect(wasTold, "\(row): \(kind) was never told")
      }
    }
    #expect(agent.program.isRunning)
    proxy.rule { _ in .pass }
    let times = try site.timesApplied(name + "-")
    #expect(times.count == expected && times.values.allSatisfy { $0 == 1 }, "\(times)")
    let peak = agent.peak / 1_000_000
    #expect((1..<200).contains(peak), "\(peak) MB")
    #expect(
      try await comesTrue { try place.listed("lie@example.org")?["position"].text == site.entry("lie")?["title"].first }
    )
    let strangers = try place.accounts().keys.filter {
      !$0.hasPrefix("lie@") && !$0.hasPrefix("other1@") && !$0.hasPrefix("n")
    }
    #expect(strangers.isEmpty, "\(strangers)")
    try await expectClean(place, agent)
    #expect(await agent.end() == 0)
    Torture.report(
      "answers that lie", [("lies", rows.count * kinds.count), ("MB at most", peak)],
      lost: expected - times.count, twice: times.values.count { $0 > 1 }, failures: expected - told)
  }

  /// Nothing that a terminal or a reader could be fooled with stands in the log or in what people open.
  private func expectClean(_ place: Workplace, _ agent: RunningAgent) async throws {
    #expect(
      agent.log.allSatisfy { line in
        line.unicodeScalars.allSatisfy {
          $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && !(0x202A...0x202E).contains($0.value)
            && !(0x2066...0x2069).contains($0.value)
        }
      })
    let status = try await place.run("status")
    for text in [status.output, status.errors] { #expect(!text.utf8.contains(0x1B) && !text.contains("\u{202e}")) }
    // Backups and spreadsheets, also one that is being written, are compressed: any byte may be in them.
    let raw = try await Program.run(
      "/usr/bin/grep",
      [
        "-rlaP", "--exclude-dir=backup", "--exclude-dir=.tmp", "--exclude=*.xlsx",
        "\\x1b|\\x00|\\xe2\\x80\\xae|\\xe2\\x81\\xa6",
        place.records,
      ],
      environment: ["LC_ALL": "C"])
    #expect(raw.output.isEmpty, "\(raw.output)")
  }

  @Test("about what is read before a change is planned")
  func reading() async throws { try await lies(drawn(Self.reads, 5), to: [.search], "R") }

  @Test("about what became of a change")
  func writing() async throws { try await lies(drawn(Self.writes, 3), to: [.add, .modify], "W") }

  @Test("the mirror hears of strangers, of nonsense and of much too much, and lists whom it should")
  func mirror() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "mirror")
    let base = site.sandbox.base
    let place = try site.behind(proxy, "mirror")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    try await place.carryOut(form("P-1", create("una"), create("dos")), "P-1")
    @Sendable func state(_ round: Int, _ place: Int, _ state: Int) -> [UInt8] {
      let uuid = [UInt8(round), UInt8(place)] + [UInt8](repeating: 7, count: 14)
      return LDAPMessage.control(
        "1.3.6.1.4.1.4203.1.9.1.2", BER.wrap(0x30, BER.wrap(0x0A, [UInt8(state)]), BER.wrap(0x04, uuid)))
    }
    func with(_ name: String, _ values: [[UInt8]]?, _ id: Int) -> LyingEntry {
      var entry = Self.stranger("uid=s\(id),ou=people,\(base)", "inside\(id)@example.org")
      entry.set("entryUUID", [Array("0000000\(id % 10)-0707-0707-0707-07070707070\(id / 10)".utf8)])
      entry.set(name, values)
      return entry
    }
    var outside = Self.stranger("", "outside5@example.org")
    outside.dn = Self.binary
    let told: [(String, [LyingEntry])] = [
      (
        "outside the base",
        ["uid=s,ou=people,dc=elsewhere", "", "no name at all", base, "uid=x,\(base)"].enumerated().map {
          Self.stranger($1, "outside\($0)@example.org")
        } + [outside]
      ),
      ("no account", [with("mail", nil, 1), with("objectClass", nil, 2), with("entryUUID", nil, 3)]),
      ("another entryUUID than the control's", [Self.stranger("uid=z,ou=people,\(base)", "outside9@example.org")]),
      ("an entryUUID that is none", [with("entryUUID", [Array("x\u{1b}[2J".utf8)], 4)]),
      ("values for a terminal", [with("displayName", [Self.escape], 5), with("title", [Self.binary], 6)]),
      ("an address for a terminal", [with("mail", [Array("i\u{1b}[2J\u{202e}\u{7}n@example.org".utf8)], 7)]),
      ("states that contradict the entry", [with("title", nil, 0)]),
      ("a name of 10 MB", [with("displayName", [Self.large], 8)]),
      ("100,000 addresses", [with("mailLocalAddress", (0..<100_000).map { Array("i\($0)@example.org".utf8) }, 9)]),
    ]
    // In the refresh, or of a sudden; in the refresh strangers are found out by asking for them.
    let rounds = drawn(told, 2).flatMap { [($0.0, $0.1, false), ($0.0, $0.1, true)] }
    for (round, (what, entries, isSudden)) in rounds.enumerated() {
      let isLeft = Atomic(true)
      proxy.rule { request in
        // The first question, of the container alone, asks whether it can be asked.
        guard request.isSync, !request.message.mentions("\u{04}\u{03}1.1"),
          isLeft.compareExchange(expected: true, desired: false, ordering: .relaxed).exchanged
        else { return .pass }
        let isFirst = Atomic(true)
        return .change { message in
          guard !isSudden || message.tag == 0x64,
            isFirst.compareExchange(expected: true, desired: false, ordering: .relaxed).exchanged
          else { return [message.bytes] }
          let lies = entries.enumerated().map {
            LDAPMessage.entry(message.id, $1, controls: [state(round, $0, what.hasPrefix("states") ? 3 : 1)])
          }
          return isSudden ? [message.bytes] + lies : lies + [message.bytes]
        }
      }
      proxy.cutAll()
      #expect(await comesTrue { !isLeft.load(ordering: .relaxed) }, "\(what) was never told")
      let number = "MI-\(round)"
      #expect(try await place.carryOut(form(number, create("mi\(round)")), number)["outcome"] == "applied", "\(what)")
      // The list's files are written for 5 % of the time at most, and they are large now; the command asks the register.
      let mine = JSON.string("mi\(round)@example.org")
      #expect(
        try await comesTrue { try await place.answer("accounts")["accounts"].array.contains { $0["address"] == mine } },
        "\(what), \(isSudden): \(agent.log.suffix(3))")
      // Changes outside Buzón are heard behind the lies: they have been taken in by then.
      try site.modify("dn: \(site.dn("una"))\nchangetype: modify\nreplace: title\ntitle: T\(round)\n\n")
      var listed: [JSON] = []
      #expect(
        try await comesTrue {
          listed = try await place.answer("accounts")["accounts"].array
          return listed.contains { $0["address"] == "una@example.org" && $0["position"].text == "T\(round)" }
        }, "\(what), \(isSudden)")
      let strangers = listed.compactMap { $0["address"].text }.filter { $0.hasPrefix("outside") }
      #expect(strangers.isEmpty, "\(what), \(isSudden): \(strangers)")
    }
    #expect(agent.program.isRunning)
    let listed = try await Set(place.answer("accounts")["accounts"].array.compactMap { $0["address"].text })
    #expect(listed.isSuperset(of: ["una@example.org", "dos@example.org"]), "\(listed)")
    #expect(listed.filter { $0.hasPrefix("outside") }.isEmpty, "\(listed)")
    let peak = agent.peak / 1_000_000
    #expect((1..<200).contains(peak), "\(peak) MB")
    try await expectClean(place, agent)
    let times = try site.timesApplied("MI-")
    #expect(times.count == rounds.count && times.values.allSatisfy { $0 == 1 })
    #expect(await agent.end() == 0)
    Torture.report(
      "answers that lie", [("lies to the mirror", rounds.count), ("MB at most", peak)],
      lost: rounds.count - times.count, twice: times.values.count { $0 > 1 })
  }
}

extension LyingEntry {
  /// An entry as a directory told it.
  init?(_ message: LDAPMessage) {
    let bytes = message.bytes
    guard let name = BER.element(bytes, at: message.operation.lowerBound),
      let list = BER.element(bytes, at: name.content.upperBound)
    else { return nil }
    self.init(dn: Array(bytes[name.content]), [])
    var next = list.content.lowerBound
    while let attribute = BER.element(bytes, at: next, below: list.content.upperBound),
      let type = BER.element(bytes, at: attribute.content.lowerBound),
      let set = BER.element(bytes, at: type.content.upperBound)
    {
      var values: [[UInt8]] = []
      var place = set.content.lowerBound
      while let value = BER.element(bytes, at: place, below: set.content.upperBound) {
        values.append(Array(bytes[value.content]))
        place = value.content.upperBound
      }
      attributes.append((String(decoding: bytes[type.content], as: UTF8.self), values))
      next = attribute.content.upperBound
    }
  }
}
