internal import Mustache
internal import Text

/// Text for a template, escaped for HTML already. `{{x}}` and `{{{x}}}` print it alike, because our templates are
/// rendered with the content type TEXT: see ``PageTemplate``. Without text a section of it is left out.
struct PageText: MustacheCustomRenderable, Sendable {
  /// Escaped.
  let renderText: String
  var isNull: Bool { renderText.isEmpty }

  init(_ text: String?) {
    guard let text, !text.isEmpty else {
      renderText = ""
      return
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 8)
    bytes.appendHTML(text)
    renderText = String(decoding: bytes, as: UTF8.self)
  }

  init(_ number: Int) { renderText = String(number) }

  /// An address, escaped, that may be broken behind its `@`.
  init(address: String) {
    var bytes: [UInt8] = []
    bytes.appendAddress(address)
    renderText = String(decoding: bytes, as: UTF8.self)
  }

  /// HTML or CSS of our own making.
  init(trusted text: String) { renderText = text }
}

extension PageText: MustacheTransformable {
  /// The same with marks where a line must not end: `{{line(x)}}` in running text, `{{cell(x)}}` in a table, whose columns
  /// are as wide as their longest word. A browser ends lines at hyphens: `UTC-05:00`, `buzon status --acknowledge`. For no
  /// attribute of an element.
  func transform(_ name: String) -> Any? {
    let longest: Int
    switch name {
    case "line": longest = 40
    case "cell": longest = [UInt8].longest
    default: return nil
    }
    var bytes: [UInt8] = []
    bytes.appendWords(escaped: Array(renderText.utf8), longest: longest)
    return PageText(trusted: String(decoding: bytes, as: UTF8.self))
  }
}

/// Something with named parts for a template. It prints as nothing by itself. The engine copies what it looks into
/// several times for each tag; large ones are classes for that.
protocol PageObject: MustacheParent, MustacheCustomRenderable {}

extension PageObject {
  var renderText: String { "" }
  var isNull: Bool { false }
}

/// `{{words.NAME}}`
struct PageWords: PageObject, Sendable {
  let texts: [String: PageText]

  init(_ language: PageLanguage) {
    texts = Dictionary(uniqueKeysWithValues: Word.allCases.map { ($0.rawValue, PageText($0.text(language))) })
  }

  /// The same with words that one page alone has; where both have a word, the page's own.
  func adding<Words: PageWord & CaseIterable>(_ words: Words.Type, _ language: PageLanguage) -> PageWords {
    PageWords(texts: texts.merging(words.allCases.map { ($0.rawValue, PageText($0.text(language))) }) { $1 })
  }

  private init(texts: [String: PageText]) { self.texts = texts }

  func child(named name: String) -> Any? { texts[name] }
}

/// Parts by their names, and behind them those of the page.
struct PageFields: PageObject {
  let values: [String: Any]
  var outer: PageFrame?

  init(_ values: [String: Any], in outer: PageFrame? = nil) {
    self.values = values
    self.outer = outer
  }

  func child(named name: String) -> Any? { values[name] ?? outer?.child(named: name) }
}

/// What every page has: its head, its words, its style and policy. All of it is made once.
final class PageFrame: PageObject, Sendable {
  private let values: [String: any Sendable]

  init(
    language: PageLanguage, words: PageWords, letterhead: Letterhead, document: Letterhead.Document, style: PageStyle,
    title: String
  ) {
    values = [
      "language": PageText(language.rawValue), "words": words, "title": PageText(title),
      "organization": PageText(letterhead.organization), "tax_id": PageText(letterhead.taxID),
      "document": DocumentValues(document), "procedure": DocumentValues(letterhead.procedure),
      "style": PageText(trusted: style.text), "policy": PageText(trusted: style.policy),
    ]
  }

  func child(named name: String) -> Any? { values[name] }

  /// What templates can be filled with before any page is made, by the names of the tags.
  var constants: [String: PageText] {
    var constants: [String: PageText] = [:]
    for (name, value) in values where name != "style" {
      switch value {
      case let text as PageText: constants[name] = text
      case let words as PageWords: for (inner, text) in words.texts { constants["\(name).\(inner)"] = text }
      case let document as DocumentValues: for (inner, text) in document.values { constants["\(name).\(inner)"] = text }
      default: break
      }
    }
    return constants
  }
}

/// `{{document.…}}` and `{{procedure.…}}`
private struct DocumentValues: PageObject, Sendable {
  let values: [String: PageText]

  init(_ document: Letterhead.Document) {
    values = [
      "code": PageText(document.code), "version": PageText(document.version), "date": PageText(document.date),
    ]
  }

  func child(named name: String) -> Any? { values[name] }
}
