import Glibc
import Sandbox

/// Who brings the entries into the directory.
enum Contender: CaseIterable {
  case ldapadd
  case loader1
  case loader64
  case agent
  case agentBulk

  var name: String {
    switch self {
    case .ldapadd: "ldapadd"
    case .loader1: "C loader, window 1"
    case .loader64: "C loader, window 64"
    case .agent: "buzon, a form each"
    case .agentBulk: "buzon, one bulk form"
    }
  }
}

/// Runs a contender on a directory of its own that begins empty.
struct Course {
  var programs: Programs
  var place: Place
  /// How many people.
  var count: Int
  /// The entries as LDIF; the agent doesn't need it.
  var entries: String { "\(place.path)/entries.ldif" }

  func run(_ contender: Contender) throws -> Measurement {
    try place.withSandbox { sandbox in
      switch contender {
      case .ldapadd:
        try load([programs.ldapadd, "-Q", "-Y", "EXTERNAL", "-H", sandbox.uri, "-f", entries], sandbox)
      case .loader1: try load([programs.loader, sandbox.uri, entries, "1"], sandbox)
      case .loader64: try load([programs.loader, sandbox.uri, entries, "64"], sandbox)
      case .agent: try agent(bulk: false, sandbox)
      case .agentBulk: try agent(bulk: true, sandbox)
      }
    }
  }

  /// Runs the agent from the forms in the spool to all their records.
  func agent(bulk: Bool, _ sandbox: Sandbox.Description) throws(Failure) -> Measurement {
    let forms = SampleForm.forms(count, bulk: bulk, domain: sandbox.domain)
    for form in forms { try form.write(in: sandbox.spool + "/incoming") }
    sync()
    // The agent leaves a file alone until it has rested for two seconds: that is no work, so it isn't measured.
    for _ in 0..<25 {
      usleep(100_000)
      try Interruption.check()
    }
    let measurement = try measured(
      [programs.buzon, "run", "--once", "--config", sandbox.config], sandbox)
    try Proof(programs: programs, scratch: scratch).agent(
      forms: forms.count, changes: count, in: sandbox)
    return measurement
  }

  private func load(_ command: [String], _ sandbox: Sandbox.Description) throws(Failure) -> Measurement {
    var measurement = try measured(command, sandbox)
    // The loader reads the file before its own clock starts.
    if command[0] == programs.loader {
      let line = try readText(output)
      guard let wall = member("seconds", of: line), let cpu = member("cpu_seconds", of: line),
        member("adds", of: line) == Double(count)
      else { throw Failure(message: "the C loader said: \(line)") }
      (measurement.wall, measurement.cpu) = (wall, cpu)
    }
    try Proof(programs: programs, scratch: scratch).entries(count, in: sandbox)
    return measurement
  }

  private func measured(_ command: [String], _ sandbox: Sandbox.Description) throws(Failure) -> Measurement {
    let before = sandbox.slapdCPU
    let process = try ChildProcess.run(command, output: output, errors: "\(place.path)/errors")
    return Measurement(
      wall: process.wall, cpu: process.cpu, peak: process.peak, isPeakFloor: process.peak <= process.floor,
      server: sandbox.slapdCPU - before)
  }

  private var output: String { "\(place.path)/output" }
  private var scratch: String { "\(place.path)/scratch" }

  /// A number of a flat JSON object.
  private func member(_ name: String, of json: String) -> Double? {
    for part in json.utf8.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "{") }) {
      guard part.starts(with: "\"\(name)\":".utf8) else { continue }
      let digits = part.dropFirst(name.utf8.count + 3).prefix { $0 == UInt8(ascii: ".") || 0x30...0x39 ~= $0 }
      return Double(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }
}
