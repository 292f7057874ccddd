/// One thing that is wrong with a document, and what helps.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// `nil`: the document as a whole.
  public var place: Place?
  /// The path of the key, e.g. `changes[2].create.quota`; empty for the text as such.
  public var key: String
  /// What is wrong. It never quotes an identity number, and other values only shortened.
  public var problem: String
  /// What to write instead.
  public var remedy: String

  /// A finding. The texts are a clause each, without a full stop.
  public init(place: Place?, key: String, problem: String, remedy: String) {
    self.place = place
    self.key = key
    self.problem = problem
    self.remedy = remedy
  }

  /// `FILE:LINE:COLUMN: KEY: what is wrong; what to write instead`, always one line; whatever a terminal or a log
  /// might take for a command stands in it as `\u{…}`. A finding about the text as such has the key `(text)`.
  public func line(file: String) -> String {
    var line = file
    if let place { line += ":\(place.line):\(place.column)" }
    line += ": \(key.isEmpty ? "(text)" : key): \(problem)"
    if !remedy.isEmpty { line += "; \(remedy)" }
    return line.neutralized()
  }

  /// As `line(file:)` without the file.
  public var description: String {
    let line = line(file: "")
    return String(line.dropFirst(place == nil ? 2 : 1))
  }
}

/// The findings of one document. It keeps the first hundred and counts the rest, so that a hostile document can't make
/// a report many times its own size. A class, so that the text of a finding can be made from what is being read.
package final class Findings {
  /// How many findings are kept.
  package static let most = 100

  private var kept: [Finding] = []
  private var untold = 0

  package init() {}

  package var isEmpty: Bool { kept.isEmpty }
  /// Further findings are only counted.
  package var isFull: Bool { kept.count >= Self.most }

  /// Adds a finding; its texts are only made while there is room for it.
  package func tell(
    _ place: Place?, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String,
    _ remedy: @autoclosure () -> String
  ) {
    guard !isFull else {
      untold += 1
      return
    }
    kept.append(Finding(place: place, key: key(), problem: problem(), remedy: remedy()))
  }

  /// All that are kept in the order of the document, and one more that says how many aren't.
  package var told: [Finding] {
    // The index keeps findings of one place in the order in which they were made.
    var list = kept.enumerated().sorted {
      let left = $0.element.place ?? Place(line: 0, column: 0)
      let right = $1.element.place ?? Place(line: 0, column: 0)
      return left == right ? $0.offset < $1.offset : left < right
    }.map(\.element)
    if untold > 0 {
      list.append(
        Finding(
          place: nil, key: "", problem: "and \(untold) more findings", remedy: "mend these and check again"))
    }
    return list
  }
}
