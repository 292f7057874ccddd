/// A message of the program with slots, in English and in another language: `there is no account [address]`.
///
/// | slot | takes | gives |
/// |---|---|---|
/// | `[name]` | any text | the text |
/// | `[=name]` | a text without a space | the text |
/// | `[~name]` | any text | its translation; where it has none the text in quotes, as its author wrote it |
/// | `[*name]` | a text that has a translation | its translation |
///
/// A slot's name has small letters only; other brackets are text. A slot takes as little as it can, and never nothing.
struct Phrase: Sendable {
  enum Piece: Sendable, Equatable {
    case text([UInt8])
    case slot(String, Slot)
  }

  enum Slot: Sendable, Equatable {
    case verbatim, word, loose, strict
  }

  private let english: [Piece]
  private let foreign: [Piece]

  init(_ english: String, _ foreign: String) {
    self.english = Self.pieces(english)
    self.foreign = Self.pieces(foreign)
  }

  /// A template cut at its slots.
  static func pieces(_ template: String) -> [Piece] {
    var pieces: [Piece] = []
    var text: [UInt8] = []
    var rest = Array(template.utf8)[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")),
        let slot = slot(rest[(rest.startIndex + 1)..<end])
      {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = []
        pieces.append(slot)
        rest = rest[(end + 1)...]
      } else {
        text.append(byte)
        rest = rest.dropFirst()
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return pieces
  }

  private static func slot(_ content: ArraySlice<UInt8>) -> Piece? {
    let slot: Slot =
      switch content.first {
      case UInt8(ascii: "="): .word
      case UInt8(ascii: "~"): .loose
      case UInt8(ascii: "*"): .strict
      default: .verbatim
      }
    let name = slot == .verbatim ? content : content.dropFirst()
    guard !name.isEmpty, name.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else { return nil }
    return .slot(String(decoding: name, as: UTF8.self), slot)
  }

  var hasSlots: Bool { english.contains { if case .slot = $0 { true } else { false } } }

  /// What its texts begin with; `nil`: anything.
  var firstByte: UInt8? { if case .text(let bytes) = english.first { bytes.first } else { nil } }

  /// The translation of a text; `nil`: it is another message.
  ///
  /// - Parameter inner: the translation of what a slot took.
  func translated(_ text: [UInt8], inner: (String) -> String?) -> String? {
    guard let taken = taken(from: text) else { return nil }
    var result = ""
    for piece in foreign {
      switch piece {
      case .text(let bytes): result += String(decoding: bytes, as: UTF8.self)
      case .slot(let name, let slot):
        let value = taken[name] ?? ""
        switch slot {
        case .verbatim, .word: result += value
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
    // Most texts end otherwise: cheaper than to look for every piece.
    if case .text(let bytes) = english.last, !text.suffix(bytes.count).elementsEqual(bytes) { return nil }
    var taken: [String: String] = [:]
    var rest = text[...]
    var open: (name: String, slot: Slot)?
    func take(_ value: ArraySlice<UInt8>, _ open: (name: String, slot: Slot)) -> Bool {
      if value.isEmpty || (open.slot == .word && value.contains(0x20)) { return false }
      taken[open.name] = String(decoding: value, as: UTF8.self)
      return true
    }
    for (index, piece) in english.enumerated() {
      switch piece {
      case .slot(let name, let slot): open = (name, slot)
      case .text(let bytes):
        guard let slot = open else {
          guard rest.starts(with: bytes) else { return nil }
          rest = rest.dropFirst(bytes.count)
          continue
        }
        let isLast = index == english.count - 1
        guard let start = isLast ? Self.end(bytes, of: rest) : Self.first(bytes, in: rest) else { return nil }
        guard take(rest[..<start], slot) else { return nil }
        rest = rest[(start + bytes.count)...]
        open = nil
      }
    }
    guard let open else { return rest.isEmpty ? taken : nil }
    return take(rest, open) ? taken : nil
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
