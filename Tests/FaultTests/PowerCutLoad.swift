import Foundation
import Support

/// The institution at work, and the moments when its power is cut: it doesn't stop, for a cut is a copy.
struct PowerCutLoad {
  /// When the power is cut.
  enum Moment: String, CaseIterable {
    /// Up to 150 ms after forms were dropped.
    case anyTime = "at any time"
    /// A delivery record has appeared under its name.
    case record = "after a record"
    /// `buzon submit` has returned.
    case submit = "after a submit"
    /// The same while the agent stands still: what it writes right after can't carry the form's name to the disk.
    case submitAlone = "after a submit, the agent standing still"
    /// `buzon handover --received-by` has returned.
    case handover = "after a hand-over"
  }

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
    let script = "echo $$ >\"$1/agent.pid\"; exec \"$2\" run"
    let agent = try lab.start(
      ["/bin/sh", "-c", script, "sh", lab.folder, Program.built("buzon")], environment: environment)
    self.agent = agent
    guard await comesTrue({ agent.written.errors.contains("agent.started") }) else {
      throw SiteError("no start: \(agent.written.errors)")
    }
  }

  /// Lets the work go on to such a moment, or to one that can be had now, and cuts the power.
  mutating func cut(_ cache: PowerCutLab.Cache, _ moments: [Moment]) async throws -> CutNotes {
    cuts += 1
    try await acknowledge()
    // Each in turn, so that a few cuts have them all.
    var moment = moments[(cuts - 1) % moments.count]
    if moment == .handover {
      let end = ContinuousClock.now + .seconds(10)
      while !families.contains(where: { $0.deliverable != nil }), ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(5))
        try await acknowledge()
        if families.allSatisfy({ $0.step == nil }) { break }
      }
      if !families.contains(where: { $0.deliverable != nil }) { moment = .submit }
    }
    if moment == .submit || moment == .submitAlone, families.allSatisfy({ $0.step != nil }) { moment = .record }
    var notes = CutNotes(name: "cut\(cuts)", what: "\(moment.rawValue), \(cache)")
    if cuts % 4 == 0 {
      let second = Int.random(in: 200...900, using: &random)
      notes.secondCut = second
      notes.what += ", and again after \(second) ms"
    }
    switch moment {
    case .anyTime: try await cutAnyTime(cache, &notes)
    case .record: try await cutAfterRecord(cache, &notes)
    case .submit: try await cutAfterSubmit(cache, &notes, alone: false)
    case .submitAlone: try await cutAfterSubmit(cache, &notes, alone: true)
    case .handover: try await cutAfterHandover(cache, &notes)
    }
    return notes
  }

  // MARK: Moments

  private mutating func cutAnyTime(_ cache: PowerCutLab.Cache, _ notes: inout CutNotes) async throws {
    try await goOn()
    try await Task.sleep(for: .microseconds(Int.random(in: 0...150_000, using: &random)))
    note(&notes)
    let recorded = recordNames()
    try lab.cut(cache, as: notes.name, seed: random.next())
    try complete(&notes, recorded)
  }

  private mutating func cutAfterRecord(_ cache: PowerCutLab.Cache, _ notes: inout CutNotes) async throws {
    try await goOn()
    note(&notes)
    let before = recordNames().count
    let end = ContinuousClock.now + .seconds(20)
    var recorded: Set<String> = []
    while recorded.count <= before {
      guard agent.isRunning, ContinuousClock.now < end else { throw SiteError("no record: \(agent.written.errors)") }
      usleep(500)
      recorded = recordNames()
    }
    try lab.cut(cache, as: notes.name, seed: random.next())
    try complete(&notes, recorded)
  }

  private mutating func cutAfterSubmit(_ cache: PowerCutLab.Cache, _ notes: inout CutNotes, alone: Bool) async throws {
    let idle = families.indices.filter { families[$0].step == nil }
    guard let place = idle.randomElement(using: &random) else { throw SiteError("all forms are on their way") }
    let step = families[place].begin(isSubmitted: true)
    try await goOn()
    let file = try write(step)
    families[place].step?.isAcknowledged = true
    note(&notes)
    try await cut(cache, after: "submit", [file], &notes, alone: alone)
  }

  private mutating func cutAfterHandover(_ cache: PowerCutLab.Cache, _ notes: inout CutNotes) async throws {
    guard let place = families.firstIndex(where: { $0.deliverable != nil }), let slip = families[place].deliverable
    else { throw SiteError("nothing to hand over") }
    families[place].isDelivered = true
    delivered.insert(slip.change)
    // Its family rests meanwhile, so that nothing ends the hand-over that is to be looked at.
    try await goOn(except: place)
    note(&notes)
    try await cut(cache, after: "handover", [slip.address, "--received-by", "Ana Rosero"], &notes)
  }

  /// Cuts the power when a command has returned 0, before anything else happens.
  private mutating func cut(
    _ cache: PowerCutLab.Cache, after command: String, _ arguments: [String], _ notes: inout CutNotes,
    alone: Bool = false
  ) async throws {
    let recorded = recordNames()
    let inside = PowerCutLab.script(cache)
    var script = "lab=$1 name=$2; shift 2; \"$@\" && \(inside ?? "true")"
    if alone { script = "kill -STOP $(cat \"$1/agent.pid\"); \(script)" }
    let outcome = try await lab.shell(
      script, [lab.folder, notes.name, Program.built("buzon"), command] + arguments, environment: environment)
    if inside == nil, outcome.status == 0 { try lab.cut(cache, as: notes.name, seed: random.next()) }
    // nsenter(1), which has stopped with the agent, lets it go on.
    if alone { agent.signal(SIGCONT) }
    guard outcome.status == 0 else { throw SiteError("\(command): \(outcome)") }
    try complete(&notes, recorded)
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
      guard outcome.status == 0 else { throw SiteError("submit: \(outcome)") }
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
  private func note(_ notes: inout CutNotes) {
    notes.families = families
    notes.delivered = delivered
    notes.plain = plain
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
