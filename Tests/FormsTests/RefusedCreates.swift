/// Forms that are refused: create.
extension Row {
  static let refusedCreates: [Row] = [
    Row(
      "a person without a name", change("create: {address: a@example.org}"),
      ["6:11: changes[0].create.name: is missing"]),
    Row(
      "a person with half a name", change("create: {address: a@example.org, name: {given: A}}"),
      ["6:42: changes[0].create.name.family: is missing"]),
    Row(
      "a person with a display name", change("create: {address: a@example.org, name: {display: A}}"),
      ["6:52: changes[0].create.name.display: names something that is not a person"]),
    Row(
      "a person with both names", change("create: {address: a@example.org, name: {given: A, family: B, display: A}}"),
      ["6:73: changes[0].create.name.display: names something that is not a person"]),
    Row(
      "a name that is text", change("create: {address: a@example.org, name: Ana}"),
      ["6:42: changes[0].create.name: has no keys"]),
    Row("a kind that isn't known", create("kind: persona"), ["6:71: changes[0].create.kind: 'persona' is not known"]),
    Row("a kind in capitals", create("kind: Person"), ["6:71: changes[0].create.kind: 'Person' is not known"]),
    Row(
      "a functional account without an owner",
      change("create: {address: a@example.org, kind: functional, name: {display: A}}"),
      ["6:11: changes[0].create.owner: is missing"]),
    Row(
      "a list without an owner", change("create: {address: a@example.org, kind: list, name: {display: A}}"),
      ["6:11: changes[0].create.owner: is missing"]),
    Row(
      "a functional account with a person's name",
      change("create: {address: a@example.org, kind: functional, owner: o@example.org, name: {given: A, family: B}}"),
      [
        "6:82: changes[0].create.name.display: is missing",
        "6:90: changes[0].create.name.given: is the name of a person",
        "6:101: changes[0].create.name.family: is the name of a person",
      ]),
    Row(
      "a functional account with a document",
      change(
        "create: {address: a@example.org, kind: functional, owner: o@example.org, name: {display: A}, document: 1}"),
      ["6:106: changes[0].create.document: an account of kind functional has no document"]),
    Row(
      "a person with members", create("members: [x@example.com]"),
      ["6:74: changes[0].create.members: an account of kind person has no members"]),
    Row(
      "a list with a quota", list("quota: 5 GiB"),
      ["6:97: changes[0].create.quota: an account of kind list has no quota"]),
    Row(
      "a list that forwards", list("forward: [x@example.com], keep_copy: true"),
      [
        "6:99: changes[0].create.forward: an account of kind list has no forward",
        "6:127: changes[0].create.keep_copy: an account of kind list has no keep_copy",
      ]),
    Row(
      "a list with an account of ours as a member", list("members: [x@example.org]"),
      ["6:100: changes[0].create.members[0]: 'x@example.org' is an account of ours"]),
    Row(
      "a list that is a member of itself", list("lists: [l@example.org]"),
      ["6:98: changes[0].create.lists[0]: 'l@example.org' is the list itself"]),
    Row(
      "an account that owns itself", create("owner: A@Example.org"),
      ["6:72: changes[0].create.owner: an account can't be its own owner"]),
    Row(
      "an owner elsewhere", create("owner: o@example.com"),
      ["6:72: changes[0].create.owner: 'o@example.com' is not in a domain of ours"]),
    Row(
      "an alias that is the address", create("aliases: [A@example.org]"),
      ["6:75: changes[0].create.aliases[0]: 'a@example.org' is the account's address already"]),
    Row(
      "an alias elsewhere", create("aliases: [b@example.com]"),
      ["6:75: changes[0].create.aliases[0]: 'b@example.com' is not in a domain of ours"]),
    Row(
      "an alias twice", create("aliases: [b@example.org, B@EXAMPLE.org]"),
      ["6:90: changes[0].create.aliases[1]: 'B@EXAMPLE.org' is in the list twice"]),
    Row(
      "aliases that are one text", create("aliases: b@example.org"), ["6:74: changes[0].create.aliases: is not a list"]),
    Row("aliases that are null", create("aliases: null"), ["6:74: changes[0].create.aliases: is empty"]),
    Row(
      "aliases that are a mapping", create("aliases: {b: c}"),
      ["6:74: changes[0].create.aliases: has keys and is not a list"]),
    Row(
      "a forward to itself", create("forward: [a@example.org]"),
      ["6:75: changes[0].create.forward[0]: 'a@example.org' is the account itself: mail would go round"]),
    Row(
      "keep_copy false without a forward", create("keep_copy: false"),
      ["6:76: changes[0].create.keep_copy: nothing would be kept and nothing forwarded"]),
    Row(
      "keep_copy that is no", create("forward: [x@example.com], keep_copy: no"),
      ["6:102: changes[0].create.keep_copy: 'no' is neither true nor false"]),
    Row("a quota without a unit", create("quota: 5"), ["6:72: changes[0].create.quota: '5' has no unit"]),
    Row(
      "a quota in decimal units", create("quota: 5 GB"),
      ["6:72: changes[0].create.quota: the unit of '5 GB' means two sizes"]),
    Row(
      "a quota with a fraction", create("quota: 1.5 GiB"),
      ["6:72: changes[0].create.quota: '1.5 GiB' is not a whole number with a unit"]),
    Row(
      "a quota with an unknown unit", create("quota: 5 gib"),
      ["6:72: changes[0].create.quota: '5 gib' has no unit that is known"]),
    Row(
      "a quota of two spaces", create("quota: \"5  GiB\""),
      ["6:72: changes[0].create.quota: '5  GiB' has no unit that is known"]),
    Row(
      "a negative quota", create("quota: -5 GiB"),
      ["6:72: changes[0].create.quota: '-5 GiB' is not a whole number with a unit"]),
    Row("no quota at all", create("quota: 0 GiB"), ["6:72: changes[0].create.quota: '0 GiB' is out of range"]),
    Row(
      "a quota beyond 63 bits", create("quota: 8388608 TiB"),
      ["6:72: changes[0].create.quota: '8388608 TiB' is out of range"]),
    Row(
      "a quota beyond 64 bits", create("quota: 99999999999999999999 GiB"),
      ["6:72: changes[0].create.quota: '99999999999999999999 GiB' is out of range"]),
    Row("a quota that is null", create("quota: null"), ["6:72: changes[0].create.quota: is empty"]),
    Row(
      "an expiry of yesterday", create("expires: 2026-11-21"),
      ["6:74: changes[0].create.expires: 2026-11-21 is in the past"]),
    Row(
      "an expiry that is no day", create("expires: never"),
      ["6:74: changes[0].create.expires: 'never' is not a day of the calendar"]),
    Row(
      "a document with a letter beyond ASCII", create("document: 1124850000ñ"),
      ["6:75: changes[0].create.document: is not written as it should be"]),
    Row(
      "a document that is too long", create("document: " + String(repeating: "1", count: 33)),
      ["6:75: changes[0].create.document: is not written as it should be"]),
    Row(
      "a document that is empty", create("document: \"\""),
      ["6:75: changes[0].create.document: is not written as it should be"]),
    Row(
      "a document with a space at its end", create("document: \"1124850000 \""),
      ["6:75: changes[0].create.document: begins or ends with a space"]),
    Row(
      "a document that is a mapping", create("document: {cc: 1124850000}"),
      ["6:75: changes[0].create.document: has keys and is not text"]),
    Row(
      "a telephone number with a star", create("phone: \"*57\""),
      ["6:72: changes[0].create.phone: '*57' has a character that a telephone number can't have"]),
    Row(
      "a telephone number with an accent", create("phone: teléfono"),
      ["6:72: changes[0].create.phone: 'teléfono' has a character that a telephone number can't have"]),
    Row("a telephone number that is empty", create("phone: \"\""), ["6:72: changes[0].create.phone: is empty"]),
    Row(
      "two creates of an address", create("") + "- create: {address: A@example.org, name: {given: A, family: B}}\n",
      ["7:21: changes[1].create.address: changes[0] gives the address 'a@example.org' already"]),
    Row(
      "a create of another's alias",
      create("aliases: [b@example.org]") + "- create: {address: b@example.org, name: {given: A, family: B}}\n",
      ["7:21: changes[1].create.address: changes[0] gives the address 'b@example.org' already"]),
  ]
}
