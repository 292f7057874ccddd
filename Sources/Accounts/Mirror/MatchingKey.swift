internal import LDAP

/// What the directory compares a value by, where it compares texts (RFC 4517 §4.2; RFC 4518): letters composed or not, in
/// either case, with any blanks between words, are the same. Telephone numbers are compared without blanks and hyphens.
///
/// All else is compared by its bytes: what is no UTF-8, what stands under an option, what is too long to be kept.
enum MatchingKey: Hashable {
  /// Texts are equal where they are canonically equivalent.
  case text(String)
  case value(ImageValue)

  init(_ value: ImageValue, _ rule: Rule) {
    guard rule != .bytes, let text = value.plain?.text else {
      self = .value(value)
      return
    }
    let blanks: Set<UInt8> = rule == .telephoneNumber ? [0x20, UInt8(ascii: "-")] : [0x20]
    // On bytes: a blank before a combining mark is another Character.
    let words = text.lowercased().utf8.split { blanks.contains($0) }
    let separator: [UInt8] = rule == .telephoneNumber ? [] : [0x20]
    self = .text(String(decoding: Array(words.joined(separator: separator)), as: UTF8.self))
  }

  /// How an attribute is compared.
  enum Rule {
    case bytes, text, telephoneNumber
  }
}

extension ManagedImage {
  /// By the attribute's number.
  static let matching: [MatchingKey.Rule] = {
    let texts: Set<String> = [
      Schema.commonName, Schema.surname, Schema.givenName, Schema.displayName, Schema.document, Schema.position,
      Schema.department,
    ]
    return attributes.map { $0 == Schema.phone ? .telephoneNumber : texts.contains($0) ? .text : .bytes }
  }()

  /// `nil` where the attribute is none of the image's.
  static func rule(of name: String) -> MatchingKey.Rule? { attributes.firstIndex(of: name).map { matching[$0] } }
}

extension [ImageValue] {
  /// Those that the directory finds in no other of a list.
  func unmatched(by others: [ImageValue], _ rule: MatchingKey.Rule) -> [ImageValue] {
    if rule == .bytes { return without(others) }
    let keys = Set(others.map { MatchingKey($0, rule) })
    return filter { !keys.contains(MatchingKey($0, rule)) }
  }
}
