import CXLSX
import Configuration
import Files
import Foundation
import Records
import Support
import Testing
import Text

@Suite("The account list as a spreadsheet", .enabled(if: Python.isThere))
struct AccountSheetTests {
  /// Rows of every sort, some of them with texts that break writers.
  private static let rows: [AccountRow] = {
    var random = RandomText(seed: 20_261_129)
    var rows = (0..<300).map(Specimens.row) + (0..<700).map { _ in AccountRow(random: &random) }
    let texts =
      Specimens.hostile.map(\.text) + [
        "=1+1", "+57 8", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "1124850000", "1E5", "2026-11-29", "TRUE",
        "{=1}",
        "http://example.org", "_x0041_", "a_x000D_b", "_x005F_x0041_", "_xZZZZ_", "_x004", " spaces ", "0012", "'=1",
      ]
    for text in texts {
      rows.append(
        AccountRow(
          address: text, kind: "person", name: text, department: text, position: text, status: "active",
          aliases: [text, text], owner: text, lists: [text], drift: ["entry", text]))
    }
    rows[0].aliases = (0..<2000).map { "alias.ñ.\($0)@putumayo.gov.co" }
    rows[1].status = "unheard-of"
    rows[2].created = Timestamp(seconds: -3_000_000_000)
    return rows
  }()

  /// A place with the rows as `accounts.xlsx` and, the same for the reader, `accounts.json`.
  private func place(
    _ rows: [AccountRow], _ language: PageLanguage = .es, columns: [AccountColumn] = AccountColumn.allCases
  ) throws -> Scratch {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    try write(rows, language, columns: columns, in: &folders)
    var (json, bytes) = (AccountListJSON(), [UInt8]())
    json.begin(&bytes)
    for row in rows { json.append(row, to: &bytes) }
    json.end(&bytes)
    try scratch.write(bytes, to: "accounts.json")
    return scratch
  }

  private func write(
    _ rows: [AccountRow], _ language: PageLanguage = .es, columns: [AccountColumn] = AccountColumn.allCases,
    in folders: inout RecordFolders
  ) throws {
    var sheet = try AccountSheetFile(try Specimens.pages(language), columns: columns, in: &folders)
    for row in rows { try sheet.append(row) }
    try sheet.finish()
  }

  @Test(
    "Each cell says what the list says, in the configured language, and none is a formula",
    arguments: [
      PageLanguage.es, .en,
    ])
  func cells(language: PageLanguage) throws {
    let scratch = try place(Self.rows, language)
    #expect(try Python.run(Python.unseen + Self.reader + Self.cells, in: scratch, arguments: [language.rawValue]) == 0)
    #expect(scratch.mode("records/accounts/accounts.xlsx") == 0o640)
  }

  @Test("LibreOffice opens it and shows the same", .enabled(if: LibreOffice.isThere))
  func libreOffice() throws {
    let scratch = try place(Self.rows)
    try scratch.write(try scratch.read("records/accounts/accounts.xlsx"), to: "accounts.xlsx")
    #expect(try LibreOffice.convert("accounts.xlsx", in: scratch) == 0)
    #expect(try Python.run(Python.unseen + Self.reader + Self.shown, in: scratch, arguments: ["es"]) == 0)
  }

  @Test("The columns and their order are the configuration's; an empty list has its header")
  func columns() throws {
    let scratch = try place([], columns: [.quota, .address, .handover])
    let script = """
      rows, sheet = read("records/accounts/accounts.xlsx")
      assert rows == [[("text", "Cuota"), ("text", "Dirección"), ("text", "Entrega")]], rows
      assert sheet.find(".//m:autoFilter", space).get("ref") == "A1:C1"
      """
    #expect(try Python.run(Self.reader + script, in: scratch, arguments: ["es"]) == 0)
  }

  @Test("The same list makes the same bytes; what the document says of its making is the newest change")
  func same() throws {
    let (one, other) = (try place(Self.rows), try place(Self.rows))
    let bytes = try one.read("records/accounts/accounts.xlsx")
    #expect(try bytes == other.read("records/accounts/accounts.xlsx"))
    let script = """
      import datetime, re, zipfile
      newest = datetime.datetime.fromtimestamp(\(Specimens.now.seconds), datetime.timezone.utc)
      core = zipfile.ZipFile("records/accounts/accounts.xlsx").read("docProps/core.xml").decode()
      assert set(re.findall(">(20[^<]*Z)<", core)) == {newest.strftime("%Y-%m-%dT%H:%M:%SZ")}, core
      """
    #expect(try Python.run(script, in: one) == 0)
  }

