import Support

/// Random requests on a few accounts, so that they meet one another all the time.
struct RequestGenerator {
  var random: SeededGenerator
  private let people = (0..<40).map { "p\($0)@example.org" }
  private let others = (0..<25).map { "x\($0)@example.org" }
  private let foreign = Self.foreign.map(\.address)
  private let lists = (0..<4).map { "lista\($0)@example.org" }
  private let members = (0..<4).map { "m\($0)@example.com" }
  private let forwards = (0..<4).map { "f\($0)@example.com" }
  private let names = ["Ana Lucía", "José", "María Fernanda", "Óscar", "Íngrid", "Zoë", "李", "Nuñez, hijo", "O'Neil"]
  private let words = ["Secretario", "Técnica", "Jefe «de» área", "Profesional #1", "Auxiliar; turno 2"]
  private let departments = ["Secretaría de Salud", "Planeación"]

  /// Entries that were made outside Buzón before the run: some with an alias of their own, some locked.
  static let foreign: [(address: String, account: Model.Account)] = (0..<16).map { index in
    var account = Model.Account(given: "Otra \(index)", family: "Mano")
    if index % 2 == 0 { account.aliases = ["ajena\(index)@example.org"] }
    if index % 3 == 0 { account.status = "suspended" }
    return ("ajeno\(index)@example.org", account)
  }

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  /// A request on accounts as the model has them.
  mutating func request(_ model: Model) -> (changes: [Model.Change], isAtomic: Bool) {
    let isAtomic = chance(20)
    if isAtomic, chance(40), let changes = handingOver(model) { return (changes, true) }
    if chance(15), let changes = mistake(model, isAtomic: isAtomic) { return (changes, isAtomic) }
    var given: Set<String> = []
    let changes = (0..<Int.random(in: 1...(isAtomic ? 6 : 3), using: &random)).compactMap { _ in
      let change = change(model, isAtomic: isAtomic)
      // A form's creates may give no address twice.
      guard case .create(let address, let account) = change else { return change as Model.Change? }
      let gives = account.aliases.union([address])
      guard given.isDisjoint(with: gives) else { return nil }
      given.formUnion(gives)
      return change
    }
    return (changes.isEmpty ? [.adopt(address: pick(foreign))] : changes, isAtomic)
  }

  /// An alias goes from one account to another, beside two changes that lean on nobody; now and then the directory
  /// refuses what takes it.
  private mutating func handingOver(_ model: Model) -> [Model.Change]? {
    let open = model.accounts.filter { !$0.value.isForeign && !$0.value.isRetained }.keys.sorted()
    let givers = open.filter { model.accounts[$0]?.aliases.isEmpty == false }
    guard open.count > 3, !givers.isEmpty else { return nil }
    let giver = pick(givers)
    let taker = pick(open.filter { $0 != giver })
    guard let alias = model.accounts[giver]?.aliases.sorted().first else { return nil }
    var (giving, taking) = (Model.Edit(), Model.Edit())
    giving.removeAliases = [alias]
    taking.addAliases = [alias]
    taking.position = .some(chance(40) ? Model.refused : pick(words))
    var beside = Model.Edit()
    beside.phone = .some("+57 8 42015\(Int.random(in: 10...99, using: &random))")
    var changes: [Model.Change] = [
      .modify(address: giver, edit: giving), .modify(address: taker, edit: taking),
      .modify(address: pick(open), edit: beside),
    ]
    if chance(50) { changes.insert(changes.removeLast(), at: 0) }
    if chance(50) { changes.insert(.adopt(address: pick(foreign)), at: 0) }
    return changes
  }

