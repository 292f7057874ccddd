import Foundation
import Support
import Testing

/// What strangers may put into the spool, the forms and the other doors.
///
/// One after the other: times and memory are measured.
@Suite("Hostile", .serialized)
struct Hostile {}

/// Good forms dropped in between, and how long each took from its drop to its record.
struct Beat {
  private let place: Workplace
  private let stem: String
  private(set) var times: [Duration] = []

  /// - Parameter stem: begins the numbers and the addresses.
  init(_ place: Workplace, _ stem: String) {
    self.place = place
    self.stem = stem
  }

  /// Drops a good form and waits for its record.
  mutating func good() async throws {
    let number = "\(stem)-\(times.count)"
    let start = ContinuousClock.now
    try place.drop(form(number, ["create: {address: \(number)@example.org, \(person)}"]), as: number)
    guard try await comesTrue({ try place.record(number) != nil }) else {
      throw SiteError("\(number) isn't done; \(place.names(in: place.spool + "/taken")) are taken")
    }
    times.append(ContinuousClock.now - start)
  }

  /// Milliseconds: half of them took no longer; none took longer.
  var figures: (median: Int, longest: Int) {
    let sorted = times.sorted()
    return sorted.isEmpty ? (0, 0) : (sorted[sorted.count / 2].inMilliseconds, sorted[sorted.count - 1].inMilliseconds)
  }

  /// The promise is a second; other programs run on this machine too.
  func expectPrompt(_ what: String, within bound: Duration = .seconds(60)) {
    let figures = figures
    print("hostile: \(what): good form done after \(figures.median) ms (median), \(figures.longest) ms (longest)")
    #expect(figures.longest <= bound.inMilliseconds, "\(what)")
  }
}

/// The names that every account here has.
let person = "name: {given: A, family: B}"

/// A form of these changes.
func form(_ number: String, _ changes: [String], department: String = "Salud") -> String {
  form(number: number, department: department, changes: changes)
}

extension Duration {
  var inMilliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

extension RunningAgent {
  /// The most memory that the agent ever had resident, MiB (proc(5), VmHWM).
  var peak: Int {
    let path = "/proc/\(program.processIdentifier)/status"
    let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
  }

  /// Ends it, and judges what it leaves: its exit, its memory, its log.
  func expectGoodEnd(_ what: String) async {
    let peak = peak
    print("hostile: \(what): \(peak) MiB at most")
    #expect(peak > 0 && peak < 200, "\(what)")
    #expect(await end() == 0, "\(what)")
    expectSafe(Data(program.written.errors.utf8), "\(what): the log")
    let lines = program.written.errors.split(separator: "\n")
    #expect(
      lines.allSatisfy { $0.hasPrefix("20") || $0.hasPrefix("{\"time\":\"20") }, "\(what): a line that is no event")
  }
}

/// Nothing that a terminal takes for a command, and nothing that turns the direction of writing: line feeds and tabs only.
func expectSafe(_ bytes: Data, _ what: String) {
  let text = String(validating: bytes, as: UTF8.self)
  #expect(text != nil, "\(what) isn't UTF-8")
  let unsafe: [UInt32] = (text ?? "").unicodeScalars.filter { scalar in
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xE0000...0xE007F: true
    default: false
    }
  }.map(\.value)
  #expect(unsafe.prefix(5) == [], "\(what) has \(unsafe.prefix(5)) in it")
}

extension Office {
  /// A name in the spool's `incoming/` by its bytes, which need not be UTF-8.
  func incoming(_ name: [UInt8]) -> [UInt8] { Array((spool + "/incoming/").utf8) + name }

  /// Drops bytes under a name of any bytes.
  func drop(_ text: String, named name: [UInt8]) throws {
    let made = "\(spool)/incoming/.\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: made))
    guard withPath(incoming(name), { rename(made, $0) }) == 0 else { throw SiteError("rename: \(errno)") }
  }

  /// Names in a folder, as bytes.
  func byteNames(in folder: String) -> Set<[UInt8]> {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: Set<[UInt8]> = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [0x2E], name != [0x2E, 0x2E] { names.insert(name) }
    }
    return names
  }

  /// Everything that was dropped is taken and settled.
  func expectDrained(within bound: Duration = .seconds(300)) async {
    let drained = await comesTrue(within: bound) {
      names(in: spool + "/taken").isEmpty && names(in: spool + "/incoming").allSatisfy { $0.hasPrefix(".") }
    }
    #expect(drained, "\(names(in: spool + "/incoming").prefix(5)) \(names(in: spool + "/taken").prefix(5))")
  }
}

/// Lends a path of any bytes to a system call.
func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  (path + [0]).withUnsafeBytes { bytes in
    // Never empty: the NUL is there.
    guard let base = bytes.baseAddress else { preconditionFailure("a path without its NUL") }
    return body(base.assumingMemoryBound(to: CChar.self))
  }
}

/// Python's readers: a second opinion that nobody here wrote.
enum Python {
  /// Runs a script in a folder. It asserts; what it prints beside is for people.
  static func run(_ script: String, in folder: String, _ what: String) async throws {
    let file = folder + "/script.py"
    try Data(script.utf8).write(to: URL(fileURLWithPath: file))
    let outcome = try await Program.run("/usr/bin/env", ["-C", folder, "python3", "-X", "utf8", "script.py"])
    if !outcome.output.isEmpty { print(outcome.output, terminator: "") }
    #expect(outcome.status == 0, "\(what): \(outcome.errors.suffix(3_000))")
  }
}
