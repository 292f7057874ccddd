public import Forms
public import LDAP

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
  public var endOfDay: @Sendable (Day) -> Int64

  public init(
    container: DN, quota: UInt64, passwordLife: Int64, now: Int64, endOfDay: @escaping @Sendable (Day) -> Int64
  ) {
    self.container = container
    self.quota = quota
    self.passwordLife = passwordLife
    self.now = now
    self.endOfDay = endOfDay
  }

  /// `pwdEndTime` survives the user's own change, so it lies 30 days beyond the password's life: a stopped agent, which
  /// can't clear it, must not lock good users out. At the end of its life the agent itself scrambles an unused one.
  var passwordEnd: Value { GeneralizedTime.value(now + passwordLife + 30 * 86_400) }
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
  public static func make(
    _ change: Change, department: String, stamp: Stamp, holders: Holders, namesTaken: Int = 0, context: PlanContext
  ) -> Plan {
    do throws(ChangeError) {
      switch change {
      case .create(let create):
        return try self.create(
          create, department: department, stamp: stamp, holders: holders, namesTaken: namesTaken, context: context)
      case .modify(let modify):
        return try self.modify(modify, stamp: stamp, holders: holders, context: context)
      case .delete(let delete):
        return try self.delete(delete, stamp: stamp, holders: holders, context: context)
      case .adopt(let adopt):
        throw ChangeError(
          code: .unwillingToPerform, diagnostic: "adopting \(adopt.address.text) is not possible yet",
          remedy: "leave the entry as it is until this version of Buzón can adopt it")
      }
    } catch {
      return .refuse(error)
    }
  }
}

/// The entries of a fresh read, by the addresses that they hold. Addresses compare in lower case.
public struct Holders: Sendable {
  private var byAddress: [String: [Entry]] = [:]

  public init(_ entries: [Entry] = []) {
    for entry in entries {
      for address in Set((entry[Schema.mail] + entry[Schema.localAddress]).compactMap(\.foldedText)) {
        byAddress[address, default: []].append(entry)
      }
    }
  }

  /// What finds the entries that hold any of these addresses.
  public static func filter(_ addresses: some Sequence<Value>) -> Filter {
    .or(addresses.flatMap { [Filter.equal(Schema.localAddress, $0), .equal(Schema.mail, $0)] })
  }

  /// All entries that hold the address, as primary or as alias.
  func entries(_ address: Address) -> [Entry] { byAddress[address.text] ?? [] }

  /// The one account of ours whose primary address this is.
  func account(_ address: Address) throws(ChangeError) -> Entry {
    let entries = entries(address)
    let primary = entries.filter { $0.holdsAsPrimary(address) }
    guard let entry = primary.first else {
      if let other = entries.first {
        throw ChangeError(
          code: .noSuchObject, diagnostic: "\(address.text) is an alias of \(other.primaryAddress)",
          remedy: "name the account by its primary address, \(other.primaryAddress)")
      }
      throw ChangeError(
        code: .noSuchObject, diagnostic: "there is no account \(address.text)",
        remedy: "check the address against the corporate account list (buzon accounts)")
    }
    guard primary.count == 1 else {
      throw ChangeError(
        code: .constraintViolation,
        diagnostic: "\(primary.count) entries have the mail address \(address.text): "
          + primary.map(\.dn.description).joined(separator: " and "),
        remedy: "leave the address to one of them, then submit the change under a new number")
    }
    guard entry.isAccount else {
      throw ChangeError(
        code: .unwillingToPerform, diagnostic: "the entry \(entry.dn) of \(address.text) was made by other hands",
        remedy: "adopt it first (a form with `adopt: {address: \(address.text)}`)")
    }
    guard entry.text(Schema.entryUUID) != nil else {
      throw ChangeError(
        code: .insufficientAccessRights, diagnostic: "the agent can't read the entryUUID of \(entry.dn)",
        remedy: "give the agent the access rights of config/slapd, then submit the change under a new number")
    }
    return entry
  }

  /// Refuses an address that an entry other than `dn` holds.
  func requireFree(_ address: Address, besides dn: DN? = nil) throws(ChangeError) {
    guard let holder = entries(address).first(where: { $0.dn != dn }) else { return }
    guard holder.holdsAsPrimary(address) else {
      let isRetained = holder.isAccount && holder.status == .retained
      throw ChangeError(
        code: .constraintViolation,
        diagnostic: "\(address.text) is an alias of \(holder.primaryAddress)"
          + (isRetained ? ", which is retained" : ""),
        remedy: isRetained
          ? "delete that account with `immediately: true`, or choose another address"
          : "take the alias from that account first, or choose another address")
    }
    let remedy =
      if !holder.isAccount {
        "adopt the entry \(holder.dn) instead of creating one, or choose another address"
      } else if holder.status == .retained {
        "bring the retained account back with `set: {status: active}`, delete it with `immediately: true`, "
          + "or choose another address"
      } else {
        "modify the account that is there, or choose another address"
      }
    throw ChangeError(
      code: .entryAlreadyExists, diagnostic: "\(address.text) belongs to the entry \(holder.dn) already", remedy: remedy
    )
  }
}

extension Entry {
  var primaryAddress: String { text(Schema.mail) ?? dn.description }
  var status: Status? { text(Schema.status).flatMap(Status.init(rawValue:)) }
  var kind: Kind? { text(Schema.kind).flatMap(Kind.init(rawValue:)) }

  func holdsAsPrimary(_ address: Address) -> Bool {
    self[Schema.mail].contains { $0.isSame(as: Value(address.text)) }
  }

  var isAccount: Bool {
    self[Schema.objectClass].contains { $0.text?.lowercased() == Schema.accountClass.lowercased() }
  }
}
