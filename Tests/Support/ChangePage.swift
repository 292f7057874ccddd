internal import Foundation
internal import Sandbox

/// The page where users change their passwords: `config/change-page/` behind Debian's nginx, on a free port of 127.0.0.1.
/// Its processes are those of who runs the tests, or of `www-data` where that is root. Ended when it goes.
public final class ChangePage: Sendable {
  /// Where it is; its certificate is a throw-away one.
  public let url: String
  /// The entry that it binds as.
  public static func account(_ site: Site) -> String { "cn=change-page,ou=services,\(site.sandbox.base)" }

  private let folder: String
  private let pages: Program
  private let server: Program

  /// Whether Debian's nginx and LemonLDAP::NG are here, with what that needs for LDAP.
  public static var isInstalled: Bool {
    let perl = "/usr/share/perl5/"
    return [
      "/usr/sbin/nginx", "/usr/sbin/llng-fastcgi-server", perl + "Lemonldap/NG/Portal/Main.pm", perl + "Net/LDAP.pm",
      perl + "IO/Socket/Timeout.pm",
    ].allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  /// - Parameter writesItself: whether the page writes the new password by its own right, as some portals do.
  public init(_ site: Site, writesItself: Bool = false) throws {
    folder = site.folder + "/change-page"
    let port = try freePort()
    url = "https://127.0.0.1:\(port)/"
    let password = "clave-de-la-pagina"
    try MailServers.makeFolder(folder)
    let owner = geteuid() == 0 ? (user: "www-data", group: "www-data") : nil
    for name in ["state", "state/conf", "state/cache", "state/sessions/lock", "state/psessions/lock", "run"] {
      try MailServers.makeFolder(folder + "/" + name, owner: owner)
    }
    for name in ["state/sessions", "state/psessions"] { try MailServers.makeFolder(folder + "/" + name, owner: owner) }
    let pair = try Authority(folder + "/authority").sign("page", for: ["IP:127.0.0.1"])
    let changes = [
      "https://@HOST@/": url, "@HOST@": "127.0.0.1", "@KEY@": UUID().uuidString, "@LDAP@": site.sandbox.uri,
      "@PAGE_PASSWORD@": password, "@TLS_CERTIFICATE@": pair.certificate, "@TLS_KEY@": pair.key,
      "/var/lib/lemonldap-ng": folder + "/state", "listen 443": "listen 127.0.0.1:\(port)",
      "/run/llng-fastcgi-server/llng-fastcgi.sock": folder + "/run/pages.sock",
      "\"ldapChangePasswordAsUser\": 1": "\"ldapChangePasswordAsUser\": \(writesItself ? 0 : 1)",
    ]
    for (name, target) in [
      ("lemonldap-ng.ini", folder), ("lmConf-1.json", folder + "/state/conf"), ("nginx.conf", folder),
      ("account.ldif", folder), ("access.ldif", folder),
    ] {
      try MailServers.fill(
        "change-page/" + name, into: target, site: site, mode: 0o644,
        changes: changes.merging(["@DATABASE@": "olcDatabase={1}mdb,cn=config"]) { $1 })
    }
    for name in ["account.ldif", "access.ldif"] {
      try site.modify(String(contentsOfFile: folder + "/" + name, encoding: .utf8))
    }
    if writesItself { try Self.grantWrites(site) }
    try Self.configuration(folder).write(toFile: folder + "/server.conf", atomically: false, encoding: .utf8)

    let user = owner == nil ? [] : ["--user", "www-data", "--group", "www-data"]
    pages = try Program(
      "/usr/sbin/llng-fastcgi-server",
      ["--foreground", "--proc", "1", "--socket", folder + "/run/pages.sock", "--pid", folder + "/run/pages.pid"]
        + user,
      environment: [
        "LLNG_DEFAULTCONFFILE": folder + "/lemonldap-ng.ini",
        "LLNG_DEFAULTLOGGER": "Lemonldap::NG::Common::Logger::Std",
      ])
    server = try Program(
      "/usr/sbin/nginx",
      ["-c", folder + "/server.conf", "-g", "daemon off;" + (owner == nil ? "" : " user www-data;")])
    let url = url
    guard eventually({ Self.answers(url) || !server.isRunning || !pages.isRunning }), Self.answers(url) else {
      throw SiteError("no page: \(pages.written.errors) \(server.written.errors) \(log)")
    }
  }

  deinit {
    for program in [server, pages] {
      program.signal(SIGTERM)
      _ = program.wait(atMost: .seconds(60))
    }
  }

  /// What both wrote.
  public var log: String {
    pages.written.errors + ((try? String(contentsOfFile: folder + "/run/error.log", encoding: .utf8)) ?? "")
  }

  /// The portal may write passwords: what docs/change-page.md advises against.
  private static func grantWrites(_ site: Site) throws {
    let database = "olcDatabase={1}mdb,cn=config"
    try site.modify(
      """
      dn: \(database)
      changetype: modify
      add: olcAccess
      olcAccess: {0}to dn.one="ou=people,\(site.sandbox.base)" filter=(objectClass=buzonAccount) attrs=userPassword
        by dn.exact="\(account(site))" write
        by * break

      """)
  }

  private static func answers(_ url: String) -> Bool {
    guard
      let curl = try? Program(
        "/usr/bin/curl", ["--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}", url])
    else { return false }
    return Outcome(of: curl).output == "200"
  }

  private static func configuration(_ folder: String) -> String {
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
      "\($0)_temp_path \(folder)/run/\($0);"
    }
    return """
      pid \(folder)/run/server.pid;
      error_log \(folder)/run/error.log;
      events {}
      http {
        access_log off;
        \(places.joined(separator: "\n  "))
        include /etc/nginx/mime.types;
        include \(folder)/nginx.conf;
      }

      """
  }
}
