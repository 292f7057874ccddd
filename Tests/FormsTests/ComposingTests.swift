import Foundation
import Support
import Testing

@testable import Forms

@Suite("Composing")
struct ComposingTests {
  @Test("gives the text that Foundation gives, but for letters that stand for others")
  func composed() throws {
    let letters = ["a", "E", "ñ", "ü", "ﾊ", "q", "Ω", "가", "ᄒ", "ᅡ", "は", "क", "\u{1E9B}"].flatMap(\.unicodeScalars)
    let marks = (0x300...0x33F).compactMap(Unicode.Scalar.init) + ["\u{327}", "\u{3099}", "\u{93C}", "\u{345}"]
    var random = SeededGenerator(seed: 9)
    var changed = 0
    for _ in 0..<20_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        text.append(try #require((Bool.random(using: &random) ? letters : marks).randomElement(using: &random)))
      }
      // Marks that stand for other marks (U+0340, U+0341, U+0343, U+0344) are out of the range.
      let given = String(text)
      let expected = given.precomposedStringWithCanonicalMapping
      #expect(
        Normalization.composed(given).utf8.elementsEqual(expected.utf8), "\(text.map { String($0.value, radix: 16) })")
      if !given.utf8.elementsEqual(expected.utf8) { changed += 1 }
    }
    #expect(changed > 5_000)
  }

  @Test("leaves what stands for another letter, for the reader to refuse")
  func excluded() {
    #expect(Normalization.composed("\u{212B}").utf8.elementsEqual("\u{212B}".utf8))
  }

  @Test("and letters without their marks are plain letters")
  func withoutMarks() {
    #expect(Normalization.withoutMarks("Teléfono Ñandú reenvi\u{301}o") == "Telefono Nandu reenvio")
  }
}
