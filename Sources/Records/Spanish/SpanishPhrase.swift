internal import Text

/// A message of the program with slots, in English and in Spanish: `there is no account [address]`.
///
/// | slot | takes | gives |
/// |---|---|---|
/// | `[name]` | any text | the text |
/// | `[~name]` | any text | its Spanish; where it has none the text in quotes, as its author wrote it |
/// | `[*name]` | a text that has Spanish | its Spanish |
///
/// A slot takes as little as it can, and never nothing.
struct SpanishPhrase: Sendable {
  private enum Piece: Sendable {
    case text([UInt8])
    case slot(String, Slot)
  }

  private enum Slot: Sendable {
    case verbatim, loose, strict
  }

  private let english: [Piece]
  private let spanish: [Piece]

  init(_ english: String, _ spanish: String) {
    self.english = Self.pieces(english)
    self.spanish = Self.pieces(spanish)
  }

  private static func pieces(_ template: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = Array(template.utf8)[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "[")), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
      if start > rest.startIndex { pieces.append(.text(Array(rest[..<start]))) }
      var name = rest[(start + 1)..<end]
      let slot: Slot =
        switch name.first {
        case UInt8(ascii: "~"): .loose
        case UInt8(ascii: "*"): .strict
        default: .verbatim
        }
      if slot != .verbatim { name = name.dropFirst() }
      pieces.append(.slot(String(decoding: name, as: UTF8.self), slot))
      rest = rest[(end + 1)...]
    }
    if !rest.isEmpty { pieces.append(.text(Array(rest))) }
    return pieces
  }

  /// The Spanish of a text; `nil`: it is another message.
  ///
  /// - Parameter inner: the Spanish of what a slot took.
  func translated(_ text: String, inner: (String) -> String?) -> String? {
    guard let taken = taken(from: Array(text.utf8)) else { return nil }
    var result = ""
    for piece in spanish {
      switch piece {
      case .text(let bytes): result += String(decoding: bytes, as: UTF8.self)
      case .slot(let name, let slot):
        let value = taken[name] ?? ""
        switch slot {
        case .verbatim: result += value
        case .loose: result += inner(value) ?? "«\(value)»"
        case .strict:
          guard let text = inner(value) else { return nil }
          result += text
        }
      }
    }
    return result
  }

  /// What each slot takes; `nil`: the text is another message.
  private func taken(from text: [UInt8]) -> [String: String]? {
    var taken: [String: String] = [:]
    var rest = text[...]
    var open: String?
    for (index, piece) in english.enumerated() {
      guard case .text(let bytes) = piece else {
        if case .slot(let name, _) = piece { open = name }
        continue
      }
      let isLast = index == english.count - 1
      guard let name = open else {
        guard rest.starts(with: bytes) else { return nil }
        rest = rest.dropFirst(bytes.count)
        continue
      }
      guard let start = isLast ? Self.end(bytes, of: rest) : Self.first(bytes, in: rest) else { return nil }
      taken[name] = String(decoding: rest[..<start], as: UTF8.self)
      rest = rest[(start + bytes.count)...]
      open = nil
    }
    if let open {
      guard !rest.isEmpty else { return nil }
      taken[open] = String(decoding: rest, as: UTF8.self)
      return taken
    }
    return rest.isEmpty ? taken : nil
  }

  /// Where the text ends with these bytes, behind something else.
  private static func end(_ bytes: [UInt8], of text: ArraySlice<UInt8>) -> Int? {
    let start = text.endIndex - bytes.count
    return start > text.startIndex && text[start...].elementsEqual(bytes) ? start : nil
  }

  /// Where these bytes stand first, behind something else.
  private static func first(_ bytes: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard text.count > bytes.count else { return nil }
    return ((text.startIndex + 1)...(text.endIndex - bytes.count)).first { start in
      text[start] == bytes[0] && text[start...].starts(with: bytes)
    }
  }
}
