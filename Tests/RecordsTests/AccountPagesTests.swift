import Configuration
import Files
import Records
import Support
import Testing
import Text

@Suite("The account list on paper")
struct AccountPagesTests {
  @Test("Up to 2,000 accounts are one page; from 2,001 on, an index and a page for each department")
  func border() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let pages = AccountPages(try Specimens.pages(), columns: AccountColumn.allCases)
    for (count, hasDepartments) in [(2000, false), (2001, true), (0, false)] {
      let rows = (0..<count).map(Specimens.row)
      var counted = AccountTotals()
      for row in rows { counted.add(row) }
      let totals = try pages.write(count: count, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
      #expect(totals == counted)
      let page = String(decoding: try scratch.read("records/accounts/accounts.html"), as: UTF8.self)
      #expect(page.contains("class=\"departments\"") == hasDepartments)
      #expect(page.contains("<b>\(count)</b>"))
      let names = try folders.accounts().folder("departments")?.names() ?? []
      #expect(names.count == (hasDepartments ? 7 : 0))
    }
    #expect(scratch.mode("records/accounts/accounts.html") == 0o640)
    #expect(scratch.mode("records/accounts/departments") == 0o750)
    #expect(try folders.temporary.directory.names() == [])
  }

  @Test("A change outside Buzón is marked beside the address, with a legend; a column of its own is for the lists")
  func drift() throws {
    var rows = (0..<2).map(Specimens.row)
    rows[1].drift = ["title", "entry"]
    for (columns, mark) in [
      ([.address, .name, .drift], "<small class=\"drift\"><b>▲</b> cargo, entrada hecha por fuera</small></th>"),
      ([.address, .name], "<small class=\"drift\"><b>▲</b> cargo, entrada hecha por fuera</small></th>"),
      ([.name, .drift], "<td class=\"drift\" data-label=\"Por fuera\">cargo, entrada hecha por fuera</td>"),
    ] as [([AccountColumn], String)] {
      for count in 1...2 {
        var page = AccountListPage(try Specimens.pages(), columns: columns, updated: Specimens.now)
        var bytes: [UInt8] = []
        page.begin(&bytes)
        for row in rows.prefix(count) { page.append(row, to: &bytes) }
        page.end(&bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(mark) == (count == 2), "\(columns)")
        #expect(text.contains("<p class=\"legend\">") == (count == 2 && columns.contains(.address)), "\(columns)")
        #expect(text.split(separator: "<th scope=\"col\"").count == columns.count + 5 - (columns.count - 1) / 2)
      }
    }
  }

  @Test("The index links each department's page, and the totals are right", .enabled(if: Python.isThere))
  func index() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let rows = (0..<2001).map(Specimens.row)
    var lists = try AccountLists(in: &folders)
    for row in rows { try lists.append(row) }
    try lists.finish()
    try AccountPages(try Specimens.pages(.en), columns: [.address, .department, .status]).write(
      count: rows.count, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
    // Python counts the JSON list anew and compares.
    let script = """
      import collections, html, json, os, re
      accounts = json.load(open("records/accounts/accounts.json", encoding="utf-8"))["accounts"]
      index = open("records/accounts/accounts.html", encoding="utf-8").read()
      rows = re.findall('<tr><th scope="row" class="department"><a href="departments/([^"]*)">(.*?)</a></th>(.*?)</tr>', index)
      by = collections.defaultdict(list)
      for account in accounts: by[account["department"]].append(account)
      assert [html.unescape(name) for _, name, _ in rows] == sorted(by)
      for file, name, cells in rows:
          mine = by[html.unescape(name)]
          expected = [len(mine)] + [sum(a["kind"] == kind for a in mine) for kind in ("person", "functional", "list")]
          expected += [sum(a["status"] == status for a in mine) for status in ("active", "suspended", "retained", "locked")]
          assert [int(n) for n in re.findall(">([0-9]+)<", cells)] == expected, name
          page = open("records/accounts/departments/" + file, encoding="utf-8").read()
          addresses = re.findall('<th scope="row" class="address">(.*?)</th>', page)
          assert [a.replace("<wbr>", "") for a in addresses] == [a["address"] for a in mine]
          assert "<b>%d</b>" % len(mine) in page and 'href="../accounts.html"' in page
      assert "<b>2001</b>" in index
      assert sorted(file for file, _, _ in rows) == sorted(os.listdir("records/accounts/departments"))
      """
    #expect(try Python.run(script, in: scratch) == 0)
  }

