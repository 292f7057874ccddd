internal import LDAP
internal import Translations

extension Pages {
  /// A message of the program in the page's language. One that has no Spanish is shown as it is, in quotes.
  func message(_ text: String?) -> String? {
    guard let text, !text.isEmpty, let catalogue = language.catalogue else { return text }
    return catalogue.text(of: text) ?? catalogue.quoting(text) ?? "«\(text)»"
  }

  /// What a failed change's error says, in the page's language. What the directory said itself is shown as it is, and
  /// marked as its words.
  func diagnostic(_ text: String) -> String? {
    guard !text.isEmpty, let catalogue = language.catalogue else { return text }
    return catalogue.text(of: text) ?? "\(Word.directoryWords.text(language)) «\(text)»"
  }

  /// The name of a result code in the page's language. The number stands beside it.
  func name(of code: ResultCode) -> String { code.name(language) }
}

extension ResultCode {
  /// Its name without its number.
  func name(_ language: PageLanguage) -> String {
    guard let catalogue = language.catalogue else { return name }
    let number = "\(rawValue) "
    guard let text = catalogue.text(of: description), text.hasPrefix(number) else {
      return "código sin nombre conocido"
    }
    return String(text.dropFirst(number.count))
  }
}

extension PageLanguage {
  /// The program's messages; `nil`: they are in English as they are.
  var catalogue: Catalogue? {
    switch self {
    case .en: nil
    case .es: .spanish
    }
  }

  /// A message in the language; one that has no translation stays as it is.
  func text(of message: String) -> String { catalogue?.text(of: message) ?? catalogue?.quoting(message) ?? message }

  /// A word of a fixed set as the language calls it of a thing.
  func text(_ word: String, of thing: String) -> String { catalogue?.text(of: "\(thing) \(word)") ?? word }
}
