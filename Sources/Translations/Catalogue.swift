internal import CTranslations

/// The program's messages in another language. English stands in the sources, where a thing is decided; here a whole English
/// message finds its translation by its words, with slots for what it names (``Phrase``). So the log, JSON and the register
/// keep English, and pages and commands translate what they show.
///
/// A text finds the phrase that it equals; else the first one in the file that fits, so a special phrase stands above a
/// general one.
public struct Catalogue: Sendable {
  /// `Sources/buzon/Translations/es.po`, built in.
  public static let spanish: Catalogue = {
    var size = 0
    let bytes = UnsafeBufferPointer(start: buzon_es_po(&size), count: size)
    return Catalogue(PortableObject(bytes).entries)
  }()

  /// Every phrase with its translation, in the file's order.
  public let entries: [(english: String, foreign: String)]
  private let whole: [String: String]
  private let phrases: [(firstByte: UInt8?, phrase: Phrase)]

  init(_ entries: [(id: String, string: String)]) {
    self.entries = entries.map { ($0.id, $0.string) }
    var whole: [String: String] = [:]
    var phrases: [(UInt8?, Phrase)] = []
    for (id, string) in entries {
      let phrase = Phrase(id, string)
      if phrase.hasSlots { phrases.append((phrase.firstByte, phrase)) } else { whole[id] = string }
    }
    (self.whole, self.phrases) = (whole, phrases)
  }

  /// A message's translation; `nil`: it is none of ours. Several messages may be joined by `; `, as what happened and what to
  /// do are.
  public func text(of message: String) -> String? { whole[message] ?? joined(message) ?? single(message) }

  private func single(_ message: String) -> String? {
    let bytes = Array(message.utf8)
    for (first, phrase) in phrases where first == nil || first == bytes.first {
      if let text = phrase.translated(bytes, inner: inner) { return text }
    }
    return nil
  }

  /// What the system says begins with a capital letter in some places, and with a small one in others.
  private func inner(_ part: String) -> String? {
    text(of: part) ?? text(of: part.prefix(1).lowercased() + part.dropFirst())
  }

  private func joined(_ message: String) -> String? {
    for (what, remedy) in Self.halves(of: message) {
      if let remedy = text(of: remedy), let what = whole[what] ?? single(what) { return "\(what); \(remedy)" }
    }
    return nil
  }

  /// What is no message of ours with a remedy of ours; `nil`: it is something else.
  public func quoting(_ message: String) -> String? {
    for (what, remedy) in Self.halves(of: message) {
      if let remedy = text(of: remedy) { return "«\(what)»; \(remedy)" }
    }
    return nil
  }

  /// A text cut at each `; `.
  private static func halves(of message: String) -> [(String, String)] {
    let bytes = Array(message.utf8)
    return bytes.indices.dropLast().filter { bytes[$0] == UInt8(ascii: ";") && bytes[$0 + 1] == 0x20 }.map {
      (String(decoding: bytes[..<$0], as: UTF8.self), String(decoding: bytes[($0 + 2)...], as: UTF8.self))
    }
  }
}
