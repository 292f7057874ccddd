internal import Text

/// Slips as one printable document, a sheet each, slip by slip: nothing is kept but a number, so thousands take no more
/// memory than one.
///
/// What is for the user stands above, with the password; what is signed and filed stands below, without it. The password
/// is nowhere else in the document, neither in its title nor in its metadata.
public struct SlipPage: Sendable {
  private let pages: Pages
  private let count: Int
  private var number = 0

  /// - Parameter count: how many slips there will be, for the sheets' numbers.
  public init(_ pages: Pages, count: Int) {
    self.pages = pages
    self.count = count
  }

  /// Appends what stands before the first slip.
  public func begin(_ buffer: inout [UInt8]) {
    buffer.append(contentsOf: pages.slipTemplate.head.render(PageFields([:], in: pages.slip)).utf8)
  }

  /// Appends a slip.
  public mutating func append(_ slip: Slip, to buffer: inout [UInt8]) {
    number += 1
    buffer.append(contentsOf: pages.slipTemplate.body.render(values(slip)).utf8)
  }

  /// Appends what stands behind the last slip.
  public func end(_ buffer: inout [UInt8]) {
    buffer.append(contentsOf: pages.slipTemplate.foot.render(PageFields([:], in: pages.slip)).utf8)
  }

  /// What stands between `{{#slips}}` and `{{/slips}}`.
  private func values(_ slip: Slip) -> PageFields {
    PageFields(
      [
        "address": PageText(slip.address), "logins": slip.logins.map { PageFields(["login": PageText($0)]) },
        "name": PageText(slip.name), "department": PageText(slip.department), "position": PageText(slip.position),
        "password": PageText(slip.password), "valid_until": PageText(pages.time(slip.validUntil)),
        "request": PageText(slip.request), "change_url": PageText(slip.changeURL),
        "requester": PageText(slip.requester),
        "showing": PageText(SlipWord.showing(slip.showing, pages.language)),
        "printed": PageText(pages.time(slip.printed)), "printed_by": PageText(slip.printedBy),
        "number": PageText(number), "count": PageText(count), "size": PageText(SlipSize(slip).rawValue),
      ], in: pages.slip)
  }
}

extension Pages {
  /// Slips as one printable document: see ``SlipPage``, which writes many of them piece by piece.
  public func page(_ slips: [Slip]) -> [UInt8] {
    var page = SlipPage(self, count: slips.count)
    var bytes: [UInt8] = []
    page.begin(&bytes)
    for slip in slips { page.append(slip, to: &bytes) }
    page.end(&bytes)
    return bytes
  }
}
