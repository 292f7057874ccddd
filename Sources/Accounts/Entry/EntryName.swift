internal import LDAP
internal import Text

extension Entry {
  /// The values as they shall be, less what would take the entry's name away.
  ///
  /// An entry keeps the values of its RDN, for a modify can't rename it (RFC 4511 §4.6). Ours are named by `uid`, which
  /// only gains values. An entry made outside Buzón may be named by `cn` and the like. Then the new value stands before the
  /// one that names the entry.
  ///
  /// - Throws: ``ChangeError`` (67) where the attribute can't hold both.
  func keepingName(_ wanted: [String: [Value]]) throws(ChangeError) -> [String: [Value]] {
    if isNamedByUID { return wanted }
    var wanted = wanted
    for part in dn.rdn?.parts ?? [] {
      guard let name = Schema.modifiable.first(where: { $0.utf8.elementsEqual(Self.canonical(part.type).utf8) }),
        let after = wanted[name], !after.contains(where: { $0.isSameName(as: part.value) })
      else { continue }
      guard !after.isEmpty, Schema.naming.contains(name) else {
        throw ChangeError(
          code: .notAllowedOnRDN, diagnostic: "\(name) names the entry \(dn), so this value can't be taken from it",
          remedy: "rename the entry so that uid names it (ldapmodrdn), then submit the change under a new number")
      }
      wanted[name] = after + [part.value]
    }
    return wanted
  }

  /// Whether the RDN is plainly one `uid`, without taking the name apart.
  private var isNamedByUID: Bool {
    let bytes = dn.string.utf8
    return bytes.starts(with: "uid=".utf8)
      && !bytes.prefix { $0 != UInt8(ascii: ",") }.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "\\") }
  }

  /// The name that we know an attribute type by (RFC 4519, RFC 4524).
  private static func canonical(_ type: String) -> String {
    let folded = Value(type).foldedText ?? type
    switch folded {
    case "userid": return Schema.uid
    case "commonname": return Schema.commonName
    case "surname": return Schema.surname
    case "gn": return Schema.givenName
    case "organizationalunitname": return Schema.department
    case "rfc822mailbox": return Schema.mail
    default: return Schema.modifiable.first { Value($0).foldedText == folded } ?? type
    }
  }
}

extension Schema {
  /// Attributes that may hold the value that names the entry beside another one.
  fileprivate static let naming: Set<String> = [uid, commonName, surname, givenName, position, department, phone]
}

extension Value {
  /// Roughly caseIgnoreMatch (RFC 4517 §4.2.11).
  fileprivate func isSameName(as other: Value) -> Bool {
    if isSame(as: other) { return true }
    guard let text, let other = other.text else { return false }
    return text.lowercased() == other.lowercased()
  }
}
