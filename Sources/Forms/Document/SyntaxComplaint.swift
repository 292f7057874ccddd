import CYAML

/// libyaml's complaint in the words of those who write forms.
struct SyntaxComplaint {
  let place: Place
  let problem: String
  let remedy: String

  /// - Parameter text: the document.
  init(_ event: cyaml_event, in text: UnsafeBufferPointer<UInt8>) {
    let words = event.problem.map { String(cString: $0) } ?? ""
    let problemPlace = Place(line: event.problem_line + 1, column: event.problem_column + 1)
    let contextPlace = Place(line: event.context_line + 1, column: event.context_column + 1)
    var place = problemPlace
    switch words {
    case "mapping values are not allowed in this context":
      problem = "there is a ':' where no key can be"
      remedy = "put a value with ': ' in it in quotes, and line the keys up"
    case "found unexpected end of stream", "found unexpected document indicator":
      // The place where it was missed is the end of the file; where it was opened helps.
      if event.has_context { place = contextPlace }
      problem = "a quotation mark is opened and not closed"
      remedy = "close it"
    case "found character that cannot start any token" where Self.isIndentedWithTab(problemPlace.line, text):
      problem = "there is a tab in the indentation"
      remedy = "indent with spaces"
    case "found character that cannot start any token":
      problem = "a value begins with a character that YAML keeps for itself"
      remedy = "put the value in quotes"
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      problem = "there is a tab in the indentation"
      remedy = "indent with spaces"
    case "could not find expected ':'":
      problem = "a line is no 'key: value'"
      remedy = "write a ':' and a space after the key"
    case "did not find expected key", "did not find expected '-' indicator",
      "block sequence entries are not allowed in this context":
      problem = "the line does not fit the lines above it"
      remedy = "line up the keys of one thing, and the '-' of one list"
    case "did not find expected ',' or '}'":
      problem = "a { is not closed, or a ',' is missing"
      remedy = "write a ',' between two keys and a '}' at the end"
    case "did not find expected ',' or ']'":
      problem = "a [ is not closed, or a ',' is missing"
      remedy = "write a ',' between two values and a ']' at the end"
    case "did not find expected node content":
      problem = "a value is missing"
      remedy = "write it, and close every [ and {"
    case "did not find expected alphabetic or numeric character":
      problem = "a value begins with * or &"
      remedy = "put it in quotes"
    case "found undefined tag handle", "did not find expected tag URI", "did not find expected '!'",
      "did not find expected whitespace or line break":
      problem = "a tag (!) is not allowed"
      remedy = "delete it; a text that begins with ! needs quotes"
    case "found unknown escape character", "did not find expected hexdecimal number",
      "found invalid Unicode character escape code":
      problem = "a \\ in double quotes is followed by no escape"
      remedy = "write \\\\ for a backslash, and letters themselves instead of \\u escapes"
    case "did not find expected <document start>":
      problem = "something follows the document"
      remedy = "write one document to a file"
    default:
      problem = "this is not well-formed YAML (\(words))"
      remedy = "compare it with a sample form"
    }
    self.place = place
  }

  private static func isIndentedWithTab(_ number: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let lines = text.split(separator: 0x0A, maxSplits: number, omittingEmptySubsequences: false)
    guard number <= lines.count else { return false }
    return lines[number - 1].prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
  }
}
