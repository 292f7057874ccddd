internal import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Register
internal import Text

/// A form that was put into the spool, as it can be found again.
struct SubmittedForm {
  var number: String
  /// As the command line named it.
  var file: String
  var digest: [UInt8]
  /// What it is called in the spool. No other file ever had this name, and whoever knows it can read the form there.
  var name: FileName
}

/// What became of a form that was waited for.
enum FormEnding {
  case done(RequestOutcome)
  /// The agent's report.
  case rejected(String)
  case held(String?)
  /// It waited still when the time was over; `nil`: no agent has taken it.
  case waiting(RequestState?)

  /// One word: the outcome, or the state.
  var word: String {
    switch self {
    case .done(let outcome): outcome.rawValue
    case .rejected: "rejected"
    case .held: "held"
    case .waiting(let state): state?.rawValue ?? "in the spool"
    }
  }

  var isGood: Bool { if case .done(.applied) = self { true } else { false } }
  var isOpen: Bool {
    switch self {
    case .done, .rejected: false
    case .held, .waiting: true
    }
  }
}

/// Waits for forms by looking into the register, and among the rejected for those that the register doesn't have.
struct Waiting {
  private let register: Register?
  private let registerPath: String
  private let rejected: Files.Directory?

  /// - Throws: ``Failure`` 77 where the caller may not read the register.
  init(_ configuration: Configuration) throws {
    registerPath = configuration.state + "/register.sqlite"
    rejected = try? Files.Directory(configuration.spool + "/rejected")
    if access(registerPath, R_OK) == 0 {
      register = try Register(reading: registerPath)
    } else if errno == ENOENT {
      // No agent has ever run here.
      register = nil
    } else {
      throw Failure(
        "submitted, but the outcome can't be waited for: you may not read the register \(displayed(registerPath.utf8)); "
          + "ask somebody who may (buzon show NUMBER)", .noPermission)
    }
  }

  /// Where a form stands now.
  func standing(of form: SubmittedForm) throws -> FormEnding {
    if let standing = try register?.standing(of: form.number), standing.digest == form.digest {
      switch standing.state {
      case .done: return .done(standing.outcome ?? .failed)
      case .held: return .held(standing.reason)
      default: return .waiting(standing.state)
      }
    }
    if try register?.isUnsigned(number: form.number, digest: form.digest) == true {
      return .waiting(.awaitingSignature)
    }
    // Not ours, or not known: another form has the number, or the agent didn't take it for a form.
    return report(on: form).map(FormEnding.rejected) ?? .waiting(nil)
  }

  /// The report of a form that was rejected: it lies there under the name that it had in the spool.
  private func report(on form: SubmittedForm) -> String? {
    guard let rejected, (try? rejected.stat(form.name)) != nil else { return nil }
    let report = form.name.appending(".report").flatMap { try? rejected.read($0, limit: 16 << 20) }
    return report.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

extension Waiting {
  /// Waits until each form is done, rejected or held, or the time is over.
  ///
  /// - Parameter ended: gets each form's ending once: in the order in which they end, and the held and waiting ones
  ///   last.
  static func wait(
    for forms: [SubmittedForm], _ configuration: Configuration, atMost timeout: Duration,
    ended: (SubmittedForm, FormEnding) throws -> Void
  ) async throws {
    let deadline = ContinuousClock.now + timeout
    let progress = Progress()
    var open = forms
    var pause = Duration.milliseconds(50)
    Interruption.hold()
    while !open.isEmpty {
      try Self.requireUninterrupted(open)
      let began = ContinuousClock.now
      let waiting = try Waiting(configuration)
      var left: [(form: SubmittedForm, ending: FormEnding)] = []
      for form in open {
        let ending = try waiting.standing(of: form)
        if ending.isOpen { left.append((form, ending)) } else { try ended(form, ending) }
      }
      // A held one waits for a person, who may be the one at this terminal.
      let needPeople = left.allSatisfy { if case .held = $0.ending { true } else { false } }
      if needPeople || ContinuousClock.now >= deadline {
        for (form, ending) in left { try ended(form, ending) }
        return
      }
      open = left.map(\.form)
      let held = left.count { if case .held = $0.ending { true } else { false } }
      let unsigned = left.count { if case .waiting(.awaitingSignature) = $0.ending { true } else { false } }
      progress.show(
        "Waiting: \(forms.count - open.count) of \(forms.count) done" + (held > 0 ? ", \(held) held" : "")
          + (unsigned > 0 ? ", \(unsigned) awaiting a signature" : ""))
      // At most a tenth of the time is spent looking.
      let took = began.duration(to: .now)
      pause = min(max(pause * 3 / 2, took * 10), .seconds(2))
      try await sleep(min(pause, max(.zero, ContinuousClock.now.duration(to: deadline))), open)
    }
  }

  /// Sleeps, but for a tenth of a second at a time: who types Ctrl-C waits for the end.
  private static func sleep(_ duration: Duration, _ open: [SubmittedForm]) async throws {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      try requireUninterrupted(open)
      try await Task.sleep(for: min(.milliseconds(100), ContinuousClock.now.duration(to: end)))
    }
  }

  /// Says what a signal that ends the waiting does not end.
  ///
  /// - Throws: ``Interruption``.
  private static func requireUninterrupted(_ open: [SubmittedForm]) throws {
    do {
      try Interruption.check()
    } catch var interruption as Interruption {
      let numbers = open.prefix(10).map(\.number).joined(separator: ", ") + (open.count > 10 ? ", …" : "")
      Console.error(
        "buzon: the waiting has ended, not the request: \(numbers) \(open.count == 1 ? "stays" : "stay") submitted; "
          + "see buzon queue, or buzon show NUMBER")
      // Nothing is undone.
      interruption.text = nil
      throw interruption
    }
  }
}
