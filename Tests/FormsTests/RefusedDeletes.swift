/// Forms that are refused: delete and adopt.
extension Row {
  static let refusedDeletes: [Row] = [
    Row("a delete of nothing", header + "- delete: {}\n", ["6:11: changes[0].delete.address: is missing"]),
    Row(
      "a delete at once in an atomic form",
      "atomic: true\n" + header + "- delete: {address: a@example.org, immediately: true}\n",
      ["7:49: changes[0].delete.immediately: can't be undone, so it can't be in an atomic form"]),
    Row(
      "immediately that is 1", header + "- delete: {address: a@example.org, immediately: 1}\n",
      ["6:49: changes[0].delete.immediately: '1' is neither true nor false"]),
    Row(
      "a reason of 257 letters",
      header + "- delete: {address: a@example.org, reason: " + String(repeating: "r", count: 257) + "}\n",
      ["6:44: changes[0].delete.reason: has 257 letters"]),
    Row(
      "an adopt with a name", header + "- adopt: {address: a@example.org, name: {display: A}}\n",
      ["6:35: changes[0].adopt.name: adopt has no such key"]),
  ]
}
