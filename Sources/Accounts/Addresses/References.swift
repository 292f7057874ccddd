public import Forms
internal import LDAP

/// What the accounts that a change refers to (owner, lists) are judged by, besides the directory's entries.
public struct References: Sendable {
  /// Addresses that a later change of the same form creates, and the kind of account.
  public var promised: [String: Kind]
  /// Addresses that left the account which had them: the one that it goes by now; `nil`: it has gone. An account that names
  /// one follows with its next change.
  public var moved: [String: String?] = [:]

  public init(promised: [String: Kind] = [:]) { self.promised = promised }

  /// Refuses an owner that is not there.
  func require(owner: Address, in holders: AddressIndex) throws(ChangeError) {
    if promised[owner.text] != nil { return }
    let entry = try account(owner, as: "owner", in: holders)
    guard entry.status != .retained else { throw Self.retained(owner, as: "owner") }
  }

  /// Refuses a list that is not there, or is none.
  func require(list: Address, in holders: AddressIndex) throws(ChangeError) {
    // What is there now counts before what a later change makes.
    if promised[list.text] == .list { return }
    let kind: Kind
    do throws(ChangeError) {
      let entry = try account(list, as: "lists", in: holders)
      guard entry.status != .retained else { throw Self.retained(list, as: "lists") }
      kind = entry.kind ?? .person
    } catch {
      guard let promised = promised[list.text] else { throw error }
      kind = promised
    }
    guard kind == .list else {
      throw ChangeError(
        code: .constraintViolation, diagnostic: "lists: \(list.text) is no list (kind: \(kind.rawValue))",
        remedy: "name an account of kind list, or create one first")
    }
  }

  /// Refuses to take the account off a list that goes by another address: nothing would be done, and nobody told. It need not
  /// be there.
  func require(leaving list: Address, in holders: AddressIndex) throws(ChangeError) {
    if holders.entries(list).allSatisfy({ $0.holdsAsPrimary(list) }) { return }
    _ = try account(list, as: "lists", in: holders)
  }

  private func account(_ address: Address, as key: String, in holders: AddressIndex) throws(ChangeError) -> Entry {
    do throws(ChangeError) {
      return try holders.account(address)
    } catch {
      var error = error
      error.diagnostic = "\(key): \(error.diagnostic)"
      throw error
    }
  }

  private static func retained(_ address: Address, as key: String) -> ChangeError {
    ChangeError(
      code: .unwillingToPerform, diagnostic: "\(key): \(address.text) is retained after a delete",
      remedy: "name an account that is in use, or bring that one back first with `set: {status: active}`")
  }
}

extension Plan {
  /// Refuses a change that would refer to accounts that are not there. What the account refers to already is not judged.
  ///
  /// - Parameters:
  ///   - leaving: the lists that it leaves.
  ///   - entry: the account; `nil` where it is created.
  static func require(
    _ references: References?, owner: Address?, lists: [Address], leaving: [Address] = [], of entry: Entry? = nil,
    in holders: AddressIndex
  ) throws(ChangeError) {
    guard let references else { return }
    func isNew(_ address: Address, _ name: String) -> Bool {
      let value = Value(address.text)
      return entry?[name].contains { $0.isSame(as: value) } != true
    }
    if let owner, isNew(owner, Schema.owner) { try references.require(owner: owner, in: holders) }
    for list in lists where isNew(list, Schema.list) { try references.require(list: list, in: holders) }
    for list in leaving where isNew(list, Schema.list) { try references.require(leaving: list, in: holders) }
  }
}
