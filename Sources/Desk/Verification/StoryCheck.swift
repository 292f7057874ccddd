internal import Accounts
internal import Forms
internal import LDAP
internal import Register
internal import Text

/// A request of the register against its lines in the ledger. Pure.
struct StoryCheck {
  private typealias Line = (line: LedgerLine, openings: [String: Commitment])

  private let story: RequestStory
  private let isRestored: Bool
  private let lines: [Line]
  /// Those about a change, by its index.
  private let byChange: [Int: [Line]]
  /// What the ledger says that was forgotten.
  private let forgotten: ForgottenParts

  /// What was in flight when a request was held is finished; longer than this nothing is, in milliseconds.
  private static let flight: Int64 = 600_000
  private static let steps: Set = ["accepted", "intended", "settled", "handover"]

  /// - Parameter isRestored: whether the register was ever restored from a backup: that holds requests without a line.
  init(_ story: RequestStory, isRestored: Bool) {
    self.story = story
    self.isRestored = isRestored
    lines = story.lines.compactMap { line in LedgerLine(line.text).map { ($0, line.openings) } }
    forgotten = ForgottenParts(lines.map(\.line))
    byChange = Dictionary(grouping: lines.filter { $0.line.index != nil }) { $0.line.index ?? 0 }
  }

  /// - Returns: the first thing that doesn't fit; `nil`: all does.
  func difference() -> String? {
    differenceOfForm() ?? differenceOfAcceptance() ?? differenceOfChanges() ?? differenceOfOrders() ?? differenceOfEnd()
  }

  /// A ledger that was converted tells outcomes, and what happened since.
  private var isConverted: Bool { !story.digests.isEmpty && !lines.contains { $0.line.event == "intended" } }

  /// Whether a line speaks of a value; one whose opening is gone is the ledger's own fault (``LedgerCheck``).
  private func speaks(_ line: Line, _ name: String, of value: String?) -> Bool {
    guard let field = line.line.fields[name] else { return value == nil }
    // What was forgotten has no value any more; one that it has again is another.
    if line.openings[name] == nil, forgotten.hasClosed(line.line) { return value == nil }
    guard let value else { return false }
    return line.openings[name].map { $0.digest == field && $0.value.utf8.elementsEqual(value.utf8) } ?? true
  }

  /// Whether a text is what stands for a value that was removed.
  private func isForgotten(_ text: String, _ line: Line, _ name: String) -> Bool {
    line.openings[name] == nil && forgotten.hasClosed(line.line) && ForgottenParts.markers.contains(text)
  }

  private func differenceOfForm() -> String? {
    let stored = story.request
    guard Register.digest(of: stored.bytes) == stored.digest else { return "its form is not the one with its digest" }
    guard let form = try? FormReader.reread(stored.bytes) else { return "its form can't be read any more" }
    guard form.number == stored.number else { return "its form has the number \(form.number)" }
    guard form.changes.count == stored.count else { return "its form has another number of changes" }
    if let index = forgotten.difference(form.changes) {
      return "change \(index) of its form is forgotten in the form or in the ledger, and not in both"
    }
    return form.origin == stored.origin
      ? nil : "department, requester or approval in the register are not those of its form"
  }

