/// Texts that break writers, readers and people's trust.
struct HostileValue: Sendable {
  enum Fate { case taken, refused, either }

  var name: String
  var text: String
  /// What a field of free text does with it.
  var fate: Fate

  init(_ fate: Fate, _ name: String, _ text: String) { (self.fate, self.name, self.text) = (fate, name, text) }

  private static func all(_ fate: Fate, _ what: String, _ texts: [String]) -> [HostileValue] {
    texts.enumerated().map { HostileValue(fate, "\(what) \($0.offset)", $0.element) }
  }

  /// - Parameter port: of 127.0.0.1; whatever runs a value of ours asks there.
  static func table(port: Int) -> [HostileValue] {
    let scripts = all(
      .taken, "script",
      [
        "<script>new Image().src='http://127.0.0.1:\(port)/1'</script>", "<img src=http://127.0.0.1:\(port)/2>",
        "<svg onload=fetch('//127.0.0.1:\(port)/3')>", "\"><img src=x onerror=fetch('//127.0.0.1:\(port)/4')>",
        "' onmouseover='alert(1)", "\" autofocus onfocus=alert(1) x=\"", "</td></table><h1>x", "</style><b>x", "<!--",
        "-->",
        "]]>", "<![CDATA[x", "</title><plaintext>", "javascript:alert(1)",
        "JaVaScRiPt:alert`1`", "data:text/html,<b>x</b>", "<base href=//127.0.0.1:\(port)/>", "{{{address}}}",
        "{{#rows}}",
        "{{/rows}}", "{{> head}}", "{{=<% %>=}}", "{{! x }}", "${7*7}", "<%= 7*7 %>", "<?php x ?>",
        "<link rel=stylesheet href=//127.0.0.1:\(port)/5>",
        "</script\u{A0}><b>", "\u{FF1C}script\u{FF1E}", "<\u{301}script>",
        "<meta http-equiv=refresh content=0;url=//127.0.0.1:\(port)/6>",
      ])
    let entities = all(.refused, "HTML entity", ["&lt;b&gt;", "&#60;script&#62;", "&quot;", "&amp;amp;"])
    return scripts + entities + spreadsheet + directory + shell + typing + unicode + controls + addresses
  }

  private static let spreadsheet =
    all(
      .taken, "formula",
      [
        "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"y\")", "a;=1+1", "a,=1+1",
        "\"=1+1",
        "\"\"\"", "'=1+1", "''", "=\"", "a\",\"=1", "a\";\"=1", "\u{FF1D}1+1", "\u{FF0B}1", "\u{FF0D}1", "\u{FF20}x",
        "=\u{301}1+1",
        ",\u{301}", "\"\u{301}", ";\u{301}=1", "|=1", "\u{2212}1+1", "%0A=1", "1E5", "0x10", "007",
      ])

  private static let directory =
    all(
      .taken, "DN",
      [
        ",", "+", "\"", "\\", "<", ">", ";", "=", "#", "#x", "#04024869", "a,ou=people", "a+uid=b", "\\2C", "\\", "a\\",
        "\\00",
        "cn=admin,dc=example,dc=org", "uid=x\\,y", "a=b+c=d", "x\u{301},", "\\\u{301}",
      ])
    + all(
      .taken, "filter",
      [
        "*", "(", ")", ")(objectClass=*", "*)(uid=*", "x)(|(uid=*", "\\2a", "\\28\\29", "(&)", "(|)", "!(a=b)",
        "*\u{301}", "(\u{327}",
        ":dn:=x", "~=", ">=",
      ])
    + all(
      .taken, "LDIF",
      [
        ": x", ":: eA==", "< file:///etc/passwd", ":< file:///etc/passwd", "dn: cn=x", "version: 1",
        "changetype: delete", "-", "# x",
        "a: b", "eA==", "a:", "x\u{E9}: y",
      ])

  private static let shell =
    all(
      .taken, "shell",
      [
        "$(id)", "`id`", "; id", "| id", "&& id", "$HOME", "~root", "../../../etc/passwd", "/etc/passwd", "..", ".",
        "-rf", "--help",
        "a\\nb", "%n%n%n", "%s%x%d", "%@", "%1$s", "' OR '1'='1", "'; DROP TABLE request;--", "\"; --",
        "a' UNION SELECT 1", "/*", "*/",
        "{a,b}", "!!", "~", "a b=c level=error", "2026-11-23T00:00:00Z error agent.failed why=x", "\\u{1B}[31m",
        "\\x1b[2J", "^[[31m",
        "NUL", "con", "aux.txt",
      ])

  private static let typing =
    all(
      .taken, "typing",
      [
        "010", "0x1F", "1_000", "1e3", ".inf", ".NaN", "yes", "no", "on", "off", "y", "true", "false", "null", "Null",
        "NULL", "~",
        "1:30", "2026-02-30", "2026-11-21", "0000-01-01", "99999-01-01", "2026-11-21T00:00:00Z", "!!str x", "!x", "&a",
        "*a", "<<",
        "? x", "- x", "| x", "> x", "%YAML 1.1", "---", "...", "# x", "@x", "[", "]", "{", "}", "a: b", "a #b", ":",
        "99999999999999999999",
        "-0", "+57", "1.5", "INF", "undefined", "None", "nil",
      ])