  /// What people get wrong: two changes of one account, of which the second doesn't go with the first.
  private mutating func mistake(_ model: Model, isAtomic: Bool) -> [Model.Change]? {
    let open = model.accounts.filter { !$0.value.isForeign && !$0.value.isRetained }.keys.sorted()
    guard let address = open.isEmpty ? nil : pick(open) else { return nil }
    let free = people.filter { model.holder(of: $0) == nil }
    let renamed = pick(free.isEmpty ? people.filter { $0 != address } : free)
    var (rename, back, again, member) = (Model.Edit(), Model.Edit(), Model.Edit(), Model.Edit())
    rename.rename = renamed
    back.rename = address
    again.position = .some(pick(words))
    member.addMember = pick(members)
    let delete = Model.Change.delete(address: address, immediately: !isAtomic && chance(50))
    let list = model.accounts.filter { $0.value.kind == "list" && !$0.value.isForeign && !$0.value.isRetained }.keys
      .sorted()
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return [.modify(address: address, edit: rename), .modify(address: address, edit: again)]
    case 1: return [.modify(address: address, edit: rename), .delete(address: address, immediately: false)]
    case 2: return [.modify(address: address, edit: rename), .modify(address: renamed, edit: back)]
    case 3: return [delete, .modify(address: address, edit: again)]
    case 4: return [delete, .create(address: address, account: account(address, model))]
    case 5: return [delete, delete]
    default:
      let address = list.isEmpty ? address : pick(list)
      return [.modify(address: address, edit: member), .modify(address: address, edit: member)]
    }
  }

  private mutating func change(_ model: Model, isAtomic: Bool) -> Model.Change {
    let kind = Int.random(in: 0..<100, using: &random)
    // As a rule what there is: a create for an address that is free, anything else for an account.
    let fitting = kind < 30 ? people.filter { model.holder(of: $0) == nil } : model.accounts.keys.sorted()
    let address = chance(65) && !fitting.isEmpty ? pick(fitting) : chance(15) ? pick(foreign) : pick(people)
    switch kind {
    case ..<30: return .create(address: address, account: account(address, model))
    case ..<72: return .modify(address: address, edit: edit(of: address, model))
    case ..<80: return isAtomic ? .adopt(address: pick(foreign)) : .reset(address: address)
    case ..<87: return .adopt(address: chance(70) ? pick(foreign) : address)
    default: return .delete(address: address, immediately: !isAtomic && chance(50))
    }
  }

  /// As a rule one that is there.
  private mutating func owner(_ model: Model, besides address: String) -> String {
    let there = model.accounts.filter { !$0.value.isForeign && !$0.value.isRetained }.keys.filter { $0 != address }
    return chance(85) && !there.isEmpty ? pick(there.sorted()) : pick(people.filter { $0 != address })
  }

  private mutating func list(_ model: Model, besides address: String) -> String {
    let there = model.accounts.filter { $0.value.kind == "list" && $0.key != address }.keys.sorted()
    return chance(85) && !there.isEmpty ? pick(there) : pick(lists)
  }

  private mutating func account(_ address: String, _ model: Model) -> Model.Account {
    let kind = chance(75) ? "person" : chance(50) ? "functional" : "list"
    var account = Model.Account(kind: kind, given: kind == "person" ? pick(names) : "", family: pick(names))
    if kind != "person" { account.owner = owner(model, besides: address) }
    if kind != "list" {
      if chance(50) { account.position = chance(5) ? Model.refused : pick(words) }
      if chance(30) { account.phone = "+57 8 420151\(Int.random(in: 0...9, using: &random))" }
      if chance(20) { account.forward = [pick(forwards)] }
      if chance(30) { account.quota = 1 << 30 }
      if chance(30) { account.lists = [list(model, besides: address)] }
    } else if chance(70) {
      account.members = [pick(members)]
    }
    if chance(40) { account.aliases = [pick(others)] }
    if chance(10) { account.expires = Self.lastDay }
    return account
  }

  /// In a year of its own: no account of these runs expires before their clock is set on.
  static let lastDay = day(ahead: 40)

  private mutating func edit(of address: String, _ model: Model) -> Model.Edit {
    let kind = model.accounts[address]?.kind ?? "person"
    var edit = Model.Edit()
    switch Int.random(in: 0..<15, using: &random) {
    case 0: edit.position = .some(chance(10) ? Model.refused : pick(words))
    case 1: edit.position = .some(nil)
    case 2: edit.phone = .some(chance(50) ? "+57 8 4201515" : nil)
    case 3: edit.department = pick(departments)
    case 4: edit.quota = .some(chance(50) ? 2 << 30 : nil)
    case 5: edit.name = (chance(90) == (kind == "person") ? pick(names) : "", pick(names))
    case 6: edit.addAliases = [pick(others)]
    case 7: edit.removeAliases = [pick(others)]
    case 8: edit.replaceAliases = chance(50) ? [] : [pick(others)]
    case 9:
      let new = pick(people)
      if new == address { edit.position = .some(nil) } else { edit.rename = new }
    case 10: edit.owner = owner(model, besides: address)
    case 11: edit.expires = .some(chance(50) ? Self.lastDay : nil)
    case 12:
      if chance(50) {
        edit.addList = list(model, besides: address)
      } else {
        edit.removeList = list(model, besides: address)
      }
    case 13: if chance(50) { edit.addMember = pick(members) } else { edit.removeMember = pick(members) }
    default: edit.status = chance(60) ? "active" : "suspended"
    }
    if chance(30) { edit.addForward = pick(forwards) }
    if edit.addForward == nil, chance(30) { edit.removeForward = pick(forwards) }
    return edit
  }
}
