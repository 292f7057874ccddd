import Configuration
import Files
import Records
import Support
import Testing
import Text

@Suite("Templates of printed pages")
struct PageTemplatesTests {
  @Test("A file of a template's name stands in for ours, and only for that one")
  func override() throws {
    let folder = try Scratch()
    try folder.write(
      Array("\u{FEFF}<p>{{number}} {{words.department}} {{organization}} {{document.code}}</p>\r\n".utf8),
      to: "delivery.html")
    let templates = PageTemplates(folder: folder.path)
    #expect(templates.problems == [])
    let pages = try Specimens.pages(templates: folder.path)
    let page = String(decoding: pages.page(Specimens.record()), as: UTF8.self)
    #expect(page == "<p>2026-0142 Dependencia Gobernación del Putumayo FT-GTI-006</p>\n")
    var bytes: [UInt8] = []
    AccountListPage(pages, columns: [.address], updated: Specimens.now).begin(&bytes)
    #expect(bytes.starts(with: "<!DOCTYPE html>".utf8))
  }

  @Test("Without a folder, or with an empty one, ours are used")
  func none() throws {
    let folder = try Scratch()
    for path in [nil, folder.path, folder.path + "/nowhere"] {
      #expect(PageTemplates(folder: path).problems == [])
      #expect(try Specimens.pages(templates: path).page(Specimens.record()).starts(with: "<!DOCTYPE html>".utf8))
    }
  }

  static let brokenFiles: [(name: String, file: String, text: [UInt8], reason: String)] = [
    ("a section that stays open", "delivery.html", Array("a\n{{#changes}}\n{{number}}\n".utf8), "line"),
    (
      "another end", "delivery.html", Array("\n{{#changes}}{{/other}}".utf8),
      "line 2: a section is closed under another"
    ),
    ("a tag without end", "delivery.html", Array("x\n\n{{number".utf8), "line"),
    ("a pragma", "delivery.html", Array("{{%CONTENT_TYPE:NONE}}".utf8), "line 1: a pragma"),
    ("not UTF-8", "delivery.html", [0x61, 0xFF], "it is not UTF-8 text"),
    ("a NUL", "delivery.html", [0x61, 0x00], "it is not UTF-8 text"),
    ("too large", "delivery.html", Array(repeating: 0x61, count: 262_145), "it is larger than 262144 bytes"),
    (
      "no place for rows", "accounts.html", Array("<p>".utf8),
      "{{{accounts}}}, where the rows come, is in it 0 times"
    ),
    ("two places for rows", "departments.html", Array("{{{departments}}}{{{departments}}}".utf8), "2 times"),
    ("rows within a section", "accounts.html", Array("{{#total}}{{{accounts}}}{{/total}}".utf8), "line"),
    ("an end of the style", "style.css", Array("a{}</STYLE><script>".utf8), "it contains </style"),
    ("an end of the slip's style", "slip.css", Array("</Style x".utf8), "it contains </style"),
    ("an end of the status's style", "status.css", Array("</style".utf8), "it contains </style"),
    ("no place for slips", "slip.html", Array("<p>".utf8), "{{#slips}}, which bounds what is repeated, is in it 0"),
    ("slips without an end", "slip.html", Array("{{#slips}}".utf8), "{{/slips}}, which bounds"),
    ("slips from the end", "slip.html", Array("{{/slips}}{{#slips}}".utf8), "line 1: a section is closed"),
    ("an end in a comment", "slip.html", Array("{{!{{/slips}}{{#slips}}".utf8), "{{/slips}} is before"),
    ("slips within a section", "slip.html", Array("{{#title}}{{#slips}}{{/slips}}{{/title}}".utf8), "line"),
    ("a broken tag in a slip", "slip.html", Array("\n{{#slips}}\n{{password\n{{/slips}}".utf8), "line"),
    ("a broken status", "status.html", Array("\n{{#requests}}{{/other}}".utf8), "line 2: a section"),
  ]

  @Test("A broken file is named with its reason, and ours is used", arguments: brokenFiles.indices)
  func broken(index: Int) throws {
    let (name, file, text, reason) = Self.brokenFiles[index]
    let folder = try Scratch()
    try folder.write(text, to: file)
    let templates = PageTemplates(folder: folder.path)
    #expect(templates.problems.count == 1, "\(name)")
    let problem = try #require(templates.problems.first)
    #expect(problem.file == "\(folder.path)/\(file)")
    #expect(problem.reason.contains(reason), "\(name): \(problem)")
    let pages = Pages(Specimens.letterhead, language: .es, zone: .utc, templates: templates)
    #expect(pages.page(Specimens.record()).starts(with: "<!DOCTYPE html>".utf8))
  }

