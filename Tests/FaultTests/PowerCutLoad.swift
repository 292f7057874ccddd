import Foundation
import Support

/// What was acknowledged when the power was cut, and what was on its way.
struct CutNotes: Sendable {
  var name: String
  /// The moment and the disk, for a failure's text.
  var what: String
  /// When it is cut again while the agent recovers, milliseconds from the start of the directory.
  var secondCut: Int?
  var families: [CutFamily]
  /// The delivery records that stood under their names, and the archived forms beside them.
  var records: [String: Data] = [:]
  var forms: [String: Data] = [:]
  /// The changes `NUMBER#INDEX` whose slips were received (`handover --received-by` returned 0).
  var delivered: Set<String>
  /// The forms that were dropped by a plain move, which nobody promised anything for before they were accepted.
  var plain: [String: Data]
}

/// The institution at work, and the moments when its power is cut: it doesn't stop, for a cut is a copy.
struct PowerCutLoad {
  private let lab: PowerCutLab
  /// What the agent and `buzon submit` run under.
  private let environment: [String: String]
  private let agent: Program
  private var random: SeededGenerator
  private var families = (0..<6).map { CutFamily($0) }
  private var submits: [(program: Program, families: [Int])] = []
  private var delivered: Set<String> = []
  private var plain: [String: Data] = [:]
  private var records: [String: Data] = [:]
  private var forms: [String: Data] = [:]
  private var cuts = 0

  /// Starts the agent.
  init(_ lab: PowerCutLab, seed: UInt64, environment: [String: String]) async throws {
    self.lab = lab
    self.environment = environment
    random = SeededGenerator(seed: seed)
    let agent = try lab.start([Program.built("buzon"), "run"], environment: environment)
    self.agent = agent
    guard await comesTrue(within: .seconds(30), { agent.written.errors.contains("agent.started") }) else {
      throw SiteError("no start: \(agent.written.errors)")
    }
  }

