import Files
import Records
import Testing

@Suite("JSON on bytes")
struct JSONBytesTests {
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
      ("their neighbours", "\u{2027}\u{202F}\u{2065}\u{206A}\u{200D}", "\u{2027}\u{202F}\u{2065}\u{206A}\u{200D}"),
      ("same last bytes in another block", "\u{3028}\u{1028}\u{E028}", "\u{3028}\u{1028}\u{E028}"),
      ("the ends of Unicode", "\u{D7FF}\u{E000}\u{FFFF}\u{10FFFF}", "\u{D7FF}\u{E000}\u{FFFF}\u{10FFFF}"),
      ("slash", "</script>", "</script>"),
    ])
  func escapes(name: String, text: String, expected: String) {
    var json = JSONBytes()
    json.string(text)
    #expect(json.bytes == Array("\"\(expected)\"".utf8))
  }

  @Test("Commas stand between values, never before the first or behind the last")
  func structure() {
    var json = JSONBytes()
    json.beginObject()
    json.key("a")
    json.beginArray()
    json.endArray()
    json.key("b\"")
    json.beginArray()
    json.number(1)
    json.number(-2)
    json.beginObject()
    json.endObject()
    json.null()
    json.bool(true)
    json.bool(false)
    json.endArray()
    json.key("c")
    json.string(nil)
    json.key("d")
    json.strings(["x", "y"])
    json.key("e")
    json.time(Timestamp(seconds: 0))
    json.key("f")
    json.number(UInt64.max)
    json.endObject()
    let expected =
      #"{"a":[],"b\"":[1,-2,{},null,true,false],"c":null,"d":["x","y"],"e":"1970-01-01T00:00:00Z","#
      + #""f":18446744073709551615}"#
    #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
  }

  @Test("Python reads back what was written, for thousands of texts", .enabled(if: Python.isThere))
  func python() throws {
    let scratch = try Scratch()
    var random = RandomText(seed: 20_261_122)
    var json = JSONBytes()
    var hexadecimal = ""
    json.beginArray()
    for _ in 0..<5000 {
      let text = random.text(30)
      json.string(text)
      for byte in text.utf8 { hexadecimal += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
      hexadecimal += "\n"
    }
    json.endArray()
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
