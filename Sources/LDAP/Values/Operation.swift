/// A change of one entry, as a value: it can be stored (``LDIF``), sent (``Connection/perform(_:controls:deadline:)``)
/// and, guarded by an assertion, sent again.
public enum Operation: Hashable, Sendable {
  /// A new entry (RFC 4511 §4.7).
  case add(DN, [Attribute])
  /// A change of an entry's attributes (§4.6).
  case modify(DN, [Modification])
  /// The end of an entry (§4.8).
  case delete(DN)

  /// The entry's name.
  public var dn: DN {
    switch self {
    case .add(let dn, _), .modify(let dn, _), .delete(let dn): dn
    }
  }

  /// `add`, `modify` or `delete`.
  public var name: String {
    switch self {
    case .add: "add"
    case .modify: "modify"
    case .delete: "delete"
    }
  }
}
