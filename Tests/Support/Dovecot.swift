internal import Foundation

/// A Dovecot of its own on a free port of 127.0.0.1, with `config/dovecot/buzon.conf` (or `buzon-2.4.conf`, where Dovecot is
/// 2.4) and a site's directory. It runs as root, or as an ordinary user, whose processes and mailboxes are then all his own.
/// Ended when it goes.
public final class Dovecot: Sendable {
  /// Where it speaks IMAP.
  public let port: UInt16
  /// What lies in it is named by the accounts' entryUUID.
  public let mailboxes: String
  private let site: Site
  private let folder: String
  private let program: Program

  public init(_ site: Site) throws {
    self.site = site
    let folder = site.folder + "/dovecot"
    self.folder = folder
    mailboxes = folder + "/mail"
    port = try freePort()
    try MailServers.makeFolder(folder)
    try MailServers.makeFolder(mailboxes, owner: MailServers.mailUser)
    let version = try Self.version()
    let files =
      version == "2.3" ? ["buzon.conf", "buzon-passdb.conf.ext", "buzon-userdb.conf.ext"] : ["buzon-\(version).conf"]
    for name in files {
      try MailServers.fill(
        "dovecot/" + name, into: folder, site: site, mode: name == "buzon.conf" ? 0o644 : 0o600,
        changes: ["@DOVECOT@": folder, "@MAILBOXES@": mailboxes])
    }
    let config = folder + "/dovecot.conf"
    try Self.configuration(version: version, including: files[0], folder: folder, port: port)
      .write(toFile: config, atomically: false, encoding: .utf8)
    program = try Program(MailServers.dovecot, ["-F", "-c", config])
    let port = port
    guard eventually({ (try? IMAPClient(port: port)) != nil || !program.isRunning }),
      program.isRunning
    else { throw SiteError("no Dovecot: \(program.written.errors) \(log)") }
  }

  deinit {
    program.signal(SIGTERM)
    _ = program.wait(atMost: .seconds(60))
  }

  /// The first two numbers of its version.
  private static func version() throws -> String {
    let told = Outcome(of: try Program(MailServers.dovecot, ["--version"]))
    let numbers = told.output.split(separator: ".").prefix(2)
    guard told.status == 0, numbers.count == 2 else { throw SiteError("dovecot --version: \(told)") }
    return numbers.joined(separator: ".")
  }

  /// What a test needs beside our files: folders of its own, IMAP alone and in the clear, no waiting after a wrong
  /// password, and for an ordinary user everything as himself and without chroot.
  private static func configuration(version: String, including file: String, folder: String, port: UInt16) -> String {
    let (user, group) = MailServers.mailUser
    let me = geteuid() == 0 ? "" : NSUserName()
    let mine = getgrgid(getegid()).map { String(cString: $0.pointee.gr_name) } ?? "\(getegid())"
    let ordinary =
      me.isEmpty
      ? ""
      : """
      default_internal_user = \(me)
      default_internal_group = \(mine)
      default_login_user = \(me)
      first_valid_uid = \(geteuid())
      first_valid_gid = \(getegid())

      """
    // Dovecot 2.4 asks first for which version it is configured. What Debian says of the inbox then, ours must take back.
    let before =
      version == "2.3"
      ? ""
      : """
      dovecot_config_version = 2.4.0
      dovecot_storage_version = 2.4.0
      mail_driver = mbox
      mail_path = %{home}/mail
      mail_inbox_path = \(folder)/%{user}

      """
    return before + """
      base_dir = \(folder)/run
      state_dir = \(folder)/state
      log_path = \(folder)/dovecot.log
      protocols \(version == "2.3" ? "= imap" : "{\n  imap = yes\n}")
      listen = 127.0.0.1
      ssl = no
      auth_failure_delay = 0
      service imap-login {
        inet_listener imap {
          port = \(port)
        }
        inet_listener imaps {
          port = 0
        }
        chroot =
      }
      service anvil {
        chroot =
        unix_listener anvil-auth-penalty {
          mode = 0
        }
      }
      \(ordinary)!include \(folder)/\(file)
      mail_uid = \(user)
      mail_gid = \(group)

      """
  }

  /// What it logged.
  public var log: String { (try? String(contentsOfFile: folder + "/dovecot.log", encoding: .utf8)) ?? "" }

  /// What comes of one login: ``IMAPClient/logIn(_:_:)``.
  public func login(_ name: String, _ password: String) throws -> String {
    try IMAPClient(port: port).logIn(name, password)
  }

  /// `doveadm` with this configuration.
  public func doveadm(_ arguments: String...) async throws -> Outcome {
    try await Program.run("/usr/bin/doveadm", ["-c", folder + "/dovecot.conf"] + arguments)
  }
}
