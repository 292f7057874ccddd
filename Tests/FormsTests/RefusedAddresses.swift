/// Forms that are refused: addresses.
extension Row {
  static let refusedAddresses: [Row] = [
    Row("no address", change("adopt: {}"), ["6:10: changes[0].adopt.address: is missing"]),
    Row(
      "an address without @", change("adopt: {address: a.example.org}"),
      ["6:20: changes[0].adopt.address: 'a.example.org' is not an address: it has no @"]),
    Row(
      "an address with two @", change("adopt: {address: a@b@example.org}"),
      ["6:20: changes[0].adopt.address: 'a@b@example.org' is not an address: it has more than one @"]),
    Row(
      "an address without a local part", change("adopt: {address: \"@example.org\"}"),
      ["6:20: changes[0].adopt.address: '@example.org' is not an address: there is nothing before the @"]),
    Row(
      "an address without a domain", change("adopt: {address: \"a@\"}"),
      ["6:20: changes[0].adopt.address: 'a@' is not an address: there is nothing after the @"]),
    Row(
      "an address with an accent", change("adopt: {address: josé@example.org}"),
      ["6:20: changes[0].adopt.address: 'josé@example.org' is not an address: it has letters beyond ASCII"]),
    Row(
      "an address with a leading dot", change("adopt: {address: .a@example.org}"),
      ["6:20: changes[0].adopt.address: '.a@example.org' has a dot at an end of the part before the @, or two in a row"]
    ),
    Row(
      "an address with a last dot", change("adopt: {address: a.@example.org}"),
      ["6:20: changes[0].adopt.address: 'a.@example.org' has a dot at an end of the part before the @, or two in a row"]
    ),
    Row(
      "an address with two dots", change("adopt: {address: a..b@example.org}"),
      [
        "6:20: changes[0].adopt.address: 'a..b@example.org' has a dot at an end of the part before the @, or two in a row"
      ]),
    Row(
      "an address with a space", change("adopt: {address: a b@example.org}"),
      ["6:20: changes[0].adopt.address: 'a b@example.org' is not an address: it has a space in it"]),
    Row(
      "an address with a comma", change("adopt: {address: \"a,b@example.org\"}"),
      ["6:20: changes[0].adopt.address: 'a,b@example.org' has a character before the @ that an address can't have"]),
    Row(
      "an address with a star", change("adopt: {address: \"*@example.org\"}"),
      ["6:20: changes[0].adopt.address: '*@example.org' has a character before the @ that our addresses don't have"]),
    Row(
      "an address with a star and an accent", change("adopt: {address: \"*\\u0301@example.org\"}"),
      ["6:20: changes[0].adopt.address: '*\u{301}@example.org' is not an address: it has letters beyond ASCII"]),
    Row(
      "an address with a plus", change("adopt: {address: a+b@example.org}"),
      ["6:20: changes[0].adopt.address: 'a+b@example.org' has a character before the @ that our addresses don't have"]),
    Row(
      "an address in angle brackets", change("adopt: {address: <a@example.org>}"),
      ["6:20: changes[0].adopt.address: '<a@example.org>' has a character before the @ that an address can't have"]),
    Row(
      "a local part of 65", change("adopt: {address: " + String(repeating: "a", count: 65) + "@example.org}"),
      [
        "6:20: changes[0].adopt.address: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{2026}' has more than 64 characters before the @"
      ]),
    Row(
      "an address elsewhere", change("adopt: {address: a@example.com}"),
      ["6:20: changes[0].adopt.address: 'a@example.com' is not in a domain of ours"]),
    Row(
      "an address in a subdomain", change("adopt: {address: a@mail.example.org}"),
      ["6:20: changes[0].adopt.address: 'a@mail.example.org' is not in a domain of ours"]),
    Row(
      "an address in a domain that ends alike", change("adopt: {address: a@badexample.org}"),
      ["6:20: changes[0].adopt.address: 'a@badexample.org' is not in a domain of ours"]),
    Row(
      "an address with a domain of one label", change("adopt: {address: a@localhost}"),
      ["6:20: changes[0].adopt.address: 'a@localhost' has no dot in its domain"]),
    Row(
      "an address literal", change("adopt: {address: \"a@[192.0.2.1]\"}"),
      ["6:20: changes[0].adopt.address: 'a@[192.0.2.1]' has a character in its domain that a domain can't have"]),
    Row(
      "an address with a number for a domain", change("adopt: {address: a@192.0.2.1}"),
      ["6:20: changes[0].adopt.address: 'a@192.0.2.1' has a number for a domain"]),
    Row(
      "a label of 64", create("forward: [a@" + String(repeating: "b", count: 64) + ".org]"),
      [
        "6:75: changes[0].create.forward[0]: 'a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\u{2026}' has more than 63 characters between the dots of its domain"
      ]),
    Row(
      "a label with a hyphen at its end", create("forward: [a@b-.org]"),
      ["6:75: changes[0].create.forward[0]: 'a@b-.org' has a hyphen at an end of a part of its domain"]),
    Row(
      "a domain with an underscore", create("forward: [a@b_c.org]"),
      ["6:75: changes[0].create.forward[0]: 'a@b_c.org' has a character in its domain that a domain can't have"]),
    Row(
      "a domain with two dots", create("forward: [a@b..org]"),
      ["6:75: changes[0].create.forward[0]: 'a@b..org' has a dot at an end of its domain, or two in a row"]),
    Row(
      "an address of 255", create("forward: [\(address(of: 255))]"),
      [
        "6:75: changes[0].create.forward[0]: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{2026}' has more than 254 characters"
      ]),
    Row(
      "an address that is a list", change("adopt: {address: [a@example.org]}"),
      ["6:20: changes[0].adopt.address: is a list and no text"]),
  ]
}
