import Configuration
import Files
import Records
import Register
import Support
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
    #expect(try Python.run(Self.tools + Self.script, in: scratch) == 0)
  }

  @Test("Each slip is one sheet, whole, with its own password, also with the longest texts that a form may have")
  func slips() throws {
    let scratch = try Scratch()
    let pages = try Specimens.pages()
    let slips = (1...3).map { Specimens.slip(password: "k7mwq-3xhra-vz9pd-5tny\($0 + 1)") }
    try scratch.write(pages.page(slips), to: "slips.html")
    try scratch.write(Array(slips.map(\.password).joined(separator: "\n").utf8), to: "slips.txt")
    var long = Specimens.slip(password: (0..<11).map { "wmwq\($0 % 8 + 2)" }.joined(separator: "-"))
    long.address = String(repeating: "w", count: 64) + "@dependencia.putumayo.gov.co"
    long.name = String(repeating: "M", count: 200)
    long.changeURL = "https://correo.example.org/" + String(repeating: "x", count: 300)
    let said = [long.address, long.name, long.password, long.changeURL ?? "", "Constancia de entrega", "Hoja 30 de 30"]
    try scratch.write(Array(said.joined(separator: "\n").utf8), to: "long.txt")
    // Words as well as letters without a place to break; of each text all lengths up to the longest.
    let words = String(repeating: "SECRETARÍA de gestión administrativa ", count: 4)
    let texts = (1...29).map { place -> Slip in
      var slip = long
      slip.changeURL = "https://correo.example.org/clave"
      let text = place % 2 == 0 ? String(repeating: "M", count: 128) : words
      let cut = String(text.prefix(place > 20 ? 128 : 6 * place))
      (slip.name, slip.department, slip.position, slip.requester) = (cut, cut, cut, cut)
      let domain = String(repeating: "dependencia.", count: 14) + "putumayo.gov.co"
      slip.address = String(repeating: "w", count: min(4 * place, 64)) + "@" + domain.suffix(min(15 + 7 * place, 189))
      slip.logins = [slip.address]
      if place < 20 { slip.password = Specimens.password }
      return slip
    }
    try scratch.write(pages.page(texts + [long]), to: "long.html")
    #expect(try Python.run(Self.tools + Self.slipScript, in: scratch) == 0)
  }

  @Test("The operator's page is whole on paper; on no screen a page reaches over its side or breaks a word")
  func status() throws {
    let scratch = try Scratch()
    let pages = try Specimens.pages()
    try scratch.write(pages.page(Specimens.status(lines: 20)), to: "status.html")
    try scratch.write(pages.page([Specimens.slip()]), to: "slips.html")
    try scratch.write(pages.page(Specimens.record(changes: 6)), to: "delivery.html")
    let rows = (0..<40).map(Specimens.row)
    var folders = try RecordFolders("\(scratch.path)/records")
    try AccountPages(pages, columns: AccountColumn.allCases, limit: 10).write(
      count: 40, updated: Specimens.now, in: &folders, rows: Specimens.give(rows))
    try scratch.write(scratch.read("records/accounts/accounts.html"), to: "index.html")
    #expect(try Python.run(Self.tools + Self.statusScript, in: scratch) == 0)
  }

  @Test(
    "The account list breaks no word and cuts no column, on a telephone, a tablet or a desk; empty columns are left out"
  )
  func widths() throws {
    let scratch = try Scratch()
    let pages = try Specimens.pages()
    for (name, isSparse) in [("full", false), ("sparse", true)] {
      var rows = (0..<60).map(Specimens.row)
      rows[3].address = "notificaciones.judiciales.administrativas@putumayo.gov.co"
      rows[3].drift = ["title", "telephoneNumber"]
      rows[7].address = String(repeating: "w", count: 64) + "@putumayo.gov.co"
      rows[8].name = String(repeating: "M", count: 200)
      if isSparse {
        for place in rows.indices { (rows[place].owner, rows[place].lists, rows[place].aliases) = (nil, [], []) }
      }
      var page = AccountListPage(pages, columns: AccountColumn.allCases, updated: Specimens.now)
      var bytes: [UInt8] = []
      page.begin(&bytes)
      for row in rows { page.append(row, to: &bytes) }
      page.end(&bytes)
      try scratch.write(bytes, to: "\(name).html")
    }
    #expect(try Python.run(Self.tools + Self.widthScript, in: scratch) == 0)
  }

  private static let tools = """
    import html, os, re, signal, subprocess, xml.etree.ElementTree as xml

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

    def browse(*arguments):
        return run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--user-data-dir=" + os.path.abspath("profile"), *arguments)

    def printed(name):
        browse("--no-pdf-header-footer", "--print-to-pdf=" + name + ".pdf", "file://" + os.path.abspath(name + ".html"))
        info = run("pdfinfo", name + ".pdf")
        width, height = map(float, re.search(r"Page size:\\s+([0-9.]+) x ([0-9.]+)", info).groups())
        sheets = run("pdftotext", "-raw", name + ".pdf", "-").split("\\f")[:-1]
        assert len(sheets) == int(re.search(r"Pages:\\s+([0-9]+)", info)[1])
        # No word reaches over the sheet, or is small enough for a page that was shrunk.
        boxes = xml.fromstring(run("pdftotext", "-bbox", name + ".pdf", "-"))
        for word in (word.attrib for word in boxes.iter() if word.tag.endswith("word")):
            left, top, right, bottom = (float(word[key]) for key in ("xMin", "yMin", "xMax", "yMax"))
            assert 30 < left < right < width - 30 and 20 < top < bottom < height - 20, word
            assert bottom - top > 6, word
        return width, height, sheets

    # A browser's window isn't made narrower than 500 pixels, so the page stands in a frame, without its policy, and a
    # script of the test's own measures it: what reaches over the side or is cut, and words that are broken inside. A word
    # may be broken where it is marked as long.
    def framed(name, width):
        page = open(name + ".html", encoding="utf-8").read()
        page, count = re.subn(r'<meta http-equiv="(Content-Security-Policy|refresh)"[^>]*>', "", page)
        assert count >= 1
        script = \"\"\"
          <body style="margin:0"><iframe style="width:%dpx;height:800px;border:0" srcdoc="%s"></iframe><pre></pre><script>
          onload = () => {
            const page = document.querySelector("iframe").contentDocument, faults = [];
            const isHidden = element => {
              const head = element.closest("thead");
              return element.closest(".scroll") || head && getComputedStyle(head).position == "absolute";
            };
            for (const element of page.querySelectorAll("body *")) {
              const box = element.getBoundingClientRect();
              if (box.width > 1 && !isHidden(element) && (box.right > %d.5 || box.left < -0.5))
                faults.push(element.tagName + "." + element.className);
              if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX == "hidden"
                && !isHidden(element)) faults.push("cut " + element.tagName);
            }
            const texts = page.createTreeWalker(page.querySelector(".accounts .list") || page.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
              const node = texts.currentNode;
              if (node.parentElement.closest(".long") || isHidden(node.parentElement)) continue;
              for (const word of node.data.matchAll(/[^\\\\s]+/g)) {
                if (word[0].length > 24) continue;
                const range = page.createRange();
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1)
                  faults.push("broken " + word[0]);
              }
            }
            const heads = [...page.querySelectorAll(".list thead th")].filter(head => head.offsetWidth > 0);
            document.querySelector("pre").textContent = "WIDTH " + page.documentElement.scrollWidth + " FAULTS "
              + [...new Set(faults)].join(" ") + " HEADS " + heads.map(head => head.textContent).join(",") + " END";
          }</script>\"\"\" % (width, html.escape(page), width)
        open("frame.html", "w", encoding="utf-8").write(script)
        dom = browse("--virtual-time-budget=5000", "--window-size=1500,900", "--dump-dom", "file://" + os.path.abspath("frame.html"))
        found = re.search(r"<pre>WIDTH ([0-9]+) FAULTS (.*?) HEADS (.*?) END</pre>", dom)
        assert found, dom[-300:]
        return int(found[1]), found[2].strip(), found[3]

    def plain(text): return re.sub(r"\\s", "", text)

    """

  private static let script = """
    for name, title, head in (("delivery", "Acta de entrega", "Operación"), ("list", "Lista de correos", "Modificada")):
        width, height, sheets = printed(name)
        count = len(sheets)
        assert (width < height) == (name == "delivery") and 590 < min(width, height) < 600, (width, height)
        assert count > 2, count
        for number, sheet in enumerate(sheets, 1):
            assert "Página %d de %d" % (number, count) in sheet, (name, number)
            assert "PT-GTI-002" in sheet and title in sheet.replace("\\n", " ") and "Gobernación" in sheet, (name, number)
        # A table's head is repeated wherever the table goes on.
        assert sum(head in sheet for sheet in sheets) >= count - 1, name
        text = plain("".join(sheets))
        assert len(text) > 3000
        for address in open(name + ".txt", encoding="utf-8").read().split("\\n"):
            assert address in text, address

    """

  private static let widthScript = """
    for name in ("full", "sparse"):
        for size in (360, 390, 768, 1000, 1199, 1200, 1366, 1920):
            width, faults, heads = framed(name, size)
            assert width == size and not faults, (name, size, width, faults)
            if size >= 1200:
                some = "Otras direcciones,Cuota,Responsable,Listas" if name == "full" else "Cuota"
                assert heads == "Dirección,Tipo,Nombre,Dependencia,Cargo,Estado," + some + ",Creada,Modificada,Entrega", heads
        sheets = printed(name)[2]
        # A sheet of paper has the same columns, and no word of them is broken there either.
        assert ("Responsable" in sheets[0]) == (name == "full"), name
        text = " ".join(" ".join(sheets).split())
        assert text.count("universitario") == 60 and text.count("Infraestructura") >= 8, name
        assert all(part in text for part in ("notificaciones.", "judiciales.", "administrativas@", "Dependencia")), name

    """

  private static let slipScript = """
    width, height, sheets = printed("slips")
    passwords = open("slips.txt", encoding="utf-8").read().split("\\n")
    assert (round(width), round(height)) == (595, 842) and len(sheets) == 3, (width, height, len(sheets))
    for number, sheet in enumerate(sheets, 1):
        assert [password for password in passwords if password in sheet] == [passwords[number - 1]], number
        assert sheet.count("Documento") == 1 and sheet.count("Firma") == 2 and "Gobernación" in sheet, number
        assert "Hoja %d de 3" % number in sheet, number
    about = run("pdfinfo", "slips.pdf").encode() + open("slips.pdf", "rb").read()
    assert not any(password.encode() in about for password in passwords)
    text = plain("".join(printed("long")[2]))
    for said in open("long.txt", encoding="utf-8").read().split("\\n"):
        assert plain(said) in text, said

    """

  private static let statusScript = """
    width, height, sheets = printed("status")
    text = plain("".join(sheets))
    for index in range(20):
        for address in ("notificaciones.judiciales.administrativas%d@", "maria.fernanda.lopez%d@", "carlos.mora%d@"):
            assert address % index in text, address % index
    assert all("Página %d de %d" % (number, len(sheets)) in sheet for number, sheet in enumerate(sheets, 1))
    # Nor does paper break a word: the command, the zone, a head of a table.
    words = " ".join(" ".join(sheets).split())
    assert words.count("buzon status --acknowledge") == 1 and words.count("UTC-05:00") > 80, words.count("UTC-05:00")
    assert words.count("contraseña") == 10 and "Entrega " in words, words.count("contraseña")
    for name in ("status", "slips", "delivery", "index"):
        for size in (360, 390, 768, 1000, 1366):
            width, faults, _ = framed(name, size)
            assert width == size and not faults, (name, size, width, faults)

    """
}
