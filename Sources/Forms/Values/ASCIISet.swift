/// A set of ASCII characters: two words, so that a membership test is a shift.
package struct ASCIISet: Sendable, Hashable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// The characters of a text; those beyond ASCII are left out.
  package init(_ characters: String) {
    for byte in characters.utf8 { insert(byte) }
  }

  package mutating func insert(_ byte: UInt8) {
    if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
  }

  package func contains(_ byte: UInt8) -> Bool {
    if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
    return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
  }

  package func union(_ other: ASCIISet) -> ASCIISet {
    var union = self
    union.low |= other.low
    union.high |= other.high
    return union
  }

  package static let digits = ASCIISet("0123456789")
  package static let alphanumerics = ASCIISet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").union(digits)
  /// RFC 5322 §3.2.3.
  package static let atext = alphanumerics.union(ASCIISet("!#$%&'*+-/=?^_`{|}~"))
  /// Letters, digits, hyphen: the label of a host name.
  package static let label = alphanumerics.union(ASCIISet("-"))
  /// PrintableString, the syntax of telephoneNumber (RFC 4517 §3.3.31 and §3.2).
  package static let printableString = alphanumerics.union(ASCIISet(" '()+,-./:=?"))
}