  private func differenceOfAcceptance() -> String? {
    let stored = story.request
    guard let accepted = lines.first(where: { $0.line.event == "accepted" }) else {
      return "the ledger doesn't say that it was accepted"
    }
    let place = "(line \(accepted.line.sequence))"
    // Who forgets writes another form, without what was removed.
    let form = lines.last { $0.line.event == "forgotten" } ?? accepted
    guard speaks(form, "form", of: hexadecimal(stored.digest)) else {
      return "its form is not the one that was accepted \(place)"
    }
    guard speaks(accepted, "file", of: isForgotten(stored.file, accepted, "file") ? nil : stored.file),
      speaks(accepted, "by", of: stored.submitter?.description),
      accepted.line.milliseconds == stored.received
    else { return "file, submitter or time of its acceptance are not the ledger's \(place)" }
    guard speaks(accepted, "plan", of: stored.plan.map { hexadecimal(Register.digest(of: $0)) }) else {
      return "its plan is not the one that it was accepted with \(place)"
    }
    let signed = lines.filter { $0.line.event == "signed" }
    let signature = signed.last { $0.line.fields["signature"] != nil } ?? accepted
    guard speaks(signature, "signature", of: stored.signature.map { hexadecimal(Register.digest(of: $0)) }) else {
      return "its signature is not the one that came with it (line \(signature.line.sequence))"
    }
    guard let verified = signed.last(where: { $0.line.fields["because"] != nil }) else {
      return stored.signedKey == nil ? nil : "the ledger doesn't say that its signature was verified"
    }
    guard speaks(verified, "because", of: stored.signedKey), speaks(verified, "by", of: stored.origin.approval.by)
    else {
      return "the key of its signature is not the one that was verified (line \(verified.line.sequence))"
    }
    return nil
  }

  private func differenceOfChanges() -> String? {
    let isConverted = isConverted
    for result in story.request.changes.values.sorted(by: { $0.index < $1.index }) {
      guard let outcome = result.outcome else { continue }
      let change = "change \(result.index)"
      guard let told = byChange[result.index]?.last(where: { $0.line.event == "settled" }) else {
        return "\(change) is \(outcome.rawValue) in the register, and the ledger doesn't say so"
      }
      let place = "(line \(told.line.sequence))"
      guard told.line.fields["outcome"] == outcome.rawValue, told.line.fields["operation"] == result.operation,
        told.line.fields["code"] == result.error.map({ "\($0.code.rawValue)" }), told.line.milliseconds == result.at
      else {
        return
          "\(change) is \(outcome.rawValue) in the register, and \(told.line.fields["outcome"] ?? "?") in the ledger, "
          + "or at another time \(place)"
      }
      let isForgotten = forgotten.changes.contains { $0.contains(Int64(result.index)) }
      guard speaks(told, "address", of: self.isForgotten(result.address, told, "address") ? nil : result.address) else {
        return "\(change) is about another account than in the ledger \(place)"
      }
      if let what = differenceOfHandover(result, isConverted) { return what }
      guard isForgotten else {
        if let what = differenceOfIntent(result) { return what }
        continue
      }
      if story.valued.contains(result.index) {
        return "\(change) was forgotten, and the register has values of it again \(place)"
      }
    }
    let unsettled = byChange.filter { index, lines in
      story.request.changes[index]?.outcome == nil && lines.contains { $0.line.event == "settled" }
    }.keys.min()
    return unsettled.map { "change \($0) was settled by the ledger, and isn't in the register" }
  }

  private func differenceOfHandover(_ result: ChangeResult, _ isConverted: Bool) -> String? {
    let told = (byChange[result.index] ?? []).filter { $0.line.event == "handover" }
    let known = result.handoverEvents.suffix(isConverted ? told.count : .max)
    let fits =
      known.count == told.count
      && zip(known, told).allSatisfy { event, line in
        line.line.fields["step"] == event.kind.rawValue && line.line.milliseconds == event.at
          && speaks(line, "by", of: event.by) && speaks(line, "recorded_by", of: event.recordedBy)
      }
    guard fits else { return "the story of the hand-over of change \(result.index) is not the ledger's" }
    // What was forgotten has no row; whether one is there again is asked with its values. Of an older register the events may
    // begin after the grant.
    guard !forgotten.changes.contains(where: { $0.contains(Int64(result.index)) }),
      let expected = RequestStory.Handover(result.handoverEvents)
    else { return nil }
    return story.handovers[result.index] == expected
      ? nil : "the hand-over of change \(result.index) is not what its story makes of it"
  }

