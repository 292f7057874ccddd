import Accounts
import Forms
import LDAP
import Register
import Testing
import Translations

@testable import Records

@Suite("Messages on pages in Spanish")
struct PageMessagesTests {
  @Test("Result codes keep their number; each that has a name has one in Spanish")
  func codes() throws {
    let pages = try Specimens.pages()
    for number in (0...20_000).map(Int32.init) {
      let code = ResultCode(rawValue: number)
      #expect(code.name.hasPrefix("code ") == (pages.name(of: code) == "código sin nombre conocido"), "\(number)")
      if number < 130 { #expect(pages.name(of: code) != code.name) }
    }
  }

  @Test("What isn't ours is shown as it is, in quotes, and the directory's words are marked")
  func others() throws {
    let pages = try Specimens.pages()
    #expect(pages.message("strange words") == "«strange words»")
    #expect(pages.message("strange; free memory") == "«strange»; libere memoria")
    #expect(
      pages.diagnostic("no global superior knowledge") == "palabras del directorio: «no global superior knowledge»")
    let english = try Specimens.pages(.en)
    #expect(english.message("strange words") == "strange words")
    #expect(english.diagnostic("free memory") == "free memory")
  }
}

@Suite("Words of fixed sets in Spanish")
struct FixedWordsTests {
  private static func words<Word: RawRepresentable & CaseIterable>(_ thing: String, _: Word.Type) -> [String]
  where Word.RawValue == String { Word.allCases.map { "\(thing) \($0.rawValue)" } }

  private static let all =
    words("request", RequestState.self) + words("request", RequestOutcome.self) + words("change", ChangeOutcome.self)
    + words("event", ChangeOutcome.self) + words("hand-over", HandoverState.self) + words("account", Status.self)
    + words("event handover", HandoverEvent.Kind.self).map { $0.replacing("handover ", with: "handover.") }
    + QueueVerb.allCases.map { "order \($0.done)" } + QueueVerb.allCases.map { "event \($0.done)" }
    + ["request rejected", "change waiting", "account locked", "event received", "event accepted", "event intended"]
    + ["event awaiting-signature", "event forgotten", "event done", "event drift.found", "event drift.mended"]
    + ["event drift.accepted", "by clock", "by delete", "by reset"]
    + ["up", "waiting", "unknown"].map { "directory \($0)" }
    + ["persist", "polling", "comparing", "once", "none", "down"].map { "mirror \($0)" }

  @Test("Each state, outcome and event has its word", arguments: all)
  func word(word: String) { #expect(Catalogue.spanish.text(of: word) != nil) }
}
