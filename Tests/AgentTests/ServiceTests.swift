import Foundation
import Support
import Testing

@testable import Agent

@Suite("Under a service manager")
struct ServiceTests {
  @Test("it hears that the agent is ready, reloads, stops, and how it stands")
  func notified() throws {
    let receiver = try DatagramReceiver()
    let manager = ServiceManager(environment: { $0 == "NOTIFY_SOCKET" ? receiver.path : nil })
    manager.ready()
    manager.say("OK\nREADY=0")
    manager.reloading()
    manager.stopping()
    let heard = receiver.heard()
    #expect(heard.count == 4 && heard[0] == "READY=1" && heard[3] == "STOPPING=1", "\(heard)")
    #expect(heard[1] == "STATUS=OK\\u{A}READY=0", "no text of ours makes a line of its own: \(heard)")
    #expect(heard[2].hasPrefix("RELOADING=1\nMONOTONIC_USEC="), "\(heard)")
    #expect(manager.watchdog == nil)
    ServiceManager(environment: { _ in nil }).ready()
  }

  @Test(
    "a watchdog counts where it is set for this process",
    arguments: [
      (["WATCHDOG_USEC": "2000000"], Duration.seconds(2)),
      (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"], .seconds(2)),
      (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_USEC": "0"], nil),
      (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
    ] as [([String: String], Duration?)])
  func limit(environment: [String: String], watchdog: Duration?) {
    #expect(ServiceManager(environment: { environment[$0] }, pid: 7).watchdog == watchdog)
  }

  @Test("a loop that stands still is no sign of life; one that waits for another part, or has ended, needs none")
  func rounds() async {
    let (loop, other) = (Pulse(), Pulse())
    var rounds = Watchdog.Rounds()
    func pass() -> Bool { rounds.haveAllPassed([loop, other]) }
    #expect(pass(), "the first look")
    #expect(!pass())
    loop.beat()
    #expect(!pass(), "the other stands still")
    other.beat()
    #expect(pass(), "they need not go round at the same moment")
    await other.waiting {
      #expect(!pass())
      loop.beat()
      #expect(pass())
    }
    loop.beat()
    #expect(!pass(), "it waits no longer")
    other.end()
    #expect(pass())
  }

  @Test("the service manager gets signs of life while the loops go round")
  func watched() async throws {
    let receiver = try DatagramReceiver()
    let manager = ServiceManager(environment: { ["NOTIFY_SOCKET": receiver.path, "WATCHDOG_USEC": "40000"][$0] })
    let loop = Pulse()
    let watching = Task {
      await Watchdog(manager: manager, loops: [.init(pulse: loop) { loop.beat() }]).run()
    }
    defer { watching.cancel() }
    for _ in 1...3 { #expect(await comesTrue { receiver.heard().contains("WATCHDOG=1") }) }
  }

  @Test("an entry of the journal has each field apart, whatever its value")
  func journal() {
    let entry = Journal.entry(
      .warning, "change.failed",
      [("request", "2026-1#12"), ("address", "ana@example.org"), ("code", "68"), ("why", "one\ntwo")],
      message: Array("change.failed request=2026-1#12".utf8)[...])
    let length = withUnsafeBytes(of: UInt64(7).littleEndian) { Array($0) }
    let expected =
      Array(
        """
        MESSAGE=change.failed request=2026-1#12
        PRIORITY=4
        SYSLOG_IDENTIFIER=buzon
        MESSAGE_ID=\(Journal.messageID(of: "change.failed"))
        BUZON_EVENT=change.failed
        BUZON_REQUEST=2026-1
        BUZON_CHANGE=12
        BUZON_ADDRESS=ana@example.org
        BUZON_LDAP_CODE=68
        BUZON_WHY

        """.utf8) + length + Array("one\ntwo\n".utf8)
    #expect(entry == expected, "\(String(decoding: entry, as: UTF8.self))")
  }

  @Test("lines go to the journal, and to standard error where it takes them not")
  func fallback() throws {
    let receiver = try DatagramReceiver()
    let scratch = try Scratch()
    try scratch.write("", to: "errors")
    let errors = try FileHandle(forWritingTo: URL(filePath: scratch.path + "/errors"))
    let log = EventLog(
      .text, .info, errors.fileDescriptor, Journal(socket: receiver.path))
    log.info("agent.started", [("spool", "/s")])
    let heard = receiver.heard()
    #expect(heard.count == 1 && heard[0].hasPrefix("MESSAGE=agent.started spool=/s\nPRIORITY=6\n"), "\(heard)")
    log.info("agent.started", [("spool", String(repeating: "x", count: 1 << 20))])
    let line = String(decoding: try scratch.read("errors"), as: UTF8.self)
    #expect(line.contains(" info agent.started spool=xxx") && line.hasSuffix("x\n"))
    #expect(Journal(behind: 2, "1:2") == nil && Journal(behind: 2, nil) == nil)
  }

  @Test("the catalogues explain each warning and error of docs/operations.md, in both languages")
  func catalogues() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func read(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }
    let documented = Set(
      try read("docs/operations.md").matches(of: /(?m)^\| `([a-z_]+\.[a-z_]+)` \| (?:warning|error) \|/).map {
        String($0.1)
      })
    #expect(documented.count >= 30)
    for (path, language) in [("config/journal/buzon.catalog", ""), ("config/journal/buzon.es.catalog", " es")] {
      let text = try read(path)
      let entries = text.matches(of: /(?m)^# ([a-z_.]+)\n-- (.+)$/)
      #expect(Set(entries.map { String($0.1) }) == documented)
      for entry in entries { #expect(entry.2 == Journal.messageID(of: String(entry.1)) + language, "\(entry.1)") }
      #expect(text.matches(of: /(?m)^Subject: .+$/).count == entries.count)
    }
  }
}
