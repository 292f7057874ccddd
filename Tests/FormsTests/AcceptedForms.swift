/// Forms that are accepted, each with one change.
extension Row {
  static let accepted: [Row] = [
    Row("an adopt in a line", change("adopt: {address: a@example.org}"), []),
    Row("an adopt in lines", header + "- adopt:\n    address: a@example.org\n", []),
    Row("changes indented further", header + "    - adopt:\n        address: a@example.org\n", []),
    Row("a document's start and end marks", "---\n" + create("") + "...\n", []),
    Row("comments and blank lines about it", "\n# one\n\n" + create("") + "\n# two\n", []),
    Row("no line feed at the end", header + "- adopt: {address: a@example.org}", []),
    Row("CR LF", create("").replacing("\n", with: "\r\n"), []),
    Row("a byte order mark at the start", [0xEF, 0xBB, 0xBF] + Array(create("").utf8), []),
    Row("the configured code", "form: FT-GTI-006\n" + create(""), []),
    Row("a number with leading zeros", create("").replacing("T-1", with: "0142"), []),
    Row("a number that YAML 1.1 reads in base 60", create("").replacing("T-1", with: "1_30"), []),
    Row("a number in quotes", create("").replacing("T-1", with: "'2026-0142'"), []),
    Row("a number of 64 characters", create("").replacing("T-1", with: String(repeating: "n", count: 64)), []),
    Row("a department called no", create("").replacing("department: D", with: "department: no"), []),
    Row("a department called null, in quotes", create("").replacing("department: D", with: "department: 'null'"), []),
    Row(
      "a department of 128 letters", create("").replacing(": D", with: ": " + String(repeating: "ñ", count: 128)), []),
    Row("a department folded over two lines", create("").replacing(": D", with: ": D\n  E"), []),
    Row("a department in another script", create("").replacing(": D", with: ": Отдел 部門 قسم"), []),
    Row("a department with an ideographic space inside", create("").replacing(": D", with: ": 部\u{3000}門"), []),
    Row("a name with a joiner inside", create("position: \u{0915}\u{094D}\u{200D}\u{0937}"), []),
    Row("an emoji of several scalars", create("position: 👩🏽‍💻 x"), []),
    Row("a letter that has no composed form", create("position: x\u{0301}"), []),
    Row("a Hangul syllable", create("position: 한국"), []),
    Row("marks in order", create("position: q\u{0323}\u{0307}"), []),
    Row("escapes that make letters", create("position: \"Mu\\xF1oz \\u00e1 \\U0001F600\""), []),
    Row("a percent sign inside", create("position: 50 % de jornada"), []),
    Row("an exclamation mark inside", create("position: ¡Hola! mundo"), []),
    Row("an exclamation mark at the start, in quotes", create("position: '!x'"), []),
    Row("a position called << in quotes", create("position: '<<'"), []),
    Row("an approval of today", create("").replacing("2026-11-21", with: "2026-11-22"), []),
    Row("an approval of 90 days ago", create("").replacing("2026-11-21", with: "2026-08-24"), []),
    Row("a day in quotes", create("").replacing("2026-11-21", with: "'2026-11-21'"), []),
    Row("a reference", create("").replacing("by: jefe", with: "by: jefe, reference: Memorando 1/2"), []),
    Row("atomic", "atomic: true\n" + create(""), []),
    Row("not atomic, with a reset", "atomic: false\n" + modify("reset: password"), []),
    Row("an address in capitals", change("adopt: {address: A.B@EXAMPLE.ORG}"), []),
    Row("an address with a hyphen and an underscore", change("adopt: {address: a-b_c@example.org}"), []),
    Row("a local part of 64", change("adopt: {address: \(String(repeating: "a", count: 64))@example.org}"), []),
    Row("an address of 254", create("forward: [\(address(of: 254))]"), []),
    Row("a forward with every character of atext", create("forward: [\"!#$%&'*+-/=?^_`{|}~@example.com\"]"), []),
    Row("a label of 63", create("forward: [a@\(String(repeating: "b", count: 63)).org]"), []),
    Row("a domain in another script", create("forward: [a@xn--espaa-rta.example]"), []),
    Row("a domain of digits under letters", create("forward: [a@1.example]"), []),
    Row(
      "a functional account",
      change(
        "create: {address: c@example.org, kind: functional, name: {display: C}, owner: o@example.org, phone: 1, position: P, quota: 1 B, forward: [x@example.com], keep_copy: false}"
      ), []),
    Row(
      "a list", list("members: [x@example.com, y@example.com], aliases: [k@example.org], lists: [m@example.org]"), []),
    Row("empty lists", create("aliases: [], forward: [], lists: []"), []),
    Row("a document that is a plain number", create("document: 1124850000"), []),
    Row("a document with dots", create("document: 1.124.850.000"), []),
    Row("a document with a letter", create("document: AB 123-456"), []),
    Row("a telephone number with every character", create("phone: \"aZ09 '()+,-./:=?\""), []),
    Row("a quota without a space", create("quota: 500MiB"), []),
    Row("a quota of a byte", create("quota: 1 B"), []),
    Row("the largest quota", create("quota: 9223372036854775807 B"), []),
    Row("an expiry of today", create("expires: 2026-11-22"), []),
    Row("a leap day", create("expires: 2028-02-29"), []),
    Row("keep_copy false with a forward", create("forward: [x@example.com], keep_copy: false"), []),
    Row("a member of a list and its owner alike", create("owner: o@example.org, lists: [o@example.org]"), []),
    Row(
      "everything that can be cleared",
      modify(
        "set: {document: null, position: ~, phone: , owner: null, aliases: null, forward: [], lists: null, members: null, keep_copy: null, quota: null, expires: null}"
      ), []),
    Row(
      "everything that can be set",
      modify(
        "set: {address: b@example.org, status: active, name: {display: N}, document: 1, position: P, department: E, phone: 1, owner: o@example.org, aliases: [c@example.org], forward: [x@example.com], lists: [l@example.org], members: [y@example.com], keep_copy: false, quota: 1 TiB, expires: 2030-01-01}"
      ), []),
    Row(
      "everything that can be added",
      modify(
        "add: {aliases: [b@example.org], forward: [x@example.com], lists: [l@example.org], members: [y@example.com]}"),
      []),
    Row(
      "values removed that the policy wouldn't allow",
      modify("remove: {aliases: [b+c@example.com], lists: [l@example.com], members: [y@example.org]}"), []),
    Row(
      "an alias that is the old address of a rename",
      modify("set: {address: b@example.org}, add: {aliases: [a@example.org]}"), []),
    Row("a suspension", modify("set: {status: suspended}"), []),
    Row("a reset", modify("reset: password"), []),
    Row("a delete with a reason", change("delete: {address: a@example.org, reason: Retiro}"), []),
    Row("a delete at once", change("delete: {address: a@example.org, immediately: true}"), []),
    Row(
      "a delete in an atomic form", "atomic: true\n" + change("delete: {address: a@example.org, immediately: false}"),
      []),
    Row(
      "JSON in one line",
      "{\"number\":\"T-1\",\"department\":\"D\",\"requester\":{\"name\":\"A\"},\"approval\":{\"by\":\"j\",\"date\":\"2026-11-21\"},\"changes\":[{\"adopt\":{\"address\":\"a@example.org\"}}]}",
      []),
    Row(
      "JSON indented with tabs",
      "{\n\t\"number\": \"T-1\",\n\t\"department\": \"D\",\n\t\"requester\": {\n\t\t\"name\": \"A\"\n\t},\n\t\"approval\": {\"by\":\t\"j\", \"date\": \"2026-11-21\"},\n\t\"changes\": [\n\t\t{\"adopt\": {\"address\": \"a@example.org\"}}\n\t]\n}\n",
      []),
    Row(
      "JSON with escapes",
      "{\"number\":\"T\\u002d1\",\"department\":\"D\\/E \\u00e1 \\ud83d\\ude00 \\\"\\\\\\\"\",\"requester\":{\"name\":\"A\"},\"approval\":{\"by\":\"j\",\"date\":\"2026-11-21\"},\"atomic\":true,\"changes\":[{\"modify\":{\"address\":\"a@example.org\",\"set\":{\"phone\":null}}}]}",
      []),
    Row(
      "JSON with a number for a text",
      "{\"number\":142,\"department\":\"D\",\"requester\":{\"name\":\"A\"},\"approval\":{\"by\":\"j\",\"date\":\"2026-11-21\"},\"changes\":[{\"adopt\":{\"address\":\"a@example.org\"}}]}",
      []),
  ]
}