  @Test("Cells wrap, the quota's header stands over it, and a column without a value is not shown")
  func shape() throws {
    let script = """
      rows, sheet = read("records/accounts/accounts.xlsx")
      styles = tree.fromstring(zipfile.ZipFile("records/accounts/accounts.xlsx").read("xl/styles.xml"))
      formats = [item.find("m:alignment", space).attrib for item in styles.find("m:cellXfs", space)[1:]]
      def style(cell): return formats[int(sheet.find(".//m:c[@r='%s']" % cell, space).get("s")) - 1]
      assert all(style(cell).get("wrapText") == "1" for cell in ("A1", "B1", "A2")), formats
      assert style("B1").get("horizontal") == style("B2").get("horizontal") == "right", formats
      # Two addresses that are longer than a line take two lines each.
      assert sheet.find(".//m:row[@r='2']", space).get("ht") == "60", sheet.find(".//m:row[@r='2']", space).attrib
      hidden = [(item.get("min"), item.get("max")) for item in sheet.findall(".//m:col", space) if item.get("hidden")]
      assert hidden == [("3", "3")], hidden
      """
    var row = Specimens.row(1)
    row.aliases = (0..<2).map { "notificaciones.\($0)@putumayo.gov.co" }
    let scratch = try place([row], columns: [.address, .quota, .drift, .aliases])
    #expect(try Python.run(Self.reader + script, in: scratch, arguments: ["es"]) == 0)
  }

  @Test("Where the rows of a sheet end, the list goes on in the next one")
  func severalSheets() throws {
    let scratch = try Scratch()
    var sheet = try AccountSheet(
      try Specimens.pages(), columns: [.address, .status], path: "\(scratch.path)/list.xlsx", folder: scratch.path,
      shown: "list.xlsx", rowLimit: 10)
    for index in 0..<20 { try sheet.append(Specimens.row(index)) }
    try sheet.finish()
    let script = """
      sheets = [read("list.xlsx", number)[0] for number in (1, 2, 3)]
      assert [len(rows) for rows in sheets] == [10, 10, 3]
      assert all(rows[0] == sheets[0][0] for rows in sheets)
      addresses = [row[0][1] for rows in sheets for row in rows[1:]]
      assert addresses == ["cuenta.%05d@putumayo.gov.co" % index for index in range(20)], addresses
      """
    #expect(try Python.run(Self.reader + script, in: scratch, arguments: ["es"]) == 0)
  }

