internal import SlapdFiles

/// The first configuration of a place: the shipped example, which documents every key, with the place's own values. Pure.
struct NewConfiguration {
  var organization: String
  var base: String
  var domains: [String]
  var uri: String

  var bytes: [UInt8] {
    let values: [(before: String, value: String)] = [
      ("  name: ", Self.quoted(organization)), ("  uris: ", "[\(Self.quoted(uri))]"), ("  base: ", Self.quoted(base)),
      ("domains: ", "[\(domains.map(Self.quoted).joined(separator: ", "))]"),
    ]
    var lines = String(decoding: SlapdFile.exampleConfiguration, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (before, value) in values {
      guard let place = lines.firstIndex(where: { $0.utf8.starts(with: before.utf8) }) else { continue }
      let comment = lines[place].utf8.firstIndex(of: UInt8(ascii: "#")).map { "  " + lines[place][$0...] } ?? ""
      lines[place] = before + value + comment
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// Between double quotes, as YAML 1.2 and JSON read it.
  private static func quoted(_ text: String) -> String {
    var bytes = [UInt8(ascii: "\"")]
    for byte in text.utf8 where byte >= 0x20 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
  }
}
