import Foundation
import Support

/// A slapd as Debian's package leaves it: `cn=config`, which root of this host may change, and an empty database. Ended
/// and removed when it goes.
final class BareDirectory: Office {
  static let suffix = "dc=example,dc=org"

  let folder: Scratch
  private let slapd: Program

  var uri: String { "ldapi://" + (folder.path + "/ldapi").replacingOccurrences(of: "/", with: "%2F") }
  var config: String { folder.path + "/buzon.yaml" }
  var spool: String { folder.path + "/spool" }
  var state: String { folder.path + "/state" }
  var records: String { folder.path + "/records" }
  /// The agent: another one than root, who may change `cn=config`.
  static let user = "nobody"
  /// Whom the directory takes this user for.
  private static var identity: String {
    "gidNumber=\(getegid())+uidNumber=\(geteuid()),cn=peercred,cn=external,cn=auth"
  }

  /// - Parameter more: lines behind those of the database.
  init(database more: String = "") async throws {
    folder = try Scratch()
    // The agent's user passes here.
    chmod(folder.path, 0o755)
    for name in ["slapd.d", "data"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    let loaded = try await Program.run(
      "/usr/sbin/slapadd", ["-q", "-n", "0", "-F", folder.path + "/slapd.d"],
      input: Self.configuration(data: folder.path + "/data", more))
    guard loaded.status == 0 else { throw SiteError("slapadd: \(loaded)") }
    slapd = try Program(
      "/usr/sbin/slapd",
      [
        "-d", "none", "-F", folder.path + "/slapd.d", "-h",
        "ldapi://" + (folder.path + "/ldapi").replacingOccurrences(of: "/", with: "%2F"),
      ])
    // The socket's name is there before slapd listens.
    let question = ["-x", "-LLL", "-H", uri, "-s", "base", "-b", "", "1.1"]
    let answers = try await comesTrue {
      try await Program.run("/usr/bin/ldapsearch", question).status == 0
    }
    guard answers else { throw SiteError("slapd: \(slapd.written)") }
  }

  deinit {
    slapd.signal(SIGTERM)
    _ = slapd.wait(atMost: .seconds(20))
  }

  /// A configuration whose folders are here; what it leaves out is at its default.
  func configure() throws {
    try folder.write(
      """
      organization: {name: Prueba}
      directory: {uris: ["\(uri)"], base: "\(Self.suffix)"}
      domains: [example.org]
      spool: \(spool)
      state: \(state)
      records: \(records)

      """, to: "buzon.yaml", mode: 0o644)
  }

  /// `buzon init` with this directory.
  func initialise(_ arguments: String...) async throws -> Outcome {
    try await start(
      ["init", "--uri", uri, "--user", Self.user, "--mail-password-file", folder.path + "/mail.password"] + arguments
    ).outcome()
  }

  /// Runs `buzon` as the agent's user.
  func asAgent(_ arguments: String...) async throws -> Outcome {
    try await Program.run(
      "/usr/bin/setpriv",
      ["--reuid", Self.user, "--regid", "nogroup", "--clear-groups", Program.built("buzon")] + arguments,
      environment: ["BUZON_CONFIG": config])
  }

  /// Everything that stands in `cn=config` and in the database.
  func everything() async throws -> String {
    var text = ""
    for base in ["cn=config", Self.suffix] {
      let found = try await Program.run(
        "/usr/bin/ldapsearch", ["-Q", "-Y", "EXTERNAL", "-H", uri, "-LLL", "-o", "ldif-wrap=no", "-b", base, "*", "+"])
      text += found.output
    }
    return text
  }

  /// Changes `cn=config` by hand.
  func modify(_ ldif: String) async throws {
    let outcome = try await Program.run(
      "/usr/bin/ldapmodify", ["-Q", "-Y", "EXTERNAL", "-H", uri], input: ldif + "\n")
    guard outcome.status == 0 else { throw SiteError("ldapmodify: \(outcome)") }
  }

  private static func configuration(data: String, _ more: String) -> String {
    """
    dn: cn=config
    objectClass: olcGlobal
    cn: config
    olcThreads: 4

    dn: cn=module{0},cn=config
    objectClass: olcModuleList
    cn: module{0}
    olcModulePath: /usr/lib/ldap
    olcModuleLoad: back_mdb

    dn: cn=schema,cn=config
    objectClass: olcSchemaConfig
    cn: schema

    include: file:///etc/ldap/schema/core.ldif

    include: file:///etc/ldap/schema/cosine.ldif

    include: file:///etc/ldap/schema/nis.ldif

    include: file:///etc/ldap/schema/inetorgperson.ldif

    dn: olcDatabase={-1}frontend,cn=config
    objectClass: olcDatabaseConfig
    objectClass: olcFrontendConfig
    olcDatabase: {-1}frontend
    olcPasswordHash: {SSHA}
    olcAccess: {0}to * by dn.exact=\(identity) manage by * break
    olcAccess: {1}to dn.exact="" by * read
    olcAccess: {2}to dn.base="cn=Subschema" by * read

    dn: olcDatabase={0}config,cn=config
    objectClass: olcDatabaseConfig
    olcDatabase: {0}config
    olcAccess: {0}to * by dn.exact=\(identity) manage by * break

    dn: olcDatabase={1}mdb,cn=config
    objectClass: olcDatabaseConfig
    objectClass: olcMdbConfig
    olcDatabase: {1}mdb
    olcSuffix: \(suffix)
    olcRootDN: cn=admin,\(suffix)
    olcDbDirectory: \(data)
    olcDbMaxSize: 1073741824
    olcDbIndex: objectClass eq
    olcDbIndex: cn,uid eq
    olcDbIndex: mail sub
    olcLastMod: TRUE
    olcAccess: {0}to attrs=userPassword by self write by anonymous auth by * none
    olcAccess: {1}to attrs=shadowLastChange by self write by * read
    olcAccess: {2}to * by * read
    \(more)
    """
  }
}
