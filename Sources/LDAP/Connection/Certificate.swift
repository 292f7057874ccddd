import CLDAP

extension Connection {
  /// The server's certificate (X.509, DER); `nil`: the connection has no TLS, or has ended.
  public var serverCertificate: [UInt8]? { handle?.serverCertificate }
}

extension Handle {
  fileprivate var serverCertificate: [UInt8]? {
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

/// What a certificate says (RFC 5280 §4.1).
public enum Certificate {
  /// The end of its validity as it is written: `YYMMDDhhmmssZ` (UTCTime) with the century before it, or
  /// `YYYYMMDDhhmmssZ`; `nil`: that isn't a certificate.
  public static func end(ofValidity certificate: [UInt8]) -> String? {
    var outer = BERReader(certificate[...])
    guard var whole = outer.constructed(0x30), var body = whole.constructed(0x30) else { return nil }
    _ = body.octets(0xA0)  // version
    // serialNumber, signature, issuer
    guard body.octets(0x02) != nil, body.octets(0x30) != nil, body.octets(0x30) != nil,
      var validity = body.constructed(0x30), time(&validity) != nil
    else { return nil }
    return time(&validity)
  }

  /// UTCTime or GeneralizedTime. Two digits of a year are 1950 to 2049.
  private static func time(_ reader: inout BERReader) -> String? {
    if let long = reader.text(0x18) { return long }
    guard let short = reader.text(0x17) else { return nil }
    return (short >= "5" ? "19" : "20") + short
  }
}
