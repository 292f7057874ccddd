internal import Text

/// A line of the ledger, read.
public struct LedgerLine: Sendable, Hashable {
  /// From 1.
  public let sequence: Int64
  /// The hash that it names of the line before: 64 hexadecimal digits.
  public let previous: String
  /// RFC 3339 in UTC, with milliseconds.
  public let at: String
  public let event: String
  /// The request's number; `nil`: it is about none.
  public let number: String?
  /// The change's index in its form.
  public let index: Int?
  /// What else it states, as it stands; of what is personal the commitment.
  public let fields: [String: String]
  /// The line, without its end.
  public let text: String

  /// ``at`` in milliseconds since 1970 UTC; `nil` where it is no time.
  public var milliseconds: Int64? {
    let parts = at.utf8.split(whereSeparator: { "-T:.Z".utf8.contains($0) }).map { Int(String(Substring($0))) }
    guard parts.count == 7, let day = Day(parsing: String(at.prefix(10))), let hour = parts[3], let minute = parts[4],
      let second = parts[5], let fraction = parts[6]
    else { return nil }
    return Int64(((day.daysSince1970 * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + Int64(fraction)
  }

  /// SHA-256 of the line.
  public var hash: [UInt8] { Ledger.hash(of: text) }

  /// - Parameter text: without the line's end.
  /// - Returns: `nil` where it isn't one line as ``LedgerEntry`` writes it: an object of strings without escapes and of
  ///   integers, keys ascending, no space.
  public init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8)[...])
    guard var fields = reader.object(), let sequence = fields.removeValue(forKey: "sequence").flatMap({ Int64($0) }),
      let previous = fields.removeValue(forKey: "previous"), previous.utf8.count == 64,
      let at = fields.removeValue(forKey: "at"), let event = fields.removeValue(forKey: "event")
    else { return nil }
    self.sequence = sequence
    self.previous = previous
    self.at = at
    self.event = event
    number = fields.removeValue(forKey: "number")
    index = fields.removeValue(forKey: "index").flatMap { Int($0) }
    self.fields = fields
    self.text = text
  }

  private struct Reader {
    var bytes: ArraySlice<UInt8>

    mutating func object() -> [String: String]? {
      guard take("{") else { return nil }
      var fields: [String: String] = [:]
      var last = ""
      repeat {
        guard let name = string(), name > last, take(":"), let value = take("\"", keeping: true) ? string() : number()
        else { return nil }
        fields[name] = value
        last = name
      } while take(",")
      return take("}") && bytes.isEmpty ? fields : nil
    }

    private mutating func take(_ byte: Unicode.Scalar, keeping: Bool = false) -> Bool {
      guard bytes.first == UInt8(ascii: byte) else { return false }
      if !keeping { bytes.removeFirst() }
      return true
    }

    private mutating func string() -> String? {
      guard take("\"") else { return nil }
      let text = bytes.prefix { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      bytes = bytes[text.endIndex...]
      return take("\"") ? String(decoding: text, as: UTF8.self) : nil
    }

    private mutating func number() -> String? {
      let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-") }
      bytes = bytes[digits.endIndex...]
      let text = String(decoding: digits, as: UTF8.self)
      return Int64(text).map { String($0) } == text ? text : nil
    }
  }
}
