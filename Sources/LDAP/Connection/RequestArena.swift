import CLDAP
import Glibc

/// The memory of one request on its way to libldap: names, values, arrays of pointers, all in one block that a
/// connection uses again and again.
///
/// `LDAPMod **` built of many small mallocs or nested closures costs more than the sending. Pointers into the arena are
/// valid until the next ``reset(capacity:)``; libldap copies all it needs before a send function returns. What was used
/// is zeroed, for passwords pass through.
struct RequestArena: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0

  init() {
    capacity = 4096
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit {
    explicit_bzero(base, used)
    base.deallocate()
  }

  /// Forgets what was there and makes room for a request of this size.
  mutating func reset(capacity needed: Int) {
    explicit_bzero(base, used)
    used = 0
    // A rare giant is not kept for ever.
    guard needed > capacity || (capacity > 1 << 18 && needed < 1 << 16) else { return }
    base.deallocate()
    capacity = max(needed, 4096)
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  private mutating func take(_ count: Int, alignment: Int = 8) -> UnsafeMutableRawPointer {
    let start = (used + alignment - 1) & ~(alignment - 1)
    // `reset` was given an upper bound by the size functions below.
    precondition(start + count <= capacity, "request arena too small")
    used = start + count
    return base + start
  }

  private mutating func array<Element>(of type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
    take(count * MemoryLayout<Element>.stride).bindMemory(to: type, capacity: count)
  }

  // MARK: Texts and bytes

  static func size(_ text: String) -> Int { text.utf8.count + 1 }

  /// A C string.
  ///
  /// - Throws: ``LDAPError/invalid(_:)`` where the text has a NUL, which would cut it short.
  mutating func string(_ text: String, _ what: StaticString) throws(LDAPError) -> UnsafeMutablePointer<CChar> {
    var text = text
    let count = text.utf8.count
    let start = take(count + 1, alignment: 1)
    text.withUTF8 { utf8 in
      if let source = utf8.baseAddress { start.copyMemory(from: source, byteCount: count) }
    }
    guard memchr(start, 0, count) == nil else { throw .invalid("\(what) contains a NUL") }
    let string = start.bindMemory(to: CChar.self, capacity: count + 1)
    string[count] = 0
    return string
  }

  /// A berval of bytes.
  mutating func octets(_ bytes: [UInt8]) -> berval {
    let start = take(bytes.count + 1, alignment: 1)
    bytes.withUnsafeBytes { source in
      if let address = source.baseAddress { start.copyMemory(from: address, byteCount: source.count) }
    }
    let characters = start.bindMemory(to: CChar.self, capacity: bytes.count + 1)
    characters[bytes.count] = 0
    return berval(bv_len: ber_len_t(bytes.count), bv_val: characters)
  }

  /// A null-terminated array of C strings.
  mutating func strings(
    _ texts: [String], _ what: StaticString
  ) throws(LDAPError) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let pointers = array(of: UnsafeMutablePointer<CChar>?.self, count: texts.count + 1)
    for (index, text) in texts.enumerated() { pointers[index] = try string(text, what) }
    pointers[texts.count] = nil
    return pointers
  }

  static func size(_ texts: [String]) -> Int {
    texts.reduce(16 + 8) { $0 + 8 + size($1) }
  }

  // MARK: Modifications

  typealias Mods = UnsafeMutablePointer<UnsafeMutablePointer<LDAPMod>?>

  static func size(_ attributes: [Attribute]) -> Int {
    attributes.reduce(16) { $0 + size($1.name, $1.values) }
  }

  static func size(_ modifications: [Modification]) -> Int {
    modifications.reduce(16) { $0 + size($1.attribute, $1.values) }
  }

  private static func size(_ name: String, _ values: [Value]) -> Int {
    // The pointer to the mod, the mod, its name, the array of values with its end; each value with its berval.
    let perValue = 8 + MemoryLayout<berval>.stride + 1
    return values.reduce(8 + MemoryLayout<LDAPMod>.stride + name.utf8.count + 1 + 8 + 24) {
      $0 + perValue + $1.bytes.count
    }
  }

  mutating func mods(_ attributes: [Attribute]) throws(LDAPError) -> Mods {
    let mods = array(of: UnsafeMutablePointer<LDAPMod>?.self, count: attributes.count + 1)
    for (index, attribute) in attributes.enumerated() {
      mods[index] = try mod(LDAP_MOD_ADD, attribute.name, attribute.values)
    }
    mods[attributes.count] = nil
    return mods
  }

  mutating func mods(_ modifications: [Modification]) throws(LDAPError) -> Mods {
    let mods = array(of: UnsafeMutablePointer<LDAPMod>?.self, count: modifications.count + 1)
    for (index, modification) in modifications.enumerated() {
      let kind =
        switch modification.kind {
        case .add: LDAP_MOD_ADD
        case .delete: LDAP_MOD_DELETE
        case .replace: LDAP_MOD_REPLACE
        case .increment: LDAP_MOD_INCREMENT
        }
      mods[index] = try mod(kind, modification.attribute, modification.values)
    }
    mods[modifications.count] = nil
    return mods
  }

  private mutating func mod(
    _ kind: Int32, _ name: String, _ values: [Value]
  ) throws(LDAPError) -> UnsafeMutablePointer<LDAPMod> {
    guard ASCII.isAttributeDescription(name) else { throw .invalid("\"\(name)\" is not an attribute's name") }
    let mod = array(of: LDAPMod.self, count: 1)
    mod.initialize(to: LDAPMod())
    mod.pointee.mod_op = kind | LDAP_MOD_BVALUES
    let pointers = array(of: UnsafeMutablePointer<berval>?.self, count: values.count + 1)
    let bervals = array(of: berval.self, count: values.count)
    mod.pointee.mod_type = try string(name, "an attribute's name")
    for (index, value) in values.enumerated() {
      bervals[index] = octets(value.bytes)
      pointers[index] = bervals + index
    }
    pointers[values.count] = nil
    // A null pointer stands for a delete or replace without values.
    mod.pointee.mod_vals.modv_bvals = values.isEmpty ? nil : pointers
    return mod
  }

  // MARK: Controls

  typealias Controls = UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>

  static func size(_ controls: [Control]) -> Int {
    controls.reduce(24) {
      $0 + 16 + MemoryLayout<LDAPControl>.stride + $1.oid.utf8.count + 1 + ($1.value?.count ?? 0) + 1
    }
  }

  mutating func controls(_ controls: [Control]) throws(LDAPError) -> Controls? {
    if controls.isEmpty { return nil }
    let pointers = array(of: UnsafeMutablePointer<LDAPControl>?.self, count: controls.count + 1)
    for (index, control) in controls.enumerated() {
      let pointer = array(of: LDAPControl.self, count: 1)
      pointer.initialize(to: LDAPControl())
      pointer.pointee.ldctl_oid = try string(control.oid, "a control's type")
      pointer.pointee.ldctl_iscritical = control.isCritical ? 1 : 0
      if let value = control.value { pointer.pointee.ldctl_value = octets(value) }
      pointers[index] = pointer
    }
    pointers[controls.count] = nil
    return pointers
  }
}
