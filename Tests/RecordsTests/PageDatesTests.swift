import Configuration
import Records
import Testing

@Suite("Dates on pages")
struct PageDatesTests {
  @Test("A day is YYYY-MM-DD and a moment has its zone, the same on every page", arguments: PageLanguage.allCases)
  func alike(language: PageLanguage) throws {
    let pages = try Specimens.pages(language)
    var list = AccountListPage(pages, columns: [.address, .created, .changed], updated: Specimens.now)
    var accounts: [UInt8] = []
    list.begin(&accounts)
    list.append(Specimens.row(1), to: &accounts)
    list.end(&accounts)
    for (name, page) in [
      ("record", pages.page(Specimens.record())), ("slip", pages.page([Specimens.slip()])),
      ("status", pages.page(Specimens.status(lines: 3))), ("list", accounts),
      ("slip as text", Array(SlipText(pages).text(Specimens.slip()).utf8)),
    ] {
      let text = Specimens.unmarked(page)
      let times = text.matches(of: /[ (>][0-9]{2}:[0-9]{2}/).map(\.range)
      let moments = text.matches(of: /20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC-05:00/)
      // No time of day stands without its day and zone.
      #expect(!moments.isEmpty && times.count == moments.count, "\(name): \(times.map { text[$0] })")
      #expect(!text.contains(/(?i)[0-9] (de )?(nov|dec|dic)[a-z]*|[0-9]{1,2}\/[0-9]{1,2}\/20/), "\(name)")
    }
  }
}
