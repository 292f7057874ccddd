/// Where a directory is: `ldapi:///%2Frun%2Fslapd%2Fldapi`, `ldap://host:port`, `ldaps://host:port`.
///
/// Only the place (RFC 4516's scheme, host and port); base, scope and filter are arguments of a search.
public struct LDAPURL: Hashable, Sendable, CustomStringConvertible {
  /// How the server is reached.
  public enum Place: Hashable, Sendable {
    /// A Unix socket of this machine.
    case socket(path: String)
    /// TCP, in clear text unless StartTLS is asked for.
    case tcp(host: String, port: UInt16)
    /// TCP with TLS from the first byte.
    case tls(host: String, port: UInt16)
  }

  /// How the server is reached.
  public let place: Place
  /// The URL as it was written.
  public let description: String

  /// Reads a URL. The port is 389 or 636 where none is written; `ldapi://` alone means `/run/slapd/ldapi`.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` with what is wrong.
  public init(_ text: String) throws(LDAPError) {
    func invalid(_ why: String) -> LDAPError {
      .invalid("LDAP URL \"\(ASCII.oneLine(text))\": \(why)")
    }
    description = text
    let schemes: [(prefix: String, port: UInt16?)] = [("ldapi://", nil), ("ldaps://", 636), ("ldap://", 389)]
    guard let scheme = schemes.first(where: { ASCII.hasPrefixIgnoringCase(text, $0.prefix) }) else {
      throw invalid("write ldapi://, ldap:// or ldaps://")
    }
    var rest = Array(text.utf8.dropFirst(scheme.prefix.utf8.count))
    guard let defaultPort = scheme.port else {
      place = .socket(path: try Self.socketPath(rest, invalid))
      return
    }
    if rest.last == UInt8(ascii: "/") { rest.removeLast() }
    guard rest.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 > 0x20 && $0 < 0x7F }) else {
      throw invalid("only host and port belong here, no base and no filter")
    }
    let (host, portText) = try Self.hostAndPort(rest, invalid)
    var port = defaultPort
    if let portText {
      guard let number = UInt16(portText), number > 0, portText.utf8.allSatisfy(ASCII.isDigit) else {
        throw invalid("the port is a number from 1 to 65535")
      }
      port = number
    }
    place = defaultPort == 636 ? .tls(host: host, port: port) : .tcp(host: host, port: port)
  }

  private static func socketPath(
    _ bytes: [UInt8], _ invalid: (String) -> LDAPError
  ) throws(LDAPError) -> String {
    var path: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.count, let high = ASCII.hexValue(bytes[index + 1]),
          let low = ASCII.hexValue(bytes[index + 2])
        else { throw invalid("% is followed by two hexadecimal digits") }
        path.append(high << 4 | low)
        index += 3
      } else {
        path.append(bytes[index])
        index += 1
      }
    }
    // ldapi://%2Fpath and ldapi:///%2Fpath are both in use; so is a trailing slash.
    if path.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) { path.removeFirst() }
    if bytes.first == UInt8(ascii: "%"), bytes.last == UInt8(ascii: "/") { path.removeLast() }
    if bytes.first != UInt8(ascii: "%"), path.isEmpty || path == [UInt8(ascii: "/")] {
      path = Array("/run/slapd/ldapi".utf8)
    }
    // What stands behind a ? or, where it began with %2F, behind a slash isn't the socket's (RFC 4516): libldap takes
    // `ldapi://%2Fa/%2Fb` for the socket /a.
    let isMore =
      bytes.contains(UInt8(ascii: "?"))
      || bytes.first == UInt8(ascii: "%") && bytes.dropLast().contains(UInt8(ascii: "/"))
    guard let text = String(validating: path, as: UTF8.self), !path.contains(0), path.first == UInt8(ascii: "/"),
      !isMore
    else {
      throw invalid("the socket's path is absolute, with %2F for each slash")
    }
    guard path.count < 108 else { throw invalid("a socket's path has at most 107 bytes (unix(7))") }
    return text
  }

  private static func hostAndPort(
    _ bytes: [UInt8], _ invalid: (String) -> LDAPError
  ) throws(LDAPError) -> (host: String, port: String?) {
    var host = bytes[...]
    var rest: ArraySlice<UInt8> = []
    if host.first == UInt8(ascii: "[") {
      guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { throw invalid("the bracket of [IPv6] is open") }
      rest = host[(end + 1)...]
      host = host[1..<end]
      guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { throw invalid("after ] comes : and the port") }
    } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
      rest = host[colon...]
      host = host[..<colon]
      guard !rest.dropFirst().contains(UInt8(ascii: ":")) else { throw invalid("write an IPv6 address in brackets") }
    }
    guard !host.isEmpty else { throw invalid("the host is missing") }
    guard host.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "-._:".utf8.contains($0) }) else {
      throw invalid("a host is made of letters, digits, - and .")
    }
    return (
      String(decoding: host, as: UTF8.self), rest.isEmpty ? nil : String(decoding: rest.dropFirst(), as: UTF8.self)
    )
  }
}
