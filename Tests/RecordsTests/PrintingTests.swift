import Files
import Records
import Testing

@Suite("Pages printed by a browser", .enabled(if: Python.isThere))
struct PrintingTests {
  @Test("A delivery record and a list of 150 accounts are whole on paper, each sheet with its number")
  func printed() throws {
    let scratch = try Scratch()
    let pages = try Specimens.pages()
    try scratch.write(pages.page(Specimens.record(changes: 60)), to: "delivery.html")
    var rows = (0..<150).map(Specimens.row)
    // What hardly fits: the longest local part, words without a place to break.
    rows[7].address = String(repeating: "w", count: 64) + "@putumayo.gov.co"
    rows[8].name = String(repeating: "M", count: 200)
    rows[9].department = String(repeating: "W", count: 120)
    rows[10].lists = (0..<12).map { "lista.de.distribucion.\($0)@putumayo.gov.co" }
    var page = AccountListPage(pages, columns: AccountColumn.allCases, updated: Specimens.now)
    var bytes: [UInt8] = []
    page.begin(&bytes)
    for row in rows { page.append(row, to: &bytes) }
    page.end(&bytes)
    try scratch.write(bytes, to: "list.html")
    let addresses = rows.map(\.address) + rows.flatMap(\.aliases) + rows[10].lists
    try scratch.write(Array(addresses.joined(separator: "\n").utf8), to: "list.txt")
    let changes = Specimens.record(changes: 60).changes
    try scratch.write(Array(changes.map(\.address).joined(separator: "\n").utf8), to: "delivery.txt")
    #expect(try Python.run(Self.script, in: scratch) == 0)
  }

  private static let script = """
    import os, re, signal, subprocess, xml.etree.ElementTree as xml

    def run(*arguments):
        # A group of its own, so that nothing of the browser outlives the time it has.
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env=dict(os.environ, HOME=os.getcwd()))
        try: out, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        assert process.returncode == 0, errors.decode()[-2000:]
        return out.decode()

    for name, title, head in (("delivery", "Acta de entrega", "Operación"), ("list", "Lista de correos", "Modificada")):
        run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            "--user-data-dir=" + os.path.abspath("profile"), "--print-to-pdf=" + name + ".pdf",
            "file://" + os.path.abspath(name + ".html"))
        info = run("pdfinfo", name + ".pdf")
        count = int(re.search(r"Pages:\\s+([0-9]+)", info)[1])
        width, height = map(float, re.search(r"Page size:\\s+([0-9.]+) x ([0-9.]+)", info).groups())
        assert (width < height) == (name == "delivery") and 590 < min(width, height) < 600, info
        assert count > 2, info
        sheets = run("pdftotext", "-raw", name + ".pdf", "-").split("\\f")[:-1]
        assert len(sheets) == count
        for number, sheet in enumerate(sheets, 1):
            assert "Página %d de %d" % (number, count) in sheet, (name, number)
            assert "PT-GTI-002" in sheet and title in sheet.replace("\\n", " ") and "Gobernación" in sheet, (name, number)
        # A table's head is repeated wherever the table goes on.
        assert sum(head in sheet for sheet in sheets) >= count - 1, name
        text = re.sub(r"\\s", "", "".join(sheets))
        for address in open(name + ".txt", encoding="utf-8").read().split("\\n"):
            assert address in text, address
        # No word reaches into the margins, or is small enough for a page that was shrunk.
        boxes = xml.fromstring(run("pdftotext", "-bbox", name + ".pdf", "-"))
        words = [word.attrib for word in boxes.iter() if word.tag.endswith("word")]
        assert len(words) > 500
        for word in words:
            left, top, right, bottom = (float(word[key]) for key in ("xMin", "yMin", "xMax", "yMax"))
            assert 30 < left < right < width - 30 and 20 < top < bottom < height - 20, word
            assert bottom - top > 6, word

    """
}