  @Test("One that is given up leaves the old one and no open file; what passes is in our folder, without a name")
  func givenUp() throws {
    let scratch = try place([])
    var folders = try RecordFolders("\(scratch.path)/records")
    let before = try scratch.read("records/accounts/accounts.xlsx")
    let passing = { () throws -> [String] in
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      }.filter { $0.contains("\(scratch.path)/records/.tmp/tmp.") }
    }
    do {
      var sheet = try AccountSheetFile(try Specimens.pages(), columns: AccountColumn.allCases, in: &folders)
      for index in 0..<1000 { try sheet.append(Specimens.row(index)) }
      let files = try passing()
      #expect(files.count == 1 && files.allSatisfy { $0.hasSuffix(" (deleted)") }, "\(files)")
    }
    #expect(try passing() == [])
    #expect(try scratch.read("records/accounts/accounts.xlsx") == before)
    #expect(try folders.temporary.directory.names() == [])
  }

  @Test("A workbook that lacks a part of its rows is found out")
  func cutShort() throws {
    let scratch = try place((0..<100).map(Specimens.row))
    let script = """
      import zipfile
      book = zipfile.ZipFile("records/accounts/accounts.xlsx")
      sheet = book.read("xl/worksheets/sheet1.xml")
      rows = sheet[sheet.index(b"<sheetData>") + 11:sheet.index(b"</sheetData>")]
      def rewritten(name, change):
          with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as copy:
              for info in book.infolist(): copy.writestr(info.filename, change(info.filename, book.read(info)))
      open("rows", "wb").write(rows)
      open("other", "wb").write(rows[:5000] + b"x" + rows[5001:])
      open("longer", "wb").write(rows + b"x")
      sheet1 = "xl/worksheets/sheet1.xml"
      rewritten("whole", lambda name, text: text)
      rewritten("gap", lambda name, text: text[:6000] + text[10096:] if name == sheet1 else text)
      rewritten("end", lambda name, text: text[:6000] if name == sheet1 else text)
      rewritten("tail", lambda name, text: text[:-5] if name == sheet1 else text)
      rewritten("styles", lambda name, text: b"" if name == "xl/styles.xml" else text)
      whole = open("whole", "rb").read()
      open("bit", "wb").write(whole[:3000] + bytes([whole[3000] ^ 1]) + whole[3001:])
      open("half", "wb").write(whole[:len(whole) // 2])
      """
    #expect(try Python.run(script, in: scratch) == 0)
    for (book, rows, code) in [
      ("whole", "rows", 0), ("whole", "other", ENOSPC), ("whole", "longer", ENOSPC), ("gap", "rows", ENOSPC),
      ("end", "rows", ENOSPC), ("tail", "rows", ENOSPC), ("styles", "rows", ENOSPC), ("bit", "rows", ENOSPC),
      ("half", "rows", ENOSPC), ("rows", "rows", ENOSPC), ("none", "rows", ENOENT),
    ] {
      let file = open("\(scratch.path)/\(rows)", O_RDONLY | O_CLOEXEC)
      defer { close(file) }
      #expect(cxlsx_check("\(scratch.path)/\(book)", [file], 1) == code, "\(book), \(rows)")
    }
  }

  /// Reads a workbook by the standard (ECMA-376), with nothing but Python's library: cells as kind and value.
  private static let reader = #"""
    import csv, datetime, json, re, sys, zipfile, zoneinfo
    import xml.etree.ElementTree as tree
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    def unescaped(text): return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    def read(path, number=1):
        book = zipfile.ZipFile(path)
        assert book.testzip() is None
        for name in book.namelist(): tree.fromstring(book.read(name))
        styles = tree.fromstring(book.read("xl/styles.xml"))
        formats = {item.get("numFmtId"): item.get("formatCode") for item in styles.findall(".//m:numFmt", space)}
        used = [formats.get(item.get("numFmtId")) for item in styles.find("m:cellXfs", space)]
        sheet = tree.fromstring(book.read("xl/worksheets/sheet%d.xml" % number))
        assert not sheet.findall(".//m:f", space), "a formula"
        rows = []
        for place, row in enumerate(sheet.findall(".//m:sheetData/m:row", space)):
            assert int(row.get("r")) == place + 1
            cells = {}
            for cell in row:
                column = ord(re.fullmatch("([A-Z])%d" % (place + 1), cell.get("r"))[1]) - ord("A")
                if cell.get("t") == "inlineStr":
                    cells[column] = ("text", unescaped(cell.find("m:is/m:t", space).text))
                else:
                    assert cell.get("t") in (None, "n") and used[int(cell.get("s"))] == "yyyy-mm-dd", cell.attrib
                    day = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(cell.find("m:v", space).text))
                    cells[column] = ("day", day.isoformat())
            rows.append([cells.get(column) for column in range(max(cells) + 1)])
        pane = sheet.find(".//m:pane", space)
        assert pane.attrib["state"] == "frozen" and pane.attrib["ySplit"] == "1" and "xSplit" not in pane.attrib
        return rows, sheet

    words = {"es": dict(person="Persona", functional="Funcional", list="Lista", active="Activa", suspended="Suspendida",
        retained="En retención", locked="Bloqueada", entry="entrada hecha por fuera", open="Pendiente", delivered="Entregada",
        closed="Cerrada", expired="Vencida", none=None,
        heads="Dirección Tipo Nombre Dependencia Cargo Estado Otras_direcciones Cuota Responsable Listas Creada Modificada "
          "Entrega Por_fuera"),
      "en": dict(person="Person", functional="Functional", list="List", active="Active", suspended="Suspended",
        retained="Retained", locked="Locked", entry="entry made outside Buzón", open="Open", delivered="Delivered", closed="Closed",
        expired="Expired", none=None,
        heads="Address Kind Name Department Position Status Aliases Quota Owner Lists Created Changed Hand-over Drift")}
    words = words[sys.argv[1]]
    heads = [head.replace("_", " ") for head in words["heads"].split()]
    def quota(bytes):
        for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
            if bytes == 0 or bytes % 1024 or unit == "TiB": return "%d %s" % (bytes, unit)
            bytes //= 1024
    def cut(text):
        bytes = text.encode()
        return text if len(bytes) <= 32767 else bytes[:32764].decode(errors="ignore") + "\u2026"
    # What a cell is told here a second time, from the description in docs/formats.md.
    def cell(key, value):
        if value is None or value == "" or value == []: return None
        if key in ("created", "changed"):
            moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
            day = moment.astimezone(zoneinfo.ZoneInfo("America/Bogota")).date().isoformat()
            return ("day" if day >= "1900" else "text", day)
        if key == "quota": return ("text", quota(value))
        if key in ("kind", "status", "handover"): value = words.get(value, value)
        if key == "drift": value = [words["entry"] if name == "entry" else name for name in value]
        if isinstance(value, list): value = ", ".join(value)
        return ("text", cut(re.sub("[" + unseen + "]", "\ufffd", value))) if value else None
    def accounts(): return json.load(open("accounts.json", encoding="utf-8"))["accounts"]
    keys = ("address kind name department position status aliases quota owner lists created changed handover "
      "drift").split()

    """#

  private static let cells = #"""
    rows, sheet = read("records/accounts/accounts.xlsx")
    assert rows[0] == [("text", head) for head in heads], rows[0]
    assert sheet.find(".//m:autoFilter", space).get("ref") == "A1:N%d" % len(rows)
    assert len(rows) == len(accounts()) + 1
    for row, account in zip(rows[1:], accounts()):
        expected = [cell(key, account.get(key)) for key in keys]
        row += [None] * (len(expected) - len(row))
        assert row == expected, (row, expected)
    """#

  private static let shown = #"""
    def text(key, value):
        found = cell(key, value)
        return found[1] if found else ""
    lines = list(csv.reader(open("accounts.csv", encoding="utf-8", newline=""), strict=True))
    assert lines[0] == heads, lines[0]
    assert len(lines) == len(accounts()) + 1, len(lines)
    # LibreOffice makes one line end of CR and LF in any order.
    same = lambda value: re.sub("[\r\n]+", "\n", value)
    for line, account in zip(lines[1:], accounts()):
        expected = [same(text(key, account.get(key))) for key in keys]
        assert [same(value) for value in line] == expected, (line, expected)
    """#
}
