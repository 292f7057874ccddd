internal import Accounts
internal import Text

/// The account list as JSON, row by row: `{"version":1,"accounts":[…]}`. Every key is in every row, `null` where there
/// is nothing to say; but `drift` only where something is. It is exact; ``AccountListCSV`` isn't always.
public struct AccountListJSON: Sendable {
  /// The version of the list's shape. It grows when a key goes or changes its meaning, not when one is added.
  public static let version = 1

  private var isFirst = true

  /// A list without rows.
  public init() {}

  /// Appends what stands before the first row.
  public func begin(_ buffer: inout [UInt8]) {
    buffer.append(contentsOf: "{\"version\":\(Self.version),\"accounts\":[".utf8)
  }

  /// Appends a row, on a line of its own.
  public mutating func append(_ row: AccountRow, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: (isFirst ? "\n" : ",\n").utf8)
    isFirst = false
    var json = JSONWriter(borrowing: &buffer)
    json.object { json in
      json.field("address", row.address)
      json.field("kind", row.kind)
      json.field("name", row.name)
      json.field("department", row.department)
      json.field("position", row.position)
      json.field("status", row.status)
      json.field("aliases", row.aliases)
      json.field("quota", row.quota)
      json.field("owner", row.owner)
      json.field("lists", row.lists)
      json.field("created", row.created)
      json.field("changed", row.changed)
      json.field("handover", row.handover.rawValue)
      if !row.drift.isEmpty { json.field("drift", row.drift) }
    }
    json.give(back: &buffer)
  }

  /// Appends what stands behind the last row.
  public func end(_ buffer: inout [UInt8]) { buffer.append(contentsOf: "\n]}\n".utf8) }
}
