public import LDAP
internal import Text

/// An account as its entry was seen: what the corporate list says of it, all that the procedure manages, and how its
/// password stands.
public struct EntrySnapshot: Sendable, Hashable {
  public var account: Account
  public var image: ManagedImage
  /// Whether the password is a temporary one, which must be changed (`pwdReset`).
  public var mustChange: Bool
  /// When the password was changed last, as far as the directory keeps it; seconds since 1970 UTC.
  public var passwordChanged: Int64?
  /// Who wrote the entry last; `nil` where the directory's own bookkeeping of a failed login may have hidden that.
  public var modifier: String?
  /// Who made the entry.
  public var creator: String?

  public init(
    account: Account, image: ManagedImage, mustChange: Bool = false, passwordChanged: Int64? = nil,
    modifier: String? = nil, creator: String? = nil
  ) {
    self.account = account
    self.image = image
    self.mustChange = mustChange
    self.passwordChanged = passwordChanged
    self.modifier = modifier
    self.creator = creator
  }

  /// Reads an entry that was asked for ``Schema/synced``; `nil` where it is no account.
  public init?(_ entry: Entry) {
    guard let account = Account(entry) else { return nil }
    self.account = account
    self.image = ManagedImage(entry)
    self.mustChange = entry[Schema.passwordReset].contains { $0.isSame(as: "TRUE") }
    self.passwordChanged = entry.instant(Schema.passwordChanged)
    self.modifier = entry.text(Schema.modifiersName)
    self.creator = entry.text(Schema.creatorsName)
    if !isOwnWork, Self.isHidden(entry) { modifier = nil }
  }

  /// Whether a login failed when the entry was written last: then the directory wrote its own name over the writer's.
  private static func isHidden(_ entry: Entry) -> Bool {
    let failures = entry[Schema.passwordFailure].compactMap(GeneralizedTime.seconds)
    let csn = entry[Schema.entryCSN].first.map { Value(bytes: Array($0.bytes.prefix { $0 != UInt8(ascii: "#") })) }
    guard let last = failures.max() else { return false }
    return csn.flatMap(GeneralizedTime.seconds).map { last >= $0 - 1 } ?? true
  }

  /// Whether the user's own hand wrote the entry last.
  public var isOwnWork: Bool {
    guard let writer, let entry = try? DN(parsing: account.dn) else { return false }
    return writer == entry
  }

  /// Whether one of these wrote the entry last.
  func isWork(of writers: [DN]) -> Bool { writer.map { one in writers.contains { $0.matches(one) } } ?? false }

  private var writer: DN? { modifier.flatMap { try? DN(parsing: $0) } }
}

extension ManagedImage {
  /// The stamp of the change that wrote the entry last (``Stamp``).
  public var stamp: String? {
    guard let slot = Self.attributes.firstIndex(of: Schema.stamp), let value = values[slot].first?.plain else {
      return nil
    }
    return value.text
  }
}
