internal import Crypto
internal import Foundation
internal import Text

/// The style of a page and the policy that allows just it: the text between `<style>` and `</style>`, and the content
/// of a `Content-Security-Policy` meta tag (CSP 3) that names its SHA-256. Nothing else may be loaded or run.
struct PageStyle: Sendable {
  /// What goes on paper: A4.
  enum Paper: Sendable {
    case portrait, landscape
    /// Upright, with nothing in the margins: each sheet is a document by itself and bears its own head and number.
    case sheets
  }

  let text: String
  let policy: String

  /// - Parameters:
  ///   - document: what the page is, for the head of every sheet but the first, which has the page's own.
  ///   - sheet: `style.css`.
  init(
    _ paper: Paper, title: String, document: Letterhead.Document, letterhead: Letterhead, language: PageLanguage,
    sheet: String
  ) {
    var bytes = Self.pages(paper, title: title, document: document, letterhead: letterhead, language: language)
    bytes.append(contentsOf: sheet.utf8)
    text = String(decoding: bytes, as: UTF8.self)
    policy =
      "default-src 'none'; style-src 'sha256-\(Data(SHA256.hash(data: bytes)).base64EncodedString())'; "
      + "base-uri 'none'; form-action 'none'"
  }

  /// The margins of the sheets with what stands there (CSS Paged Media 3, section 6). Browsers that don't know margin
  /// boxes leave the margins blank.
  private static func pages(
    _ paper: Paper, title: String, document: Letterhead.Document, letterhead: Letterhead, language: PageLanguage
  ) -> [UInt8] {
    if paper == .sheets { return Array("\n@page{size:A4;margin:10mm 16mm 8mm}\n".utf8) }
    let (size, sides) = paper == .portrait ? ("A4", "16mm") : ("A4 landscape", "12mm")
    let left = ([letterhead.organization] + [letterhead.taxID].compactMap { $0 }).joined(separator: " · ")
    let version = document.version.map { " · \(Word.version.text(language)) \($0)" } ?? ""
    let procedure = "\(Word.procedure.text(language)) \(letterhead.procedure.code)"
    var css = Array("\n@page{size:\(size);margin:20mm \(sides) 18mm;".utf8)
    css.appendBox("top-left", left, more: "font-weight:bold")
    css.appendBox("top-center", title)
    css.appendBox("top-right", document.code + version)
    css.appendBox("bottom-left", procedure)
    css.append(contentsOf: "@bottom-right{\(boxStyle(isTop: false));content:".utf8)
    css.appendCSSString(Word.page.text(language) + " ")
    css.append(contentsOf: "counter(page)".utf8)
    css.appendCSSString(" " + Word.of.text(language) + " ")
    css.append(contentsOf: "counter(pages)}}\n@page :first{margin-top:14mm;".utf8)
    for box in ["top-left", "top-center", "top-right"] {
      css.append(contentsOf: "@\(box){content:none;border:0}".utf8)
    }
    css.append(contentsOf: "}\n".utf8)
    return css
  }

  fileprivate static func boxStyle(isTop: Bool) -> String {
    "font:8pt \(fonts);color:#44505c;"
      + (isTop
        ? "vertical-align:bottom;padding-bottom:1.5mm;margin-bottom:4mm;border-bottom:.5pt solid #1d3b5c"
        : "vertical-align:top;padding-top:1.5mm;margin-top:4mm;border-top:.5pt solid #b9c3cd")
  }

  /// Sans-serif faces that systems have; the first that is there.
  static let fonts = "\"Liberation Sans\",Arial,Helvetica,\"Noto Sans\",\"DejaVu Sans\",sans-serif"
}

extension [UInt8] {
  fileprivate mutating func appendBox(_ name: String, _ text: String, more: String = "") {
    append(
      contentsOf: "@\(name){\(PageStyle.boxStyle(isTop: name.utf8.starts(with: "top".utf8)));\(more);content:".utf8)
    appendCSSString(text)
    append(contentsOf: "}".utf8)
  }
}
