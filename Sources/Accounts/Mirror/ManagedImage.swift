public import LDAP

/// All that the procedure manages of an account's entry, as one value to keep and to compare: what an entry says now
/// against what the last request left there.
///
/// It holds the attributes of ``Schema/managed``, the stamp, and of `pwdAccountLockedTime` whether it is the lock for good
/// (a user who mistyped is no matter of the procedure). Values are a set; addresses, `uid`, `buzonKind` and `buzonStatus`
/// are in lower case, all others are the bytes as they are. A value under an option (`title;lang-es`) is kept with its
/// option, for a directory finds an entry by it as by any other.
///
/// Bounds: of a value of more than 4 KiB its length and a digest are kept, and of an attribute of more than 4 MiB its
/// number of values and a digest. The digest (64 bits) is no proof against one who forges it; but the procedure itself
/// writes no value longer than a kilobyte, so such a one is drift in itself.
public struct ManagedImage: Sendable, Hashable {
  /// The image: a version, then for each attribute that is there, in a fixed order, its number and its values, sorted.
  /// Images of the same content have the same bytes.
  public let encoded: [UInt8]

  /// The image of an entry that was read with ``Schema/read``.
  public init(_ entry: Entry) {
    var places = Array(repeating: -1, count: Self.attributes.count)
    var others: [(slot: Int, tag: [UInt8], place: Int)] = []
    for place in entry.attributes.indices {
      let name = entry.attributes[place].name
      if let slot = Self.slots[name] {
        if slot == Self.unmanaged { continue }
        if places[slot] < 0 { places[slot] = place } else { others.append((slot, [], place)) }
      } else if let (slot, tag) = Self.slot(spelled: name) {
        if tag.isEmpty, places[slot] < 0 { places[slot] = place } else { others.append((slot, tag, place)) }
      }
    }
    var writer = ImageWriter()
    for slot in places.indices {
      let values = places[slot] < 0 ? [] : entry.attributes[places[slot]].values
      if slot == Self.lock {
        if values.contains(Schema.lockedForGood) { writer.append(slot, [Schema.lockedForGood]) }
        continue
      }
      if others.isEmpty || !others.contains(where: { $0.slot == slot }) {
        writer.append(slot, values)
      } else {
        var all = values.map { ImageValue(slot, $0) }
        for other in others where other.slot == slot {
          all += entry.attributes[other.place].values.map { ImageValue(slot, $0, tag: other.tag) }
        }
        writer.append(slot, all)
      }
    }
    encoded = writer.bytes
  }

  /// The image that was stored; `nil` where the bytes are damaged or of another version.
  public init?(encoded: [UInt8]) {
    guard encoded.first == Self.version, ImageReader.isSound(encoded.dropFirst()) else { return nil }
    self.encoded = encoded
  }

  init(_ writer: ImageWriter) { encoded = writer.bytes }

  /// The image of an entry that has nothing.
  static let nothing = ManagedImage(ImageWriter())

  /// What is encoded of each attribute, in the order of ``attributes``; empty where there is none.
  var records: [ArraySlice<UInt8>] {
    var records = Array(repeating: encoded[..<0], count: Self.attributes.count)
    var reader = ImageReader(encoded.dropFirst())
    while let (slot, record) = reader.next() { records[slot] = record }
    return records
  }

  /// By attribute, in the order of ``attributes``.
  var values: [[ImageValue]] { records.map { ImageReader.values($0) } }
}

extension ManagedImage {
  /// Whether the entry has this identity number.
  public func hasDocument(where isIt: (String) -> Bool) -> Bool {
    values[Self.document].contains { $0.plain?.text.map(isIt) ?? false }
  }

  /// The attributes that the entry has, as the form calls what they hold; those that no form names are left out.
  public var heldKeys: [String] {
    let values = values
    return Intent.keys.compactMap { key, attribute in
      Self.attributes.firstIndex(of: attribute).map { values[$0].isEmpty } == false ? key : nil
    }
  }
}

// MARK: Attributes

extension ManagedImage {
  /// The attributes in the order of their numbers in ``encoded``: another order is another ``version``.
  static let attributes = Schema.managed + [Schema.stamp, Schema.lockedTime]
  static let version: UInt8 = 1

  static let lock = attributes.count - 1
  static let document = attributes.firstIndex(of: Schema.document) ?? unmanaged

  /// Those that compare without regard to ASCII case (RFC 4517 §4.2.3), by number.
  static let isFolded: [Bool] = {
    let names: Set<String> = [
      Schema.uid, Schema.mail, Schema.localAddress, Schema.kind, Schema.status, Schema.forward, Schema.owner,
      Schema.list, Schema.member,
    ]
    return attributes.map(names.contains)
  }()

  /// What a name as the directory spells it is the number of.
  fileprivate static let slots: [String: Int] = {
    var slots: [String: Int] = [:]
    for name in Schema.read + [Schema.password, Schema.entryDN] { slots[name] = unmanaged }
    for (slot, name) in attributes.enumerated() { slots[name] = slot }
    return slots
  }()
  private static let folded = Dictionary(
    uniqueKeysWithValues: attributes.enumerated().map { (Value($1).folded, $0) })
  fileprivate static let unmanaged = -1

  /// A name in another letter case or with options.
  fileprivate static func slot(spelled name: String) -> (slot: Int, tag: [UInt8])? {
    let name = Value(name).folded
    let base = name.prefix { $0 != UInt8(ascii: ";") }
    guard let slot = folded[Array(base)], slot != lock || base.count == name.count else { return nil }
    return (slot, Array(name.dropFirst(base.count + 1)))
  }
}
