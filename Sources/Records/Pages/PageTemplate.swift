internal import Mustache

/// A template of a page (mustache(5)), parsed once.
///
/// Who escapes: we do, every value, on UTF-8 bytes (``PageText``), because the engine's own escaping walks Characters
/// and lets `"` through where an accent joins to it. So the template is rendered with the content type TEXT, which adds
/// nothing: `{{x}}` and `{{{x}}}` print the same safe text, and nothing is escaped twice. Values are never read as
/// templates, and there are no partials, so no value and no file but the template itself decides what is run.
struct PageTemplate: Sendable {
  /// Why a text is no template.
  struct Failure: Error {
    let reason: String
  }

  private let text: String
  private let template: MustacheTemplate

  /// - Parameter line: the number of the text's first line, for messages.
  init(_ text: String, line: Int = 1) throws(Failure) {
    self.text = text
    do {
      // On a line of its own, which leaves no trace in the page.
      template = try MustacheTemplate(string: "{{%CONTENT_TYPE:TEXT}}\n" + text)
    } catch let error as MustacheTemplate.ParserError {
      throw Failure(reason: "line \(error.context.lineNumber + line - 2): \(Self.explain(error.error))")
    } catch {
      throw Failure(reason: "\(error)")
    }
  }

  /// The same with what never changes put in, so that the engine, which takes 2 µs for a tag, has fewer of them.
  ///
  /// - Parameter constants: escaped texts by the names of their tags.
  func filled(_ constants: [String: PageText]) -> PageTemplate {
    var filled: [UInt8] = []
    var rest = Array(text.utf8)[...]
    let brace = UInt8(ascii: "{")
    while let start = rest.indices.first(where: { rest[$0] == brace && rest[$0...].dropFirst().first == brace }) {
      filled.append(contentsOf: rest[..<start])
      rest = rest[start...]
      let braces = rest.prefix { $0 == UInt8(ascii: "{") }.count
      let name = rest.dropFirst(braces).prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
      let end = rest[name.endIndex...].prefix { $0 == UInt8(ascii: "}") }.count
      if braces == end, braces <= 3, let constant = constants[String(decoding: name, as: UTF8.self)] {
        // A brace in a value must not become part of a tag.
        for byte in constant.renderText.utf8 {
          if byte == UInt8(ascii: "{") { filled.append(contentsOf: "&#123;".utf8) } else { filled.append(byte) }
        }
      } else {
        filled.append(contentsOf: rest[..<(name.endIndex + end)])
      }
      rest = rest[(name.endIndex + end)...]
    }
    filled.append(contentsOf: rest)
    // Where tags stand so oddly that this breaks them, the template serves as it is.
    return (try? PageTemplate(String(decoding: filled, as: UTF8.self))) ?? self
  }

  /// The page's text.
  func render(_ values: some PageObject) -> String { template.render(values) }

  private static func explain(_ error: any Error) -> String {
    guard let error = error as? MustacheTemplate.Error else { return "a tag has no end" }
    return switch error {
    case .sectionCloseNameIncorrect: "a section is closed under another name than it was opened"
    case .unfinishedName: "a tag's name is wrong or has no end"
    case .expectedSectionEnd: "a section is not closed"
    case .invalidSetDelimiter: "the delimiters are set wrongly"
    case .transformAppliedToInheritanceSection, .illegalTokenInsideInheritSection, .textInsideInheritSection:
      "inheritance is used wrongly"
    case .invalidConfigVariableSyntax, .unrecognisedConfigVariable: "a pragma ({{% …}}) is not known"
    }
  }
}
