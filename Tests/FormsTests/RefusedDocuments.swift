/// Forms that are refused: the document.
extension Row {
  static let refusedDocuments: [Row] = [
    Row("an empty document", "", ["1:1: file: the document is empty"]),
    Row("a document of comments alone", "# nothing\n", ["1:1: file: the document is empty"]),
    Row("a list for a form", "- 1\n", ["1:1: file: is a list"]),
    Row(
      "a spreadsheet for a form", "PK\u{3}\u{4}x",
      ["1:1: file: the file is a spreadsheet, an office document or another zip archive, and a form is plain text"]
    ),
    Row("UTF-16 without a mark, the other way round", "n\0u\0m\0b\0", ["1:1: file: the text is UTF-16"]),
    Row(
      "a tab in the indentation", "number: T-1\nchanges:\n\t- create: {}\n",
      ["3:1: changes: there is a tab in the indentation"]),
    Row(
      "a no-break space behind a key", create("").replacing("number: ", with: "number:\u{A0}"),
      ["1:8: number: there is a no-break space (\\u{A0}), which looks like a space"]),
    Row(
      "no-break spaces in the indentation", create("").replacing("- create", with: "\u{A0}\u{202F}- create"),
      [
        "6:1: changes: there is a no-break space (\\u{A0}), which looks like a space",
        "6:2: changes: there is a no-break space (\\u{202F}), which looks like a space",
      ]),
    Row("a PDF for a form", "%PDF-1.7\n%x", ["1:1: file: the file is a PDF, and a form is plain text"]),
    Row("a text for a form", "hello\n", ["1:1: file: has no keys"]),
    Row(
      "an alias", create("position: *x").replacing("number: T-1", with: "number: &x T-1"),
      [
        "1:9: number: an anchor (&name) is not allowed",
        "6:75: changes[0].create.position: an alias (*name) is not allowed",
      ]),
    Row(
      "an anchor alone", create("position: &x Jefe"),
      ["6:75: changes[0].create.position: an anchor (&name) is not allowed"]),
    Row("a tag", create("position: !!str Jefe"), ["6:75: changes[0].create.position: a tag (!) is not allowed"]),
    Row(
      "a tag without a name", create("position: ! Jefe"), ["6:75: changes[0].create.position: a tag (!) is not allowed"]
    ),
    Row(
      "a tag without a name before quotes", create("position: ! \"Jefe\""),
      ["6:75: changes[0].create.position: a tag (!) is not allowed"]),
    Row(
      "a tag on a mapping", create("").replacing("requester: {", with: "requester: !x {"),
      ["3:12: requester: a tag (!) is not allowed"]),
    Row(
      "an undefined tag handle", create("position: !e!x Jefe"),
      ["6:75: changes[0].create.position: a tag (!) is not allowed"]),
    Row("a directive", "%YAML 1.1\n---\n" + create(""), ["1:1: file: a directive (%) is not used here"]),
    Row(
      "a directive after a comment", "# x\n%TAG ! x\n---\n" + create(""),
      ["2:1: file: a directive (%) is not used here"]),
    Row(
      "a merge key", create("").replacing("requester: {name: Ana}", with: "requester: {<<: {name: Ana}, name: Eva}"),
      ["3:13: requester: a merge key (<<) is not allowed"]),
    Row(
      "a merge key in quotes is a key",
      create("").replacing("requester: {name: Ana}", with: "requester: {\"<<\": x, name: Eva}"),
      ["3:13: requester.<<: requester has no such key"]),
    Row("a second document", create("") + "---\na: 1\n", ["7:1: file: something follows the document"]),
    Row("an end mark and more", create("") + "...\nmore: 1\n", ["8:1: file: something follows the document"]),
    Row(
      "a second document with a directive", create("position: 5 %") + "...\n%YAML 1.1\n---\na: 1\n",
      ["8:1: file: something follows the document"]),
    Row(
      "a key twice", create("quota: 5 GiB, quota: 6 GiB"),
      ["6:79: changes[0].create.quota: the key 'quota' is there twice"]),
    Row(
      "an unknown key twice", create("colour: red, colour: red"),
      [
        "6:65: changes[0].create.colour: create has no such key",
        "6:78: changes[0].create.colour: the key 'colour' is there twice",
        "6:78: changes[0].create.colour: create has no such key",
      ]),
    Row(
      "the same key in quotes", create("quota: 5 GiB, \"quota\": 6 GiB"),
      ["6:79: changes[0].create.quota: the key 'quota' is there twice"]
    ),
    Row(
      "a list as a key", create("").replacing("requester:", with: "[a]: b\nrequester:"),
      ["3:1: file: a key is a list or has keys itself"]),
    Row(
      "a mapping as a key", create("").replacing("requester:", with: "? {a: b}\n: c\nrequester:"),
      ["3:3: file: a key is a list or has keys itself"]),
    Row(
      "nesting beyond the bound", "a: " + String(repeating: "[", count: 12) + String(repeating: "]", count: 12) + "\n",
      ["1:15: a[0][0][0][0][0][0][0][0][0][0]: the document is nested more than 12 deep"]),
    Row("a value on a key's line", "number: a: b\n", ["1:10: number: there is a ':' where no key can be"]),
    Row(
      "an open quotation mark", create("").replacing("D\n", with: "\"D\n"),
      ["2:13: department: a quotation mark is opened and not closed"]),
    Row(
      "an open bracket", header + "- delete: {address: [a\n",
      ["7:1: changes[0].delete.address[0]: a [ is not closed, or a ',' is missing"]),
    Row(
      "a tab for indentation", "requester:\n\tname: Ana\n",
      ["2:1: requester: there is a tab in the indentation"]),
    Row(
      "a key without a colon", "number: T-1\ndepartment\nrequester: {name: Ana}\n",
      ["3:1: number: a line is no 'key: value'"]),
    Row(
      "a reserved indicator", create("").replacing("department: D", with: "department: @D"),
      ["2:13: department: a value begins with a character that YAML keeps for itself"]),
    Row(
      "a percent sign at the beginning of a value", create("").replacing("department: D", with: "department: %D"),
      ["2:13: department: a value begins with a character that YAML keeps for itself"]),
    Row("lines that don't fit", "number: T-1\n  department: D\n", ["2:13: number: there is a ':' where no key can be"]),
    Row(
      "an escape that is none", create("position: \"a\\qb\""),
      ["6:77: changes[0].create.position: a \\ in double quotes is followed by no escape"]),
    Row(
      "a lone surrogate", create("position: \"a\\ud83db\""),
      ["6:79: changes[0].create.position: a \\ in double quotes is followed by no escape"]),
    Row("a NUL", create("position: \"a\u{0}b\""), ["6:77: file: the control character \\u{0} is not allowed"]),
    Row(
      "a NUL as an escape", create("position: \"a\\0b\""),
      ["6:75: changes[0].create.position: the control character \\u{0} is not allowed, not as an escape either"]),
    Row(
      "a bell", create("position: \"a\u{7}b\""),
      ["6:77: changes[0].create.position: the control character \\u{7} is not allowed"]),
    Row(
      "an escape character in a comment", create("") + "# \u{1B}[2J\n",
      ["7:3: changes[0].create.name.family: the control character \\u{1B} is not allowed"]),
    Row(
      "DEL", create("position: \"a\u{7F}b\""),
      ["6:77: changes[0].create.position: the control character \\u{7F} is not allowed"]),
    Row(
      "a C1 control character", create("position: \"a\u{9B}b\""),
      ["6:77: changes[0].create.position: the control character \\u{9B} is not allowed"]),
    Row(
      "a next line (NEL)", create("position: \"a\u{85}b\""),
      ["6:77: changes[0].create.position: the control character \\u{85} is not allowed"]),
    Row(
      "a line separator", create("position: \"a\u{2028}b\""),
      ["6:77: changes[0].create.position: the control character \\u{2028} is not allowed"]),
    Row(
      "a carriage return alone", create("").replacing("department: D\n", with: "department: D\r"),
      ["2:14: file: there is a carriage return without a line feed"]),
    Row(
      "a right-to-left override", create("position: \"a\u{202E}b\""),
      ["6:77: changes[0].create.position: the invisible character \\u{202E} is not allowed"]),
    Row(
      "an isolate as an escape", create("position: \"a\\u2066b\""),
      ["6:75: changes[0].create.position: the invisible character \\u{2066} is not allowed, not as an escape either"]),
    Row(
      "a left-to-right mark", create("position: a\u{200E}b"),
      ["6:76: changes[0].create.position: the invisible character \\u{200E} is not allowed"]),
    Row(
      "an arabic letter mark", create("position: a\u{61C}b"),
      ["6:76: changes[0].create.position: the invisible character \\u{61C} is not allowed"]),
    Row(
      "a zero-width space", create("position: a\u{200B}b"),
      ["6:76: changes[0].create.position: the invisible character \\u{200B} is not allowed"]),
    Row(
      "a soft hyphen", create("position: a\u{AD}b"),
      ["6:76: changes[0].create.position: the invisible character \\u{AD} is not allowed"]),
    Row(
      "a byte order mark inside", create("position: a\u{FEFF}b"),
      ["6:76: changes[0].create.position: the control character \\u{FEFF} is not allowed"]),
    Row(
      "a noncharacter", create("position: a\u{FFFE}b"),
      ["6:76: changes[0].create.position: the control character \\u{FFFE} is not allowed"]
    ),
    Row(
      "a replacement character", create("position: Mu\u{FFFD}oz"),
      ["6:77: changes[0].create.position: a letter was lost here when the text was converted (\\u{FFFD})"]),
    Row(
      "a tag character", create("position: a\u{E0041}b"),
      ["6:76: changes[0].create.position: the invisible character \\u{E0041} is not allowed"]),
    Row(
      "text in NFD", create("position: Jose\u{301}"),
      ["6:78: changes[0].create.position: the text is not in NFC at 'e'"]),
    Row(
      "NFD in a comment", create("") + "# Jose\u{301}\n",
      ["7:6: changes[0].create.name.family: the text is not in NFC at 'e'"]),
    Row(
      "NFD as an escape", create("position: \"Jose\\u0301\""),
      ["6:75: changes[0].create.position: the text of these escapes is not in NFC"]
    ),
    Row(
      "marks out of order", create("position: q\u{307}\u{323}"),
      ["6:75: changes[0].create.position: the text is not in NFC at 'q'"]),
    Row(
      "a scalar that NFC excludes", create("position: \u{212B}"),
      ["6:75: changes[0].create.position: the text is not in NFC at '\u{212B}'"]
    ),
    Row(
      "jamo that compose", create("position: \u{1112}\u{1161}\u{11AB}"),
      ["6:75: changes[0].create.position: the text is not in NFC at '\u{1112}'"]),
    Row("Latin-1", damaged(create("position: Jos|"), [0xE9]), ["6:78: file: the byte 0xE9 is not UTF-8"]),
    Row(
      "an overlong form", damaged(create("position: a|b"), [0xC0, 0xAF]), ["6:76: file: the byte 0xC0 is not UTF-8"]),
    Row(
      "a surrogate in UTF-8", damaged(create("position: a|b"), [0xED, 0xA0, 0x80]),
      ["6:76: file: the byte 0xED is not UTF-8"]),
    Row(
      "UTF-8 cut short at the end", damaged(create("") + "# |", [0xF0, 0x9F, 0x98]),
      ["7:3: file: the byte 0xF0 is not UTF-8"]),
    Row(
      "UTF-16", [0xFF, 0xFE] + create("").utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
      ["1:1: file: the text is UTF-16"]),
    Row(
      "UTF-16 without a mark", create("").utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
      ["1:1: file: the text is UTF-16"]),
  ]
}
