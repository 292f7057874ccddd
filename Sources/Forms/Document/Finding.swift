internal import Text

/// One thing that is wrong with a document, and what helps.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// `nil`: the document as a whole.
  public var place: Place?
  /// The path of the key, e.g. `changes[2].create.quota`; empty for the file as such.
  public var key: String
  /// What is wrong. It never quotes an identity number, and other values only shortened.
  public var problem: String
  /// What to write instead.
  public var remedy: String
  /// Of the last finding of many: how many it stands for, itself at the place and under the key of the first of them.
  var untold = 0

  /// A finding. The texts are a clause each, without a full stop.
  public init(place: Place?, key: String, problem: String, remedy: String) {
    self.place = place
    self.key = key
    self.problem = problem
    self.remedy = remedy
  }

  /// `FILE:LINE:COLUMN: KEY: what is wrong; what to write instead`, always one line; whatever a terminal or a log
  /// might take for a command stands in it as `\u{…}`. A finding about the file as such has the key `file`; where it could
  /// not be read at all, neither key nor place.
  public func line(file: String) -> String {
    var line = file
    if let place { line += ":\(place.line):\(place.column)" }
    let key = key.isEmpty && place != nil ? "file" : key
    line += (key.isEmpty ? "" : ": \(key)") + ": \(problem)"
    if !remedy.isEmpty { line += "; \(remedy)" }
    return line.neutralized()
  }

  /// With its texts in another language.
  public func translated(by translate: (String) -> String) -> Finding {
    var finding = self
    finding.problem = translate(problem)
    finding.remedy = translate(remedy)
    return finding
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
  /// Where the first of those is that aren't kept, and its key.
  private var firstUntold: (place: Place?, key: String) = (nil, "")

  package init() {}

  package var isEmpty: Bool { kept.isEmpty }
  /// Further findings are only counted.
  package var isFull: Bool { kept.count >= Self.most }

  /// Adds a finding; its texts are only made while there is room for it.
  package func report(
    _ place: Place?, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String,
    _ remedy: @autoclosure () -> String
  ) {
    guard !isFull else {
      if untold == 0 { firstUntold = (place, key()) }
      untold += 1
      return
    }
    kept.append(Finding(place: place, key: key(), problem: problem(), remedy: remedy()))
  }

  /// All that are kept in the order of the document, and one more that says how many aren't.
  package var all: [Finding] {
    // The index keeps findings of one place in the order in which they were made.
    var list = kept.enumerated().sorted {
      let left = $0.element.place ?? Place(line: 0, column: 0)
      let right = $1.element.place ?? Place(line: 0, column: 0)
      return left == right ? $0.offset < $1.offset : left < right
    }.map(\.element)
    if untold > 0 {
      list.append(Self.more(untold, firstUntold.place ?? list.last?.place, firstUntold.key))
    }
    return list
  }

  /// What stands for findings that aren't reported.
  static func more(_ count: Int, _ place: Place?, _ key: String) -> Finding {
    var finding = Finding(
      place: place, key: key, problem: "and \(count) more findings", remedy: "correct these and check again")
    finding.untold = count
    return finding
  }

  /// Names the keys of what was found in the text before anybody knew of keys.
  func nameKeys(in document: Document) {
    var nameless = kept.indices.filter { kept[$0].key.isEmpty && kept[$0].place != nil }
    nameless.sort { left, right in
      guard let one = kept[left].place, let other = kept[right].place else { return false }
      return one == other ? left < right : one < other
    }
    let keys = document.keys(at: nameless.compactMap { kept[$0].place })
    for (index, key) in zip(nameless, keys) { kept[index].key = key }
    if untold > 0, firstUntold.key.isEmpty, let place = firstUntold.place {
      firstUntold.key = document.keys(at: [place]).first ?? ""
    }
  }
}
