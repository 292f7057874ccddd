/// One slapd of a sandbox, and where it listens.
struct Server {
  /// The folder that has its configuration and data.
  let home: Home
  /// The path of its Unix socket.
  let socket: String
  /// 0: does not listen.
  var tcpPort: UInt16 = 0
  /// 0: does not listen.
  var tlsPort: UInt16 = 0

  var slapd: Slapd { Slapd(home: home) }

  /// The socket as a URI. Every byte but letters, digits, `.`, `_` and `-` is escaped (RFC 3986).
  var uri: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes = Array("ldapi://".utf8)
    for byte in socket.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// All that slapd listens on (`slapd -h`).
  var listeners: String {
    var all = [uri]
    if tcpPort != 0 { all.append("ldap://127.0.0.1:\(tcpPort)") }
    if tlsPort != 0 { all.append("ldaps://127.0.0.1:\(tlsPort)") }
    return all.joined(separator: " ")
  }
}
