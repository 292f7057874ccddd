import Testing
import Text

@Suite("Normalization Form C")
struct NormalFormTests {
  private static func faults(_ text: String) -> [Int] {
    var faults: [Int] = []
    var text = text
    text.withUTF8 {
      NormalForm.faults(in: $0) {
        faults.append($0)
        return true
      }
    }
    return faults
  }

  @Test(
    "text is in the form or isn't",
    arguments: [
      ("", true), ("Ñandú", true), ("n\u{303}", false), ("\u{212B}", false), ("\u{1E63}\u{307}", false),
      ("\u{1E69}", true),
      // Marks out of their order.
      ("q\u{307}\u{323}", false), ("q\u{323}\u{307}", true), ("\u{1100}\u{1161}", false), ("\u{AC00}\u{AC01}", true),
      ("Nguyễn Thị", true), ("漢字仮名", true), ("\u{301}", true),
    ])
  func isComposed(text: String, expected: Bool) {
    var copy = text
    #expect(copy.withUTF8 { NormalForm.isComposed($0) } == expected)
    var composed = NormalForm.composed(text)
    #expect(composed.withUTF8 { NormalForm.isComposed($0) })
    #expect(composed.utf8.elementsEqual(text.utf8) == expected)
  }

  @Test("the first letter of each line that isn't in the form is found, wherever it stands")
  func faults() {
    #expect(Self.faults("abc e\u{301} e\u{301}\nñ\no\u{308}x") == [4, 15])
    // The letter that the mark belongs to, not the mark.
    #expect(Self.faults("ab q\u{307}\u{323}") == [3])
    for length in [4_093, 4_094, 4_095, 4_096, 4_097, 9_000] {
      let before = String(repeating: "x", count: length)
      #expect(Self.faults(before + "e\u{301}") == [length])
      #expect(Self.faults(String(repeating: "ọ", count: length) + "e\u{301}") == [3 * length])
    }
  }

  @Test("a letter with more than 128 marks is not in the form, left as it is, and costs no more than others")
  func marks() {
    let most = "a\u{316}" + String(repeating: "\u{301}", count: 127)
    #expect(Self.faults(most) == [0] && NormalForm.composed(most).unicodeScalars.first == "á")
    for text in [most + "\u{301}", "a" + String(repeating: "\u{301}\u{316}", count: 200_000)] {
      #expect(Self.faults("x" + text) == [1])
      #expect(NormalForm.composed(text).utf8.elementsEqual(text.utf8))
    }
  }

  @Test("letters without their marks are plain letters")
  func withoutMarks() {
    #expect(NormalForm.withoutMarks("Teléfono Ñandú reenvi\u{301}o") == "Telefono Nandu reenvio")
  }
}
