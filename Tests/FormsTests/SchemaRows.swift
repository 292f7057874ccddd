/// Forms at the schema's own edges: types, lengths and numbers. Findings stand for "refused"; the reader's words are
/// checked in its own tables.
extension Row {
  private static func good(_ name: String, _ text: String) -> Row { Row(name, text, []) }
  private static func bad(_ name: String, _ text: String) -> Row { Row(name, text, ["refused"]) }

  static let ofSchema: [Row] = [
    good("a number that YAML takes for one", create("").replacing("T-1", with: "2026")),
    good("a number that YAML takes for a fraction", create("").replacing("T-1", with: "2026.10")),
    bad("a number that is a word of the queue commands", create("").replacing("T-1", with: "ALL")),
    bad("a number that is the clock's word", create("").replacing("T-1", with: "CLOCK")),
    good("a number that begins with such a word", create("").replacing("T-1", with: "CLOCK-1")),
    bad("a number below nothing", create("").replacing("T-1", with: "-2026")),
    good("a department called true", create("").replacing("department: D", with: "department: true")),
    good("a department that is a number", create("").replacing("department: D", with: "department: 7")),
    bad("a department called Null", create("").replacing("department: D", with: "department: Null")),
    good("128 emoji", create("position: " + String(repeating: "👩", count: 128))),
    bad("129 emoji", create("position: " + String(repeating: "👩", count: 129))),
    good(
      "a reason of 256 letters",
      change("delete: {address: a@example.org, reason: \(String(repeating: "ñ", count: 256))}")),
    good("a phone number that YAML takes for one", create("phone: 3101234567")),
    good("a phone number of 64", create("phone: '\(String(repeating: "1", count: 64))'")),
    bad("a phone number of 65", create("phone: '\(String(repeating: "1", count: 65))'")),
    bad("a phone number with a space at its end", create("phone: '1 '")),
    good("a document of 32", create("document: '\(String(repeating: "1", count: 32))'")),
    bad("a document that begins with a hyphen", create("document: -1")),
    good("the largest quota in KiB", create("quota: 9007199254740991 KiB")),
    bad("a KiB more", create("quota: 9007199254740992 KiB")),
    good("the largest quota in MiB", create("quota: 8796093022207 MiB")),
    bad("a MiB more", create("quota: 8796093022208 MiB")),
    good("the largest quota in GiB", create("quota: 8589934591 GiB")),
    bad("a GiB more", create("quota: 8589934592 GiB")),
    good("the largest quota in TiB", create("quota: 0008388607TiB")),
    bad("a byte beyond 63 bits", create("quota: 9223372036854775808 B")),
    bad("twenty digits of nearly nothing", create("quota: 00000000000000000001 B")),
    bad("a quota of many noughts", create("quota: 000 TiB")),
    good("the leap day of a leap century", create("expires: 2400-02-29")),
    bad("a leap day of no leap century", create("expires: 2100-02-29")),
    bad("the 31st of April", create("expires: 2027-04-31")),
    bad("the year nought", create("expires: 0000-02-29")),
    bad("a day with a line feed behind it", create("expires: \"2027-04-30\\n\"")),
    bad("an address with a line feed behind it", create("owner: \"b@example.org\\n\"")),
    good("a local part with single letters between dots", create("forward: [a.b.c@a-b.c-d.example]")),
    bad("a last label with a hyphen at its end", create("forward: [a@b.c-]")),
    bad("a list's copy", list("keep_copy: true")),
    bad("a list's telephone", list("phone: 1")),
    bad("a set of keep_copy false while forward is emptied", modify("set: {keep_copy: false, forward: []}")),
    good("a set of keep_copy false alone", modify("set: {keep_copy: false}")),
    bad("a name of neither kind under set", modify("set: {name: {}}")),
    bad("lists both set and added to", modify("set: {lists: null}, add: {lists: [l@example.org]}")),
    good("lists set and aliases added to", modify("set: {lists: null}, add: {aliases: [b@example.org]}")),
    bad("a reset of nothing", modify("reset: null")),
    bad("an adopt of text", change("adopt: a@example.org")),
    bad("a delete whose address is a number", change("delete: {address: 7}")),
  ]

  /// Refused rows that a schema can't see, by the reason.
  private static let unseen: [(reason: String, rows: [String])] = [
    (
      "of the bytes, which no value tells",
      [
        "NFD as an escape", "NFD in a comment", "a carriage return alone", "a directive",
        "a directive after a comment", "a key twice", "the same key in quotes", "a lone surrogate",
        "a next line (NEL)", "a scalar that NFC excludes", "jamo that compose", "marks out of order", "text in NFD",
        "a tag", "a tag on a mapping", "a tag without a name", "a tag without a name before quotes", "an alias",
        "an anchor alone",
      ]
    ),
    (
      "the spelling of a value that isn't text to others",
      [
        "a number that begins with a dot", "atomic that is True",
      ]
    ),
    (
      "one value compared with another",
      [
        "a create of another's alias", "two creates of an address", "a forward to itself",
        "a list that is a member of itself", "a rename to the same address", "a value added and removed",
        "an account that owns itself", "an alias that is the address", "an alias that is the new address",
        "an alias twice", "an owner that is the new address", "the primary address under remove",
      ]
    ),
    (
      "the configuration's",
      [
        "a form of another code", "a list with an account of ours as a member", "a member of ours under add",
        "a rename elsewhere", "a requester with an address elsewhere", "an address elsewhere",
        "an address in a domain that ends alike", "an address in a subdomain", "an address with a plus",
        "an address with a star", "an alias elsewhere", "an alias elsewhere under add", "an owner elsewhere",
      ]
    ),
    (
      "the day's",
      [
        "an approval of 91 days ago", "an approval of tomorrow", "an expiry in the past under set",
        "an expiry of yesterday",
      ]
    ),
  ]

  /// The reason for each refused row that a schema can't see.
  static let invisibleToTheSchema = Dictionary(
    uniqueKeysWithValues: unseen.flatMap { group in group.rows.map { ($0, group.reason) } })
}
