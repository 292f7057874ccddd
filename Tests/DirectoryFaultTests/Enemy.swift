import Foundation
import Sandbox
import Support

/// What the tests of this target share: forms, a place behind a proxy, and what an operator sees.
func form(_ number: String, atomic: Bool = false, _ changes: String...) -> String {
  form(number: number, atomic: atomic, changes: changes)
}

func create(_ local: String, _ more: String = "") -> String {
  "create: {address: \(local)@example.org, name: {given: A, family: B}\(more)}"
}

func retitle(_ local: String, _ title: String = "Nueva") -> String {
  "modify: {address: \(local)@example.org, set: {position: \(title)}}"
}

func purge(_ local: String) -> String { "delete: {address: \(local)@example.org, immediately: true}" }

extension Site {
  /// A place whose agent speaks to the directory through a proxy. It tries again soon.
  func behind(
    _ proxy: Proxy, _ name: String, operation: String = "5 s", _ change: (inout Workplace.Options) -> Void = { _ in }
  ) throws -> Workplace {
    var options = Workplace.Options.quick
    options.uri = proxy.uri
    options.operationTimeout = operation
    change(&options)
    return try workplace(name, options)
  }
}

extension Workplace.Options {
  /// An agent that tries again soon.
  static var quick: Workplace.Options {
    .with {
      $0.firstRetry = "50 ms"
      $0.longestRetry = "1 s"
    }
  }
}

extension Workplace {
  /// What the queue waits for; empty where it doesn't.
  func trouble() async throws -> (what: String, remedy: String) {
    let trouble = try await answer("queue")["trouble"]
    return (trouble["what"].text ?? "", trouble["remedy"].text ?? "")
  }

  /// Waits until the queue, or a request by itself, waits for something that is reported with all of these words.
  func waits(_ words: String...) async throws -> Bool {
    try await comesTrue {
      let queue = try await answer("queue")
      let reasons = [queue["trouble"]["what"].text ?? ""] + queue["requests"].array.map { $0["reason"].text ?? "" }
      return reasons.contains { reason in words.allSatisfy { reason.contains($0) } }
    }
  }

  /// The changes that a request shows as failed.
  func failures(_ number: String) async throws -> [JSON] {
    try await answer("show", number)["changes"].array.filter { $0["error"] != .null }
  }

  /// All files that anybody could look into, for what must not stand in them.
  func anywhere(_ text: String) async throws -> String {
    try await Program.run("/usr/bin/grep", ["-rlaF", text, folder]).output
  }
}

extension RunningAgent {
  /// Its memory, bytes (proc(5): VmHWM, the most that it ever had).
  var peak: Int {
    let status = (try? String(contentsOfFile: "/proc/\(program.processIdentifier)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1_024
  }
}

/// Some of these, drawn by the seed and in their order, or all of them.
func drawn<Element>(_ all: [Element], _ share: Int, _ salt: UInt64 = 0) -> [Element] {
  if Torture.isFull { return all }
  var generator = SeededGenerator(seed: Torture.seed &+ salt)
  return all.indices.shuffled(using: &generator).prefix(share).sorted().map { all[$0] }
}
