/// What reads our files back: Python's JSON, CSV and HTML, and a browser.
enum ReadBack {
  static let script = #"""
    import csv, glob, html.parser, io, json, os, re
    given = json.load(open("given.json", encoding="utf-8"))
    values, heads, records = given["values"], given["heads"], given["records"]
    def read(path): return open(records + "/" + path, "rb").read().decode("utf-8")
    def unique(pairs):
        assert len({key for key, _ in pairs}) == len(pairs), "a key twice"
        return dict(pairs)
    def load(text): return json.loads(text, object_pairs_hook=unique, parse_constant=lambda name: 1 / 0)
    address = lambda index: "v%d@example.org" % index
    isList = lambda index: index % 3 == 2
    retained = {index for index in heads if index % 2 == 1}
    name = lambda index: values[index] if isList(index) else values[index] + " " + values[index]

    # Delivery records.
    for index in heads:
        record = load(read("deliveries/%s/HEAD-%d.json" % (given["year"], index)))
        value = values[index]
        assert record["department"] == value and record["requester"]["name"] == value, index
        assert record["approval"]["by"] == value and record["approval"].get("reference", value) == value, index
        assert record["outcome"] == "applied" and record["changes"][0]["address"] == address(index), index
        assert ("%s" % value) in open(records + "/forms/%s/HEAD-%d.yaml" % (given["year"], index), encoding="utf-8").read() \
            or index % 2 == 0 or '"' in value or "\\" in value, index

    # The list as JSON.
    accounts = {row["address"]: row for row in load(read("accounts/accounts.json"))["accounts"]}
    for index, value in enumerate(values):
        row = accounts[address(index)]
        assert row["name"] == name(index) and row["department"] == value, (index, row, value)
        if not isList(index): assert row["position"] == value, (index, row)
        assert row["status"] == ("retained" if index in retained else "active"), (index, row)

    # The list as CSV: what a spreadsheet would run has an apostrophe before it, in every cell that a separator of any
    # country could begin; all else is the same.
    text = read("accounts/accounts.csv")
    assert text.startswith("\ufeff") or True
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True))
    keys = {key.lower(): key for key in rows[0]}
    found = {}
    for row in rows:
        cells = list(row.values())
        assert None not in row and None not in cells, row
        found[[cell for cell in cells if "@" in cell][0]] = cells
        for cell in cells:
            for part in re.split("[;\t\r\n]", cell):
                assert not re.match(r'[ "]*[=+\-@\uff0b\uff0d\uff1d\uff20]', part), repr(cell)
    bare = lambda cell: cell.replace("'", "")
    for index, value in enumerate(values):
        cells = [bare(cell) for cell in found[address(index)]]
        wanted = [name(index), value] + ([] if isList(index) else [value])
        for text in wanted:
            assert bare(text) in cells, (index, text, cells)
            cells.remove(bare(text))
        if not re.search(r'[=+\-@\uff0b\uff0d\uff1d\uff20\']', value): assert value in found[address(index)], index

    # Pages: the shape is that of a plain row, the text is the value's.
    class Reader(html.parser.HTMLParser):
        def __init__(self):
            super().__init__(convert_charrefs=True)
            self.rows, self.shape, self.text, self.links, self.spans = [], [], [], [], []
        def handle_starttag(self, tag, attributes):
            if tag == "tr": self.shape, self.text = [], []
            # A word that is too long for a column stands in a span of its own, and may be broken; one with a hyphen may not.
            if tag == "span": self.spans.append(attributes in ([("class", "long")], [("class", "whole")]))
            if tag == "span" and self.spans[-1]: return
            self.shape.append((tag, tuple(sorted((key, "" if key in ("class", "data-label") else value) for key, value in attributes))))
            self.links += [value for key, value in attributes if key in ("href", "src", "action", "srcset", "formaction")]
            assert not any(key.startswith("on") for key, _ in attributes), attributes
        def handle_endtag(self, tag):
            if tag == "span" and self.spans.pop(): return
            self.shape.append("/" + tag)
            if tag == "tr": self.rows.append((self.shape, self.text))
        def handle_data(self, data): self.text.append(data)
        def handle_comment(self, data): self.shape.append("comment")
        def unknown_decl(self, data): self.shape.append("decl")
        def handle_pi(self, data): self.shape.append("pi")
    def parsed(text):
        reader = Reader()
        reader.feed(text)
        reader.close()
        return reader
    page = parsed(read("accounts/accounts.html"))
    shapes, told = {}, {}
    for shape, text in page.rows:
        cell = "".join(text)
        match = re.search(r"\bv([0-9]+)@example\.org", cell)
        if match: told[int(match[1])] = (shape, text)
    assert not any(link.startswith(("javascript", "data:", "http")) for link in page.links if link), page.links
    for index, value in enumerate(values):
        shape, text = told[index]
        joined = "".join(text)
        assert joined.count(value) >= (2 if isList(index) else 4), (index, value, text)
        # No value adds a tag, an attribute or a comment: the shape depends on the kind and the status alone.
        kind = (isList(index), index in retained)
        assert shapes.setdefault(kind, shape) == shape, (index, value, shape, shapes[kind])
    # A delivery's page.
    pages = {}
    for index in heads:
        path = "%s/deliveries/%s/HEAD-%d.html" % (records, given["year"], index)
        if not os.path.exists(path): continue
        text = open(path, encoding="utf-8", newline="").read()
        reader = Reader()
        reader.whole = []
        class Whole(Reader):
            def handle_starttag(self, tag, attributes):
                super().handle_starttag(tag, attributes)
                if tag == "span" and self.spans[-1]: return
                pages.setdefault("now", []).append((tag, tuple(sorted(key for key, _ in attributes))))
        pages["now"] = []
        whole = Whole()
        whole.feed(text)
        whole.close()
        shape = pages.pop("now")
        kind = index % 2
        assert pages.setdefault(kind, shape) == shape, (index, values[index])
    print("hostile: read back %d values, %d records, %d pages" % (len(values), len(heads), len(page.rows)))

    """#

  /// Opens the pages in Chromium while a server listens for whatever they would ask; a page that does ask shows that it
  /// would be heard.
  static let browser = #"""
    import glob, http.server, json, os, signal, subprocess, threading
    given = json.load(open("given.json", encoding="utf-8"))
    asked = []
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()
        def log_message(self, *arguments): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", given["port"]), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    open("control.html", "w").write("<body>" + "".join(given["values"][1:4]) + "</body>")
    def browse(path):
        process = subprocess.Popen(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000",
            "--user-data-dir=" + os.path.abspath("profile"), "--dump-dom", "file://" + os.path.abspath(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            env=dict(os.environ, HOME=os.getcwd()))
        try: out, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        assert process.returncode == 0 and len(out) > 100, (path, process.returncode)
        return out.decode()
    browse("control.html")
    assert asked, "the control wasn't heard"
    asked.clear()
    pages = [given["records"] + "/accounts/accounts.html"]
    pages += sorted(glob.glob(given["records"] + "/deliveries/*/HEAD-*.html"))[:2]
    for page in pages:
        dom = browse(page)
        assert not asked, (page, asked)
        if "accounts" in page: assert "v1@" in dom
    server.shutdown()
    print("hostile: %d pages in a browser: nothing ran, nothing was asked" % len(pages))

    """#
}
