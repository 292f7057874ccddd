import Support

/// An account as the directory should show it, worked out apart from the product's code.
struct CutAccount: Equatable, Sendable {
  var address: String
  var aliases: Set<String> = []
  var position: String?
  var status = "active"
  /// Of the change that wrote it last, `NUMBER#INDEX`.
  var stamp: String
}

/// Two accounts that go through all operations of the form together, again and again, one form after the other: the next
/// is dropped when the last is recorded. So at any moment the directory has what the recorded forms say, or what the one
/// on its way says besides, and which of the two the records tell.
struct CutFamily: Sendable {
  /// A form on its way.
  struct Step: Sendable {
    var number: String
    var form: String
    /// The two accounts when it is done.
    var after: [CutAccount?]
    /// Dropped with `buzon submit`, which makes it durable, rather than by a plain move.
    var isSubmitted = false
    /// `buzon submit` has returned 0: it must not be lost.
    var isAcknowledged = false
  }

  let index: Int
  private(set) var generation = 0
  private(set) var place = 0
  /// As the recorded forms left them.
  private(set) var accounts: [CutAccount?] = [nil, nil]
  var step: Step?
  /// Whether the first one's slip was received in this generation.
  var isDelivered = false

  init(_ index: Int) { self.index = index }

  /// The account whose slip can be received now, and the change that granted its password: up to its reset.
  var deliverable: (address: String, change: String)? {
    guard (1...5).contains(place), step == nil, !isDelivered, let address = accounts[0]?.address else { return nil }
    return (address, "F\(index)-\(generation)-0#0")
  }

  /// Writes the next form.
  mutating func begin(isSubmitted: Bool) -> Step {
    let number = "F\(index)-\(generation)-\(place)"
    let (changes, after, isAtomic) = next(number)
    let form = form(number: number, atomic: isAtomic, changes: changes)
    let begun = Step(number: number, form: form, after: after, isSubmitted: isSubmitted)
    step = begun
    return begun
  }

  /// The form on its way is recorded.
  mutating func finish() {
    guard let step else { return }
    accounts = step.after
    self.step = nil
    place += 1
    if accounts.allSatisfy({ $0 == nil }) { (generation, place, isDelivered) = (generation + 1, 0, false) }
  }

  private func next(_ number: String) -> (changes: [String], after: [CutAccount?], isAtomic: Bool) {
    let (a, b, c) = ("a\(index)@example.org", "b\(index)@example.org", "c\(index)@example.org")
    let (x, y) = ("x\(index)@example.org", "y\(index)@example.org")
    var (first, second) = (accounts[0], accounts[1])
    let old = first?.address ?? a
    switch place {
    case 0:
      return (
        [
          "create: {address: \(a), name: {given: Ana, family: Número \(index)}, aliases: [\(x)], position: Técnica, "
            + "reuse: true}",
          "create: {address: \(b), name: {given: Beto, family: Número \(index)}, reuse: true}",
        ],
        [
          CutAccount(address: a, aliases: [x], position: "Técnica", stamp: number + "#0"),
          CutAccount(address: b, stamp: number + "#1"),
        ], false
      )
    case 1:
      first?.position = "Jefa \(generation)"
      first?.aliases.insert(y)
      first?.stamp = number + "#0"
      second?.stamp = number + "#1"
      return (
        [
          "modify: {address: \(old), set: {position: Jefa \(generation), phone: +57 8 4201515}, add: {aliases: [\(y)]}, "
            + "reuse: true}",
          "modify: {address: \(b), reset: password}",
        ], [first, second], false
      )
    case 2:
      first?.address = c
      first?.aliases.insert(a)
      first?.stamp = number + "#0"
      return (["modify: {address: \(old), set: {address: \(c)}, reuse: true}"], [first, second], false)
    case 3:
      first?.aliases.remove(x)
      second?.aliases.insert(x)
      second?.position = "Auxiliar \(generation)"
      first?.stamp = number + "#0"
      second?.stamp = number + "#1"
      return (
        [
          "modify: {address: \(old), remove: {aliases: [\(x)]}}",
          "modify: {address: \(b), set: {position: Auxiliar \(generation)}, add: {aliases: [\(x)]}, "
            + "reuse: true}",
        ], [first, second], true
      )
    case 4:
      second?.status = "suspended"
      second?.stamp = number + "#0"
      return (["modify: {address: \(b), set: {status: suspended}}"], [first, second], false)
    case 5:
      second?.status = "active"
      second?.stamp = number + "#0"
      first?.stamp = number + "#1"
      return (
        ["modify: {address: \(b), set: {status: active}}", "modify: {address: \(old), reset: password}"],
        [first, second], false
      )
    case 6:
      second?.status = "retained"
      first?.position = nil
      second?.stamp = number + "#0"
      first?.stamp = number + "#1"
      return (
        ["delete: {address: \(b), reason: Retiro}", "modify: {address: \(old), set: {position: null}}"],
        [first, second], false
      )
    case 7:
      second?.status = "active"
      second?.stamp = number + "#0"
      return (["modify: {address: \(b), set: {status: active}}"], [first, second], false)
    default:
      return ([old, b].map { "delete: {address: \($0), reason: Retiro, immediately: true}" }, [nil, nil], false)
    }
  }
}
