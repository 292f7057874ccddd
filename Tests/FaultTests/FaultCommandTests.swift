import Foundation
import Support
import Testing

/// The commands that write: each of their calls fails once. What was promised is there whole, what wasn't left nothing.
@Suite("Every system call of a command fails")
struct FaultCommandTests {
  /// A place where things were done: an open hand-over for each fault, drift, and files to work with.
  private struct Shop {
    let site: Site
    let place: Workplace
    /// Where a command writes what it is asked for.
    var output: String { place.folder + "/output" }

    init(handovers: Int = 1) async throws {
      site = try Site()
      place = try site.workplace("shop")
      let people = (0..<handovers).map { "create: {address: h\($0)@example.org, name: {given: Ana, family: Ruiz}}" }
      let form = faultForm("H1", "create: {address: h@example.org, name: {given: Ana, family: Ruiz}}")
      try place.drop(
        form.trimmingCharacters(in: .newlines) + "\n" + people.map { "  - \($0)\n" }.joined(), as: "H1.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
    }

    /// Runs a command with each of its faults, or a share of them.
    func sweep(
      _ what: String, _ arguments: (Int) -> [String], legal: Set<Int32> = [0, 73, 74],
      check: (Int, FaultedRun) async throws -> [String]
    ) async throws {
      let trace = site.folder + "/trace-\(what)"
      let counting = try await place.start(arguments(0), environment: place.faults(nil, trace: trace)).outcome()
      #expect(counting.status == 0, "\(counting.errors)")
      var faults: [Fault] = []
      var generator = SeededGenerator(seed: Torture.seed)
      let calls = try MetCall.trace(trace)
      for (call, errors) in Fault.table {
        let count = calls.count { $0.call == call }
        for number in 0..<count { faults += errors.map { Fault(calls: [call], error: $0, at: number + 1) } }
      }
      faults = Array(faults.shuffled(using: &generator).prefix(Torture.count(share: 5, full: FaultCommandTests.most)))
      var (injected, failures) = (0, 0)
      for (index, fault) in faults.enumerated() {
        let trace = site.folder + "/trace-\(what)-\(index)"
        let outcome = try await place.start(arguments(index + 1), environment: place.faults(fault, trace: trace))
          .outcome()
        let run = FaultedRun(fault: fault, outcome: outcome, met: try MetCall.trace(trace))
        guard run.wasHit else { continue }
        injected += 1
        let complaints = run.complaintsOfCommand(legal: legal) + (try await check(index + 1, run))
        if complaints.isEmpty { continue }
        failures += 1
        Issue.record(
          "\(what): \(fault) \(run.hits.map(\.path)): exit \(outcome.status): \(complaints)\n\(outcome.errors)")
      }
      // A call may not come in another run: who reads first finds more. Of a share, which is five, that may be most.
      #expect(injected > 0 && (!Torture.isFull || injected * 2 >= faults.count), "\(injected) of \(faults.count)")
      Torture.report(
        "error sweep, \(what)", [("calls", calls.count), ("errors injected", injected)], lost: 0, twice: 0,
        failures: failures)
    }

    /// Removes what a command left on its way, and tells it unless it couldn't be removed.
    func strays(_ run: FaultedRun) throws -> [String] {
      try place.names(in: output).filter { $0.hasPrefix(".") }.compactMap { name in
        try FileManager.default.removeItem(atPath: output + "/" + name)
        return run.hits.contains { $0.call == "unlink" && $0.path.hasSuffix("/" + name) } ? nil : "left \(name)"
      }
    }
  }

  private static let most = 2_000

