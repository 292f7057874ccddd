import Accounts
import Configuration
import Files
import Records
import Register
import Support
import Testing
import Text

@Suite("CSV on bytes, safe in a spreadsheet")
struct CSVTests {
  @Test(
    "Cells are quoted where a reader needs it and changed where a spreadsheet would run them",
    arguments: [
      ("plain", "María Ñáñez", "María Ñáñez"),
      ("empty", "", ""),
      ("comma", "a,b", "\"a,b\""),
      ("comma with an accent", "a,\u{301}b", "\"a,\u{301}b\""),
      ("quote", "a\"b", "\"a\"\"b\""),
      ("quote with an accent", "a\"\u{301}b", "\"a\"\"\u{301}b\""),
      ("CR LF, one character", "a\r\nb", "\"a\r\nb\""),
      ("line end", "a\nb", "\"a\nb\""),
      ("spaces at the ends", " a ", "\" a \""),
      ("space within", "a b", "a b"),
      ("semicolon", "a;b", "\"a;b\""),
      ("formula", "=1+1", "\"'=1+1\""),
      ("plus", "+57 8", "\"'+57 8\""),
      ("minus", "-a@example.org", "\"'-a@example.org\""),
      ("at", "@SUM(1)", "\"'@SUM(1)\""),
      ("formula with an accent", "=\u{301}1", "\"'=\u{301}1\""),
      ("full-width equals", "＝1", "\"'＝1\""),
      ("full-width plus, minus, at", "＋1;－1;＠1", "\"'＋1;'－1;'＠1\""),
      ("full-width others", "，１", "，１"),
      ("tab before", "\t=1", "\"'\t'=1\""),
      ("CR before", "\r1", "\"'\r1\""),
      ("space before", " =1", "\" '=1\""),
      ("quote before", "\"=1", "\"\"\"'=1\""),
      ("behind a semicolon", "a;=1", "\"a;'=1\""),
      ("behind a semicolon and quotes", "a;\"=1\"", "\"a;\"\"'=1\"\"\""),
      ("behind a line end", "a\r\n=1", "\"a\r\n'=1\""),
      ("inside", "a=b-c@d.e+f", "a=b-c@d.e+f"),
      ("apostrophe", "'=1", "'=1"),
      ("control characters", "a\0\u{1B}\u{7F}b", "\"a\u{FFFD}\u{FFFD}\u{FFFD}b\""),
      ("C1", "a\u{9B}b\u{A0}¿", "\"a\u{FFFD}b\u{A0}¿\""),
      ("direction", "a\u{202E}b\u{2066}\u{61C}\u{200F}c", "\"a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}c\""),
      ("dashes and quotes", "\u{2014}a\u{2019}\u{60C}", "\u{2014}a\u{2019}\u{60C}"),
      ("ordinals", "1ª «N.º 2»", "1ª «N.º 2»"),
    ])
  func cells(name: String, text: String, expected: String) {
    var bytes: [UInt8] = []
    CSVCell.append(text, to: &bytes)
    #expect(bytes == Array(expected.utf8))
  }

  @Test("Python reads the rows back, cell by cell, for thousands of texts", .enabled(if: Python.isThere))
  func python() throws {
    let scratch = try Scratch()
    var random = RandomText(seed: 1_234_567)
    var (csv, json) = (AccountListCSV(), AccountListJSON())
    var (csvBytes, jsonBytes): ([UInt8], [UInt8]) = ([], [])
    csv.begin(&csvBytes)
    json.begin(&jsonBytes)
    for _ in 0..<4000 {
      let row = AccountRow(random: &random)
      csv.append(row, to: &csvBytes)
      json.append(row, to: &jsonBytes)
    }
    csv.end(&csvBytes)
    json.end(&jsonBytes)
    try scratch.write(csvBytes, to: "accounts.csv")
    try scratch.write(jsonBytes, to: "accounts.json")
    // What a cell becomes is told here a second time, on characters, from the description in CSVCell.
    let script = #"""
      import csv, json, re
      def cell(value):
        if value is None: return ""
        if isinstance(value, int): return str(value)
        if isinstance(value, list): value = " ".join(value)
        value = re.sub("[" + unseen + "]", "\ufffd", value)
        value = re.sub("(^|[;\t\r\n])([ \"]*)([=+@\uff1d\uff0b\uff0d\uff20-])", r"\1\2'\3", value)
        return "'" + value if value[:1] in ("\t", "\r") else value
      accounts = json.load(open("accounts.json", encoding="utf-8"))
      assert accounts["version"] == 1 and list(accounts) == ["version", "accounts"]
      rows = list(csv.reader(open("accounts.csv", encoding="utf-8", newline=""), strict=True))
      keys = list(max(accounts["accounts"], key=len))
      assert rows[0] == keys == ("address kind name department position status aliases quota owner lists created "
        "changed handover drift").split()
      assert len(rows) == 4001 and len(accounts["accounts"]) == 4000
      for row, account in zip(rows[1:], accounts["accounts"]):
        assert [key for key in account if key != "drift"] == keys[:-1] and account.get("drift") != [], account
        assert row == [cell(account.get(key)) for key in keys], (row, account)
      assert open("accounts.csv", "rb").read().endswith(b"\r\n")
      """#
    #expect(try Python.run(Python.unseen + script, in: scratch) == 0)
  }

  @Test("The columns, their order and the byte order mark are the caller's choice")
  func columns() {
    let row = AccountRow(
      address: "contacto@putumayo.gov.co", kind: "functional", name: "Contacto", status: "active",
      aliases: ["info@putumayo.gov.co", "pqr@putumayo.gov.co"], quota: 5_368_709_120, owner: "ana@putumayo.gov.co",
      created: Timestamp(seconds: 0), handover: .open)
    var bytes: [UInt8] = []
    let csv = AccountListCSV(columns: [.quota, .aliases, .address, .department, .created], byteOrderMark: true)
    csv.begin(&bytes)
    csv.append(row, to: &bytes)
    let expected =
      "\u{FEFF}quota,aliases,address,department,created\r\n"
      + "5368709120,info@putumayo.gov.co pqr@putumayo.gov.co,contacto@putumayo.gov.co,,1970-01-01T00:00:00Z\r\n"
    #expect(bytes == Array(expected.utf8))
  }

  @Test("An empty list is a header, and in JSON an empty array")
  func empty() {
    var bytes: [UInt8] = []
    AccountListCSV(columns: [.address, .name]).begin(&bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "address,name\r\n")
    bytes = []
    AccountListJSON().begin(&bytes)
    AccountListJSON().end(&bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "{\"version\":1,\"accounts\":[\n]}\n")
  }
}

extension AccountRow {
  /// A row of any texts, some fields empty.
  init(random: inout RandomText) {
    self.init(
      address: random.text(), kind: ["person", "functional", "list"][random.number(3)], name: random.text(40),
      department: random.number(4) == 0 ? nil : random.text(), position: random.number(4) == 0 ? nil : random.text(),
      status: "active", aliases: (0..<random.number(3)).map { _ in random.text() },
      quota: random.number(3) == 0 ? nil : UInt64(random.number(1 << 30)),
      owner: random.number(2) == 0 ? nil : random.text(), lists: (0..<random.number(3)).map { _ in random.text() },
      created: random.number(5) == 0 ? nil : Timestamp(seconds: Int64(random.number(1 << 30)) * 4),
      changed: nil, handover: HandoverState.allCases[random.number(5)],
      drift: (0..<random.number(3)).map { _ in random.text() })
  }
}
