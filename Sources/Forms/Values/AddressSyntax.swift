/// The syntax of a mailbox: the dot-string form of RFC 5321 §4.1.2 and its limits (§4.5.3.1), ASCII only.
///
/// Left out on purpose: quoted local parts, address literals (`[192.0.2.1]`) and domains of one label, which no account
/// of an institution needs and which mail systems treat differently.
package enum AddressSyntax {
  /// Why a text is no address.
  package enum Problem: Error, Hashable, CaseIterable {
    case noAt, severalAts, notASCII, space, localEmpty, localTooLong, localCharacter, localDots
    case domainEmpty, domainTooLong, domainOneLabel, labelEmpty, labelTooLong, labelCharacter, labelHyphen
    case topLevelNumeric, tooLong
  }

  /// Octets of a local part.
  package static let longestLocalPart = 64
  /// Octets of a whole address: a path of 256 less its angle brackets.
  package static let longest = 254
  /// Octets of a label of a domain.
  package static let longestLabel = 63

  /// The offset of the `@` of a good address.
  package static func check(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Int, Problem> {
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return .failure(.notASCII) }
    guard !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return .failure(.space) }
    guard let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return .failure(.noAt) }
    let domain = UnsafeBufferPointer(rebasing: bytes[(at + 1)...])
    guard !domain.contains(UInt8(ascii: "@")) else { return .failure(.severalAts) }
    if let problem = checkLocalPart(UnsafeBufferPointer(rebasing: bytes[..<at])) { return .failure(problem) }
    if let problem = checkDomain(domain) { return .failure(problem) }
    return bytes.count <= longest ? .success(at) : .failure(.tooLong)
  }

  private static func checkLocalPart(_ bytes: UnsafeBufferPointer<UInt8>) -> Problem? {
    if bytes.isEmpty { return .localEmpty }
    if bytes.count > longestLocalPart { return .localTooLong }
    var afterDot = true
    for byte in bytes {
      if byte == UInt8(ascii: ".") {
        if afterDot { return .localDots }
        afterDot = true
      } else {
        guard ASCIISet.atext.contains(byte) else { return .localCharacter }
        afterDot = false
      }
    }
    return afterDot ? .localDots : nil
  }

  /// A host name of two labels or more: letters, digits and inner hyphens (RFC 1123 §2.1).
  package static func checkDomain(_ bytes: UnsafeBufferPointer<UInt8>) -> Problem? {
    if bytes.isEmpty { return .domainEmpty }
    if bytes.count > longest - 2 { return .domainTooLong }
    var labels = 0
    var numeric = true
    var start = 0
    for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: ".") {
      let length = end - start
      if length == 0 { return .labelEmpty }
      if length > longestLabel { return .labelTooLong }
      if bytes[start] == UInt8(ascii: "-") || bytes[end - 1] == UInt8(ascii: "-") { return .labelHyphen }
      numeric = true
      for index in start..<end {
        guard ASCIISet.label.contains(bytes[index]) else { return .labelCharacter }
        if !ASCIISet.digits.contains(bytes[index]) { numeric = false }
      }
      labels += 1
      start = end + 1
    }
    if labels < 2 { return .domainOneLabel }
    return numeric ? .topLevelNumeric : nil
  }
}
