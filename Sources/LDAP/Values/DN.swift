/// A distinguished name (RFC 4512 §2.3), written as RFC 4514 says.
///
/// Names are built, never concatenated: `DN.rdn("uid", "maria").under(base)`. A DN is its text; it is taken apart when
/// somebody asks, for every entry of a search has one.
///
/// Two DNs are equal when they are the same name in another spelling: the case of attribute types, escapes, spaces
/// around separators and the order inside `a=1+b=2` don't count. The case of values counts, for only the schema knows
/// which attributes ignore it; ``matches(_:)`` supposes that all do. A type's name and its OID differ here.
public struct DN: Hashable, Sendable, CustomStringConvertible {
  /// The name's text.
  public let string: String
  /// Whether the text is known to be damaged (a type that can't be one was built in): every operation refuses it.
  let isDamaged: Bool

  /// The empty DN: the root DSE.
  public init() {
    self.init(fromServer: "")
  }

  /// A name from its text.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` where the text isn't a DN.
  public init(parsing text: String) throws(LDAPError) {
    guard DNText.parse(text) != nil else {
      throw .invalid("\"\(ASCII.oneLine(text))\" is not a distinguished name (RFC 4514)")
    }
    self.init(fromServer: text)
  }

  /// A name that isn't taken apart now: what a server sent, or what was a DN before.
  init(fromServer text: String, isDamaged: Bool = false) {
    string = text
    self.isDamaged = isDamaged
  }

  /// The name below `parent` with this first component.
  public init(_ rdn: RDN, under parent: DN = DN()) {
    self.init(
      fromServer: parent.isEmpty ? rdn.description : "\(rdn.description),\(parent.string)",
      isDamaged: parent.isDamaged || !rdn.isSound)
  }

  /// A first component with one attribute; `.under(base)` makes the DN.
  public static func rdn(_ type: String, _ value: Value) -> RDN {
    RDN([RDN.Part(type, value)])
  }

  /// A first component with one attribute; `.under(base)` makes the DN.
  public static func rdn(_ type: String, _ value: String) -> RDN {
    rdn(type, Value(value))
  }

  /// Whether this is the empty DN.
  public var isEmpty: Bool { string.utf8.isEmpty }

  /// The components from the entry up to the root; nil where the text isn't a DN (a server may send anything).
  public var components: [RDN]? { DNText.parse(string) }

  /// The first component; nil of the empty DN.
  public var rdn: RDN? { components?.first }

  /// The name of the entry above; nil of the empty DN.
  public var parent: DN? {
    guard let components, !components.isEmpty else { return nil }
    return DN(components.dropFirst())
  }

  private init(_ components: some Collection<RDN>) {
    self.init(fromServer: components.map(\.description).joined(separator: ","))
  }

  /// The name with all its components below another.
  public func under(_ parent: DN) -> DN {
    if isEmpty || parent.isEmpty { return isEmpty ? parent : self }
    return DN(fromServer: "\(string),\(parent.string)", isDamaged: isDamaged || parent.isDamaged)
  }

  /// Whether this name is below the other, at any depth; values compare as in ``matches(_:)``.
  public func isDescendant(of ancestor: DN) -> Bool {
    guard let mine = components else { return false }
    let (name, end) = (string.utf8, ancestor.string.utf8)
    let rest = name.dropLast(end.count)
    // Spelled alike, as a rule; a backslash may make the comma part of a value.
    if !end.isEmpty, rest.last == UInt8(ascii: ","), rest.dropLast().last.map({ $0 != UInt8(ascii: "\\") }) ?? false,
      name.suffix(end.count).elementsEqual(end)
    {
      return true
    }
    guard let theirs = ancestor.components, mine.count > theirs.count else { return false }
    return DN(mine.suffix(theirs.count)).matches(ancestor)
  }

  /// Whether the names are equal where no attribute's value regards ASCII case, as with `uid`, `cn`, `ou`, `dc`, `mail`.
  public func matches(_ other: DN) -> Bool {
    string == other.string
      || DNText.normalized(string, foldingValues: true) == DNText.normalized(other.string, foldingValues: true)
  }

  /// Equal names, whatever their spelling.
  public static func == (a: DN, b: DN) -> Bool {
    a.string.utf8.elementsEqual(b.string.utf8) || DNText.normalized(a.string) == DNText.normalized(b.string)
  }

  /// Hashes the name, whatever its spelling.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(DNText.normalized(string))
  }

  /// The name's text.
  public var description: String { string }
}

/// The first component of a name: one attribute, seldom several (`cn=a+uid=b`).
public struct RDN: Hashable, Sendable, CustomStringConvertible {
  /// One attribute of it.
  public struct Part: Hashable, Sendable {
    /// The attribute's type, a name or an OID.
    public let type: String
    /// Its value. Of the form `#hex` these are the BER bytes.
    public let value: Value
    let isBER: Bool

    /// An attribute of a name.
    public init(_ type: String, _ value: Value) {
      self.init(type, value, isBER: false)
    }

    init(_ type: String, _ value: Value, isBER: Bool) {
      self.type = type
      self.value = value
      self.isBER = isBER
    }
  }

  /// Its attributes, one or more.
  public let parts: [Part]

  /// A component with these attributes.
  public init(_ parts: [Part]) {
    self.parts = parts
  }

  /// The DN with this component below `parent`.
  public func under(_ parent: DN) -> DN {
    DN(self, under: parent)
  }

  /// Whether it has parts and each type can be one.
  var isSound: Bool {
    !parts.isEmpty && parts.allSatisfy { ASCII.isAttributeDescription($0.type) }
  }

  /// The text by RFC 4514.
  public var description: String {
    var bytes: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: "+")) }
      DNText.append(part, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
