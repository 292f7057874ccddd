public import Foundation

/// A JSON value to compare with: a test writes what it expects as a literal.
public enum JSON: Sendable, Hashable, Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

  public init(_ data: Data) throws { self = try JSONDecoder().decode(JSON.self, from: data) }
  public init(_ text: String) throws { try self.init(Data(text.utf8)) }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  /// A member; null where it isn't there.
  public subscript(key: String) -> JSON {
    guard case .object(let members) = self else { return .null }
    return members[key] ?? .null
  }

  /// An element; null where it isn't there.
  public subscript(index: Int) -> JSON { array.indices.contains(index) ? array[index] : .null }

  public var array: [JSON] { if case .list(let elements) = self { elements } else { [] } }
  public var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  public var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSON...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements) { $1 })
  }
}

/// Reads a JSON object.
public func json(_ data: Data) throws -> [String: Any] {
  guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
    throw SiteError("not a JSON object")
  }
  return object
}
