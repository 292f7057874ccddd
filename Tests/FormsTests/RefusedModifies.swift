/// Forms that are refused: modify.
extension Row {
  static let refusedModifies: [Row] = [
    Row(
      "a modify of nothing", header + "- modify: {address: a@example.org}\n",
      ["6:11: changes[0].modify: changes nothing"]),
    Row(
      "a modify without an address", header + "- modify: {set: {phone: null}}\n",
      ["6:11: changes[0].modify.address: is missing"]),
    Row(
      "a modify with a field beside set", modify("quota: 5 GiB"),
      ["6:36: changes[0].modify.quota: modify has no such key"]),
    Row("an empty set", modify("set: {}"), ["6:41: changes[0].modify.set: sets nothing"]),
    Row("a set that is null", modify("set: null"), ["6:41: changes[0].modify.set: has no keys"]),
    Row("a set that is a list", modify("set: [phone]"), ["6:41: changes[0].modify.set: is a list"]),
    Row(
      "an address that is cleared", modify("set: {address: null}"),
      ["6:51: changes[0].modify.set.address: can't be cleared"]),
    Row("a name that is cleared", modify("set: {name: null}"), ["6:48: changes[0].modify.set.name: can't be cleared"]),
    Row(
      "a department that is cleared", modify("set: {department: ~}"),
      ["6:54: changes[0].modify.set.department: can't be cleared"]),
    Row(
      "a status that is cleared", modify("set: {status: null}"),
      ["6:50: changes[0].modify.set.status: can't be cleared"]),
    Row(
      "a status of retained", modify("set: {status: retained}"),
      ["6:50: changes[0].modify.set.status: an account is retained by its deletion"]),
    Row(
      "a status that isn't known", modify("set: {status: disabled}"),
      ["6:50: changes[0].modify.set.status: 'disabled' is not known"]),
    Row("a kind that is set", modify("set: {kind: list}"), ["6:42: changes[0].modify.set.kind: set has no such key"]),
    Row(
      "a rename to the same address", modify("set: {address: A@example.org}"),
      ["6:51: changes[0].modify.set.address: is the address that the account has"]),
    Row(
      "a rename elsewhere", modify("set: {address: a@example.com}"),
      ["6:51: changes[0].modify.set.address: 'a@example.com' is not in a domain of ours"]),
    Row(
      "an alias that is the new address", modify("set: {address: b@example.org}, add: {aliases: [b@example.org]}"),
      ["6:83: changes[0].modify.add.aliases[0]: 'b@example.org' is the account's address already"]),
    Row(
      "an owner that is the new address", modify("set: {address: b@example.org, owner: b@example.org}"),
      ["6:73: changes[0].modify.set.owner: an account can't be its own owner"]),
    Row(
      "a field both set and added to", modify("set: {aliases: [b@example.org]}, add: {aliases: [c@example.org]}"),
      ["6:84: changes[0].modify.add.aliases: set replaces aliases as a whole"]),
    Row(
      "a field both set and removed from", modify("set: {forward: null}, remove: {forward: [c@example.com]}"),
      ["6:76: changes[0].modify.remove.forward: set replaces forward as a whole"]),
    Row(
      "a value added and removed",
      modify("add: {forward: [c@example.com]}, remove: {forward: [x@example.com, C@example.com]}"),
      ["6:103: changes[0].modify.remove.forward[1]: 'c@example.com' is added and removed"]),
    Row(
      "a field of one value under add", modify("add: {phone: 1}"),
      ["6:42: changes[0].modify.add.phone: add has no such key"]),
    Row(
      "an empty list under add", modify("add: {aliases: []}"), ["6:51: changes[0].modify.add.aliases: is an empty list"]
    ),
    Row("an empty add", modify("add: {}"), ["6:41: changes[0].modify.add: names nothing"]),
    Row(
      "an alias elsewhere under add", modify("add: {aliases: [b@example.com]}"),
      ["6:52: changes[0].modify.add.aliases[0]: 'b@example.com' is not in a domain of ours"]),
    Row(
      "the primary address under remove", modify("remove: {aliases: [a@example.org]}"),
      ["6:55: changes[0].modify.remove.aliases[0]: 'a@example.org' is the account's address and no alias"]),
    Row(
      "a member of ours under add", modify("add: {members: [b@example.org]}"),
      ["6:52: changes[0].modify.add.members[0]: 'b@example.org' is an account of ours"]),
    Row(
      "keep_copy false while forward is cleared", modify("set: {keep_copy: false, forward: null}"),
      ["6:53: changes[0].modify.set.keep_copy: nothing would be kept and nothing forwarded"]),
    Row(
      "a reset of something else", modify("reset: everything"),
      ["6:43: changes[0].modify.reset: 'everything' is not known"]),
    Row(
      "a reset beside a set", modify("reset: password, set: {phone: null}"),
      ["6:43: changes[0].modify.reset: is not allowed beside set, add or remove"]),
    Row(
      "a reset in an atomic form", "atomic: true\n" + modify("reset: password"),
      ["7:43: changes[0].modify.reset: can't be undone, so it can't be in an atomic form"]),
    Row(
      "an expiry in the past under set", modify("set: {expires: 2020-01-01}"),
      ["6:51: changes[0].modify.set.expires: 2020-01-01 is in the past"]),
    Row(
      "half a name under set", modify("set: {name: {family: B}}"),
      ["6:48: changes[0].modify.set.name.given: is missing"]),
  ]
}
