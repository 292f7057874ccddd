import Forms

/// A server's URI, as far as the rules of this file need it: what protects the connection.
struct DirectoryURI {
  enum Scheme: String, CaseIterable {
    case ldapi, ldap, ldaps
  }

  let scheme: Scheme

  /// `nil`: not `ldapi://[PATH]`, `ldap://HOST[:PORT]` or `ldaps://HOST[:PORT]`, with or without a last `/`.
  init?(_ text: String) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
      let scheme = Scheme(rawValue: String(text[..<colon])),
      text[colon...].utf8.starts(with: "://".utf8)
    else { return nil }
    self.scheme = scheme
    var rest = Array(text.utf8[text.utf8.index(colon, offsetBy: 3)...])
    if rest.last == UInt8(ascii: "/") { rest.removeLast() }
    guard scheme == .ldapi ? Self.isSocket(rest) : Self.isHost(rest) else { return nil }
  }

  /// A percent-encoded absolute path, or nothing for libldap's own.
  private static func isSocket(_ bytes: [UInt8]) -> Bool {
    let allowed = ASCIISet.alphanumerics.union(ASCIISet("%._-~+@"))
    let digits = ASCIISet("0123456789abcdefABCDEF")
    var (path, rest) = ([UInt8](), bytes[...])
    while let byte = rest.popFirst() {
      guard allowed.contains(byte) else { return false }
      var byte = byte
      if byte == UInt8(ascii: "%") {
        let code = rest.prefix(2)
        guard code.count == 2, code.allSatisfy(digits.contains),
          let value = UInt8(String(decoding: code, as: UTF8.self), radix: 16), value > 0
        else { return false }
        byte = value
        rest = rest.dropFirst(2)
      }
      path.append(byte)
    }
    // unix(7): a socket's path has at most 107 bytes.
    return path.isEmpty
      || bytes.first == UInt8(ascii: "%") && path.first == UInt8(ascii: "/") && path.count < 108
        && String(validating: path, as: UTF8.self) != nil
  }

  private static func isHost(_ bytes: [UInt8]) -> Bool {
    var host = bytes[...]
    let closing = host.lastIndex(of: UInt8(ascii: "]"))
    if let colon = host.lastIndex(of: UInt8(ascii: ":")), colon > closing ?? -1 {
      let port = String(decoding: host[(colon + 1)...], as: UTF8.self)
      guard ASCIISet.digits.isAll(of: port), let number = Int(port), (1...65_535).contains(number) else { return false }
      host = host[..<colon]
    }
    if host.first == UInt8(ascii: "["), closing == host.endIndex - 1 {
      return host.count > 3 && host.dropFirst().dropLast().allSatisfy(ASCIISet("0123456789abcdefABCDEF:.").contains)
    }
    return !host.isEmpty && host.allSatisfy(ASCIISet.alphanumerics.union(ASCIISet("-.")).contains)
  }
}