  private func differenceOfIntent(_ result: ChangeResult) -> String? {
    guard let told = byChange[result.index]?.last(where: { $0.line.event == "intended" }) else { return nil }
    let place = "(line \(told.line.sequence))"
    guard let digests = story.digests[result.index] else {
      return result.outcome == .applied
        ? "the operation of change \(result.index) is not in the register any more \(place)" : nil
    }
    guard speaks(told, "intent", of: hexadecimal(digests.intent)) else {
      return "the operation of change \(result.index) is not the one that was sent \(place)"
    }
    return speaks(told, "before", of: digests.before.map { hexadecimal($0) })
      ? nil : "the entry as it was before change \(result.index) is not the one that was read \(place)"
  }

  private func differenceOfOrders() -> String? {
    let told = lines.filter { !Self.steps.contains($0.line.event) && $0.line.fields["signature"] == nil }
    let known = story.orders.suffix(isConverted ? told.count : .max)
    guard known.count == told.count else {
      return "what was decided of it in the register (\(known.count)) is not what the ledger tells (\(told.count))"
    }
    for (event, line) in zip(known, told) {
      guard line.line.event == event.event, line.line.milliseconds == event.at, speaks(line, "by", of: event.actor),
        speaks(line, "because", of: event.detail)
      else { return "that it was \(event.event) is not told so by the ledger (line \(line.line.sequence))" }
    }
    return differenceOfHolds(told)
  }

  private func differenceOfHolds(_ told: [Line]) -> String? {
    let last = told.last { ["held", "released", "retried", "cancelled"].contains($0.line.event) }
    guard let last, last.line.event == "held" else {
      guard story.request.state == .held, !isRestored, !isConverted else { return nil }
      return "it is held, and the ledger doesn't say why"
    }
    if [.ready, .working].contains(story.request.state) {
      return "it isn't held any more, and nobody released it (line \(last.line.sequence))"
    }
    let held = last.line.milliseconds ?? .max
    let late = lines.first { $0.line.event == "intended" && $0.line.milliseconds ?? 0 > held + Self.flight }
    return late.map { "it was carried out while it was held (line \($0.line.sequence))" }
  }

  private func differenceOfEnd() -> String? {
    let stored = story.request
    guard stored.state == .done else { return nil }
    let outcomes = stored.changes.values.compactMap(\.outcome)
    guard outcomes.count == stored.count else { return "it is done, and not all of its changes are" }
    let isCancelled = lines.contains { $0.line.event == "cancelled" }
    let isNone = !outcomes.contains(.applied) && !outcomes.contains(.unchanged)
    guard stored.outcome == (isCancelled ? (isNone ? .cancelled : .partly) : RequestOutcome(of: outcomes)) else {
      return "its outcome is not that of its changes"
    }
    let last = lines.last { $0.line.event == "settled" }?.line.hash
    return last == stored.ledger ? nil : "it names another line of the ledger than its last"
  }
}

/// What the ledger says that was forgotten of a request.
struct ForgottenParts {
  /// What stands in the place of an address and of a file's name.
  static let markers: Set = [Change.Forgotten.address.text, Register.forgottenFile]

  /// Of the changes' indices.
  let changes: [Ranges]
  /// Of the sequences of lines that lost openings.
  private let lines: [Ranges]

  init(_ lines: [LedgerLine]) {
    let told = lines.filter { $0.event == "forgotten" }
    changes = told.compactMap { $0.fields["changes"].flatMap(Ranges.init) }
    self.lines = told.compactMap { $0.fields["lines"].flatMap(Ranges.init) }
  }

  func hasClosed(_ line: LedgerLine) -> Bool { lines.contains { $0.contains(line.sequence) } }

  /// - Returns: the index of the first change that is forgotten in the form alone, or in the ledger alone.
  func difference(_ form: [Change]) -> Int? {
    form.indices.first { index in
      let isForgotten = if case .forgotten = form[index] { true } else { false }
      return isForgotten != changes.contains { $0.contains(Int64(index)) }
    }
  }
}
