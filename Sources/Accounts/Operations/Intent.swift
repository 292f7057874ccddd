public import LDAP

/// One guarded operation on one entry, ready to be stored and sent: what a change comes to on the entry as it was read.
///
/// Sending it again is harmless: an add is refused where the entry stands, a modify or delete where the entry isn't the
/// one that was read or no longer carries the stamp that was read.
public struct Intent: Sendable, Hashable {
  /// Where `operation` carries a temporary password, this value stands in its place: the password itself is derived
  /// from the intent's salt when the operation is sent, and is stored nowhere.
  public static let temporaryPassword: Value = "{temporary}"

  public var operation: Operation
  /// The entry that was read; `nil` for an add.
  public var entryUUID: String?
  /// The stamp that was read; `nil` where the entry had none.
  public var stampRead: String?
  /// The entry as it was read; `nil` for an add.
  public var preImage: Entry?
  /// Whether the operation writes a password of ours, which is derived when it is sent. Whether somebody is told it:
  /// ``handsOver``.
  public var grantsPassword: Bool
  /// The addresses that it gives although they are remembered as another account's. They are a column of their own in the
  /// register, and are not written into the stored operation.
  public var reused: [String]

  public init(
    operation: Operation, entryUUID: String? = nil, stampRead: String? = nil, preImage: Entry? = nil,
    grantsPassword: Bool = false, reused: [String] = []
  ) {
    self.operation = operation
    self.entryUUID = entryUUID
    self.stampRead = stampRead
    self.preImage = preImage
    self.grantsPassword = grantsPassword
    self.reused = reused
  }

  /// The condition (RFC 4528) under which the operation applies; `nil` for an add, which its DN guards.
  ///
  /// The overlay `unique` searches with the controls of the operation it judges, so slapd holds the assertion against
  /// the base of that search too, the container: without the first alternative every change of an address is refused.
  ///
  /// The user's own change of the password leaves the stamp as it is, so what hangs on it is asserted beside the stamp.
  ///
  /// - Parameters:
  ///   - container: the base of `olcUniqueURI`, which is the container of the accounts.
  ///   - isExact: whether nobody may have written the entry since it was read, the directory itself neither (entryCSN).
  public func assertion(container: DN, isExact: Bool = false) -> Filter? {
    guard let entryUUID else { return nil }
    let stamp: Filter = stampRead.map { .equal(Schema.stamp, Value($0)) } ?? .not(.present(Schema.stamp))
    let csn = isExact ? preImage?[Schema.entryCSN].first.map { Filter.equal(Schema.entryCSN, $0) } : nil
    let entry = [.equal(Schema.entryUUID, Value(entryUUID)), stamp] + [condition, csn].compactMap(\.self)
    return .or([.equal(Schema.entryDN, Value(container.description)), .and(entry)])
  }

  /// What the account comes to name as its owner or lists, in lower case. Of an add nothing: its entry is new.
  public var namesWritten: [String] {
    guard case .modify(_, let modifications) = operation else { return [] }
    return modifications.filter { [Schema.owner, Schema.list].contains($0.attribute) && $0.kind != .delete }
      .flatMap(\.values).compactMap(\.foldedText)
  }

  /// The controls that travel with the operation.
  ///
  /// Permissive modify makes a value that was added or removed outside Buzón meanwhile no error. The post-read brings the
  /// mirror's row back in the answer; the password policy's control tells its refusals from the uniqueness overlay's.
  ///
  /// - Parameter isExact: as for ``assertion(container:isExact:)``.
  public func controls(container: DN, isExact: Bool = false) -> [Control] {
    var controls: [Control] = []
    if let assertion = assertion(container: container, isExact: isExact) { controls.append(.assertion(assertion)) }
    switch operation {
    case .add: controls.append(Self.postReadOfAdd)
    case .modify: controls += [.permissiveModify, Self.postReadOfModify]
    case .delete: break
    }
    if grantsPassword { controls.append(.passwordPolicy) }
    return controls
  }

  /// Of an add the directory says only what it added itself.
  private static let postReadOfAdd = Control.postRead(Schema.ownToDirectory)
  private static let postReadOfModify = Control.postRead(Schema.mirrored)

  /// The entry as it is after the operation was applied, for the mirror: what was sent and what the answer brought.
  public func image(_ response: Response) -> Entry? {
    // Another entry than the one that was written isn't what was asked for.
    guard let answered = response.postRead, answered.dn.matches(operation.dn) else { return nil }
    if let entryUUID, answered.text(Schema.entryUUID) != entryUUID { return nil }
    guard case .add(let dn, let attributes) = operation else { return answered }
    return Entry(dn: dn, attributes: attributes.filter { $0.name != Schema.password } + answered.attributes)
  }

  /// The operation as it goes over the wire, the password in its place.
  ///
  /// - Parameter password: required where the intent grants one: the mark in its place must never become a password.
  public func operation(temporaryPassword password: Value?) -> Operation {
    precondition(password != nil || !grantsPassword, "an intent that grants a password is sent without one")
    guard let password, grantsPassword else { return operation }
    let marks = [Self.temporaryPassword, Self.scrambledPassword]
    func fill(_ values: [Value]) -> [Value] { values.map { marks.contains($0) ? password : $0 } }
    switch operation {
    case .add(let dn, let attributes):
      return .add(
        dn, attributes.map { $0.name == Schema.password ? Attribute($0.name, fill($0.values)) : $0 })
    case .modify(let dn, let modifications):
      return .modify(
        dn,
        modifications.map {
          $0.attribute == Schema.password
            ? Modification($0.kind, $0.attribute, fill($0.values)) : $0
        })
    case .delete:
      return operation
    }
  }

  /// Whether both are of one entry in one state.
  public func isOf(_ other: Intent) -> Bool {
    entryUUID != nil && entryUUID == other.entryUUID && stampRead == other.stampRead
      && preImage == other.preImage
  }

  /// Whether `entry` shows that the operation with this stamp was applied to it.
  public static func wasApplied(_ stamp: Stamp, to entry: Entry) -> Bool {
    entry[Schema.stamp].first == Value(stamp.description)
  }
}
