import CLDAP

/// One message from the server; frees it when it goes.
struct Message: ~Copyable {
  private let handle: OpaquePointer
  private let raw: OpaquePointer

  init(_ raw: OpaquePointer, of handle: OpaquePointer) {
    self.raw = raw
    self.handle = handle
  }

  deinit {
    ldap_msgfree(raw)
  }

  /// The message for libldap; it is freed with this value.
  var pointer: OpaquePointer { raw }

  /// The request that it answers; 0 for an unsolicited one.
  var id: Int32 { ldap_msgid(raw) }

  /// LDAP_RES_….
  var type: ber_tag_t { ber_tag_t(ldap_msgtype(raw)) }

  /// The name that RFC 4511 gives to a message of this type.
  static func name(_ type: ber_tag_t) -> String {
    switch type {
    case LDAP_RES_BIND: "BindResponse"
    case LDAP_RES_SEARCH_ENTRY: "SearchResultEntry"
    case LDAP_RES_SEARCH_REFERENCE: "SearchResultReference"
    case LDAP_RES_SEARCH_RESULT: "SearchResultDone"
    case LDAP_RES_MODIFY: "ModifyResponse"
    case LDAP_RES_ADD: "AddResponse"
    case LDAP_RES_DELETE: "DelResponse"
    case LDAP_RES_MODDN: "ModifyDNResponse"
    case LDAP_RES_COMPARE: "CompareResponse"
    case LDAP_RES_EXTENDED: "ExtendedResponse"
    case LDAP_RES_INTERMEDIATE: "IntermediateResponse"
    default: "0x\(String(type, radix: 16))"
    }
  }

  // MARK: Results

  /// The result that ends an operation; nil where it can't be decoded.
  func response() -> Response? {
    var code: Int32 = 0
    var matched: UnsafeMutablePointer<CChar>?
    var diagnostic: UnsafeMutablePointer<CChar>?
    var referrals: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
    let status = ldap_parse_result(handle, raw, &code, &matched, &diagnostic, &referrals, &controls, 0)
    defer {
      ldap_memfree(matched)
      ldap_memfree(diagnostic)
      ber_memvfree(UnsafeMutableRawPointer(referrals)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
      ldap_controls_free(controls)
    }
    guard status == LDAP_SUCCESS else { return nil }
    var response = Response(code: ResultCode(rawValue: code))
    if let matched, matched.pointee != 0 { response.matchedDN = String(cString: matched) }
    if let diagnostic, diagnostic.pointee != 0 { response.diagnostic = String(cString: diagnostic) }
    if let referrals { response.referrals = Self.strings(referrals) }
    if let controls { response.controls = Self.decode(controls) }
    if type == LDAP_RES_EXTENDED { response.value = extendedValue() }
    return response
  }

  /// What a Notice of Disconnection says (RFC 4511 §4.4.1); nil for another message.
  func noticeOfDisconnection() -> String? {
    guard id == 0, type == LDAP_RES_EXTENDED else { return nil }
    var oid: UnsafeMutablePointer<CChar>?
    guard ldap_parse_extended_result(handle, raw, &oid, nil, 0) == LDAP_SUCCESS, let oid else { return nil }
    defer { ldap_memfree(oid) }
    guard String(cString: oid) == "1.3.6.1.4.1.1466.20036", let response = response() else { return nil }
    return "\(response.code)" + (response.diagnostic.isEmpty ? "" : ": \(response.diagnostic)")
  }

  private func extendedValue() -> [UInt8]? {
    var value: UnsafeMutablePointer<berval>?
    guard ldap_parse_extended_result(handle, raw, nil, &value, 0) == LDAP_SUCCESS, let value else { return nil }
    defer { ber_bvfree(value) }
    return Self.bytes(value.pointee)
  }

  // MARK: Search

  /// The entry of a SearchResultEntry; nil where it can't be decoded. `names` spares a new `String` for each attribute
  /// of each entry.
  func entry(_ names: inout AttributeNames) -> Entry? {
    var ber: OpaquePointer?
    var name = berval()
    guard ldap_get_dn_ber(handle, raw, &ber, &name) == LDAP_SUCCESS, let ber else { return nil }
    defer { ber_free(ber, 0) }
    var entry = Entry(dn: DN(fromServer: String(decoding: Self.buffer(name), as: UTF8.self)), attributes: [])
    while true {
      var values: UnsafeMutablePointer<berval>?
      guard ldap_get_attribute_ber(handle, raw, ber, &name, &values) == LDAP_SUCCESS else { return nil }
      defer { ber_memfree(values) }
      if name.bv_val == nil { return entry }
      var attribute = Attribute(names.name(Self.buffer(name), at: entry.attributes.count), [])
      if let values {
        var index = 0
        while values[index].bv_val != nil {
          attribute.values.append(Value(bytes: Self.bytes(values[index])))
          index += 1
        }
      }
      entry.attributes.append(attribute)
    }
  }

  /// The URLs of a SearchResultReference.
  func reference() -> [String]? {
    var referrals: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    guard ldap_parse_reference(handle, raw, &referrals, nil, 0) == LDAP_SUCCESS else { return nil }
    defer { ber_memvfree(UnsafeMutableRawPointer(referrals)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)) }
    return referrals.map(Self.strings) ?? []
  }

  /// Type and value of an intermediate answer (RFC 4511 §4.13).
  func intermediate() -> (oid: String, value: [UInt8])? {
    var oid: UnsafeMutablePointer<CChar>?
    var value: UnsafeMutablePointer<berval>?
    guard ldap_parse_intermediate(handle, raw, &oid, &value, nil, 0) == LDAP_SUCCESS else { return nil }
    defer {
      ldap_memfree(oid)
      ber_bvfree(value)
    }
    return (oid.map { String(cString: $0) } ?? "", value.map { Self.bytes($0.pointee) } ?? [])
  }

  /// The controls of an entry, to be asked for before ``entry(_:)``; nil where they can't be decoded.
  func entryControls() -> [Control]? {
    var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
    guard ldap_get_entry_controls(handle, raw, &controls) == LDAP_SUCCESS else { return nil }
    defer { ldap_controls_free(controls) }
    return controls.map(Self.decode) ?? []
  }

  // MARK: C to Swift

  private static func buffer(_ value: berval) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: value.bv_val, count: Int(value.bv_len))
  }

  private static func bytes(_ value: berval) -> [UInt8] {
    Array(buffer(value))
  }

  private static func strings(_ pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> [String] {
    var strings: [String] = []
    while let pointer = pointers[strings.count] { strings.append(String(cString: pointer)) }
    return strings
  }

  private static func decode(_ pointers: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>) -> [Control] {
    var controls: [Control] = []
    while let control = pointers[controls.count]?.pointee {
      controls.append(
        Control(
          oid: control.ldctl_oid.map { String(cString: $0) } ?? "", isCritical: control.ldctl_iscritical != 0,
          value: control.ldctl_value.bv_val == nil ? nil : bytes(control.ldctl_value)))
    }
    return controls
  }
}

/// The attribute names of a search's entries, which are mostly the same ones in the same order.
struct AttributeNames {
  private var names: [String] = []

  mutating func name(_ bytes: UnsafeRawBufferPointer, at position: Int) -> String {
    if position < names.count, names[position].utf8.elementsEqual(bytes) { return names[position] }
    if let known = names.first(where: { $0.utf8.elementsEqual(bytes) }) { return known }
    let name = String(decoding: bytes, as: UTF8.self)
    if names.count < 128 { names.append(name) }
    return name
  }
}