  @Test("A file that can't be read is named as well")
  func unreadable() throws {
    let folder = try Scratch()
    _ = try Directory(folder.path + "/delivery.html", creating: 0o700)
    let templates = PageTemplates(folder: folder.path)
    #expect(templates.problems.map(\.file) == ["\(folder.path)/delivery.html"])
  }

  @Test("What never changes is put in where its tag stands, and nowhere else")
  func constants() throws {
    let cases: [(template: String, page: String)] = [
      ("{{title}}", "Acta de entrega de cuentas de correo"), ("{{{words.name}}}!", "Nombre!"),
      ("{{&words.name}}", "Nombre"), ("{ {{words.name}} }", "{ Nombre }"), ("{{!words.name}}x", "x"),
      ("{{#words.name}}{{number}}{{/words.name}}", "2026-0142"), ("{{words.nothing}}{{wordsxname}}", ""),
      ("{{{organization}}} {{tax_id}}", "&#123;&#123;&#123;a}}} } &lt;"),
      ("{{=<% %>=}}<%title%>", "Acta de entrega de cuentas de correo"),
    ]
    var letterhead = Specimens.letterhead
    letterhead.organization = "{{{a}}} }"
    letterhead.taxID = "<"
    for (template, expected) in cases {
      let folder = try Scratch()
      try folder.write(Array(template.utf8), to: "delivery.html")
      let pages = try Specimens.pages(letterhead: letterhead, templates: folder.path)
      let page = String(decoding: pages.page(Specimens.record()), as: UTF8.self)
      #expect(page == expected, "\(template)")
    }
  }

  @Test("Odd but right templates do no harm")
  func odd() throws {
    for text in [
      "", "{{!c}}  ", "{{>x}}", "{{number.renderText.x}}{{reversed(number)}}", "{{#changes}}{{/changes}}", "\u{301}",
    ] {
      let folder = try Scratch()
      try folder.write(Array(text.utf8), to: "delivery.html")
      #expect(PageTemplates(folder: folder.path).problems == [], "\(text)")
      _ = try Specimens.pages(templates: folder.path).page(Specimens.record())
    }
  }

  @Test("Files stand in for the slip, the status and their styles")
  func others() throws {
    let folder = try Scratch()
    try folder.write(
      Array("<h1>{{title}}</h1>{{#slips}}<p>{{address}} {{number}}/{{count}} {{words.login}}</p>{{/slips}}.".utf8),
      to: "slip.html")
    try folder.write(Array("{{style}}{{verdict}}{{#requests}} {{number}}{{/requests}}".utf8), to: "status.html")
    try folder.write(Array("b{}".utf8), to: "status.css")
    #expect(PageTemplates(folder: folder.path).problems == [])
    let pages = try Specimens.pages(.en, templates: folder.path)
    let slips = String(decoding: pages.page([Specimens.slip(), Specimens.slip()]), as: UTF8.self)
    #expect(
      slips == "<h1>Hand-over of an institutional mail account</h1><p>maria.lopez@putumayo.gov.co 1/2 Log in as</p>"
        + "<p>maria.lopez@putumayo.gov.co 2/2 Log in as</p>.")
    let status = String(decoding: pages.page(Specimens.status()), as: UTF8.self)
    #expect(status.hasSuffix("b{}Something needs a look 2026-0139 2026-0140"))
  }

  @Test("A style that stands in is the one that the policy allows")
  func style() throws {
    let folder = try Scratch()
    try folder.write(Array("body{color:red}\r\n".utf8), to: "style.css")
    let mine = String(decoding: try Specimens.pages(templates: folder.path).page(Specimens.record()), as: UTF8.self)
    let ours = String(decoding: try Specimens.pages().page(Specimens.record()), as: UTF8.self)
    #expect(mine.contains("body{color:red}\n</style>"))
    func digest(_ page: String) -> Substring? {
      page.split(separator: "\n").first { $0.contains("Content-Security-Policy") }
    }
    #expect(digest(mine) != digest(ours))
  }
}
