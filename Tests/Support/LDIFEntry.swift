internal import Foundation

/// An entry as OpenLDAP's own `ldapsearch` prints it, read by a reader of the tests' own, so that the product's LDIF code
/// is not what proves the product.
public struct LDIFEntry: Sendable, Equatable {
  public var dn: String
  /// Values by attribute name in lower case.
  public var values: [String: [String]]

  public subscript(name: String) -> [String] { values[name.lowercased()] ?? [] }

  /// Reads output of `ldapsearch -LLL -o ldif-wrap=no`.
  public static func parse(_ text: String) -> [LDIFEntry] {
    var entries: [LDIFEntry] = []
    var current: LDIFEntry?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard let colon = line.firstIndex(of: ":") else {
        if let entry = current { entries.append(entry) }
        current = nil
        continue
      }
      let name = line[..<colon].lowercased()
      var rest = line[line.index(after: colon)...]
      var value: String
      if rest.hasPrefix(":") {
        rest = rest.dropFirst()
        let data = Data(base64Encoded: rest.trimmingCharacters(in: .whitespaces)) ?? Data()
        value = String(decoding: data, as: UTF8.self)
      } else {
        value = rest.hasPrefix(" ") ? String(rest.dropFirst()) : String(rest)
      }
      if name == "dn" {
        current = LDIFEntry(dn: value, values: [:])
      } else {
        current?.values[name, default: []].append(value)
      }
    }
    if let entry = current { entries.append(entry) }
    return entries
  }
}
