internal import ArgumentParser
internal import Configuration
internal import Glibc
internal import Register
internal import Text

/// What a shell completes with the tabulator. Who may not read the register, or has none, is offered nothing; nothing is
/// printed about that in the middle of a command line.
extension CompletionKind {
  static let forms = CompletionKind.file(extensions: ["yaml", "yml", "json"])

  /// Numbers of requests, the last ones.
  static let numbers = custom { words, _, prefix in
    CompletionSource(words)?.numbers(prefix) ?? []
  }

  /// Numbers of requests that aren't done, and `ALL`.
  static let openNumbers = custom { words, _, prefix in
    ["ALL"] + (CompletionSource(words)?.openNumbers(prefix) ?? [])
  }

  /// Primary addresses of accounts.
  static let addresses = custom { words, _, prefix in
    CompletionSource(words)?.addresses(prefix) ?? []
  }

  static let numbersAndAddresses = custom { words, _, prefix in
    guard let source = CompletionSource(words) else { return [] }
    return source.addresses(prefix) + source.numbers(prefix)
  }
}

/// The register of the command line that is being typed.
private struct CompletionSource {
  /// More than that nobody reads; who types on gets fewer.
  private static let limit = 200
  private let register: Register

  /// - Parameter words: the command line so far; `--config` in it counts.
  init?(_ words: [String]) {
    let given = words.indices.lazy.compactMap { index -> String? in
      if words[index] == "--config", index + 1 < words.endIndex { return words[index + 1] }
      return words[index].hasPrefix("--config=") ? String(words[index].dropFirst("--config=".count)) : nil
    }.first
    var common = CommonOptions()
    common.file = given
    guard let configuration = try? Configuration.load(common.path) else { return nil }
    let path = configuration.state + "/register.sqlite"
    guard access(path, R_OK) == 0, let register = try? Register(reading: path, patience: .zero) else { return nil }
    self.register = register
  }

  func numbers(_ prefix: String) -> [String] {
    (try? register.numbers(beginningWith: prefix, limit: Self.limit)) ?? []
  }

  func openNumbers(_ prefix: String) -> [String] {
    let open = (try? register.openNumbers()) ?? []
    return Array(open.lazy.map(\.number).filter { $0.hasPrefix(prefix) && !$0.hasPrefix("@") }.prefix(Self.limit))
  }

  func addresses(_ prefix: String) -> [String] {
    (try? register.addresses(beginningWith: prefix.lowercased(), limit: Self.limit)) ?? []
  }
}
