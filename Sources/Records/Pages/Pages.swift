public import Text

/// Makes the printed pages: templates, head, words and style put together once.
public struct Pages: Sendable {
  /// Of a record by which something is handed over.
  let actaTemplate: PageTemplate
  /// Of any other.
  let recordTemplate: PageTemplate
  let accountsTemplate: SplitTemplate
  let departmentsTemplate: SplitTemplate
  let slipTemplate: RepeatedTemplate
  let statusTemplate: PageTemplate
  let letterhead: Letterhead
  let language: PageLanguage
  let zone: Zone
  let acta: PageFrame
  let record: PageFrame
  let list: PageFrame
  let slip: PageFrame
  let status: PageFrame

  /// - Parameters:
  ///   - zone: that printed dates and times follow.
  public init(
    _ letterhead: Letterhead, language: PageLanguage, zone: Zone, templates: PageTemplates = PageTemplates()
  ) {
    self.letterhead = letterhead
    self.language = language
    self.zone = zone
    let words = PageWords(language)
    func frame(
      _ paper: PageStyle.Paper, _ title: any PageWord, _ document: Letterhead.Document, words: PageWords,
      sheet: String = ""
    ) -> PageFrame {
      let title = title.text(language)
      let style = PageStyle(
        paper, title: title, document: document, letterhead: letterhead, language: language,
        sheet: templates.style + sheet)
      return PageFrame(
        language: language, words: words, letterhead: letterhead, document: document, style: style, title: title)
    }
    acta = frame(.portrait, Word.actaTitle, letterhead.form, words: words)
    record = frame(.portrait, Word.recordTitle, letterhead.form, words: words)
    list = frame(.landscape, Word.listTitle, letterhead.list, words: words)
    slip = frame(
      .sheets, SlipWord.slipTitle, letterhead.form, words: words.adding(SlipWord.self, language),
      sheet: templates.slipStyle)
    status = frame(
      .portrait, StatusWord.statusTitle, letterhead.procedure, words: words.adding(StatusWord.self, language),
      sheet: templates.statusStyle)
    actaTemplate = templates.delivery.filled(acta.constants)
    recordTemplate = templates.delivery.filled(record.constants)
    accountsTemplate = templates.accounts.filled(list.constants)
    departmentsTemplate = templates.departments.filled(list.constants)
    slipTemplate = templates.slip.filled(slip.constants)
    statusTemplate = templates.status.filled(status.constants)
  }

  /// A moment as every page writes it, with its zone: `2026-11-22 06:05 UTC-05:00`. A day is `2026-11-22`.
  func time(_ time: Timestamp) -> String { zone.timeAndOffset(at: time) }

  /// What a value of a fixed set is called on the page; one that isn't known stays as it is.
  func term(_ value: String, _ words: [String: some PageWord]) -> String { words[value]?.text(language) ?? value }
}