  @Test("submit: the form is in the spool whole, or nothing of it is")
  func submit() async throws {
    let shop = try await Shop()
    let form = shop.place.folder + "/forms"
    try FileManager.default.createDirectory(atPath: form, withIntermediateDirectories: false)
    func file(_ index: Int) -> String {
      let path = form + "/U\(index).yaml"
      try? faultForm("U\(index)", "modify: {address: h@example.org, set: {phone: '\(index)'}}").write(
        toFile: path, atomically: false, encoding: .utf8)
      return path
    }
    try await shop.sweep("submit", { ["submit", file($0)] }, legal: [0, 66, 73, 74]) { index, run in
      let incoming = shop.place.spool + "/incoming"
      let names = shop.place.names(in: incoming)
      var complaints = names.filter { $0.hasSuffix(".tmp") }.map { "left \($0)" }
      let own = names.filter { $0.hasPrefix("U\(index)-") }
      if run.outcome.status == 0, own.isEmpty { complaints.append("nothing is there") }
      // What was renamed before its folder's sync failed is there whole.
      for name in own {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: incoming + "/" + name))
        if bytes != (try Data(contentsOf: URL(fileURLWithPath: file(index)))) {
          complaints.append("half of it is there")
        }
        try FileManager.default.removeItem(atPath: incoming + "/" + name)
      }
      return complaints
    }
  }

  @Test("backup: a whole backup, or nothing")
  func backup() async throws {
    let shop = try await Shop()
    try await shop.sweep("backup", { ["backup", shop.output + "/\($0).sqlite"] }) { index, run in
      var complaints = try shop.strays(run)
      let path = shop.output + "/\(index).sqlite"
      guard exists(path) else { return complaints + (run.outcome.status == 0 ? ["nothing is there"] : []) }
      let requests = try SQLite.rows(path, "SELECT number FROM request")
      let keys = try SQLite.rows(path, "SELECT key FROM backup")
      if requests.count != 1 || keys.count != 1 { complaints.append("it isn't whole") }
      return complaints
    }
  }

  @Test("restore: the old state or the new one, and the next start takes it up")
  func restore() async throws {
    let shop = try await Shop()
    let file = shop.output + "/backup.sqlite"
    #expect(try await shop.place.run("backup", file).status == 0)
    try await shop.sweep("restore", { _ in ["restore", file] }, legal: [0, 65, 73, 74]) { index, run in
      let start = try await shop.place.run("run", "--once")
      var complaints = start.status == 0 ? [] : ["the next start: \(start.status) \(start.errors)"]
      if try await shop.place.answer("show", "H1")["outcome"] != "applied" { complaints.append("H1 is lost") }
      let shown = try await shop.place.run("handover", "h@example.org", "--json")
      if shown.status != 0 { complaints.append("the key doesn't fit: \(shown.errors)") }
      if shop.place.names(in: shop.place.state).contains("register.sqlite.new") { complaints.append("left a copy") }
      if try !SQLite.rows(shop.place.state + "/register.sqlite", "SELECT name FROM sqlite_schema WHERE name = 'backup'")
        .isEmpty
      {
        complaints.append("the key is still in the register")
      }
      for name in shop.place.names(in: shop.place.state) where name.contains("before-restore") {
        try FileManager.default.removeItem(atPath: shop.place.state + "/" + name)
      }
      return complaints
    }
  }

  @Test("drift --repair: a whole form, or nothing")
  func drift() async throws {
    let shop = try await Shop()
    try shop.site.modify("dn: \(shop.site.dn("h"))\nchangetype: modify\nreplace: title\ntitle: Otra\n")
    #expect(try await shop.place.run("run", "--once").status == 0)
    func arguments(_ index: Int) -> [String] {
      [
        "drift", "--repair", shop.output + "/\(index).yaml", "--number", "D\(index)", "--department", "TI",
        "--requester", "Ana Ruiz", "--approved-by",
        "jefe", "--approved-on", "\(Date(timeIntervalSinceNow: -86_400).ISO8601Format().prefix(10))",
      ]
    }
    try await shop.sweep("drift --repair", arguments, legal: [0, 1, 69, 73, 74, 75]) { index, run in
      var complaints = try shop.strays(run)
      let path = shop.output + "/\(index).yaml"
      guard exists(path) else { return complaints + (run.outcome.status == 0 ? ["nothing is there"] : []) }
      if try await shop.place.run("check", path).status != 0 { complaints.append("it isn't whole") }
      return complaints
    }
  }

  @Test("handover --received-by: noted once, or not at all")
  func handover() async throws {
    let count = Torture.count(share: 10, full: 1_000)
    let shop = try await Shop(handovers: count)
    func arguments(_ index: Int) -> [String] { ["handover", "h\(index)@example.org", "--received-by", "Ana Ruiz"] }
    try await shop.sweep("handover", arguments, legal: [0, 69, 73, 74, 75]) { index, run in
      let noted = try SQLite.rows(
        shop.place.state + "/register.sqlite",
        """
        SELECT handover.state FROM handover JOIN change ON change.request = handover.request AND change.change_index = handover.change_index
        WHERE change.address = 'h\(index)@example.org'
        """)
      var complaints: [String] = []
      if run.outcome.status == 0, noted.first?["state"]?.text == "open" { complaints.append("it isn't noted") }
      let again = try await shop.place.start(arguments(index)).outcome()
      if run.outcome.status != 0, ![0, 1].contains(again.status) {
        complaints.append("again: \(again.status) \(again.errors)")
      }
      return complaints
    }
  }

  @Test("data that nobody can take: 74 and the reason")
  func fullOutput() async throws {
    let shop = try await Shop()
    for arguments in [
      ["accounts"], ["accounts", "--json"], ["accounts", "--format", "csv"], ["accounts", "--format", "html"],
      ["queue"],
      ["show", "H1"], ["show", "H1", "--json"], ["status", "--json"], ["handover", "--json"],
      ["history", "h@example.org"],
    ] {
      let outcome = try await Program.run(
        "/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full", Program.built("buzon")] + arguments,
        environment: ["BUZON_CONFIG": shop.place.config])
      #expect(outcome.status == 74, "\(arguments): \(outcome.status) \(outcome.errors)")
      let told = outcome.errors.split(separator: "\n")
      #expect(
        told.count == 1 && told.first?.contains("no space left on device") == true, "\(arguments): \(outcome.errors)")
    }
  }
}
