/// One step of a modify operation (RFC 4511 §4.6). The steps of one operation are applied together or not at all.
public struct Modification: Hashable, Sendable {
  /// What is done with the values.
  public enum Kind: Hashable, Sendable {
    /// The values are added; one that is there already is refused with 20 (but see ``Control/permissiveModify``).
    case add
    /// The values are removed, or the whole attribute where none is given.
    case delete
    /// The values take the place of all others; none removes the attribute, also where it is absent.
    case replace
    /// The one integer value is added to every value there is (RFC 4525).
    case increment
  }

  /// What is done.
  public var kind: Kind
  /// The attribute description.
  public var attribute: String
  /// The values.
  public var values: [Value]

  /// A step by its parts.
  public init(_ kind: Kind, _ attribute: String, _ values: [Value]) {
    self.kind = kind
    self.attribute = attribute
    self.values = values
  }

  /// Adds values.
  public static func add(_ attribute: String, _ values: [Value]) -> Modification {
    Modification(.add, attribute, values)
  }

  /// Removes these values, or the attribute where none is given.
  public static func delete(_ attribute: String, _ values: [Value] = []) -> Modification {
    Modification(.delete, attribute, values)
  }

  /// Puts these values in the place of all others.
  public static func replace(_ attribute: String, _ values: [Value]) -> Modification {
    Modification(.replace, attribute, values)
  }
}
