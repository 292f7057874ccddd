/// LDIF (RFC 2849): entries and operations as bytes, and back.
///
/// What isn't plain ASCII on one line is written in base64, so a record is safe to print and to store. Lines are not
/// folded. Reading is strict: folded lines, comments and `version: 1` are understood, `:<` (a file) never is.
public enum LDIF {
  /// A change record: an operation and the controls it goes with.
  public struct Change: Hashable, Sendable {
    /// The operation.
    public var operation: Operation
    /// Its controls.
    public var controls: [Control]

    /// A change by its parts.
    public init(_ operation: Operation, controls: [Control] = []) {
      self.operation = operation
      self.controls = controls
    }
  }

  /// The content record of an entry, with the empty line that ends it.
  public static func bytes(of entry: Entry) -> [UInt8] {
    var bytes: [UInt8] = []
    append(entry, to: &bytes)
    return bytes
  }

  /// The change record of an operation, with the empty line that ends it.
  public static func bytes(of operation: Operation, controls: [Control] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    append(operation, controls: controls, to: &bytes)
    return bytes
  }

  /// Appends the content record of an entry.
  public static func append(_ entry: Entry, to bytes: inout [UInt8]) {
    appendLine("dn", entry.dn.string.utf8, to: &bytes)
    append(entry.attributes, to: &bytes)
    bytes.append(newline)
  }

  /// Appends the change record of an operation.
  public static func append(_ operation: Operation, controls: [Control] = [], to bytes: inout [UInt8]) {
    appendLine("dn", operation.dn.string.utf8, to: &bytes)
    for control in controls { append(control, to: &bytes) }
    appendLine("changetype", operation.name.utf8, to: &bytes)
    switch operation {
    case .add(_, let attributes): append(attributes, to: &bytes)
    case .delete: break
    case .modify(_, let modifications):
      for modification in modifications {
        appendLine(modification.kind.word, modification.attribute.utf8, to: &bytes)
        for value in modification.values { appendLine(modification.attribute, value.bytes, to: &bytes) }
        bytes.append(UInt8(ascii: "-"))
        bytes.append(newline)
      }
    }
    bytes.append(newline)
  }

  /// The change records of a text, in their order.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` with the line of the first fault; values are not quoted.
  public static func changes(_ bytes: [UInt8]) throws(LDAPError) -> [Change] {
    var reader = LDIFReader(bytes)
    var changes: [Change] = []
    while let dn = try reader.startOfRecord() { changes.append(try reader.change(dn)) }
    return changes
  }

  /// The content records of a text, in their order.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` with the line of the first fault; values are not quoted.
  public static func entries(_ bytes: [UInt8]) throws(LDAPError) -> [Entry] {
    var reader = LDIFReader(bytes)
    var entries: [Entry] = []
    while let dn = try reader.startOfRecord() {
      entries.append(Entry(dn: dn, attributes: try reader.attributes()))
    }
    return entries
  }

  // MARK: Lines

  static let newline = UInt8(ascii: "\n")

  private static func append(_ attributes: [Attribute], to bytes: inout [UInt8]) {
    for attribute in attributes {
      for value in attribute.values { appendLine(attribute.name, value.bytes, to: &bytes) }
    }
  }

  private static func append(_ control: Control, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "control: ".utf8)
    bytes.append(contentsOf: control.oid.utf8)
    bytes.append(contentsOf: (control.isCritical ? " true" : " false").utf8)
    if let value = control.value {
      bytes.append(contentsOf: ":: ".utf8)
      Base64.append(value, to: &bytes)
    }
    bytes.append(newline)
  }

  private static func appendLine(_ name: String, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: name.utf8)
    if isSafe(value) {
      bytes.append(UInt8(ascii: ":"))
      if !value.isEmpty {
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value)
      }
    } else {
      bytes.append(contentsOf: ":: ".utf8)
      Base64.append(value, to: &bytes)
    }
    bytes.append(newline)
  }

  /// RFC 2849's SAFE-STRING, without control characters and without a space at the end.
  private static func isSafe(_ value: some Collection<UInt8>) -> Bool {
    var last: UInt8 = 0
    var isFirst = true
    for byte in value {
      if byte < 0x20 || byte >= 0x7F { return false }
      if isFirst, byte == 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "<") { return false }
      isFirst = false
      last = byte
    }
    return last != 0x20
  }
}

extension Modification.Kind {
  /// The word of LDIF (RFC 2849, RFC 4525).
  var word: String {
    switch self {
    case .add: "add"
    case .delete: "delete"
    case .replace: "replace"
    case .increment: "increment"
    }
  }

  init?(word: some Sequence<UInt8>) {
    let kinds: [Self] = [.add, .delete, .replace, .increment]
    guard let kind = kinds.first(where: { $0.word.utf8.elementsEqual(word) }) else { return nil }
    self = kind
  }
}
