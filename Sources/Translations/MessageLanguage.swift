internal import Glibc

/// The language that a process's environment asks its messages in, after gettext(3): of `LC_ALL`, `LC_MESSAGES` and `LANG`
/// the first that is not empty names it; where that is not the C locale, the list in `LANGUAGE` goes before.
///
/// The variables are read, and not setlocale(3): a host without that locale's files can still speak its language.
public enum MessageLanguage: String, Sendable, Hashable {
  case english = "en"
  case spanish = "es"

  /// - Parameter variable: the value of a variable of the environment; `nil`: it is not set.
  public init(environment variable: (String) -> String?) {
    func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    let locale = value("LC_ALL") ?? value("LC_MESSAGES") ?? value("LANG") ?? "C"
    guard !["C", "POSIX"].contains(Self.part(of: locale, before: ".@")) else {
      self = .english
      return
    }
    let names = value("LANGUAGE").map { $0.split(separator: ":").map(String.init) } ?? []
    self = (names + [locale]).lazy.compactMap { Self(rawValue: Self.part(of: $0, before: "_.@")) }.first ?? .english
  }

  /// A locale is `language_TERRITORY.codeset@modifier`.
  private static func part(of locale: String, before marks: String) -> String {
    String(locale.prefix { !marks.contains($0) })
  }

  /// Its messages; `nil`: they are in English as they are.
  public var catalogue: Catalogue? {
    switch self {
    case .english: nil
    case .spanish: .spanish
    }
  }
}

extension MessageLanguage {
  /// Of this process.
  public static let ofProcess = MessageLanguage { name in getenv(name).map { String(cString: $0) } }
}

private let messages = MessageLanguage.ofProcess.catalogue

/// A message in the language of the process. One that has no translation stays as it is, in quotes where what to do has one.
public func translated(_ message: String) -> String {
  guard let messages else { return message }
  return messages.text(of: message) ?? messages.quoting(message) ?? message
}

/// A line of a report, `FILE:LINE:COLUMN: KEY: message`, with its message in the language of the process.
public func translated(report line: String) -> String {
  guard let messages else { return line }
  var message = line[...]
  while let colon = message.firstRange(of: ": ") {
    message = message[colon.upperBound...]
    if let text = messages.text(of: String(message)) { return line[..<message.startIndex] + text }
  }
  return line
}

/// A word of a fixed set as the language of the process calls it of a thing: in the catalogue `request held`, in English the
/// word by itself.
public func translated(_ word: String, of thing: String) -> String {
  messages?.text(of: "\(thing) \(word)") ?? word
}
