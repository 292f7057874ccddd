import Glibc

/// The files of `schema/` and `config/slapd/`, as they stand at the top of the project, with the places filled in that
/// each of them marks as the sysadmin's to change.
enum SiteConfiguration {
  /// In the order of `config/slapd/README.md`. The first is Debian's and read from where its package puts it.
  static func ldif(saved: SavedState, mailPassword: String) -> String {
    let root = """
      dn: \(saved.base)
      changetype: add
      objectClass: dcObject
      objectClass: organization
      o: \(saved.domain)
      \(LDIF.line("dc", firstComponent(saved.base)))
      """
    let files = [
      PackageResources.modules_ldif, PackageResources.buzon_ldif, PackageResources.overlays_ldif,
      PackageResources.database_ldif, PackageResources.access_ldif, PackageResources.agent_ldif, Array(root.utf8),
      PackageResources.tree_ldif,
    ]
    let values = [
      ("@DATABASE@", "olcDatabase={1}mdb,cn=config"), ("@SUFFIX@", saved.base), ("@AGENT_UID@", "\(geteuid())"),
      ("@AGENT_GID@", "\(getegid())"), ("@MAIL_PASSWORD@", mailPassword),
    ].map { (Array($0.utf8), Array($1.utf8)) }
    var text: [UInt8] = []
    for file in files {
      text += filled(file, values)
      text += Array("\n\n".utf8)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The value of the suffix's first `dc=`.
  private static func firstComponent(_ base: String) -> String {
    String(decoding: base.utf8.dropFirst(3).prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
  }

  private static func filled(_ bytes: [UInt8], _ values: [([UInt8], [UInt8])]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    var rest = bytes[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "@"), let (place, value) = values.first(where: { rest.starts(with: $0.0) }) {
        result += value
        rest = rest.dropFirst(place.count)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
