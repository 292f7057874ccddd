import CFuzz
import Glibc

@testable import LDAP

/// Search filters: what we send is what libldap would send for the same text, and no value becomes a part of the filter.
enum FilterTarget {
  @Sendable static func check(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    if let filter = try accepted({ () throws(LDAPError) in try Filter(parsing: text) }) {
      try isItself(filter)
      try isSentAlike(filter, text)
    }
    var choices = Choices(input)
    let filter = filter(&choices, depth: 0)
    try isItself(filter)
    try promise(filter.isSound, "\(filter) isn't sound")
    try isSentAlike(filter, filter.description, mustBe: true)
  }

  private static func isItself(_ filter: Filter) throws {
    guard let again = try? Filter(parsing: filter.description) else {
      throw Broken(description: "a filter is refused when it is written: \(filter.description.debugDescription)")
    }
    try promise(again == filter, "\(filter) is another filter when it is read again: \(again)")
    try promise(again.ber == filter.ber, "\(filter) is sent in two ways")
  }

  private static func isSentAlike(_ filter: Filter, _ text: String, mustBe: Bool = false) throws {
    // libldap takes a C string.
    if text.utf8.contains(0) { return }
    var count = 0
    guard let bytes = fuzz_filter_ber(text, &count) else {
      return try promise(!mustBe, "libldap refuses \(text.debugDescription)")
    }
    defer { free(bytes) }
    let foreign = Array(UnsafeBufferPointer(start: bytes, count: count))
    try promise(foreign == filter.ber, "libldap sends \(text.debugDescription) as \(foreign), we \(filter.ber)")
  }

  private static func filter(_ choices: inout Choices, depth: Int) -> Filter {
    let name = choices.of(["mail", "uid", "cn", "2.5.4.3", "title;lang-es"])
    func value(_ choices: inout Choices) -> Value { Value(bytes: choices.bytes()) }
    func piece(_ choices: inout Choices) -> Value { Value(bytes: choices.bytes() + [UInt8(ascii: "*")]) }
    func several(_ choices: inout Choices) -> [Filter] {
      (0..<choices.byte() % 3).map { _ in filter(&choices, depth: depth + 1) }
    }
    switch choices.byte() % (depth < 4 ? 10 : 7) {
    case 0: return .equal(name, value(&choices))
    case 1: return .substring(name, initial: piece(&choices), any: [piece(&choices)], final: piece(&choices))
    case 2: return .substring(name, any: [piece(&choices)])
    case 3: return .greaterOrEqual(name, value(&choices))
    case 4: return .approximate(name, value(&choices))
    case 5: return .present(name)
    case 6: return .extensible(attribute: name, rule: "2.5.13.2", value(&choices), inDN: choices.byte() & 1 == 1)
    case 7: return .and(several(&choices))
    case 8: return .or(several(&choices))
    default: return .not(filter(&choices, depth: depth + 1))
    }
  }
}
