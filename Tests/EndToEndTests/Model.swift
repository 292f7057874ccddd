import Foundation
import Support

/// What the directory should hold after a run of requests, worked out apart from the product's code: one change after the
/// other on plain dictionaries.
struct Model {
  struct Account: Equatable {
    var aliases: Set<String> = []
    var given: String
    var family: String
    var position: String?
    var phone: String?
    var department: String
    var quota: Int
    var forward: Set<String> = []
    var status = "active"

    var isRetained: Bool { status == "retained" }
  }

  enum Change {
    case create(address: String, account: Account, quota: Int?)
    case modify(address: String, edit: Edit)
    case delete(address: String, immediately: Bool)
  }

  struct Edit {
    var rename: String?
    var status: String?
    var position: String??
    var phone: String??
    var department: String?
    var quota: Int??
    var name: (given: String, family: String)?
    var addAlias: String?
    var removeAlias: String?
    var replaceAliases: [String]?
    var addForward: String?
    var removeForward: String?
  }

  static let policyQuota = 5 << 30
  private(set) var accounts: [String: Account] = [:]

  private func holder(of address: String) -> String? {
    accounts[address] != nil ? address : accounts.first { $0.value.aliases.contains(address) }?.key
  }

  /// Carries out a change and tells the outcome that its record should have.
  mutating func apply(_ change: Change, department: String) -> String {
    switch change {
    case .create(let address, var account, let quota):
      guard ([address] + account.aliases).allSatisfy({ holder(of: $0) == nil }) else { return "failed" }
      account.department = department
      account.quota = quota ?? Self.policyQuota
      accounts[address] = account
      return "applied"
    case .modify(let address, let edit):
      guard let before = accounts[address] else { return "failed" }
      if before.isRetained, edit.status != "active" { return "failed" }
      let wanted = (edit.rename.map { [$0] } ?? []) + (edit.addAlias.map { [$0] } ?? []) + (edit.replaceAliases ?? [])
      guard wanted.allSatisfy({ holder(of: $0) == nil || holder(of: $0) == address }) else { return "failed" }
      var after = before
      if let name = edit.name { (after.given, after.family) = name }
      if let position = edit.position { after.position = position }
      if let phone = edit.phone { after.phone = phone }
      if let department = edit.department { after.department = department }
      if let quota = edit.quota { after.quota = quota ?? Self.policyQuota }
      if let status = edit.status { after.status = status }
      if let aliases = edit.replaceAliases { after.aliases = Set(aliases) }
      if let alias = edit.removeAlias { after.aliases.remove(alias) }
      if let alias = edit.addAlias { after.aliases.insert(alias) }
      if let forward = edit.removeForward { after.forward.remove(forward) }
      if let forward = edit.addForward { after.forward.insert(forward) }
      var newAddress = address
      if let rename = edit.rename, rename != address {
        newAddress = rename
        after.aliases.insert(address)
      }
      after.aliases.remove(newAddress)
      if after == before, newAddress == address { return "unchanged" }
      accounts[address] = nil
      accounts[newAddress] = after
      return "applied"
    case .delete(let address, let immediately):
      guard let account = accounts[address] else { return "failed" }
      if immediately {
        accounts[address] = nil
        return "applied"
      }
      if account.isRetained { return "unchanged" }
      accounts[address]?.status = "retained"
      return "applied"
    }
  }
}

extension Model.Change {
  var addresses: [String] {
    switch self {
    case .create(let address, let account, _): [address] + account.aliases
    case .modify(let address, let edit):
      [address] + [edit.rename, edit.addAlias, edit.removeAlias].compactMap(\.self) + (edit.replaceAliases ?? [])
    case .delete(let address, _): [address]
    }
  }

