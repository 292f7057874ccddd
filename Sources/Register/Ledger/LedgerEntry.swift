internal import Accounts
internal import Text

/// Something that happened, before it is a line of the ledger.
///
/// In the clear stand the number and what the program itself says (an operation, an outcome, a code). What a person wrote or
/// what names a person is committed to (``Commitment``).
struct LedgerEntry {
  enum Field {
    case text(String)
    case number(Int64)
    case committed(Commitment)
  }

  let event: String
  /// Milliseconds since 1970 UTC.
  let at: Int64
  /// The request that it is about; `nil`: none.
  let request: Int64?
  private(set) var fields: [(name: String, field: Field)] = []

  init(_ event: String, at: Int64, request: Int64? = nil, number: String? = nil, index: Int? = nil) {
    self.event = event
    self.at = at
    self.request = request
    state("number", number)
    state("index", index)
  }

  /// A word of the program, or a number of a request: printable ASCII. `nil`: left out.
  mutating func state(_ name: String, _ text: String?) {
    if let text { fields.append((name, .text(text))) }
  }

  mutating func state(_ name: String, _ number: (some BinaryInteger)?) {
    if let number { fields.append((name, .number(Int64(number)))) }
  }

  /// A value that is personal, or may be. `nil`: left out.
  mutating func commit(_ name: String, _ value: String?) {
    if let value { fields.append((name, .committed(Commitment(to: value)))) }
  }

  /// The line, without its end: JSON in the canonical form of RFC 8785.
  func line(sequence: Int64, previous: [UInt8]) -> String {
    var all = fields
    all.append(("at", .text(Self.time(at))))
    all.append(("event", .text(event)))
    all.append(("previous", .text(hexadecimal(previous))))
    all.append(("sequence", .number(sequence)))
    all.sort { $0.name < $1.name }
    var json = JSONWriter()
    json.object { json in
      for (name, field) in all {
        json.key(name)
        switch field {
        case .text(let text): json.string(text)
        case .number(let number): json.number(number)
        case .committed(let commitment): json.string(commitment.digest)
        }
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// The openings of its commitments: a JSON object, for each name the salt and the value; `nil`: it has none.
  var openings: String? {
    Self.openings(
      fields.compactMap { name, field in if case .committed(let commitment) = field { (name, commitment) } else { nil }
      })
  }

  /// As ``openings``, sorted by name.
  static func openings(_ openings: [String: Commitment]) -> String? {
    Self.openings(openings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func openings(_ openings: [(name: String, commitment: Commitment)]) -> String? {
    var json = JSONWriter()
    json.object { json in
      for (name, commitment) in openings {
        json.key(name)
        json.array { json in
          json.string(hexadecimal(commitment.salt))
          json.string(commitment.value)
        }
      }
    }
    return openings.isEmpty ? nil : String(decoding: json.bytes, as: UTF8.self)
  }

  /// `2026-11-22T11:05:23.123Z`
  static func time(_ milliseconds: Int64) -> String {
    let time = Timestamp(milliseconds: milliseconds)
    let fraction = String(1_000 + milliseconds - time.seconds * 1_000).dropFirst()
    return "\(time.rfc3339.dropLast()).\(fraction)Z"
  }
}
