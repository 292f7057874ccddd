internal import LDAP

/// A rule before all others of a database that lets root of this host write it, as long as `buzon init` makes entries there:
/// as a rule root may change `cn=config`, and with it everything, but has no right in the database itself.
///
/// It is taken away at the end. Where the command was killed before, its next run finds the rule by its text and takes it
/// away first.
struct TemporaryAccess {
  let rule: String

  /// Of root, as slapd names him over `ldapi`.
  static let root = TemporaryAccess(name: "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth")

  private init(name: some StringProtocol) { rule = "to * by dn.exact=\"\(name)\" manage by * break" }

  /// - Parameter identity: whom the directory takes us for: `dn:gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth`.
  init?(identity: String) {
    guard identity.hasPrefix("dn:"), !identity.contains("\"") else { return nil }
    self.init(name: identity.dropFirst(3))
  }

  /// Puts it before all others.
  func opening(_ database: DN) -> Operation { .modify(database, [.add("olcAccess", [Value("{0}\(rule)")])]) }

  /// Takes it away; `nil`: it isn't there.
  ///
  /// - Parameter rules: as they stand, without places.
  func closing(_ database: DN, rules: [String]) -> Operation? {
    rules.firstIndex(of: rule).map { .modify(database, [.delete("olcAccess", [Value("{\($0)}")])]) }
  }
}
