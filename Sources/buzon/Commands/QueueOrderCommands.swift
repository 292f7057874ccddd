internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Glibc
internal import Records
internal import Register
internal import Text
internal import Translations

/// What the queue commands take, after postsuper(1).
struct QueueOrderOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Option(help: ArgumentHelp("Why; it stands in the history.", valueName: "text"))
  var because: String?
  @Argument(
    help: "Numbers of requests; ALL; or - for numbers from standard input, one a line.", completion: .openNumbers)
  var numbers: [String]

  /// Gives an order and prints what came of it, a line for each number.
  func carryOut(_ verb: QueueVerb) async throws {
    let numbers = try named()
    let configuration = try common.configuration()
    // Before anything is asked of an agent: who may not read the register may not order it about.
    _ = try common.register(configuration)
    let answers = try await QueueOrders(configuration, answer: Agent.carryOutOrders).carryOut(
      verb, numbers: numbers, by: Caller.name, because: try reason()
    ).map { answer in
      guard answer.isUnknown, let note = SpoolForms.note(of: answer.number, configuration) else { return answer }
      return QueueAnswer(answer.number, refusal: note)
    }
    let refused = answers.filter { $0.refusal != nil }
    if json { try Console.output(Self.json(answers)) }
    for answer in answers {
      let number = displayed(answer.number.utf8)
      if let refusal = answer.refusal {
        Console.errorAsIs("buzon: \(number): \(displayed(translated(refusal).utf8))")
      } else if !json {
        let note = answer.note.map { "; \(displayed(translated($0).utf8))" } ?? ""
        try Console.print("\(number) \(translated(verb.done, of: "order"))\(note)")
      }
    }
    if answers.isEmpty, !json { Console.error("buzon: there is no request to \(verb.rawValue)") }
    if refused.isEmpty { return }
    throw answers.allSatisfy(\.isUnknown) ? ExitCode.noInput : .someFailed
  }

  private static let longestReason = 500

  private func reason() throws -> String? {
    guard let because, !because.isEmpty else { return nil }
    guard because.unicodeScalars.count <= Self.longestReason else {
      throw ValidationError("--because has more than \(Self.longestReason) characters; make it shorter")
    }
    return because.neutralized()
  }

  /// The numbers, each once; `nil`: all.
  private func named() throws -> [String]? {
    if numbers == ["ALL"] { return nil }
    guard !numbers.contains("ALL") else { throw ValidationError("use ALL by itself: it means every request") }
    var all: [String] = []
    for number in numbers {
      if number == "-" { all += try StandardInput.lines() } else { all.append(number) }
    }
    if all.contains("") { throw ValidationError("a number is empty; name a request") }
    for (word, meaning) in [("ALL", "every request"), ("CLOCK", "the clock")] {
      guard let number = all.first(where: { $0 != word && $0.uppercased() == word }) else { continue }
      throw ValidationError("write \(word), not \(number), where you mean \(meaning)")
    }
    var seen: Set<String> = []
    return all.filter { seen.insert($0).inserted }
  }

  private static func json(_ answers: [QueueAnswer]) -> [UInt8] {
    JSONWriter.document { json in
      json.field("requests", objects: answers) { json, answer in
        json.field("number", answer.number)
        json.field("done", answer.refusal == nil)
        json.field("refusal", answer.refusal)
        json.field("note", answer.note)
      }
    }
  }
}

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Try waiting requests now.",
    discussion: """
      A request that waits for its next attempt is tried at once. A request that is
      held because the directory refused it goes on. A request that a person or
      policy.limits holds stays held (use `buzon release`).

      The exit code is 1 if some were refused, 66 if there is no such request.

      EXAMPLE
        buzon retry ALL
      """)
  @OptionGroup var options: QueueOrderOptions
  func run() async throws { try await options.carryOut(.retry) }
}

struct HoldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Hold requests until they are released.",
    discussion: """
      A held request keeps its number and its form. Other requests may overtake it.
      Changes that were applied stay.

      The exit code is 1 if some were refused, 66 if there is no such request.

      EXAMPLE
        buzon hold 2026-0142 2026-0143
      """)
  @OptionGroup var options: QueueOrderOptions
  func run() async throws { try await options.carryOut(.hold) }
}

struct ReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Let held requests go on.",
    discussion: """
      Releases a request whatever holds it: `buzon hold`, policy.limits, or a
      refusal by the directory. `buzon queue` shows the reason.

      CLOCK is not a request. If the host's time is more than policy.clock_jump
      ahead of the newest time known, the clock stops: it suspends, purges,
      scrambles and settles nothing. Check the host's time (date), then run
      `buzon release CLOCK`. From then on the host's time counts as known. ALL does
      not release the clock.

      The exit code is 1 if some were refused, 66 if there is no such request.

      EXAMPLE
        buzon queue --json | jq -r '.requests[]|select(.state=="held").number' |
          buzon release -
      """)
  @OptionGroup var options: QueueOrderOptions
  func run() async throws { try await options.carryOut(.release) }
}

struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End requests; the rest of their changes is not applied.",
    discussion: """
      The number is used up, and the delivery record says `cancelled`. Changes that
      were applied stay, and the answer says how many.

      The exit code is 1 if some were refused, 66 if there is no such request.

      EXAMPLE
        buzon cancel 2026-0142
      """)
  @OptionGroup var options: QueueOrderOptions
  func run() async throws { try await options.carryOut(.cancel) }
}

/// Who gives an order, as the register notes it.
enum Caller {
  /// The user's name: of who called sudo(8), else of the real user; else the user's number.
  static var name: String {
    if let caller = getenv("SUDO_USER").map({ String(cString: $0) }), !caller.isEmpty,
      caller.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    {
      return caller
    }
    guard let user = getpwuid(getuid()) else { return "\(getuid())" }
    return String(cString: user.pointee.pw_name)
  }
}
