/// What an operator can do with requests, after postsuper(1).
public enum QueueVerb: String, Sendable, CaseIterable {
  /// Try what waits for the directory now.
  case retry
  /// Set aside until released.
  case hold
  case release
  /// Never carry out what wasn't begun.
  case cancel

  /// What was done, as the log and the history say it.
  public var done: String {
    switch self {
    case .retry: "retried"
    case .hold: "held"
    case .release: "released"
    case .cancel: "cancelled"
    }
  }
}

/// What came of it for one request.
public struct QueueAnswer: Sendable, Hashable {
  public var number: String
  /// `nil`: done; else why not, and what to do.
  public var refusal: String?
  /// What else is to be known.
  public var note: String?
  /// Whether no request has this number.
  public var isUnknown = false

  package init(_ number: String, refusal: String? = nil, note: String? = nil) {
    self.number = number
    self.refusal = refusal
    self.note = note
  }

  package init(unknown number: String) {
    self.init(number, refusal: "there is no such request")
    isUnknown = true
  }

  /// Answers as the register keeps them: a line each, its parts between tabs.
  package static func text(_ answers: [QueueAnswer]) -> String {
    func part(_ text: String?) -> String {
      // On bytes: a tab before a combining mark is another Character.
      String(decoding: (text ?? "").utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
    return answers.map { [part($0.number), part($0.refusal), part($0.note), $0.isUnknown ? "unknown" : ""] }
      .map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }

  package static func answers(_ text: String) -> [QueueAnswer] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { String($0) ?? "" }
      func part(_ index: Int) -> String? { index < parts.count && !parts[index].isEmpty ? parts[index] : nil }
      var answer = QueueAnswer(part(0) ?? "", refusal: part(1), note: part(2))
      answer.isUnknown = part(3) != nil
      return answer
    }
  }
}