  /// The change as a form spells it, a flow mapping on one line.
  var yaml: String {
    func quoted(_ text: String) -> String { "\"\(text)\"" }
    switch self {
    case .create(let address, let account, let quota):
      var fields = [
        "address: \(address)", "name: {given: \(quoted(account.given)), family: \(quoted(account.family))}",
      ]
      if let position = account.position { fields.append("position: \(quoted(position))") }
      if let phone = account.phone { fields.append("phone: \(quoted(phone))") }
      if !account.aliases.isEmpty { fields.append("aliases: [\(account.aliases.sorted().joined(separator: ", "))]") }
      if !account.forward.isEmpty { fields.append("forward: [\(account.forward.sorted().joined(separator: ", "))]") }
      if let quota { fields.append("quota: \(quota >> 20) MiB") }
      return "create: {\(fields.joined(separator: ", "))}"
    case .modify(let address, let edit):
      var set: [String] = []
      var add: [String] = []
      var remove: [String] = []
      if let rename = edit.rename { set.append("address: \(rename)") }
      if let status = edit.status { set.append("status: \(status)") }
      if let position = edit.position { set.append("position: \(position.map(quoted) ?? "null")") }
      if let phone = edit.phone { set.append("phone: \(phone.map(quoted) ?? "null")") }
      if let department = edit.department { set.append("department: \(quoted(department))") }
      if let quota = edit.quota { set.append("quota: \(quota.map { "\($0 >> 20) MiB" } ?? "null")") }
      if let name = edit.name { set.append("name: {given: \(quoted(name.given)), family: \(quoted(name.family))}") }
      if let aliases = edit.replaceAliases { set.append("aliases: [\(aliases.joined(separator: ", "))]") }
      if let alias = edit.addAlias { add.append("aliases: [\(alias)]") }
      if let alias = edit.removeAlias { remove.append("aliases: [\(alias)]") }
      if let forward = edit.addForward { add.append("forward: [\(forward)]") }
      if let forward = edit.removeForward { remove.append("forward: [\(forward)]") }
      var parts = ["address: \(address)"]
      if !set.isEmpty { parts.append("set: {\(set.joined(separator: ", "))}") }
      if !add.isEmpty { parts.append("add: {\(add.joined(separator: ", "))}") }
      if !remove.isEmpty { parts.append("remove: {\(remove.joined(separator: ", "))}") }
      return "modify: {\(parts.joined(separator: ", "))}"
    case .delete(let address, let immediately):
      return "delete: {address: \(address), reason: Retiro, immediately: \(immediately)}"
    }
  }
}

/// Random requests on a few accounts, so that they meet one another all the time.
struct RequestGenerator {
  private var random: SeededGenerator
  private let people = (0..<40).map { "p\($0)@example.org" }
  private let others = (0..<25).map { "x\($0)@example.org" }
  private let names = ["Ana Lucía", "José", "María Fernanda", "Óscar", "Íngrid", "Zoë", "李", "Nuñez, hijo", "O'Neil"]
  private let words = ["Secretario", "Técnica", "Jefe «de» área", "Profesional #1", "Auxiliar; turno 2"]

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  /// A request: its changes name no address twice in a way that the form's own rules forbid.
  mutating func changes() -> [Model.Change] {
    var used: Set<String> = []
    return (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
      let change = change(of: pick(people))
      // A form may give no address twice; so that the rule is never in the way, each is named once.
      guard used.isDisjoint(with: change.addresses) else { return nil }
      used.formUnion(change.addresses)
      return change
    }
  }

  private mutating func change(of address: String) -> Model.Change {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<35:
      var account = Model.Account(given: pick(names), family: pick(names), department: "", quota: 0)
      if chance(50) { account.position = pick(words) }
      if chance(30) { account.phone = "+57 8 420151\(Int.random(in: 0...9, using: &random))" }
      if chance(40) { account.aliases = [pick(others)] }
      if chance(20) { account.forward = ["f\(Int.random(in: 0...3, using: &random))@example.com"] }
      return .create(address: address, account: account, quota: chance(30) ? 1 << 30 : nil)
    case ..<75: return .modify(address: address, edit: edit(of: address))
    default: return .delete(address: address, immediately: chance(50))
    }
  }

  private mutating func edit(of address: String) -> Model.Edit {
    var edit = Model.Edit()
    switch Int.random(in: 0..<11, using: &random) {
    case 0: edit.position = .some(pick(words))
    case 1: edit.position = .some(nil)
    case 2: edit.phone = .some(chance(50) ? "+57 8 4201515" : nil)
    case 3: edit.department = pick(["Secretaría de Salud", "Planeación"])
    case 4: edit.quota = .some(chance(50) ? 2 << 30 : nil)
    case 5: edit.name = (pick(names), pick(names))
    case 6: edit.addAlias = pick(others)
    case 7: edit.removeAlias = pick(others)
    case 8: edit.replaceAliases = chance(50) ? [] : [pick(others)]
    case 9:
      let new = pick(people)
      if new == address { edit.position = .some(nil) } else { edit.rename = new }
    default: edit.status = chance(60) ? "active" : "suspended"
    }
    if chance(30) { edit.addForward = "f\(Int.random(in: 0...3, using: &random))@example.com" }
    if edit.addForward == nil, chance(30) {
      edit.removeForward = "f\(Int.random(in: 0...3, using: &random))@example.com"
    }
    return edit
  }
}

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