  static let departments: [(name: String, department: String?)] = [
    ("none", nil), ("a path", "../x"), ("a device of Windows", "CON"),
    ("300 bytes", String(repeating: "a", count: 300)),
    ("another of 300", String(repeating: "a", count: 299) + "b"), ("emoji", "👩‍👩‍👧"), ("other emoji", "🏛️"),
    ("accents", "Secretaría"), ("none of them", "Secretaria"), ("accents apart", "Secretari\u{301}a"), ("dots", ".."),
    ("a slash", "/"), ("capitals", "SECRETARIA"), ("markup", "<b>\"&'"), ("a hidden name", ".x"), ("spaces", "  "),
    ("a line end", "a\nb"),
  ]

  @Test("Whatever departments are called, each has a file of its own, safe, plain and always the same")
  func hostile() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let rows = Self.departments.map {
      AccountRow(address: "x@example.org", kind: "person", name: "X", department: $0.department, status: "active")
    }
    let pages = AccountPages(try Specimens.pages(), columns: [.address, .department], limit: 1)
    var seen: [[FileName]] = []
    for _ in 0..<2 {
      try pages.write(count: rows.count, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
      seen.append(try #require(try folders.accounts().folder("departments")).names())
    }
    #expect(seen[0] == seen[1])
    #expect(seen[0].count == rows.count)
    let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
    for name in seen[0] {
      #expect(name.hasSuffix(".html") && name.count <= 70)
      #expect(name.bytes.dropLast(5).allSatisfy { plain.contains($0) })
      #expect(scratch.mode("records/accounts/departments/\(name)") == 0o640)
    }
  }

  @Test("A department that is gone loses its page; what others put there stays")
  func stale() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let pages = AccountPages(try Specimens.pages(), columns: [.address], limit: 1)
    let rows = (0..<14).map(Specimens.row)
    try pages.write(count: 14, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
    let folder = try #require(try folders.accounts().folder("departments"))
    let foreign: [FileName] = ["notes.html", "notes-abc.html", "notes-0123456789zz.html", "x-0123456789ab.txt"]
    for name in foreign { try folder.writeDurably([0x61], as: name, mode: 0o600) }
    let fewer = rows.filter { $0.department != "Despacho" }
    try pages.write(count: 12, updated: Specimens.now, in: &folders, rows: Specimens.give(fewer))
    let names = try folder.names()
    #expect(names.count == 6 + foreign.count)
    #expect(!names.contains { $0.bytes.starts(with: "despacho-".utf8) })
    for name in foreign { #expect(names.contains(name)) }
  }

  @Test("Pages that are given up leave those before as they were, and rows out of order are refused")
  func givenUp() throws {
    struct Stop: Error {}
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let rows = (0..<14).map(Specimens.row)
    for (limit, order) in [(100, AccountOrder.address), (1, .department)] {
      let pages = AccountPages(try Specimens.pages(), columns: [.address], limit: limit)
      try pages.write(count: 14, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
      let before = try scratch.read("records/accounts/accounts.html")
      #expect(throws: Stop.self) {
        try pages.write(count: 14, updated: Timestamp(seconds: 0), in: &folders) { asked, body in
          #expect(asked == order)
          try body(rows[0])
          throw Stop()
        }
      }
      #expect(try scratch.read("records/accounts/accounts.html") == before)
      #expect(try folders.temporary.directory.names() == [])
    }
    let pages = AccountPages(try Specimens.pages(), columns: [.address], limit: 1)
    #expect(throws: AccountPages.OutOfOrder.self) {
      try pages.write(count: 14, updated: Specimens.now, in: &folders) { _, body in
        for row in rows { try body(row) }
      }
    }
  }
}
