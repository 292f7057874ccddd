import LDAP
import Testing

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
