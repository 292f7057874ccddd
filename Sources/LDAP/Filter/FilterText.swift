extension Filter {
  /// Reads a filter as RFC 4515 writes it; the outermost parentheses may be left out, as ldapsearch(1) allows.
  ///
  /// Stricter than libldap: nothing is guessed, nothing follows the filter, and it is nested at most 64 deep.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` with what is wrong and the byte where it is, counted from 1.
  public init(parsing text: String) throws(LDAPError) {
    var parser = FilterParser(bytes: Array(text.utf8))
    self = try parser.parse()
  }
}

/// RFC 4515 §3 on bytes.
private struct FilterParser {
  let bytes: [UInt8]
  private var index = 0

  private static let deepest = 64

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parse() throws(LDAPError) -> Filter {
    let isInParentheses = byte == UInt8(ascii: "(")
    let filter = try isInParentheses ? inParentheses(depth: 0) : item()
    guard index == bytes.count else { throw invalid(isInParentheses ? "something follows it" : "a ) closes nothing") }
    return filter
  }

  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func invalid(_ why: String) -> LDAPError {
    .invalid("filter \"\(ASCII.oneLine(String(decoding: bytes, as: UTF8.self)))\", byte \(index + 1): \(why)")
  }

  private mutating func take(_ expected: UInt8, _ why: String) throws(LDAPError) {
    guard byte == expected else { throw invalid(why) }
    index += 1
  }

  private mutating func inParentheses(depth: Int) throws(LDAPError) -> Filter {
    guard depth < Self.deepest else { throw invalid("it is nested more than \(Self.deepest) deep") }
    try take(UInt8(ascii: "("), "a ( is missing")
    let filter: Filter
    switch byte {
    case UInt8(ascii: "&"): filter = .and(try several(depth))
    case UInt8(ascii: "|"): filter = .or(try several(depth))
    case UInt8(ascii: "!"):
      index += 1
      filter = .not(try inParentheses(depth: depth + 1))
    default: filter = try item()
    }
    try take(UInt8(ascii: ")"), "a ) is missing")
    return filter
  }

  private mutating func several(_ depth: Int) throws(LDAPError) -> [Filter] {
    index += 1
    var filters: [Filter] = []
    while byte == UInt8(ascii: "(") { filters.append(try inParentheses(depth: depth + 1)) }
    return filters
  }

  // MARK: attribute, operator, value

  private mutating func item() throws(LDAPError) -> Filter {
    let name = word()
    switch byte {
    case UInt8(ascii: ":"): return try extensible(name)
    case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "~"):
      let sign = bytes[index]
      index += 1
      try take(UInt8(ascii: "="), "a = is missing")
      let attribute = try attribute(name)
      let value = try wholeValue()
      return sign == UInt8(ascii: ">")
        ? .greaterOrEqual(attribute, value)
        : sign == UInt8(ascii: "<") ? .lessOrEqual(attribute, value) : .approximate(attribute, value)
    case UInt8(ascii: "="): index += 1
    default: throw invalid("an attribute and =, >=, <=, ~= or := must be here, e.g. (mail=*)")
    }
    let attribute = try attribute(name)
    let pieces = try self.pieces()
    if pieces.count == 1 { return .equal(attribute, pieces[0]) }
    if pieces.allSatisfy(\.bytes.isEmpty), pieces.count == 2 { return .present(attribute) }
    guard let first = pieces.first, let last = pieces.last,
      pieces[1..<(pieces.count - 1)].allSatisfy({ !$0.bytes.isEmpty })
    else { throw invalid("there are two * together") }
    return .substring(
      attribute, initial: first.bytes.isEmpty ? nil : first, any: Array(pieces[1..<(pieces.count - 1)]),
      final: last.bytes.isEmpty ? nil : last)
  }

  private mutating func extensible(_ name: String) throws(LDAPError) -> Filter {
    var parts: [String] = []
    while byte == UInt8(ascii: ":") {
      index += 1
      if byte == UInt8(ascii: "=") { break }
      parts.append(word())
    }
    try take(UInt8(ascii: "="), "a := is missing")
    let inDN = parts.first.map { ASCII.equalIgnoringCase($0, "dn") } ?? false
    if inDN { parts.removeFirst() }
    guard parts.count < 2, !name.isEmpty || parts.count == 1 else {
      throw invalid("an attribute or one rule is missing")
    }
    let attribute = name.isEmpty ? nil : try attribute(name)
    let rule = try parts.first.map { text throws(LDAPError) in try self.attribute(text) }
    return .extensible(attribute: attribute, rule: rule, try wholeValue(), inDN: inDN)
  }

  /// Up to an operator or a parenthesis.
  private mutating func word() -> String {
    let start = index
    while let byte, !":=<>~()*\\".utf8.contains(byte) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private func attribute(_ name: String) throws(LDAPError) -> String {
    guard ASCII.isAttributeDescription(name) else {
      throw invalid("\"\(ASCII.oneLine(name))\" is not the name of an attribute")
    }
    return name
  }

  private mutating func wholeValue() throws(LDAPError) -> Value {
    let pieces = try pieces()
    guard pieces.count == 1 else { throw invalid("a * in this value is written \\2a") }
    return pieces[0]
  }

  /// The pieces of a value between its stars, unescaped.
  private mutating func pieces() throws(LDAPError) -> [Value] {
    var pieces: [[UInt8]] = [[]]
    while let byte, byte != UInt8(ascii: ")") {
      switch byte {
      case UInt8(ascii: "("): throw invalid("a ( in a value is written \\28")
      case 0: throw invalid("a NUL is written \\00")
      case UInt8(ascii: "*"): pieces.append([])
      case UInt8(ascii: "\\"):
        guard index + 2 < bytes.count, let high = ASCII.hexValue(bytes[index + 1]),
          let low = ASCII.hexValue(bytes[index + 2])
        else { throw invalid("a \\ is followed by two hexadecimal digits") }
        pieces[pieces.count - 1].append(high << 4 | low)
        index += 2
      default: pieces[pieces.count - 1].append(byte)
      }
      index += 1
    }
    return pieces.map { Value(bytes: $0) }
  }
}
