internal import Forms
internal import LDAP
internal import Text

/// An account as the changes of a repair so far would leave it: each is read and planned as it will be when it stands in
/// a form.
struct RepairPlanner {
  private var entry: Entry?
  private var rules: Rules
  private let context: PlanContext
  /// Why changes were refused, each reason once.
  private(set) var refusals: [String] = []

  /// The account as it is now; `nil` where the entry has gone.
  var image: ManagedImage? { entry.map { ManagedImage($0) } }

  init(present: ManagedImage?, rules: Rules, context: PlanContext) {
    entry = present.map { $0.entry(below: context.container) }
    self.rules = rules
    self.rules.approvers = [:]
    self.rules.formSize = FormReader.largestForm
    self.context = context
  }

  /// The next change towards what is wished, and the account as it leaves it; `nil` where there is none.
  mutating func change(_ wish: DesiredState) -> Change? {
    guard wish.present != nil else {
      guard wish.status != .retained, let create = wish.create else { return nil }
      if case .failure(let refusal) = outcome(of: .create(create)) {
        refuse(refusal.why)
        return nil
      }
      return take(pieces: wish.createPieces, of: create) { .create($0) }
    }
    guard let address = wish.address else { return nil }
    if !wish.isAccount {
      let adopt = Change.adopt(.init(address: address))
      return take(adopt) ? adopt : nil
    }
    let modify = take(pieces: wish.modifyPieces, of: Change.Fields()) {
      .modify(.init(address: address, fields: $0))
    }
    if let modify { return modify }
    let delete = Change.delete(.init(address: address))
    return wish.status == .retained && take(delete) ? delete : nil
  }

  /// Carries a change out, if it can be carried out and is of any use.
  mutating func take(_ change: Change) -> Bool {
    switch outcome(of: change) {
    case .success(let after):
      guard let after else { return false }
      entry = after
      return true
    case .failure(let refusal):
      refuse(refusal.why)
      return false
    }
  }

  /// All pieces together, or else as many of them as can stand together.
  private mutating func take<Subject>(
    pieces: [DesiredState.Piece<Subject>], of empty: Subject, _ change: (Subject) -> Change
  ) -> Change? {
    var whole = empty
    for piece in pieces { piece(&whole) }
    if case .success(let after) = outcome(of: change(whole)) {
      guard let after else { return nil }
      entry = after
      return change(whole)
    }
    var some = empty
    var after: Entry?
    if case .success(let made) = outcome(of: change(empty)) { after = made }
    for piece in pieces {
      var more = some
      piece(&more)
      switch outcome(of: change(more)) {
      case .success(let made?): (some, after) = (more, made)
      case .success(nil): break
      case .failure(let refusal): refuse(refusal.why)
      }
    }
    guard let after else { return nil }
    entry = after
    return change(some)
  }

  private mutating func refuse(_ why: String) {
    if !refusals.contains(why) { refusals.append(why) }
  }

  // MARK: One change

  private struct Refusal: Error { var why: String }

  /// The entry after a change; `nil` where it changes nothing.
  private func outcome(of change: Change) -> Result<Entry?, Refusal> {
    let request = Request(
      number: "repair", department: "-", requester: .init(name: "-"), approval: .init(by: "-", date: rules.today),
      changes: [change])
    switch FormReader.read(FormWriter.write(request), rules: rules) {
    case .invalid(let findings):
      // Never empty; the key says which field it is.
      let why = findings.first.map { "\($0.key): \($0.problem)".neutralized() } ?? "no form can hold it"
      let place = "changes[0]."
      return .failure(Refusal(why: why.hasPrefix(place) ? String(why.dropFirst(place.count)) : why))
    case .request(let read):
      let plan = Plan.make(
        read.changes[0], department: "-", stamp: Stamp(number: "repair", index: 0),
        holders: AddressIndex(entry.map { [$0] } ?? []), context: context)
      switch plan {
      case .refuse(let error): return .failure(Refusal(why: error.diagnostic.neutralized()))
      case .unchanged: return .success(nil)
      case .send(let intent): return .success(after(intent.operation))
      }
    }
  }

  private func after(_ operation: Operation) -> Entry? {
    switch operation {
    case .add(let dn, let attributes):
      Entry(dn: dn, attributes: attributes + [Attribute(Schema.entryUUID, [ManagedImage.inventedUUID])])
    case .modify(_, let modifications): entry?.applying(modifications)
    case .delete: nil
    }
  }
}

extension ManagedImage {
  fileprivate static let inventedUUID: Value = "repair"

  /// An entry of which this is the image, as far as it can be one: what is kept by a digest alone is another value.
  fileprivate func entry(below container: DN) -> Entry {
    var attributes: [Attribute] = []
    for (name, values) in zip(Self.attributes, values) {
      var byTag: [[UInt8]: [Value]] = [:]
      for value in values {
        guard let (tag, content) = value.parts else { continue }
        if case .whole(let bytes) = content {
          byTag[Array(tag), default: []].append(Value(bytes: Array(bytes)))
        } else {
          byTag[Array(tag), default: []].append(Value(bytes: Array(repeating: 0xFF, count: ImageValue.longest + 1)))
        }
      }
      for (tag, values) in byTag.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        attributes.append(Attribute(tag.isEmpty ? name : "\(name);\(String(decoding: tag, as: UTF8.self))", values))
      }
    }
    let isAccount = !texts(Schema.kind).isEmpty && !texts(Schema.status).isEmpty
    attributes.append(Attribute(Schema.objectClass, isAccount ? Schema.classes : [Schema.personClass]))
    attributes.append(Attribute(Schema.entryUUID, [Self.inventedUUID]))
    return Entry(dn: .rdn(Schema.uid, texts(Schema.uid).first ?? "-").under(container), attributes: attributes)
  }

  /// The values of an attribute that stand under no option.
  func untagged(_ name: String) -> [ImageValue] {
    guard let slot = Self.attributes.firstIndex(of: name) else { return [] }
    return values[slot].filter { !$0.isTagged }
  }
}
