import CLDAP

extension Connection {
  /// The server's certificate (X.509, DER); `nil`: the connection has no TLS, or has ended.
  public var serverCertificate: [UInt8]? { handle?.serverCertificate }
}

extension Handle {
  var serverCertificate: [UInt8]? {
    var value = berval()
    guard ldap_tls_inplace(ld) != 0, ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &value) == LDAP_OPT_SUCCESS,
      let bytes = value.bv_val
    else { return nil }
    defer { ldap_memfree(bytes) }
    return bytes.withMemoryRebound(to: UInt8.self, capacity: Int(value.bv_len)) {
      Array(UnsafeBufferPointer(start: $0, count: Int(value.bv_len)))
    }
  }
}

/// What a certificate says (RFC 5280 §4.1). Nothing is verified: that is the TLS library's work.
public struct Certificate: Hashable, Sendable {
  /// The beginning of its validity, `YYYYMMDDhhmmssZ`.
  public let begin: String
  /// The end of its validity, `YYYYMMDDhhmmssZ`.
  public let end: String
  /// The common name of who signed it, else the organization's; empty: it has neither.
  public let issuer: String
  /// Whether it names itself as who signed it.
  public let isSelfIssued: Bool
  /// The hosts that it is for: names and addresses of its subjectAltName, or its own common name where it has none.
  public let names: [String]

  private static let commonName: [UInt8] = [0x55, 4, 3]
  private static let organization: [UInt8] = [0x55, 4, 10]
  private static let alternativeNames: [UInt8] = [0x55, 0x1D, 17]

  /// Reads a certificate; `nil`: that isn't one.
  public init?(_ bytes: [UInt8]) {
    var outer = BERReader(bytes[...])
    guard var whole = outer.constructed(0x30), var body = whole.constructed(0x30) else { return nil }
    _ = body.octets(0xA0)  // version
    // serialNumber, signature
    guard body.octets(0x02) != nil, body.octets(0x30) != nil, let issuer = body.octets(0x30),
      var validity = body.constructed(0x30), let begin = Self.time(&validity), let end = Self.time(&validity),
      let subject = body.octets(0x30)
    else { return nil }
    (self.begin, self.end) = (begin, end)
    self.issuer = Self.shortened(
      Self.text(Self.commonName, in: issuer) ?? Self.text(Self.organization, in: issuer) ?? "")
    isSelfIssued = issuer.elementsEqual(subject)
    // subjectPublicKeyInfo, issuerUniqueID, subjectUniqueID
    (_, _, _) = (body.octets(0x30), body.octets(0x81), body.octets(0x82))
    let alternatives = body.constructed(0xA3).map(Self.names) ?? []
    names = (alternatives.isEmpty ? Self.text(Self.commonName, in: subject).map { [$0] } ?? [] : alternatives)
      .map(Self.shortened)
  }

  /// No longer than a host's name can be: who made the certificate wrote it, and it stands in logs.
  private static func shortened(_ text: String) -> String {
    text.unicodeScalars.count > 255 ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(255))) + "…" : text
  }

  /// The first certificate of a file (RFC 7468); `nil`: there is none.
  public init?(pem: [UInt8]) {
    let lines = pem.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
    guard let start = lines.firstIndex(where: { $0.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) }) else {
      return nil
    }
    let body = lines[(start + 1)...].prefix { $0.first != UInt8(ascii: "-") }
    guard let bytes = Base64.decode(Array(body.joined())) else { return nil }
    self.init(bytes)
  }

  /// UTCTime or GeneralizedTime. Two digits of a year are 1950 to 2049.
  private static func time(_ reader: inout BERReader) -> String? {
    if let long = reader.text(0x18) { return long }
    guard let short = reader.text(0x17) else { return nil }
    return (short >= "5" ? "19" : "20") + short
  }

  /// The value of a type in a distinguished name (RFC 5280 §4.1.2.4).
  private static func text(_ type: [UInt8], in name: ArraySlice<UInt8>) -> String? {
    var sets = BERReader(name)
    while var set = sets.constructed(0x31) {
      while var pair = set.constructed(0x30) {
        guard let found = pair.octets(0x06), found.elementsEqual(type) else { continue }
        // UTF8String, PrintableString, IA5String
        if let text = pair.text(0x0C) ?? pair.text(0x13) ?? pair.text(0x16) { return text }
      }
    }
    return nil
  }

  /// dNSName and iPAddress of the extensions (RFC 5280 §4.2.1.6).
  private static func names(_ extensions: BERReader) -> [String] {
    var extensions = extensions
    guard var list = extensions.constructed(0x30) else { return [] }
    while var one = list.constructed(0x30) {
      guard let type = one.octets(0x06), type.elementsEqual(alternativeNames) else { continue }
      _ = one.octets(0x01)  // critical
      guard var value = one.constructed(0x04), var names = value.constructed(0x30) else { return [] }
      var found: [String] = []
      while let tag = names.tag, let bytes = names.octets(tag) {
        switch tag {
        case 0x82: found.append(String(decoding: bytes, as: UTF8.self))
        case 0x87: found.append(address(Array(bytes)))
        default: break
        }
      }
      return found
    }
    return []
  }

  private static func address(_ bytes: [UInt8]) -> String {
    if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
    return stride(from: 0, to: bytes.count - 1, by: 2)
      .map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
  }
}
