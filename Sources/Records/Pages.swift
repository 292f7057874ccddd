/// Makes the printed pages: templates, head, words and style put together once.
public struct Pages: Sendable {
  let deliveryTemplate: PageTemplate
  let accountsTemplate: SplitTemplate
  let departmentsTemplate: SplitTemplate
  let language: PageLanguage
  let zone: Zone
  let delivery: PageFrame
  let list: PageFrame

  /// - Parameters:
  ///   - zone: that printed dates and times follow.
  public init(
    _ letterhead: Letterhead, language: PageLanguage, zone: Zone, templates: PageTemplates = PageTemplates()
  ) {
    self.language = language
    self.zone = zone
    let words = PageWords(language)
    func frame(_ paper: PageStyle.Paper, _ title: Word, _ document: Letterhead.Document) -> PageFrame {
      let style = PageStyle(
        paper, title: title.text(language), document: document, letterhead: letterhead, language: language,
        sheet: templates.style)
      return PageFrame(
        language: language, words: words, letterhead: letterhead, document: document, style: style, title: title)
    }
    delivery = frame(.portrait, .deliveryTitle, letterhead.form)
    list = frame(.landscape, .listTitle, letterhead.list)
    deliveryTemplate = templates.delivery.filled(delivery.constants)
    accountsTemplate = templates.accounts.filled(list.constants)
    departmentsTemplate = templates.departments.filled(list.constants)
  }

  /// What a value of a fixed set is called on the page; one that isn't known stays as it is.
  func term(_ value: String, _ words: [String: Word]) -> String { words[value]?.text(language) ?? value }
}
