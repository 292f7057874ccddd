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
  init(english: String) {
    text = english.split(separator: "\n").map { translated(report: String($0)) + "\n" }.joined()
  }

  /// The line that says whose the file was.
  static func dropped(_ file: String, by submitter: String) -> String {
    "\(file): \(translated("dropped by \(submitter)"))\n"
  }
}
