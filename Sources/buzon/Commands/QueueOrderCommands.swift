internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Glibc
internal import Records
internal import Register
internal import Text

/// What the queue commands take, after postsuper(1).
struct QueueOrderOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Argument(help: "Numbers of requests; ALL; or - for numbers from standard input, one a line.")
  var numbers: [String]

  /// Carries an order out and tells what came of it, a line for each number.
  func carryOut(_ verb: QueueVerb) async throws {
    let configuration = try common.configuration()
    // Told here, before anything is asked of an agent: who may not read the register may not order it about.
    _ = try common.register(configuration)
    let answers = try await QueueOrders(configuration).carryOut(verb, numbers: try named(), by: Caller.name)
    let refused = answers.filter { $0.refusal != nil }
    if json { try Console.output(Self.json(answers)) }
    for answer in answers {
      let number = displayed(answer.number.utf8)
      if let refusal = answer.refusal {
        Console.error("buzon: \(number): \(displayed(refusal.utf8))")
      } else if !json {
        try Console.print("\(number) \(verb.done)" + (answer.note.map { "; \(displayed($0.utf8))" } ?? ""))
      }
    }
    if answers.isEmpty, !json { Console.error("buzon: there is no request to \(verb.rawValue)") }
    if refused.isEmpty { return }
    throw answers.allSatisfy(\.isUnknown) ? ExitCode.noInput : .someFailed
  }

  /// The numbers, each once; `nil`: all.
  private func named() throws -> [String]? {
    if numbers == ["ALL"] { return nil }
    guard !numbers.contains("ALL") else { throw ValidationError("ALL stands alone: it means every request") }
    var all: [String] = []
    for number in numbers {
      if number == "-" { all += try StandardInput.lines() } else { all.append(number) }
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
    abstract: "Try requests again now that wait for the directory.",
    discussion: """
      What waits for its next attempt is tried at once instead, and what was held
      because the directory refused it goes on. What somebody, or policy.limits,
      holds stays held (`buzon release` lets it go).

      Exit code 1 where some were refused, 66 where no such request is known.

      EXAMPLE
        buzon retry ALL
      """)
  @OptionGroup var options: QueueOrderOptions
  func run() async throws { try await options.carryOut(.retry) }
}

struct HoldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Set requests aside until they are released.",
    discussion: """
      A held request keeps its number and its place in the archive; others may
      overtake it. Changes that were carried out already stay.

      Exit code 1 where some were refused, 66 where no such request is known.

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
      Whatever they were held for: by `buzon hold`, by policy.limits, or because
      the directory refused them alone. `buzon queue` tells the reason.

      CLOCK stands for no request. When the host's time is more than
      policy.clock_jump ahead of the newest time known, the clock suspends,
      purges, scrambles and settles nothing. Check the host's time (date), then
      `buzon release CLOCK`: the host's time counts as known from then on. ALL
      doesn't release the clock.

      Exit code 1 where some were refused, 66 where no such request is known.

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
    abstract: "End requests without carrying out what is left of them.",
    discussion: """
      The number is used up, the delivery record says `cancelled`. Changes that
      were carried out already stay, and the answer says how many.

      Exit code 1 where some were refused, 66 where no such request is known.

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
