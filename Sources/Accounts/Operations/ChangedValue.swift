internal import Forms
public import LDAP
public import Text

/// What an operation changes of an account, under a key of the form: the evidence of a request.
///
/// Of a key with several values (aliases, forward, lists, members) only those that go and those that come are named.
public struct ChangedValue: Sendable, Hashable {
  /// As the form spells it.
  public var key: String
  /// The values that go, as the directory holds them; of `document`: `***`.
  public var before: [String]
  /// The values that come, alike.
  public var after: [String]

  public init(_ key: String, before: [String], after: [String]) {
    self.key = key
    self.before = before
    self.after = after
  }

  /// The same as a form would state it: `5 GiB`, `2026-12-31`, `true`.
  public func stated(in zone: Zone) -> ChangedValue {
    func stated(_ value: String) -> String {
      switch key {
      case "quota": UInt64(value).flatMap { ByteCount(bytes: $0) }?.description ?? value
      case "expires":
        GeneralizedTime.seconds(Value(value)).map { "\(zone.day(at: Timestamp(seconds: $0)))" } ?? value
      case "keep_copy", "kind", "status": Value(value).foldedText ?? value
      default: value
      }
    }
    return ChangedValue(key, before: before.map(stated), after: after.map(stated))
  }
}

extension Intent {
  /// What the operation changes of the entry as it was read, in the order of the form's keys. A password is no value.
  public var changedValues: [ChangedValue] {
    let entryAfter = entryAfter
    return Self.keys.compactMap { key, attribute in
      let (before, after) = (Self.values(attribute, of: preImage), Self.values(attribute, of: entryAfter))
      if before == after { return nil }
      let (gone, new) = (before.without(after), after.without(before))
      // Values that differ in letter case alone are the same to the directory, and still a change.
      let isSpelling = gone.isEmpty && new.isEmpty
      return ChangedValue(
        key, before: Self.texts(isSpelling ? before : gone, of: attribute),
        after: Self.texts(isSpelling ? after : new, of: attribute))
    }
  }

  /// Whom the account is of: the entry's name after the operation, or before where it deletes the entry.
  public var name: String? { (entryAfter ?? preImage)?.accountName }

  /// What a form calls the attributes.
  static let keys = [
    ("address", Schema.mail), ("kind", Schema.kind), ("name", Schema.commonName), ("document", Schema.document),
    ("position", Schema.position), ("department", Schema.department), ("phone", Schema.phone), ("owner", Schema.owner),
    ("aliases", Schema.localAddress), ("forward", Schema.forward), ("keep_copy", Schema.keepCopy),
    ("lists", Schema.list), ("members", Schema.member), ("quota", Schema.quota), ("expires", Schema.expires),
    ("status", Schema.status),
  ]

  /// `nil`: it is deleted.
  private var entryAfter: Entry? {
    switch operation {
    case .add(let dn, let attributes): Entry(dn: dn, attributes: attributes)
    case .modify(_, let modifications): preImage?.applying(modifications)
    case .delete: nil
    }
  }

  /// The primary address is no alias.
  private static func values(_ attribute: String, of entry: Entry?) -> [Value] {
    guard let entry else { return [] }
    return attribute == Schema.localAddress ? entry[attribute].without(entry[Schema.mail]) : entry[attribute]
  }

  private static func texts(_ values: [Value], of attribute: String) -> [String] {
    attribute == Schema.document ? values.map { _ in "***" } : values.map(\.shown)
  }
}

extension Entry {
  /// Whom the account is of.
  public var accountName: String? { self[Schema.commonName].first?.shown }
}

extension Value {
  /// As text for people: one harmless line, whatever the directory holds.
  fileprivate var shown: String {
    String(validating: bytes, as: UTF8.self).map { $0.neutralized() } ?? "\(bytes.count) bytes that are no text"
  }
}
