import Forms
import LDAP
import Text

@testable import Accounts

/// What the plans of these tests are made under: days end in UTC, the clock stands at 2026-11-22T11:05:23Z.
enum Fixture {
  static let now: Int64 = 1_795_345_523
  static let container = DN.rdn("ou", "people").under(DN.rdn("dc", "example").under(DN.rdn("dc", "org").under(DN())))
  static let context = PlanContext(
    container: container, quota: 5 << 30, passwordLife: 7 * 86_400, now: now, zone: .utc)
  static let stamp = Stamp(number: "2026-0142", index: 3)
  static let stampValue: Value = "2026-0142#3"
  static let uuid = "5f6c2c0a-5bc5-1041-8a66-bf22c0f6d6a7"

  static func dn(_ name: String) -> DN { .rdn("uid", name).under(container) }

  /// An active person's entry. Attributes of `other` take the place of its own; one without values is left out.
  static func entry(_ address: String = "ana@example.org", _ other: [String: [Value]] = [:]) -> Entry {
    let local = String(address.prefix { $0 != "@" })
    var attributes: [(String, [Value])] = [
      ("objectClass", ["inetOrgPerson", "inetLocalMailRecipient", "buzonAccount"]), ("uid", [Value(local)]),
      ("cn", ["Ana Rosero"]), ("sn", ["Rosero"]), ("givenName", ["Ana"]), ("displayName", ["Ana Rosero"]),
      ("mail", [Value(address)]), ("mailLocalAddress", [Value(address)]), ("title", ["Secretaria"]),
      ("ou", ["Sistemas"]), ("buzonKind", ["person"]), ("buzonStatus", ["active"]), ("buzonQuota", ["1073741824"]),
      ("buzonRequest", ["2026-0001#0"]), ("entryUUID", [Value(uuid)]),
      ("entryCSN", ["20261122110000.000001Z#000000#000#000000"]), ("createTimestamp", ["20260101000000Z"]),
      ("modifyTimestamp", ["20261122110000Z"]),
    ]
    for (name, values) in other.sorted(by: { $0.key < $1.key }) {
      attributes.removeAll { $0.0 == name }
      if !values.isEmpty { attributes.append((name, values)) }
    }
    return Entry(dn: dn(local), attributes: attributes.map { Attribute($0.0, $0.1) })
  }

  static func plan(
    _ change: Change, _ entries: [Entry] = [], namesTaken: Int = 0, retired: [String: RetiredAddress] = [:],
    byClock: Bool = false, context: PlanContext = Fixture.context
  ) -> Plan {
    .make(
      change, department: "Secretaría de Salud", stamp: stamp, holders: AddressIndex(entries), namesTaken: namesTaken,
      retired: retired, byClock: byClock, context: context)
  }

  /// Plans a modify of `address` with the fields that `change` sets.
  static func modify(_ address: String, _ entries: [Entry], _ change: (inout Change.Fields) -> Void) -> Plan {
    var fields = Change.Fields()
    change(&fields)
    return plan(.modify(Change.Modify(address: Forms.Address(known: address), fields: fields)), entries)
  }

  static func modify(_ entries: [Entry], _ change: (inout Change.Fields) -> Void) -> Plan {
    modify("ana@example.org", entries, change)
  }
}

extension Forms.Address {
  init(known text: String) {
    guard let address = Self(text) else { preconditionFailure("\(text) is not an address") }
    self = address
  }
}

extension ExternalAddress {
  init(known text: String) { self.init(Forms.Address(known: text)) }
}

extension ByteCount {
  init(known bytes: UInt64) {
    guard let count = Self(bytes: bytes) else { preconditionFailure("\(bytes) is no size") }
    self = count
  }
}

extension Plan {
  var intent: Intent? { if case .send(let intent) = self { intent } else { nil } }
  var error: ChangeError? { if case .refuse(let error) = self { error } else { nil } }
  var isUnchanged: Bool { if case .unchanged = self { true } else { false } }
  /// The modifications without the stamp, which must be the last of them; `nil` where it isn't so.
  var modifications: [Modification]? {
    guard case .modify(_, let all)? = intent?.operation, all.last == .replace("buzonRequest", [Fixture.stampValue])
    else { return nil }
    return Array(all.dropLast())
  }
  var added: Entry? {
    guard case .add(let dn, let attributes)? = intent?.operation else { return nil }
    return Entry(dn: dn, attributes: attributes)
  }
}
