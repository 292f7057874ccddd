/// The configuration that slapd starts with: what any site has before it knows of Buzón, no more. All that Buzón asks for
/// comes from `schema/` and `config/slapd/`, applied to the running directory as a sysadmin applies it.
///
/// - Parameter identifiers: of several providers, each with its number (`olcServerID`).
func baseConfiguration(
  home: Home, saved: SavedState, options: Sandbox.Options, password: String, identifiers: String = ""
) -> String {
  var text = """
    dn: cn=config
    objectClass: olcGlobal
    cn: config
    olcLogLevel: none
    # A sandbox is small: few threads start faster.
    olcThreads: 8
    \(path("olcPidFile", home.file("slapd.pid")))
    """
  text += identifiers
  if options.tls {
    text += path("olcTLSCACertificateFile", home.file("tls/ca.pem"))
    text += path("olcTLSCertificateFile", home.file("tls/server.pem"))
    text += path("olcTLSCertificateKeyFile", home.file("tls/server.key"))
  }
  text += """

    dn: cn=module,cn=config
    objectClass: olcModuleList
    cn: module
    olcModulePath: /usr/lib/ldap
    olcModuleLoad: back_mdb
    \(options.accesslog ? "olcModuleLoad: accesslog\n" : "")
    dn: cn=schema,cn=config
    objectClass: olcSchemaConfig
    cn: schema

    include: file:///etc/ldap/schema/core.ldif

    include: file:///etc/ldap/schema/cosine.ldif

    include: file:///etc/ldap/schema/inetorgperson.ldif

    dn: olcDatabase={-1}frontend,cn=config
    objectClass: olcDatabaseConfig
    objectClass: olcFrontendConfig
    olcDatabase: {-1}frontend
    olcPasswordHash: {SSHA}

    dn: olcDatabase={0}config,cn=config
    objectClass: olcDatabaseConfig
    olcDatabase: {0}config
    olcAccess: to * by dn.exact="\(saved.admin)" manage by * none


    """
  text += database(
    "{1}mdb", suffix: saved.base, folder: home.file("data"), admin: saved.admin, durable: options.durable)
  // In clear text, in a file that its owner alone may read, beside the password's own file: comparing it costs nothing.
  text += LDIF.line("olcRootPW", password)
  if options.accesslog {
    text += "\n"
    // The log is for looking, not for keeping: it is never synced, so that it does not halve the speed.
    text += database(
      "{2}mdb", suffix: Sandbox.Description.accesslog, folder: home.file("accesslog"), admin: saved.admin,
      durable: false)
    // Passwords and identity numbers stand in it.
    text += """
      olcAccess: to * by * none

      dn: olcOverlay={0}accesslog,olcDatabase={1}mdb,cn=config
      objectClass: olcOverlayConfig
      objectClass: olcAccessLogConfig
      olcOverlay: {0}accesslog
      olcAccessLogDB: \(Sandbox.Description.accesslog)
      olcAccessLogOps: writes

      """
  }
  return text
}

private func database(_ name: String, suffix: String, folder: String, admin: String, durable: Bool) -> String {
  """
  dn: olcDatabase=\(name),cn=config
  objectClass: olcDatabaseConfig
  objectClass: olcMdbConfig
  olcDatabase: \(name)
  olcSuffix: \(suffix)
  olcRootDN: \(admin)
  # Bytes of address space, not of disk: 8 GiB.
  olcDbMaxSize: 8589934592
  \(durable ? "" : "olcDbNoSync: TRUE\n")\(path("olcDbDirectory", folder))
  """
}

/// slapd splits such values into words as in slapd.conf(5), so a path stands between quotes. `Home` lets no path through
/// that has a quote or a backslash of its own: slapd reads those one way here and another way there.
private func path(_ name: String, _ path: String) -> String { LDIF.line(name, "\"\(path)\"") }
