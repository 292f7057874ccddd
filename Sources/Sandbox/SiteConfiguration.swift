import Glibc
internal import SlapdFiles

/// The files of `schema/` and `config/slapd/`, as they stand at the top of the project, with the places filled in that
/// each of them marks as the sysadmin's to change.
enum SiteConfiguration {
  /// In the order of `config/slapd/README.md`. The first is Debian's and read from where its package puts it.
  ///
  /// - Parameter hasTree: whether the entries of the database itself are among them.
  static func ldif(saved: SavedState, mailPassword: String, hasTree: Bool) -> String {
    let values = SlapdFile.Values(
      suffix: saved.base, database: "olcDatabase={1}mdb,cn=config", agentUID: geteuid(), agentGID: getegid(),
      mailPassword: mailPassword)
    let root = """
      dn: \(saved.base)
      changetype: add
      objectClass: dcObject
      objectClass: organization
      o: \(saved.domain)
      \(LDIF.line("dc", firstComponent(saved.base)))
      """
    let configuration: [SlapdFile] = [.modules, .schema, .overlays, .database, .access, .agent]
    let tree = hasTree ? [Array(root.utf8), SlapdFile.tree.text(values)] : []
    let files = configuration.map { $0.text(values) } + tree
    return String(decoding: Array(files.joined(separator: Array("\n\n".utf8))), as: UTF8.self) + "\n\n"
  }

  /// The value of the suffix's first `dc=`.
  private static func firstComponent(_ base: String) -> String {
    String(decoding: base.utf8.dropFirst(3).prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
  }
}
