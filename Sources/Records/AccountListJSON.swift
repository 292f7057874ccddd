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
    var json = JSONBytes(borrowing: &buffer)
    json.beginObject()
    json.key("address")
    json.string(row.address)
    json.key("kind")
    json.string(row.kind)
    json.key("name")
    json.string(row.name)
    json.key("department")
    json.string(row.department)
    json.key("position")
    json.string(row.position)
    json.key("status")
    json.string(row.status)
    json.key("aliases")
    json.strings(row.aliases)
    json.key("quota")
    if let quota = row.quota { json.number(quota) } else { json.null() }
    json.key("owner")
    json.string(row.owner)
    json.key("lists")
    json.strings(row.lists)
    json.key("created")
    json.time(row.created)
    json.key("changed")
    json.time(row.changed)
    json.key("handover")
    json.string(row.handover.rawValue)
    if !row.drift.isEmpty {
      json.key("drift")
      json.strings(row.drift)
    }
    json.endObject()
    json.give(back: &buffer)
  }

  /// Appends what stands behind the last row.
  public func end(_ buffer: inout [UInt8]) { buffer.append(contentsOf: "\n]}\n".utf8) }
}
