internal import LDAP

/// The program's messages in Spanish, for pages. Log, JSON and terminal have them in English.
///
/// The catalogue is in files by theme. The first phrase that fits a text gives its Spanish, so a special phrase stands
/// above a general one. A test reads the sources for messages that have none.
enum SpanishMessages {
  /// Every phrase with its Spanish; see ``SpanishPhrase`` for the slots.
  static let all: [(english: String, spanish: String)] =
    changes + atomicChanges + remedies + queue + service + spool + files + answers + directory

  private static let phrases = all.map { SpanishPhrase($0.english, $0.spanish) }

  /// A message in Spanish; `nil`: it is none of ours. Several messages may be joined by `; `, as what happened and what to
  /// do are.
  static func text(of message: String) -> String? { joined(message) ?? single(message) }

  private static func single(_ message: String) -> String? {
    for phrase in phrases {
      if let text = phrase.translated(message, inner: inner) { return text }
    }
    return nil
  }

  /// What the system says begins with a capital letter in some places, and with a small one in others.
  private static func inner(_ part: String) -> String? {
    text(of: part) ?? text(of: part.prefix(1).lowercased() + part.dropFirst())
  }

  private static func joined(_ message: String) -> String? {
    for (what, remedy) in halves(of: message) {
      if let remedy = text(of: remedy), let what = single(what) { return "\(what); \(remedy)" }
    }
    return nil
  }

  /// What is no message of ours with a remedy of ours; `nil`: it is something else.
  static func quoting(_ message: String) -> String? {
    for (what, remedy) in halves(of: message) {
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

extension Pages {
  /// A message of the program in the page's language. One that has no Spanish is shown as it is, in quotes.
  func message(_ text: String?) -> String? {
    guard let text, !text.isEmpty, language == .es else { return text }
    return SpanishMessages.text(of: text) ?? SpanishMessages.quoting(text) ?? "«\(text)»"
  }

  /// What a failed change's error says, in the page's language. What the directory said itself is shown as it is, and
  /// marked as its words.
  func diagnostic(_ text: String) -> String? {
    guard !text.isEmpty, language == .es else { return text }
    return SpanishMessages.text(of: text) ?? "\(Word.directoryWords.text(language)) «\(text)»"
  }

  /// The name of a result code in the page's language. The number stands beside it.
  func name(of code: ResultCode) -> String {
    switch language {
    case .en: code.name
    case .es: SpanishMessages.codes[code.rawValue] ?? "código sin nombre conocido"
    }
  }
}