  /// Lets the work go on to a moment of the given kind, or to the next that is like it, and cuts the power.
  mutating func cut(_ cut: PowerCutLab.Cut) async throws -> CutNotes {
    cuts += 1
    let name = "cut\(cuts)"
    try await acknowledge()
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return try await cutAfterSubmit(cut, name)
    case 1:
      if let place = families.firstIndex(where: { $0.deliverable != nil }) {
        return try await cutAfterHandover(cut, name, family: place)
      }
      return try await cutAfterSubmit(cut, name)
    case 2: return try await cutAfterRecord(cut, name)
    default: return try await cutAnyTime(cut, name)
    }
  }

  // MARK: Moments

  private mutating func cutAnyTime(_ cut: PowerCutLab.Cut, _ name: String) async throws -> CutNotes {
    try await goOn()
    try await Task.sleep(for: .microseconds(Int.random(in: 0...150_000, using: &random)))
    var notes = notes(name, "at any time, \(cut)")
    let recorded = recordNames()
    try lab.cut(cut, as: name)
    try complete(&notes, recorded)
    return notes
  }

  private mutating func cutAfterRecord(_ cut: PowerCutLab.Cut, _ name: String) async throws -> CutNotes {
    try await goOn()
    var notes = notes(name, "after a record, \(cut)")
    let before = recordNames().count
    let end = ContinuousClock.now + .seconds(20)
    var recorded: Set<String> = []
    while recorded.count <= before {
      guard agent.isRunning, ContinuousClock.now < end else { throw SiteError("no record: \(agent.written.errors)") }
      usleep(500)
      recorded = recordNames()
    }
    try lab.cut(cut, as: name)
    try complete(&notes, recorded)
    return notes
  }

  private mutating func cutAfterSubmit(_ cut: PowerCutLab.Cut, _ name: String) async throws -> CutNotes {
    let idle = families.indices.filter { families[$0].step == nil }
    guard let place = idle.randomElement(using: &random) else { return try await cutAfterRecord(cut, name) }
    let step = families[place].begin(isSubmitted: true)
    try await goOn()
    let file = try write(step)
    families[place].step?.isAcknowledged = true
    var notes = notes(name, "after a submit, \(cut)")
    let recorded = recordNames()
    let script = "lab=$1 name=$2; \"$3\" submit \"$4\" && \(PowerCutLab.script(cut))"
    let outcome = try await lab.shell(
      script, [lab.folder, name, Program.built("buzon"), file], environment: environment)
    guard outcome.status == 0 else { throw SiteError("submit: \(outcome.errors)") }
    try complete(&notes, recorded)
    return notes
  }

  private mutating func cutAfterHandover(_ cut: PowerCutLab.Cut, _ name: String, family place: Int) async throws
    -> CutNotes
  {
    guard let slip = families[place].deliverable else { throw SiteError("nothing to hand over") }
    families[place].isDelivered = true
    delivered.insert(slip.number + "#0")
    // Its family rests meanwhile, so that nothing ends the hand-over that is to be looked at.
    try await goOn(except: place)
    var notes = notes(name, "after a hand-over, \(cut)")
    let recorded = recordNames()
    let script = "lab=$1 name=$2; \"$3\" handover \"$4\" --received-by 'Ana Rosero' && \(PowerCutLab.script(cut))"
    let outcome = try await lab.shell(
      script, [lab.folder, name, Program.built("buzon"), slip.address], environment: environment)
    guard outcome.status == 0 else { throw SiteError("handover: \(outcome.errors)") }
    try complete(&notes, recorded)
    return notes
  }

  // MARK: Work

  /// Every family that has no form on its way drops its next: half of them by moves, half with `buzon submit`.
  private mutating func goOn(except resting: Int? = nil) async throws {
    try await acknowledge()
    var submitted: [(family: Int, file: String)] = []
    for place in families.indices where families[place].step == nil && place != resting {
      let isSubmitted = Bool.random(using: &random)
      let step = families[place].begin(isSubmitted: isSubmitted)
      if isSubmitted {
        submitted.append((place, try write(step)))
      } else {
        plain[step.number] = Data(step.form.utf8)
        try lab.drop(step.form, as: step.number + ".yaml")
      }
    }
    guard !submitted.isEmpty else { return }
    let program = try lab.start(
      [Program.built("buzon"), "submit"] + submitted.map(\.file), environment: environment)
    submits.append((program, submitted.map(\.family)))
  }

  private func write(_ step: CutFamily.Step) throws -> String {
    let file = lab.folder + "/forms/\(step.number).yaml"
    try Data(step.form.utf8).write(to: URL(fileURLWithPath: lab.outside(file)))
    return file
  }

  /// Takes in what has come to its end.
  private mutating func acknowledge() async throws {
    for (program, places) in submits where !program.isRunning {
      let outcome = await program.outcome()
      guard outcome.status == 0 else { throw SiteError("submit: \(outcome.errors)") }
      for place in places { families[place].step?.isAcknowledged = true }
    }
    submits.removeAll { !$0.program.isRunning }
    let recorded = recordNames()
    for place in families.indices {
      // A submit may be recorded before it has returned; the next form waits for both.
      guard let step = families[place].step, recorded.contains(step.number),
        !submits.contains(where: { $0.families.contains(place) })
      else { continue }
      families[place].finish()
    }
  }

  // MARK: Notes

  private func recordNames() -> Set<String> { Set(lab.paths(below: "deliveries", suffix: ".json").keys) }

  /// What is known to be acknowledged now. To be taken before the cut.
  private mutating func notes(_ name: String, _ what: String) -> CutNotes {
    var notes = CutNotes(name: name, what: what, families: families, delivered: delivered, plain: plain)
    if cuts % 5 == 0 {
      let second = Int.random(in: 200...900, using: &random)
      notes.secondCut = second
      notes.what += ", and again after \(second) ms"
    }
    return notes
  }

  /// Reads the records that stood there at the cut. A record changes afterwards in nothing but the state of its
  /// hand-overs, which is no part of what is compared.
  private mutating func complete(_ notes: inout CutNotes, _ recorded: Set<String>) throws {
    for (number, path) in lab.paths(below: "deliveries", suffix: ".json") where recorded.contains(number) {
      if records[number] != nil { continue }
      records[number] = try Data(contentsOf: URL(fileURLWithPath: path))
      forms[number] = try lab.archivedForm(number)
    }
    notes.records = records.filter { recorded.contains($0.key) }
    notes.forms = forms.filter { recorded.contains($0.key) }
  }
}

/// Yesterday in UTC, which is in the future nowhere.
func yesterday() -> String {
  var (now, parts) = (time(nil) - 86_400, tm())
  gmtime_r(&now, &parts)
  func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
}
