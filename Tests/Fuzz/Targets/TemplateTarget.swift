@testable import Records

/// Templates of an administrator's making: one that is no template is refused with its line, and a value never becomes
/// a part of the page.
enum TemplateTarget {
  @Sendable static func check(_ input: [UInt8]) throws {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    let hostile = "<b {{x}} {{{x}}} '\""
    do throws(PageTemplate.Failure) {
      let template = try PageTemplate(text)
      try isRendered(template, text, hostile)
      // A constant's place may stand where a tag can't; then the template serves as it is.
      try isRendered(template.filled(["x": PageText(hostile), "words.y": PageText("{{x}}")]), text, hostile)
    } catch {
      try promise(!error.reason.isEmpty && error.reason != "BROKEN", "\(text.debugDescription)")
    }
    _ = try? SplitTemplate(text, at: "accounts").filled(["x": PageText(hostile)])
    _ = try? RepeatedTemplate(text, section: "slips").filled(["x": PageText(hostile)])
  }

  private static func isRendered(_ template: PageTemplate, _ text: String, _ value: String)
    throws(PageTemplate.Failure)
  {
    let page = Array(template.render(Values(value: value)).utf8)
    // Of the value no `<` is left, so there are no more than the template has, each as often as it is repeated (twice).
    let most = text.utf8.count { $0 == UInt8(ascii: "<") }
    guard page.count(where: { $0 == UInt8(ascii: "<") }) <= most * 16 else { throw .init(reason: "BROKEN") }
    if most == 0, page.contains(UInt8(ascii: "<")) { throw .init(reason: "BROKEN") }
  }

  private struct Values: PageObject {
    let value: String

    func child(named name: String) -> Any? {
      switch name {
      case "x", "y": PageText(value)
      case "none": PageText(nil)
      case "list": [PageText(value), PageText(value)]
      case "words": self
      default: nil
      }
    }
  }
}
