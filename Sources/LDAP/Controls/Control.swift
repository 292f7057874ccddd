/// A control of a request or an answer (RFC 4511 §4.1.11).
public struct Control: Hashable, Sendable {
  /// Its type.
  public var oid: String
  /// Whether a server that doesn't know it must refuse the operation (12).
  public var isCritical: Bool
  /// Its value; nil where it has none.
  public var value: [UInt8]?

  /// A control by its parts.
  public init(oid: String, isCritical: Bool = false, value: [UInt8]? = nil) {
    self.oid = oid
    self.isCritical = isCritical
    self.value = value
  }

  enum OID {
    static let assertion = "1.3.6.1.1.12"
    static let preRead = "1.3.6.1.1.13.1"
    static let postRead = "1.3.6.1.1.13.2"
    static let noOp = "1.3.6.1.4.1.4203.666.5.2"
    static let relax = "1.3.6.1.4.1.4203.666.5.12"
    static let permissiveModify = "1.2.840.113556.1.4.1413"
    static let passwordPolicy = "1.3.6.1.4.1.42.2.27.8.5.1"
    static let pagedResults = "1.2.840.113556.1.4.319"
    static let manageDSAIT = "2.16.840.1.113730.3.4.2"
    static let syncRequest = "1.3.6.1.4.1.4203.1.9.1.1"
    static let syncState = "1.3.6.1.4.1.4203.1.9.1.2"
    static let syncDone = "1.3.6.1.4.1.4203.1.9.1.3"
    /// Of an intermediate answer, not of a control.
    static let syncInfo = "1.3.6.1.4.1.4203.1.9.1.4"
  }

  /// The operation is done only if the entry matches the filter, else 122 (RFC 4528). Without the right to search the
  /// attributes of the filter the answer is 122 for ever.
  public static func assertion(_ filter: Filter) -> Control {
    Control(oid: OID.assertion, isCritical: true, value: filter.ber)
  }

  /// The answer brings the entry as it was before the change (RFC 4527): ``Response/preRead``. `*` asks for all user
  /// attributes, `+` for all operational ones.
  public static func preRead(_ attributes: [String]) -> Control {
    Control(oid: OID.preRead, isCritical: true, value: attributeSelection(attributes))
  }

  /// The answer brings the entry as it is after the change (RFC 4527): ``Response/postRead``.
  public static func postRead(_ attributes: [String]) -> Control {
    Control(oid: OID.postRead, isCritical: true, value: attributeSelection(attributes))
  }

  /// Nothing is changed; 16654 ``ResultCode/noOperation`` says that it would have succeeded (OpenLDAP).
  ///
  /// - Warning: slapd (seen with 2.5.13, unchanged in the source of 2.6.14) damages its database after a no-op *add* with
  ///   an attribute type that no entry of this database ever had: `mdb` forgets the number it gave the type, gives it to
  ///   another one, and entries stored since then can't be read any more ("mdb_entry_decode"). Send it only where every
  ///   type was stored once for good, be it in an entry that was deleted again.
  public static let noOp = Control(oid: OID.noOp, isCritical: true)
  /// Adding a value that is there, or deleting one that isn't, is no error.
  public static let permissiveModify = Control(oid: OID.permissiveModify, isCritical: true)
  /// The answer tells what the password policy thinks: ``Response/passwordPolicy``.
  public static let passwordPolicy = Control(oid: OID.passwordPolicy)
  /// Rules that protect server-maintained attributes are relaxed, for who has `manage` access (OpenLDAP).
  public static let relax = Control(oid: OID.relax, isCritical: true)
  /// Referral entries are treated as plain entries (RFC 3296).
  public static let manageDSAIT = Control(oid: OID.manageDSAIT, isCritical: true)

  private static func attributeSelection(_ attributes: [String]) -> [UInt8] {
    var writer = BERWriter()
    for attribute in attributes.reversed() { writer.octets(attribute.utf8) }
    writer.close(0x30, since: 0)
    return writer.bytes
  }
}
