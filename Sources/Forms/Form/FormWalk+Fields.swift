internal import Text

/// The fields of an account, as creates and modifies write them.
extension FormWalk {
  private static let nameKeys = Keys("name", ["given", "family", "display"])

  /// - Parameter kind: `nil`: either form of name, as a modify has it.
  mutating func name(_ field: Field, kind: Kind?) -> Change.Name? {
    let isPerson = kind.map { $0 == .person }
    let remedy = isPerson ?? true ? "write name: {given: …, family: …}" : "write name: {display: …}"
    guard walk.document.kind(field.node) == .mapping || walk.document.kind(field.node) == .invalid else {
      walk.report(field, "has no keys", remedy)
      return nil
    }
    guard walk.isMapping(field, Self.nameKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let given = walk.field(field, "given")
    let family = walk.field(field, "family")
    let display = walk.field(field, "display")
    if isPerson ?? (display == nil) {
      if let display {
        walk.report(display, "names something that is not a person", "\(remedy), or kind: functional or list")
      }
      guard display == nil || given != nil || family != nil else { return nil }
      return personName(field, remedy)
    }
    for part in [given, family] {
      if let part { walk.report(part, "is the name of a person", "write name: {display: …} alone") }
    }
    guard let display = display ?? walk.required(field, "display", remedy) else { return nil }
    return text(display).map { .display($0) }
  }

  private mutating func personName(_ field: Field, _ remedy: String) -> Change.Name? {
    let given = walk.required(field, "given", remedy).flatMap { text($0) }
    let family = walk.required(field, "family", remedy).flatMap { text($0) }
    guard let given, let family else { return nil }
    return .person(given: given, family: family)
  }

  /// The identity number. No finding ever quotes it.
  mutating func document(_ field: Field) -> String? {
    isRounded(field) ? nil : documentText(field)
  }

  private mutating func documentText(_ field: Field) -> String? {
    walk.text(
      field, of: ASCIISet.alphanumerics.union(ASCIISet(" .-")), first: ASCIISet.alphanumerics, most: 32,
      remedy: "write 1 to 32 letters and digits; dots, hyphens and spaces between them", isSecret: true
    ).flatMap { text in
      guard text.utf8.last == 0x20 else { return text }
      walk.report(field, TextFault.spaceAtTheEdge.problem, TextFault.spaceAtTheEdge.remedy(most: 32))
      return nil
    }
  }

  /// A telephone number in the characters of telephoneNumber's syntax (RFC 4517 §3.3.31).
  mutating func phone(_ field: Field) -> String? {
    guard !isRounded(field), let text = walk.text(field, most: 64) else { return nil }
    if text.utf8.allSatisfy(ASCIISet.printableString.contains) { return text }
    walk.report(
      field, "\(text.quoted()) has a character that a telephone number can't have",
      "write letters, digits, spaces and ' ( ) + , - . / : = ?")
    return nil
  }

  mutating func expires(_ field: Field) -> Day? {
    let day = walk.day(field)
    if let day { judge(expires: day, field) }
    return day
  }

  /// Addresses of ours.
  mutating func ours(_ field: Field) -> [(address: Address, field: Field)]? {
    let found: [(address: Address, field: Field)]? = walk.addresses(field)
    for (address, field) in found ?? [] { judge(ours: address, field) }
    return found
  }

  mutating func members(_ field: Field) -> [(address: ExternalAddress, field: Field)]? {
    let found: [(address: ExternalAddress, field: Field)]? = walk.addresses(field)
    for (address, field) in found ?? [] { judge(member: address, field) }
    return found
  }

  /// Tells each of a list's addresses that is the account itself.
  mutating func refuse<Box: Mailbox>(
    _ list: [(address: Box, field: Field)], _ own: [Address?], _ problem: String
  ) {
    for (address, field) in list where own.contains(where: { $0?.text == address.text }) {
      walk.report(field, "\(address.text.quoted()) \(problem)", "delete it")
    }
  }
}
