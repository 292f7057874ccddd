internal import Text

/// What a text must be to be an address of its kind.
package protocol Mailbox: Hashable {
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Self, AddressSyntax.Problem>
  var text: String { get }
}

extension Address: Mailbox {}
extension ExternalAddress: Mailbox {}

extension Walk {
  package func address<Box: Mailbox>(_ field: Field) -> Box? {
    guard isScalar(field, "write an address: name@example.org") else { return nil }
    switch document.withText(field.node, { Box.parse($0) }) {
    case .success(let address): return address
    case .failure(let problem):
      report(field, "\(quoted(field)) \(problem.text)", problem.remedy)
      return nil
    }
  }

  /// The addresses of a list and where they stand; none may stand twice.
  package func addresses<Box: Mailbox>(_ field: Field) -> [(address: Box, field: Field)]? {
    guard let elements = list(field) else { return nil }
    var found: [(address: Box, field: Field)] = []
    found.reserveCapacity(elements.count)
    var seen: Set<Box> = []
    for element in elements {
      guard let address: Box = address(element) else { continue }
      let isDouble =
        elements.count <= 8 ? found.contains { $0.address == address } : !seen.insert(address).inserted
      if isDouble {
        report(element, "\(quoted(element)) is in the list twice", "delete one of the two")
      } else {
        found.append((address, element))
      }
    }
    return found
  }
}

extension AddressSyntax.Problem {
  var text: String {
    switch self {
    case .noAt: "is not an address: it has no @"
    case .severalAts: "is not an address: it has more than one @"
    case .notASCII: "is not an address: it has letters beyond ASCII"
    case .space: "is not an address: it has a space in it"
    case .localEmpty: "is not an address: there is nothing before the @"
    case .localTooLong: "has more than \(AddressSyntax.longestLocalPart) characters before the @"
    case .localCharacter: "has a character before the @ that an address can't have"
    case .localDots: "has a dot at an end of the part before the @, or two in a row"
    case .domainEmpty: "is not an address: there is nothing after the @"
    case .domainTooLong, .tooLong: "has more than \(AddressSyntax.longest) characters"
    case .domainOneLabel: "has no dot in its domain"
    case .labelEmpty: "has a dot at an end of its domain, or two in a row"
    case .labelTooLong: "has more than \(AddressSyntax.longestLabel) characters between the dots of its domain"
    case .labelCharacter: "has a character in its domain that a domain can't have"
    case .labelHyphen: "has a hyphen at an end of a part of its domain"
    case .topLevelNumeric: "has a number for a domain"
    }
  }

  var remedy: String {
    switch self {
    case .notASCII: "write the letters without accents; a domain as xn--…"
    case .localTooLong, .labelTooLong, .domainTooLong, .tooLong: "write a shorter address (RFC 5321)"
    case .labelCharacter, .labelHyphen: "write letters, digits and inner hyphens after the @"
    default: "write an address: name@example.org"
    }
  }
}
