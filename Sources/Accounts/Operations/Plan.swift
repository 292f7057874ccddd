public import Forms
public import LDAP
public import Text

/// What a change comes to on the entries as they stand. Pure: the same arguments give the same plan.
public enum Plan: Sendable, Hashable {
  /// The directory is so already. Told from a fresh read only.
  case unchanged(Entry?)
  case send(Intent)
  case refuse(ChangeError)
}

/// What a plan is made under.
public struct PlanContext: Sendable {
  /// The container below which accounts stand, one level.
  public var container: DN
  /// The quota where the form names none, bytes.
  public var quota: UInt64
  /// How long an unused temporary password serves, seconds.
  public var passwordLife: Int64
  /// The instant of the plan, seconds since 1970 UTC.
  public var now: Int64
  /// The last second of a day in the organisation's time zone, seconds since 1970 UTC.
  public var zone: Zone
  /// Our domains, lower case; none: any domain is ours.
  public var domains: [String]
  /// How long a deleted account is kept, seconds.
  public var retention: Int64
  /// How long an address that left an account is given to nobody else, seconds.
  public var addressMemory: Int64

  public init(
    container: DN, quota: UInt64, passwordLife: Int64, now: Int64, zone: Zone,
    domains: [String] = [], retention: Int64 = 180 * 86_400, addressMemory: Int64 = 0
  ) {
    self.container = container
    self.quota = quota
    self.passwordLife = passwordLife
    self.now = now
    self.zone = zone
    self.domains = domains
    self.retention = retention
    self.addressMemory = addressMemory
  }

  /// `pwdEndTime` survives the user's own change, so it lies 30 days beyond the password's life: a stopped agent, which
  /// can't clear it, must not lock good users out. At the end of its life the agent itself scrambles an unused one.
  var passwordEnd: Value { GeneralizedTime.value(now + passwordLife + Self.passwordGrace) }

  /// How long `pwdEndTime` lies beyond the life of a temporary password, seconds.
  static let passwordGrace: Int64 = 30 * 86_400
}

extension Plan {
  /// Plans a change.
  ///
  /// - Parameters:
  ///   - change: the change, judged.
  ///   - department: the form's department, which a created account is in where the change names none.
  ///   - stamp: the change's own stamp.
  ///   - holders: the entries that hold any address that the change names.
  ///   - namesTaken: how many candidates for the new entry's RDN are known to be taken.
  ///   - retired: by address in lower case, those that left an account and are given to nobody else for a time.
  ///   - references: what owner and lists are judged by; `nil`: they are not judged.
  ///   - byClock: whether the clock asks, not a form: what no longer fits the account is ``unchanged(_:)`` then.
  public static func make(
    _ change: Change, department: String, stamp: Stamp, holders: AddressIndex, namesTaken: Int = 0,
    retired: [String: RetiredAddress] = [:], references: References? = nil, byClock: Bool = false, context: PlanContext
  ) -> Plan {
    do throws(ChangeError) {
      if byClock, let notDue = self.notDue(change, holders: holders, context: context) { return notDue }
      let memory = AddressMemory(retired: retired, context: context)
      switch change {
      case .create(let create):
        try require(references, owner: create.owner, lists: create.lists, in: holders)
        return try self.create(
          create, department: department, stamp: stamp, holders: holders, namesTaken: namesTaken, memory: memory,
          context: context)
      case .modify(let modify):
        return try self.modify(
          modify, stamp: stamp, holders: holders, memory: memory, references: references, context: context)
      case .delete(let delete):
        return try self.delete(delete, stamp: stamp, holders: holders, context: context)
      case .adopt(let adopt):
        return try self.adopt(adopt, department: department, stamp: stamp, holders: holders, context: context)
      case .forgotten:
        // Only what is done is forgotten, and nothing that is done is planned.
        return .refuse(ChangeError(code: .unwillingToPerform, diagnostic: "", remedy: ""))
      }
    } catch {
      return .refuse(error)
    }
  }
}

extension Entry {
  var primaryAddress: String { text(Schema.mail) ?? dn.description }
  var status: Status? { self[Schema.status].first?.foldedText.flatMap(Status.init(rawValue:)) }
  var kind: Kind? { self[Schema.kind].first?.foldedText.flatMap(Kind.init(rawValue:)) }
  /// What the directory knows the entry by, where the agent can read it.
  var uuid: String? { text(Schema.entryUUID) }

  /// All addresses, the primary too, in lower case.
  var addresses: Set<String> { Set(addressValues.compactMap(\.foldedText)) }
  var addressValues: [Value] { self[Schema.mail] + self[Schema.localAddress] }

  func holdsAsPrimary(_ address: Address) -> Bool {
    let value = Value(address.text)
    return self[Schema.mail].contains { $0.isSame(as: value) }
  }

  func holds(_ address: Address) -> Bool {
    let value = Value(address.text)
    return self[Schema.mail].contains { $0.isSame(as: value) }
      || self[Schema.localAddress].contains { $0.isSame(as: value) }
  }

  func isOf(_ objectClass: Value) -> Bool { self[Schema.objectClass].contains { $0.isSame(as: objectClass) } }

  var isAccount: Bool { isOf(Schema.accountClass) }
}
