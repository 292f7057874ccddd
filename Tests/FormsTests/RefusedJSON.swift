/// Forms that are refused: JSON.
extension Row {
  static let refusedJSON: [Row] = [
    Row(
      "JSON with a key twice", "{\"number\":\"T-1\",\"number\":\"T-2\"}",
      [
        "1:1: department: is missing", "1:1: requester: is missing", "1:1: approval: is missing",
        "1:1: changes: is missing", "1:17: number: the key 'number' is there twice",
      ]),
    Row("JSON that is cut short", "{\"number\":\"T-1\"", ["1:16: number: a { is not closed, or a ',' is missing"]),
    Row("JSON with a comma too many", "{\"number\":\"T-1\",,}", ["1:17: number: a value is missing"]),
    Row(
      "JSON with a boolean in quotes",
      "{\"number\":\"T-1\",\"atomic\":\"true\",\"department\":\"D\",\"requester\":{\"name\":\"A\"},\"approval\":{\"by\":\"j\",\"date\":\"2026-11-21\"},\"changes\":[{\"adopt\":{\"address\":\"a@example.org\"}}]}",
      ["1:26: atomic: 'true' is neither true nor false"]),
    Row(
      "JSON with a null",
      "{\"number\":null,\"department\":\"D\",\"requester\":{\"name\":\"A\"},\"approval\":{\"by\":\"j\",\"date\":\"2026-11-21\"},\"changes\":[{\"adopt\":{\"address\":\"a@example.org\"}}]}",
      ["1:11: number: is empty"]),
    Row(
      "JSON with a key on another line than its colon", "{\"number\"\n:\"T-1\"}",
      ["2:1: number: a { is not closed, or a ',' is missing"]),
    Row(
      "JSON after JSON", "{\"number\":\"T-1\"} {\"number\":\"T-1\"}",
      [
        "1:1: department: is missing", "1:1: requester: is missing", "1:1: approval: is missing",
        "1:1: changes: is missing", "1:18: file: something follows the document",
      ]),
    Row(
      "JSON with a lone surrogate", "{\"number\":\"T-1\",\"department\":\"\\ud83d\"}",
      ["1:33: file: a \\ in double quotes is followed by no escape"]),
    Row(
      "JSON with a mistake after a pair of surrogates", "{\"department\":\"\\ud83d\\ude00\",\"numbre\":\"T-1\"}",
      [
        "1:1: requester: is missing", "1:1: approval: is missing", "1:1: changes: is missing",
        "1:30: numbre: a form has no such key",
      ]),
  ]
}
