internal import Text

/// The form's own keys.
struct FormWalk {
  var walk: Walk
  /// `nil`: shape alone.
  let rules: Rules?
  /// All the changes or none.
  private(set) var isAtomic = false
  /// Whether the clock wrote it, which may write what no form from outside may.
  private(set) var isOfClock = false
  /// The addresses that creates of this form give, and the change that gives them.
  var claimed: [Address: Int] = [:]

  init(walk: Walk, rules: Rules?) {
    self.walk = walk
    self.rules = rules
  }

  private static let keys = Keys(
    "a form", ["form", "number", "department", "requester", "approval", "atomic", "changes"])
  private static let requesterKeys = Keys("requester", ["name", "address"])
  private static let approvalKeys = Keys("approval", ["by", "date", "reference"])
  private static let changeKeys = Keys("a change", ["create", "modify", "adopt", "delete"])
  /// Of a form in the register, which may have been forgotten in part.
  private static let storedChangeKeys = Keys("a change", changeKeys.names + ["forgotten"])

  mutating func request() -> Request? {
    let root = walk.root
    guard walk.isMapping(root, Self.keys) else { return nil }
    let form = walk.field(root, "form").flatMap { formCode($0) }
    let number = walk.required(root, "number", "write the request's number").flatMap { self.number($0) }
    isOfClock = rules == nil && number.map(Request.isOfClock) == true
    let department = walk.required(root, "department", "write the department that asks").flatMap { text($0) }
    let requester = walk.required(root, "requester", "write requester: {name: …}").flatMap { self.requester($0) }
    let approval = walk.required(root, "approval", "write approval: {by: …, date: YYYY-MM-DD}")
      .flatMap { self.approval($0, for: department, askedBy: requester) }
    isAtomic = walk.field(root, "atomic").flatMap { walk.flag($0) } ?? false
    let changes = walk.required(root, "changes", "write one change or more").flatMap { self.changes($0) }
    guard let number, let department, let requester, let approval, let changes else { return nil }
    return Request(
      form: form, number: number, department: department, requester: requester, approval: approval,
      atomic: isAtomic, changes: changes)
  }

  private mutating func formCode(_ field: Field) -> String? {
    let code = walk.text(field)
    if let code { judge(formCode: code, field) }
    return code
  }

  /// Numbers that begin with `@` are the clock's own: they are read again from the register, and never from the spool.
  private mutating func number(_ field: Field) -> String? {
    let own = ASCIISet(rules == nil ? "@" : "")
    let number = walk.text(
      field, of: ASCIISet.alphanumerics.union(ASCIISet("._-")).union(own),
      first: ASCIISet.alphanumerics.union(own), most: 64,
      remedy: "write 1 to 64 letters, digits, '.', '_', '-', the first a letter or a digit")
    if let number { judge(number: number, field) }
    return number
  }

  private mutating func requester(_ field: Field) -> Request.Requester? {
    guard walk.isMapping(field, Self.requesterKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let name = walk.required(field, "name", "write the responsible official's name").flatMap { text($0) }
    let address = walk.field(field, "address").flatMap { ourAddress($0) }
    return name.map { Request.Requester(name: $0, address: address) }
  }

  private mutating func approval(
    _ field: Field, for department: String?, askedBy requester: Request.Requester?
  ) -> Request.Approval? {
    guard walk.isMapping(field, Self.approvalKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let by = walk.required(field, "by", "write who approved it").flatMap {
      approver($0, department, requester)
    }
    let date = walk.required(field, "date", "write the day of the approval, YYYY-MM-DD").flatMap { approvalDate($0) }
    let reference = walk.field(field, "reference").flatMap { text($0, most: 256) }
    guard let by, let date else { return nil }
    return Request.Approval(by: by, date: date, reference: reference)
  }

  private mutating func approver(_ field: Field, _ department: String?, _ requester: Request.Requester?) -> String? {
    let by = text(field)
    if let by, let department { judge(approver: by, for: department, field) }
    if let by, let requester { judge(approver: by, askedBy: requester, field) }
    return by
  }

  private mutating func approvalDate(_ field: Field) -> Day? {
    let day = walk.day(field)
    if let day { judge(approved: day, field) }
    return day
  }

  // MARK: Changes

  private mutating func changes(_ field: Field) -> [Change]? {
    guard let elements = walk.list(field) else { return nil }
    if elements.isEmpty {
      walk.report(field, "is an empty list", "write one change or more")
      return nil
    }
    var changes: [Change] = []
    changes.reserveCapacity(elements.count)
    for element in elements {
      if let change = change(element) { changes.append(change) }
    }
    return changes
  }

  private mutating func change(_ element: Field) -> Change? {
    let keys = rules == nil ? Self.storedChangeKeys : Self.changeKeys
    guard walk.isMapping(element, keys, hint: Self.misplaced) else { return nil }
    let fields = keys.names.compactMap { walk.field(element, $0) }
    guard let field = fields.first, fields.count == 1 else {
      // An unknown key alone has been reported already.
      if !fields.isEmpty {
        walk.report(element, "names more than one change", "begin each change with its own '- '")
      } else if walk.document.count(element.node) == 0 {
        walk.report(element, "names no change", "write create, modify, adopt or delete")
      }
      return nil
    }
    walk.enter(element)
    defer { walk.leave(element) }
    return switch field.key.utf8Start[0] {
    case UInt8(ascii: "c"): create(field, element.element).map { .create($0) }
    case UInt8(ascii: "m"): modify(field).map { .modify($0) }
    case UInt8(ascii: "a"): adopt(field).map { .adopt($0) }
    case UInt8(ascii: "f"): forgotten(field).map { .forgotten($0) }
    default: delete(field).map { .delete($0) }
    }
  }

  private mutating func forgotten(_ field: Field) -> Change.Forgotten? {
    guard walk.isMapping(field, Keys("forgotten", ["operation"])) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    return walk.required(field, "operation", "write the operation").flatMap { walk.text($0) }
      .map { Change.Forgotten(operation: $0) }
  }

  /// The commonest slip of indentation.
  private static func misplaced(_ key: String) -> String? {
    key == "address" ? "indent it further than the change's name" : nil
  }

  /// An address of ours: judged by the policy.
  mutating func ourAddress(_ field: Field) -> Address? {
    let address: Address? = walk.address(field)
    if let address { judge(ours: address, field) }
    return address
  }
}
