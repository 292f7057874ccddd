/// An attribute description and its values, in the order given (the server keeps none).
public struct Attribute: Hashable, Sendable {
  /// The attribute description (RFC 4512 §2.5), e.g. `mail` or `userCertificate;binary`.
  public var name: String
  /// Its values.
  public var values: [Value]

  /// An attribute with its values.
  public init(_ name: String, _ values: [Value]) {
    self.name = name
    self.values = values
  }
}

/// An entry, or the part of it that was asked for.
public struct Entry: Hashable, Sendable {
  /// Its name.
  public var dn: DN
  /// Its attributes, as the server sent them.
  public var attributes: [Attribute]

  /// An entry by its parts.
  public init(dn: DN, attributes: [Attribute]) {
    self.dn = dn
    self.attributes = attributes
  }

  /// The values of an attribute; empty where it is absent. Names are compared without regard to ASCII case; options
  /// (`;binary`) and aliases of a name are not known here.
  public subscript(name: String) -> [Value] {
    for attribute in attributes where ASCII.equalIgnoringCase(attribute.name, name) {
      return attribute.values
    }
    return []
  }

  /// The first value of an attribute as text; nil where it is absent or not UTF-8.
  public func text(_ name: String) -> String? {
    self[name].first?.text
  }
}