  private static let unicode =
    all(
      .taken, "letters of any script",
      [
        "محمد", "שלום", "日本語", "한국어", "Ελλάδα", "Ñandú", "ไทย", "हिन्दी", "Αdmin", "аdmin", "ａｄｍｉｎ", "𝐚𝐝𝐦𝐢𝐧", "ﷺ", "ﬁ", "Ⅷ",
        "①", "ß", "İ", "ı",
        "Q\u{30C}", "q\u{301}\u{302}\u{303}", "q" + String(repeating: "\u{301}", count: 127), "👨‍👩‍👧", "🇨🇴", "👍🏽",
        "☺\u{FE0F}", "1\u{FE0F}\u{20E3}",
        "क\u{94D}\u{200D}ष", "می\u{200C}خواهم", "\u{1112}\u{20DD}x", "葛\u{E0100}", "x\u{34F}y", "\u{115F}x",
        "\u{2800}x", "𠜎𠜱",
        "\u{10FFFD}x", "\u{E000}x",
      ])
    + all(
      .refused, "accents apart",
      [
        "e\u{301}", "<\u{338}script>", "=\u{338}", "A\u{30A}", "\u{212B}", "\u{1112}\u{1161}\u{11AB}", "n\u{303}andu",
        "\u{2126}", "\u{F900}", "q\u{302}\u{323}",
      ])
    + all(
      .refused, "begins with a mark", ["\u{301}x", "\u{FE0F}x", "\u{20DD}x", "\u{93E}x"])
    + all(
      .refused, "too long",
      [
        String(repeating: "x", count: 100_000), "e" + String(repeating: "\u{323}", count: 10_000),
        String(repeating: "👨‍👩‍👧", count: 300),
      ])

  private static let controls =
    all(
      .refused, "bidi",
      [
        0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F, 0x61C,
      ].map { "a\(scalar($0))b" })
    + all(
      .refused, "invisible",
      [0x200B, 0x2060, 0x2061, 0x2064, 0xFEFF, 0xAD, 0x180E, 0xFFF9, 0xFFFB, 0xE0001, 0xE0041, 0xE007F].map {
        "a\(scalar($0))b"
      })
    + all(
      .refused, "no character",
      [0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFDD0, 0xFDEF, 0xFFFD].map { "a\(scalar($0))b" })
    + all(
      .refused, "control",
      [
        0x00, 0x01, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9B, 0x9D, 0x9F, 0x2028,
        0x2029,
      ]
      .map { "a\(scalar($0))b" })
    + all(
      .refused, "terminal",
      [
        "\u{1B}[31mred\u{1B}[0m", "\u{1B}]0;title\u{7}", "\u{1B}]52;c;aG9sYQ==\u{7}", "\u{1B}]8;;http://x\u{1B}\\y",
        "\u{1B}[2J\u{1B}[H",
        "\u{9B}31m", "\u{1B}P$q\u{1B}\\", "x\u{8}\u{8}y", "x\ry",
      ])
    + all(
      .refused, "log line",
      ["a\n2026-11-23T00:00:00Z error forged", "a\r\nb", "a\u{85}b", "a\u{2028}b", "x\" why=\"y\nz"])
    + all(
      .refused, "space",
      ["", " ", "  ", " x", "x ", "\u{A0}", "\u{3000}x", "x\u{2003}", "\u{200D}", "\u{200C}x", "\u{2007}"])

  /// What addresses are made of, so that some of it is an address.
  private static let addresses =
    all(
      .taken, "address",
      [
        "a@example.org", "A.B@EXAMPLE.ORG", "a+b@example.org", "*@example.org", "a@example.org.", "a@@example.org",
        "a@example.org,b@example.org",
        "\"a b\"@example.org", "a@[127.0.0.1]", "a@localhost", "a@xn--80ak6aa92e.com", "a@exámple.org", "ä@example.org",
        "a@example.org>",
        "=a@example.com", "-a@example.com", "|a@example.com", "/a@example.com", "`a`@example.com", "$(a)@example.com",
        "{{a}}@example.com",
        "'or'1'='1@example.com", "a%n@example.com", "#a@example.com", "!a@example.com", "a'b@example.com",
        "a&b@example.com",
        "a;b@example.com", "a..b@example.com", ".a@example.com", "a@-b.com", "a@b-.com", "a@b..com", "a@1.2.3.4",
        "a<b>@example.com",
        String(repeating: "l", count: 64) + "@example.org", String(repeating: "l", count: 65) + "@example.org",
        "a@" + String(repeating: "d", count: 63) + ".org", "a@" + String(repeating: "d", count: 64) + ".org",
        "mailto:a@example.org", "A <a@example.org>", "a@example.orx\u{301}", "..@example.org", "-@example.org",
        "_@example.org",
        "../x@example.org", "a/b@example.org", "postmaster@example.org", "root@example.org",
      ])

  private static func scalar(_ value: Int) -> Unicode.Scalar { Unicode.Scalar(UInt32(value)) ?? "?" }
}
