import Accounts
import Forms
import LDAP
import Support

/// A directory of accounts: guarded operations, and no address that belongs to two.
struct SmallTree {
  private(set) var entries: [String: Entry] = [:]
  private var count = 0

  init(_ entries: [Entry]) { for entry in entries { self.entries[entry.dn.string] = entry } }

  var holders: AddressIndex { AddressIndex(entries.sorted { $0.key < $1.key }.map(\.value)) }

  /// What would keep the operation from being applied; `nil` where it was.
  mutating func perform(_ intent: Intent) -> ResultCode? {
    let dn = intent.operation.dn.string
    let present = entries[dn]
    if intent.entryUUID != nil {
      guard let present else { return .noSuchObject }
      guard intent.entryUUID == present.text("entryUUID"), intent.stampRead == present.text("buzonRequest") else {
        return .assertionFailed
      }
    }
    let after: Entry
    switch intent.operation {
    case .delete:
      entries[dn] = nil
      return nil
    case .add(_, let attributes):
      if present != nil { return .entryAlreadyExists }
      count += 1
      after = Entry(
        dn: intent.operation.dn, attributes: attributes + [Attribute("entryUUID", [Value("made-\(count)")])])
    case .modify:
      guard let present else { return .noSuchObject }
      switch SmallDirectory.apply(intent.operation, to: present) {
      case .success(let changed): after = changed
      case .failure(let refusal): return ResultCode(rawValue: Int32(refusal.rawValue))
      }
    }
    let addresses = Self.folded(after["mailLocalAddress"])
    for (name, other) in entries where name != dn && !addresses.isDisjoint(with: Self.folded(other["mailLocalAddress"]))
    {
      return .constraintViolation
    }
    entries[dn] = after
    return nil
  }

  /// All that is in it but stamps and the identities it invented; letter case of values left out where it is so asked.
  func contents(foldingCase: Bool) -> [String: [String: Set<String>]] {
    entries.mapValues { entry in
      var attributes: [String: Set<String>] = [:]
      for attribute in entry.attributes where !["buzonRequest", "entryUUID"].contains(attribute.name) {
        let values = attribute.values.map { $0.text ?? "?" }
        attributes[attribute.name] = Set(foldingCase ? values.map { $0.lowercased() } : values)
      }
      return attributes
    }
  }

  private static func folded(_ values: [Value]) -> Set<String> { Set(values.compactMap { $0.text?.lowercased() }) }
}

/// A few accounts and entries from outside Buzón, and random forms about them that often contend for the same addresses.
enum RandomRequest {
  static func tree(_ random: inout SeededGenerator) -> SmallTree {
    var entries: [Entry] = []
    for (index, name) in ["ana", "beto", "carla", "dario"].enumerated() {
      var other: [String: [Value]] = ["entryUUID": [Value("uuid-\(index)")], "buzonRequest": [Value("old#\(index)")]]
      let alias = Value("\(name)\(index)@example.org")
      switch random.next() % 5 {
      case 0:
        other["buzonStatus"] = ["retained"]
        other["buzonRetainedSince"] = ["20260101000000Z"]
        other["pwdAccountLockedTime"] = ["000001010000Z"]
      case 1:
        for own in ["buzonKind", "buzonStatus", "buzonQuota", "buzonRequest", "displayName", "ou"] { other[own] = [] }
        other["objectClass"] = ["inetOrgPerson"]
        other["mailLocalAddress"] = []
        other["mail"] = [Value("\(name)@example.org"), alias]
      case 2: other["mailLocalAddress"] = [Value("\(name.capitalizedFirst)@Example.org"), alias]
      default: break
      }
      entries.append(Fixture.entry("\(name)@example.org", other))
    }
    return SmallTree(entries)
  }

  static func change(_ random: inout SeededGenerator) -> Change {
    switch random.next() % 16 {
    case 0: return .delete(.init(address: account(&random)))
    case 1: return .adopt(.init(address: account(&random)))
    case 2:
      let domain = random.next() % 2 == 0 ? "example.org" : "example.net"
      let local = ["nuevo", "x", "y"][Int(random.next() % 3)]
      return .create(
        .init(
          address: .init(known: "\(local)@\(domain)"), name: .person(given: "N", family: "N"),
          aliases: random.next() % 2 == 0 ? [address(&random)] : []))
    default: break
    }
    var fields = Change.Fields()
    switch random.next() % 8 {
    case 0: fields.status = .suspended
    case 1: fields.status = .active
    case 2: fields.address = address(&random)
    case 3: fields.aliases.replacement = random.next() % 2 == 0 ? [] : [address(&random)]
    case 4: fields.aliases.added = [address(&random)]
    case 5: fields.aliases.removed = [address(&random)]
    case 6: fields.position = random.next() % 2 == 0 ? .clear : .set("Jefa")
    default: fields.name = .person(given: "Otra", family: "Vez")
    }
    return .modify(.init(address: account(&random), fields: fields))
  }

  private static let pool = [
    "ana", "beto", "carla", "dario", "ana0", "beto1", "carla2", "dario3", "x", "y", "nuevo",
  ]

  /// Aliases change hands: taken from two accounts that have one, given each to the other, or to any.
  static func moves(on tree: SmallTree, _ random: inout SeededGenerator) -> [Change] {
    let holders = tree.entries.sorted { $0.key < $1.key }.compactMap { Account($0.value) }.filter {
      !$0.aliases.isEmpty
    }
    let some = holders.shuffled(using: &random).prefix(2)
    let isExchange = random.next() % 4 == 0
    var (taken, given): ([Change], [Change]) = ([], [])
    for (holder, other) in zip(some, some.reversed()) {
      let alias = Forms.Address(known: holder.aliases[0])
      var (less, more) = (Change.Fields(), Change.Fields())
      less.aliases.removed = [alias]
      more.aliases.added = [alias]
      taken.append(.modify(.init(address: Forms.Address(known: holder.address), fields: less)))
      let receiver = isExchange ? Forms.Address(known: other.address) : account(&random)
      given.append(.modify(.init(address: receiver, fields: more)))
    }
    return taken + given
  }

  private static func address(_ random: inout SeededGenerator) -> Forms.Address { any(of: pool, &random) }

  /// Mostly one that is there from the start.
  private static func account(_ random: inout SeededGenerator) -> Forms.Address {
    any(of: random.next() % 6 == 0 ? pool : Array(pool.prefix(4)), &random)
  }

  private static func any(of names: [String], _ random: inout SeededGenerator) -> Forms.Address {
    Forms.Address(known: names[Int(random.next() % UInt64(names.count))] + "@example.org")
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
