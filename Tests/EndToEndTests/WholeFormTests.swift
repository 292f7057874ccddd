import Foundation
import Support
import Testing
import Text

/// Half a form is often a good form: what a process still writes is never taken, however long it pauses.
@Suite("A form is whole")
struct WholeFormTests {
  private static let person = "name: {given: A, family: B}"

  /// A form of two changes that is a good form of one where it is cut.
  private static func halves(_ number: String) -> (first: String, second: String) {
    let changes = (0..<2).map { "create: {address: \(number.lowercased())-\($0)@example.org, \(person)}" }
    let whole = form(number: number, changes: changes)
    let cut = whole.range(of: "  - create: {address: \(number.lowercased())-1")?.lowerBound ?? whole.endIndex
    return (String(whole[..<cut]), String(whole[cut...]))
  }

  /// A place that waits `rest` instead of 2 s for files of which no end was seen.
  private static func place(_ site: Site, _ name: String, rest: String) throws -> Workplace {
    try site.workplace(name, .with { $0.more = "spool_rest: \(rest)" })
  }

  private static func write(_ text: String, _ file: Int32) {
    _ = text.withCString { Foundation.write(file, $0, strlen($0)) }
  }

  @Test("when its writer has closed it: not while it pauses, though others are taken meanwhile")
  func paused() async throws {
    let place = try Self.place(Site(), "paused", rest: "100 ms")
    let agent = try await place.agent()
    let (first, second) = Self.halves("PA-1")
    let file = open(place.spool + "/incoming/paused.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    Self.write(first, file)
    // The form behind it is carried out after the patience of ten seconds, and then nothing waits for it any more.
    try await place.carryOut(
      form(number: "PA-2", changes: ["create: {address: pa2@example.org, \(Self.person)}"]), "PA-2")
    #expect(await agent.says("spool.open_for_writing", "paused.yaml", "owner=\(NSUserName())", " do="))
    #expect(exists(place.spool + "/incoming/paused.yaml"))
    #expect(try place.record("PA-1") == nil)
    Self.write(second, file)
    close(file)
    #expect(try await place.recorded("PA-1")["changes"].array.count == 2)
    #expect(await agent.end() == 0)
  }

  @Test("for run --once, which leaves what somebody still writes and ends with 75")
  func once() async throws {
    let place = try Self.place(Site(), "once", rest: "100 ms")
    let (first, second) = Self.halves("ON-1")
    let file = open(place.spool + "/incoming/once.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    Self.write(first, file)
    #expect(try await place.run("run", "--once").status == 75)
    #expect(try place.record("ON-1") == nil && exists(place.spool + "/incoming/once.yaml"))
    Self.write(second, file)
    close(file)
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("ON-1")?["changes"].array.count == 2)
  }

  @Test("where it was moved in while a process still writes it")
  func movedOpen() async throws {
    let place = try Self.place(Site(), "moved", rest: "100 ms")
    let agent = try await place.agent()
    let (first, second) = Self.halves("MO-1")
    let made = place.folder + "/made.yaml"
    let file = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    Self.write(first, file)
    try place.moveIn(made, as: "moved.yaml")
    #expect(await agent.says("spool.open_for_writing", "moved.yaml"))
    Self.write(second, file)
    close(file)
    #expect(try await place.recorded("MO-1")["changes"].array.count == 2)
    #expect(await agent.end() == 0)
  }

  @Test("and who holds a write lease on his own file keeps the others waiting ten seconds at most, and is named")
  func writeLease() async throws {
    let place = try Self.place(Site(), "lease", rest: "2 s")
    let agent = try await place.agent()
    let held = place.spool + "/incoming/0-held.yaml"
    let text = form(number: "LE-0", changes: ["create: {address: le0@example.org, \(Self.person)}"])
    let script = """
      import fcntl, os, signal, sys, time
      signal.signal(signal.SIGIO, signal.SIG_IGN)
      file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o640)
      os.write(file, sys.argv[2].encode())
      fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
      print("held", flush=True)
      time.sleep(600)
      """
    let holder = try Program("/usr/bin/python3", ["-c", script, held, text])
    #expect(await comesTrue { holder.written.output.contains("held") })
    var longest = Duration.zero
    for index in 1...3 {
      let start = ContinuousClock.now
      let number = "LE-\(index)"
      try await place.carryOut(
        form(number: number, changes: ["create: {address: le\(index)@example.org, \(Self.person)}"]), number)
      longest = max(longest, .now - start)
    }
    // The promise is ten seconds; the rest is a machine that does other things too.
    #expect(longest < .seconds(30), "\(longest)")
    #expect(await agent.says("spool.open_for_writing", "0-held.yaml", "owner=\(NSUserName())"))
    holder.signal(SIGKILL)
    #expect(try await place.recorded("LE-0", within: .seconds(120))["outcome"] == "applied")
    #expect(await agent.end() == 0)
  }

  @Test(
    "where an agent without the right to leases can't know: it waits ten times as long", .enabled(if: geteuid() == 0))
  func noLease() async throws {
    let site = try Site()
    let place = try Self.place(site, "unknown", rest: "2 s")
    let (first, second) = Self.halves("UN-1")
    // There before the agent, so nothing was seen of it.
    let path = place.spool + "/incoming/unknown.yaml"
    try first.write(toFile: path, atomically: false, encoding: .utf8)
    #expect(chown(path, 65_534, 65_534) == 0)
    let command = ["/usr/bin/setpriv", "--bounding-set=-lease", "--inh-caps=-lease"]
    let agent = try await place.agent(prefix: command)
    try await Task.sleep(for: .seconds(6))
    #expect(exists(path), "three times the rest, and not taken yet")
    let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    Self.write(second, file)
    close(file)
    #expect(try await place.recorded("UN-1")["changes"].array.count == 2)
    #expect(await agent.end() == 0)
  }

  @Test("and names of partial uploads are left alone, in either case")
  func names() async throws {
    let place = try Self.place(Site(), "names", rest: "100 ms")
    let names = ["a.yaml.filepart", "b.yaml.FILEPART", "c.crdownload", "d.bak", "~$e.yaml", "f.Part"]
    for name in names {
      try "number: half\n".write(toFile: place.spool + "/incoming/" + name, atomically: false, encoding: .utf8)
    }
    #expect(try await place.run("run", "--once").status == 0)
    #expect(place.names(in: place.spool + "/incoming").filter { !$0.hasPrefix(".") } == names.sorted())
    #expect(rename(place.spool + "/incoming/a.yaml.filepart", place.spool + "/incoming/a.yaml") == 0)
    #expect(try await place.run("run", "--once").status == 1)
    #expect(exists(place.spool + "/rejected/a.yaml.report"))
  }
}
