internal import Forms
internal import Translations

/// The text of `FILE.report`, for whoever dropped the file: in the language of the agent's environment. The log and the
/// register keep English.
struct RejectionReport {
  /// The lines, each with its end.
  let text: String

  init(_ file: String, _ problem: String, _ remedy: String) {
    text = "\(file): \(translated(problem)); \(translated(remedy))\n"
  }

  init(_ file: String, _ findings: [Finding]) {
    text = findings.map { $0.translated { translated($0) }.line(file: file) + "\n" }.joined()
  }

  /// - Parameter english: lines that begin with the file's name, its place and the key, where they have one.
  init(_ file: String, english: String) {
    text = english.split(separator: "\n").map { line in
      var parts = line.split(separator: ": ", maxSplits: line.hasPrefix("\(file): ") ? 1 : 2).map(String.init)
      if let words = parts.popLast() { parts.append(translated(words)) }
      return parts.joined(separator: ": ") + "\n"
    }.joined()
  }

  /// The line that says whose the file was.
  static func dropped(_ file: String, by submitter: String) -> String {
    "\(file): \(translated("dropped by \(submitter)"))\n"
  }
}
