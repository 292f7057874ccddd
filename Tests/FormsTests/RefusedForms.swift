/// Forms that are refused: the form.
extension Row {
  static let refusedForms: [Row] = [
    Row(
      "no keys at all", "{}\n",
      [
        "1:1: number: is missing", "1:1: department: is missing", "1:1: requester: is missing",
        "1:1: approval: is missing", "1:1: changes: is missing",
      ]),
    Row(
      "an unknown key", header.replacing("changes:\n", with: "") + "comment: x\n" + adopt,
      ["5:1: comment: a form has no such key"]),
    Row(
      "an unknown key near a known one",
      header.replacing("changes:\n", with: "").replacing("department", with: "departement") + adopt,
      ["2:1: departement: a form has no such key"]),
    Row(
      "a key with a hyphen", create("keep-copy: true"), ["6:65: changes[0].create.keep-copy: create has no such key"]),
    Row(
      "a control character in an unknown key", header.replacing("changes:\n", with: "") + "\"a\\tb\": x\n" + adopt,
      ["5:1: a\\u{9}b: a form has no such key"]),
    Row(
      "a number with a slash", create("").replacing("T-1", with: "2026/1"),
      ["1:9: number: '2026/1' is not written as it should be"]),
    Row(
      "a number that begins with a dot", create("").replacing("T-1", with: ".1"),
      ["1:9: number: '.1' is not written as it should be"]),
    Row(
      "a number of 65 characters", create("").replacing("T-1", with: String(repeating: "n", count: 65)),
      ["1:9: number: 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\u{2026}' is not written as it should be"]),
    Row(
      "a number that means all requests", create("").replacing("T-1", with: "ALL"),
      ["1:9: number: 'ALL' means something else to the queue commands"]),
    Row(
      "a number that means the clock", create("").replacing("T-1", with: "CLOCK"),
      ["1:9: number: 'CLOCK' means something else to the queue commands"]),
    Row("a number that is empty", create("").replacing("T-1", with: ""), ["1:8: number: is empty"]),
    Row("a number that is null", create("").replacing("T-1", with: "null"), ["1:9: number: is empty"]),
    Row("a number that is a list", create("").replacing("T-1", with: "[1]"), ["1:9: number: is a list and no text"]),
    Row(
      "a number with a letter beyond ASCII", create("").replacing("T-1", with: "año-1"),
      ["1:9: number: 'año-1' is not written as it should be"]),
    Row(
      "an internal number", create("").replacing("T-1", with: "\"@1\""),
      ["1:9: number: '@1' is not written as it should be"]),
    Row("a form of another code", "form: FT-1\n" + create(""), ["1:7: form: 'FT-1' is not our form"]),
    Row("a form's code that is empty", "form:\n" + create(""), ["1:6: form: is empty"]),
    Row(
      "no requester's name", create("").replacing("{name: Ana}", with: "{address: a@example.org}"),
      ["3:12: requester.name: is missing"]),
    Row("a requester who is text", create("").replacing("{name: Ana}", with: "Ana"), ["3:12: requester: has no keys"]),
    Row(
      "a requester with an address elsewhere",
      create("").replacing("{name: Ana}", with: "{name: Ana, address: a@example.com}"),
      ["3:33: requester.address: 'a@example.com' is not in a domain of ours"]),
    Row(
      "a department that is null", create("").replacing("department: D", with: "department: ~"),
      ["2:13: department: is empty"]),
    Row(
      "a department called NULL without quotes", create("").replacing("department: D", with: "department: NULL"),
      ["2:13: department: is not clear"]),
    Row(
      "a department of white space", create("").replacing("department: D", with: "department: \"  \""),
      ["2:13: department: is empty"]),
    Row(
      "a department with a space at its end", create("").replacing("department: D", with: "department: \"D \""),
      ["2:13: department: begins or ends with a space"]),
    Row(
      "a department that ends in a no-break space", create("").replacing("department: D", with: "department: D\u{A0}"),
      ["2:13: department: begins or ends with a space"]),
    Row(
      "a department with a line break", create("").replacing("department: D", with: "department: \"D\\nE\""),
      ["2:13: department: has a line break in it"]),
    Row(
      "a department in a block", create("").replacing("department: D", with: "department: |\n  D\n  E"),
      ["2:13: department: has a line break in it"]),
    Row(
      "a department with a tab", create("").replacing("department: D", with: "department: \"D\\tE\""),
      ["2:13: department: has a tab in it"]),
    Row(
      "a department of 129 letters",
      create("").replacing("department: D", with: "department: " + String(repeating: "ñ", count: 129)),
      ["2:13: department: has 129 letters"]),
    Row(
      "a text that begins with a combining mark",
      create("").replacing("department: D", with: "department: \"\u{301}D\""),
      ["2:13: department: begins with an accent that belongs to no letter"]),
    Row("no approval", "number: T-1\ndepartment: D\nrequester: {name: Ana}\n" + adopt, ["1:1: approval: is missing"]),
    Row(
      "an approval without a day", create("").replacing(", date: 2026-11-21", with: ""),
      ["4:11: approval.date: is missing"]),
    Row(
      "an approval of tomorrow", create("").replacing("2026-11-21", with: "2026-11-23"),
      ["4:28: approval.date: 2026-11-23 is in the future"]),
    Row(
      "an approval of 91 days ago", create("").replacing("2026-11-21", with: "2026-08-23"),
      ["4:28: approval.date: 2026-08-23 is more than 90 days ago"]),
    Row(
      "a day that isn't in the calendar", create("").replacing("2026-11-21", with: "2026-02-29"),
      ["4:28: approval.date: '2026-02-29' is not a day of the calendar"]),
    Row(
      "a day the other way round", create("").replacing("2026-11-21", with: "21-11-2026"),
      ["4:28: approval.date: '21-11-2026' is not a day of the calendar"]),
    Row(
      "a day with a time", create("").replacing("2026-11-21", with: "2026-11-21T10:00:00Z"),
      ["4:28: approval.date: '2026-11-21T10:00:00Z' is not a day of the calendar"]),
    Row(
      "a reference of 257 letters",
      create("").replacing("by: jefe", with: "by: jefe, reference: " + String(repeating: "r", count: 257)),
      ["4:33: approval.reference: has 257 letters"]),
    Row("atomic that is yes", "atomic: yes\n" + create(""), ["1:9: atomic: 'yes' is neither true nor false"]),
    Row("atomic that is True", "atomic: True\n" + create(""), ["1:9: atomic: 'True' is neither true nor false"]),
    Row("atomic in quotes", "atomic: \"true\"\n" + create(""), ["1:9: atomic: 'true' is neither true nor false"]),
    Row("no changes", header.replacing("changes:\n", with: ""), ["1:1: changes: is missing"]),
    Row("changes that are empty", header, ["5:9: changes: is empty"]),
    Row(
      "an empty list of changes", header.replacing("changes:\n", with: "changes: []\n"),
      ["5:10: changes: is an empty list"]),
    Row(
      "changes that are a mapping",
      header.replacing("changes:\n", with: "changes: {adopt: {address: a@example.org}}\n"),
      ["5:10: changes: has keys and is not a list"]),
    Row("a change that is text", change("create"), ["6:3: changes[0]: has no keys"]),
    Row("a change that is empty", change("{}"), ["6:3: changes[0]: names no change"]),
    Row("a change that is null", change(""), ["6:2: changes[0]: has no keys"]),
    Row(
      "two changes in one item", change("{adopt: {address: a@example.org}, delete: {address: a@example.org}}"),
      ["6:3: changes[0]: names more than one change"]),
    Row(
      "an unknown change", change("remove: {address: a@example.org}"),
      ["6:3: changes[0].remove: a change has no such key"]),
    Row(
      "a change whose keys aren't indented", header + "- delete:\n  address: a@example.org\n",
      ["6:10: changes[0].delete: has no keys", "7:3: changes[0].address: a change has no such key"]),
  ]
}
