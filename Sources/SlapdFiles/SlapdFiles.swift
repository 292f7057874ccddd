/// The files of `schema/` and `config/slapd/`, as they stand at the top of the project: what a directory needs so that
/// Buzón can work with it. Built in: `buzon init`, `buzon doctor` and `buzon sandbox` need no file of the host's.
public enum SlapdFile: Sendable, Hashable, CaseIterable {
  /// `modules.ldif`, one entry of `cn=config`.
  case modules
  /// `schema/buzon.ldif`, one entry of `cn=config`.
  case schema
  /// `overlays.ldif`, changes of `cn=config`.
  case overlays
  /// `database.ldif`, changes of `cn=config`.
  case database
  /// `access.ldif`, changes of `cn=config`.
  case access
  /// `agent.ldif`, a change of `cn=config`.
  case agent
  /// `tree.ldif`, changes of the database itself.
  case tree

  /// What each site has of its own.
  public struct Values: Sendable, Hashable {
    /// The suffix of the database.
    public var suffix: String
    /// The database's entry in `cn=config`.
    public var database: String
    /// The agent's user id and group id.
    public var agentUID: UInt32
    public var agentGID: UInt32
    /// Of Postfix and Dovecot, as clear text.
    public var mailPassword: String

    public init(suffix: String, database: String, agentUID: UInt32, agentGID: UInt32, mailPassword: String) {
      (self.suffix, self.database, self.mailPassword) = (suffix, database, mailPassword)
      (self.agentUID, self.agentGID) = (agentUID, agentGID)
    }

    /// By the marks that the files have in their places.
    fileprivate var marks: [([UInt8], [UInt8])] {
      [
        ("@DATABASE@", database), ("@SUFFIX@", suffix), ("@AGENT_UID@", "\(agentUID)"), ("@AGENT_GID@", "\(agentGID)"),
        ("@MAIL_PASSWORD@", mailPassword),
      ].map { (Array($0.utf8), Array($1.utf8)) }
    }
  }

  /// The file with the values in their places: LDIF (RFC 2849).
  public func text(_ values: Values) -> [UInt8] {
    let marks = values.marks
    var result: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "@"), let (mark, value) = marks.first(where: { rest.starts(with: $0.0) }) {
        result += value
        rest = rest.dropFirst(mark.count)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// `config/buzon.yaml`, the example that documents every key.
  public static let exampleConfiguration: [UInt8] = PackageResources.buzon_yaml

  private var bytes: [UInt8] {
    switch self {
    case .modules: PackageResources.modules_ldif
    case .schema: PackageResources.buzon_ldif
    case .overlays: PackageResources.overlays_ldif
    case .database: PackageResources.database_ldif
    case .access: PackageResources.access_ldif
    case .agent: PackageResources.agent_ldif
    case .tree: PackageResources.tree_ldif
    }
  }
}
