internal import Text

/// A slip as plain text for a terminal or a plain printer, at most ``width`` cells wide, in the pages' language.
public struct SlipText: Sendable {
  /// Cells of the longest line.
  public static let width = 78

  private let pages: Pages

  /// - Parameter pages: whose head, language and zone it has.
  public init(_ pages: Pages) { self.pages = pages }

  /// The slip's lines. They hold the password.
  public func text(_ slip: Slip) -> String {
    var lines = TextLines(width: Self.width)
    head(&lines)
    account(slip, &lines)
    guide(slip, &lines)
    receipt(slip, &lines)
    lines.paragraph(
      "\(word(.printed)) \(pages.time(slip.printed)) \(word(.printedBy)) \(slip.printedBy) · "
        + SlipWord.showing(slip.showing, pages.language))
    return lines.text
  }

  private func head(_ lines: inout TextLines) {
    let letterhead = pages.letterhead
    lines.paragraph(([letterhead.organization] + [letterhead.taxID].compactMap { $0 }).joined(separator: " · "))
    lines.paragraph("\(word(.slipTitle)) · \(letterhead.form.code) · \(letterhead.procedure.code)")
    lines.addBlankLine()
  }

  private func account(_ slip: Slip, _ lines: inout TextLines) {
    let language = pages.language
    let fields: [(String, String?)] = [
      (word(.account), slip.address), (Word.name.text(language), slip.name),
      (Word.department.text(language), slip.department), (Word.position.text(language), slip.position),
      (Word.request.text(language), slip.request), (word(.askedBy), slip.requester),
    ]
    let secrets: [(String, String?)] =
      slip.logins.enumerated().map { ($0.offset == 0 ? word(.login) : "", $0.element) } + [
        (word(.temporaryPassword), slip.password),
        (word(.validUntil), pages.time(slip.validUntil)),
      ]
    let column = 4 + ((fields + secrets).map { Cells.width($0.0) }.max() ?? 0)
    for (name, value) in fields { lines.field(name, value, column: column) }
    lines.addBlankLine()
    for (name, value) in secrets { lines.field(name, value, column: column) }
    lines.addBlankLine()
    lines.paragraph("\(word(.passwordHint)) \(word(.passwordLetters))", indent: 2)
    lines.addBlankLine()
  }

  private func guide(_ slip: Slip, _ lines: inout TextLines) {
    let code = pages.letterhead.form.code
    let first = slip.changeURL.map { "\(word(.stepOpen)) \($0)" } ?? word(.stepAsk)
    lines.paragraph(word(.steps))
    for (place, step) in ([first] + [.stepLogin, .stepChoose, .stepBegin].map(word)).enumerated() {
      lines.paragraph(step, mark: "\(place + 1). ", indent: 2)
    }
    lines.paragraph("\(word(.stepLate)) \(code).", indent: 2)
    lines.addBlankLine()
    lines.paragraph(word(.duties))
    for duty in [.dutyService, .dutySecret, .dutyRead, .dutyDoubt].map(word) + ["\(word(.dutyRequest)) \(code)."] {
      lines.paragraph(duty, mark: "- ", indent: 2)
    }
    lines.addBlankLine()
  }

  private func receipt(_ slip: Slip, _ lines: inout TextLines) {
    let blank = String(repeating: "_", count: 40)
    lines.paragraph(word(.receipt))
    for item in [.inductionLogin, .inductionChange, .inductionUse, .inductionDoubt].map(word)
      + ["\(word(.inductionOther)) \(blank)"]
    {
      lines.paragraph(item, mark: "[ ] ", indent: 2)
    }
    lines.addBlankLine()
    let (name, position, sign, date) = (Word.name, Word.position, Word.sign, Word.date)
    let parties: [(SlipWord, [(String, String?)])] = [
      (
        .receives,
        [(text(name), nil), (word(.document), nil), (text(sign), nil), (text(date), nil)]
      ),
      (.delivers, [(text(name), nil), (text(position), nil), (text(sign), nil), (text(date), nil)]),
    ]
    for (party, fields) in parties {
      lines.paragraph(word(party))
      for (name, value) in fields { lines.field(name, value ?? blank, column: 17) }
      lines.addBlankLine()
    }
  }

  private func word(_ word: SlipWord) -> String { word.text(pages.language) }
  private func text(_ word: Word) -> String { word.text(pages.language) }
}
