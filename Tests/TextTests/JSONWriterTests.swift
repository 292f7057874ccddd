import Files
import Support
import Testing
import Text

@Suite("JSON on bytes")
struct JSONWriterTests {
  @Test(
    "Strings are escaped by their bytes",
    arguments: [
      ("plain", "María Ñáñez 😀", "María Ñáñez 😀"),
      ("empty", "", ""),
      ("quote and backslash", "a\"b\\c", "a\\\"b\\\\c"),
      ("quote with an accent", "\"\u{301}", "\\\"\u{301}"),
      ("backslash with an accent", "\\\u{301}", "\\\\\u{301}"),
      ("CR LF, one character", "a\r\nb", "a\\r\\nb"),
      ("control characters", "\u{8}\t\n\u{C}\r\0\u{1F}", "\\b\\t\\n\\f\\r\\u0000\\u001f"),
      ("DEL", "\u{7F}", "\\u007f"),
      ("first and last of C1", "\u{80}\u{9F}", "\\u0080\\u009f"),
      ("behind C1", "\u{A0}¿", "\u{A0}¿"),
      ("line and paragraph separators", "\u{2028}\u{2029}", "\\u2028\\u2029"),
      ("marks of direction", "\u{200E}\u{202A}\u{202E}\u{2066}\u{2069}", "\\u200e\\u202a\\u202e\\u2066\\u2069"),
      ("their neighbours", "\u{2027}\u{202F}\u{205F}\u{2070}\u{200D}", "\u{2027}\u{202F}\u{205F}\u{2070}\u{200D}"),
      ("same last bytes in another block", "\u{3028}\u{1028}\u{E028}", "\u{3028}\u{1028}\u{E028}"),
      ("the ends of Unicode", "\u{D7FF}\u{E000}\u{10FFFD}\u{10FFFF}", "\u{D7FF}\u{E000}\u{10FFFD}\\udbff\\udfff"),
      ("slash", "</script>", "</script>"),
    ])
  func escapes(name: String, text: String, expected: String) {
    var json = JSONWriter()
    json.string(text)
    #expect(json.bytes == Array("\"\(expected)\"".utf8))
  }

  @Test("Commas stand between values, never before the first or behind the last")
  func structure() {
    var json = JSONWriter()
    json.object { json in
      json.key("a")
      json.array { _ in }
      json.key("b\"")
      json.array { json in
        json.number(1)
        json.number(-2)
        json.object { _ in }
        json.null()
        json.bool(true)
        json.bool(false)
      }
      json.field("c", nil as String?)
      json.field("d", ["x", "y"])
      json.field("e", Timestamp(seconds: 0))
      json.field("f", UInt64.max)
    }
    let expected =
      #"{"a":[],"b\"":[1,-2,{},null,true,false],"c":null,"d":["x","y"],"e":"1970-01-01T00:00:00Z","#
      + #""f":18446744073709551615}"#
    #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
  }

  @Test("Python reads back what was written, for thousands of texts", .enabled(if: Python.isThere))
  func python() throws {
    let scratch = try Scratch()
    var random = RandomText(seed: 20_261_122)
    var json = JSONWriter()
    var hexadecimal = ""
    json.array(0..<5000) { json, _ in
      let text = random.text(30)
      json.string(text)
      for byte in text.utf8 { hexadecimal += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
      hexadecimal += "\n"
    }
    try scratch.write(json.bytes, to: "texts.json")
    try scratch.write(Array(hexadecimal.utf8), to: "texts.hex")
    let script = """
      import json
      read = json.loads(open("texts.json", "rb").read().decode("utf-8"))
      expected = [bytes.fromhex(line).decode("utf-8") for line in open("texts.hex").read().split("\\n")[:-1]]
      assert len(read) == 5000 and read == expected
      raw = open("texts.json", encoding="utf-8", newline="").read()
      assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\\u2028\\u2029\\u202e" for c in raw)
      """
    #expect(try Python.run(script, in: scratch) == 0)
  }
}
