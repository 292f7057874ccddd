import CFuzz
import Text

@testable import LDAP

/// Names and places in the directory, with libldap's reading beside ours.
enum NameTargets {
  /// A name is read as libldap reads it, and any value comes back out of a name that it was built into.
  @Sendable static func dn(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    if let name = try accepted({ () throws(LDAPError) in try DN(parsing: text) }) {
      guard let components = name.components else { throw Broken(description: "\(name) is a DN and has no parts") }
      try check(components, of: name)
    }
    var choices = Choices(input)
    let type = choices.of(["uid", "cn", "2.5.4.3", "ou", "x-y"])
    let parts = [RDN.Part(type, Value(bytes: choices.bytes())), RDN.Part("sn", Value(bytes: choices.bytes()))]
    let value = Value(bytes: choices.all())
    let name = DN.rdn("cn", value).under(DN(RDN(parts)))
    guard let components = name.components else { throw Broken(description: "a name that was built isn't read") }
    try promise(components == [RDN([.init("cn", value)]), RDN(parts)], "a name that was built is read as another one")
    try promise(Foreign(name.string)?.rdns == [normal(RDN([.init("cn", value)])), normal(RDN(parts))], "\(name)")
    try promise(name.string.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "controls in \(name.string.debugDescription)")
  }

  private static func check(_ components: [RDN], of name: DN) throws {
    var again = DN()
    for component in components.reversed() { again = component.under(again) }
    try promise(again == name && again.hashValue == name.hashValue, "\(name) is written \(again)")
    try promise(again.components == components, "\(name) is read as another name when it is written again")
    try promise(name.matches(again), "\(name) doesn't match \(again)")
    if let parent = name.parent { try promise(name.isDescendant(of: parent), "\(name) isn't below \(parent)") }
    // Around a value libldap takes TAB, LF and CR for spaces, which RFC 4514 §3 counts among the value.
    if name.string.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) { return }
    // A space behind an escaped backslash libldap takes for an escaped one.
    if zip(name.string.utf8, name.string.utf8.dropFirst()).contains(where: { $0 == 0x5C && $1 == 0x20 }) { return }
    guard let foreign = Foreign(name.string) else { return }
    try promise(foreign.rdns == components.map(normal), "libldap reads \(name) as \(foreign.rdns)")
  }

  private static func normal(_ rdn: RDN) -> [Foreign.Part] {
    rdn.parts.map { Foreign.Part(type: Array($0.type.utf8), value: $0.value.bytes, isBER: $0.isBER) }.sorted()
  }

  /// A place is written as it was read, and libldap goes to the same one.
  @Sendable static func url(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    guard let url = try accepted({ () throws(LDAPError) in try LDAPURL(text) }) else { return }
    try promise((try? LDAPURL(url.description)) == url, "\(text) is another place when it is read again")
    try isSamePlace(url, text)
  }

  private static func isSamePlace(_ url: LDAPURL, _ text: String) throws {
    var host = [CChar](repeating: 0, count: 512)
    var port: Int32 = 0
    guard fuzz_read_url(text, &host, host.count, &port) == 0 else { return }
    let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    switch url.place {
    case .socket(let path):
      // Two slashes at the beginning are one (pathname resolution of Linux), and one of ldapi:/// may be the URL's own.
      let isSame = name.isEmpty || name.isSame(as: path) || name.isSame(as: "/" + path)
      try promise(isSame, "libldap takes \(text) for \(name)")
    case .tcp(let ours, let number), .tls(let ours, let number):
      try promise(name.isSame(as: ours) && Int32(number) == port, "libldap takes \(text) for \(name) \(port)")
    }
  }
}

/// A name as libldap reads it; the attributes of a component are sorted, for their order says nothing.
private final class Foreign {
  struct Part: Hashable, Comparable {
    var type: [UInt8]
    var value: [UInt8]
    var isBER: Bool

    static func < (one: Part, other: Part) -> Bool {
      (one.type + [0] + one.value).lexicographicallyPrecedes(other.type + [0] + other.value)
    }
  }

  private(set) var rdns: [[Part]] = []

  init?(_ text: String) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let code = text.utf8.withContiguousStorageIfAvailable { text in
      text.withMemoryRebound(to: CChar.self) { text in
        fuzz_read_dn(
          text.baseAddress, text.count,
          { context, rdn, type, typeCount, value, valueCount, isBER in
            guard let context else { return }
            let name = Unmanaged<Foreign>.fromOpaque(context).takeUnretainedValue()
            func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> [UInt8] {
              UnsafeBufferPointer(start: start, count: count).map { UInt8(bitPattern: $0) }
            }
            while name.rdns.count <= rdn { name.rdns.append([]) }
            name.rdns[rdn].append(
              Part(type: bytes(type, typeCount), value: bytes(value, valueCount), isBER: isBER != 0))
          }, context)
      }
    }
    guard code == 0 else { return nil }
    for index in rdns.indices { rdns[index].sort() }
  }
}
