internal import Foundation

/// A Postfix of its own: SMTP on a free port of 127.0.0.1, `config/postfix/`, the delivery agent virtual(8) into the same
/// mailboxes that a ``Dovecot`` reads; what goes to other domains is discarded, and the log says so. Only root can start
/// one. Ended when it goes.
public final class Postfix: Sendable {
  /// Where it speaks SMTP.
  public let port: UInt16
  private let maps: PostfixMaps
  private let program: Program
  private let logFile: String

  public init(_ site: Site, mailboxes: String) throws {
    // The queue's folders belong to the user postfix, who must be able to walk there.
    let queue = site.folder + "/postfix-queue"
    try MailServers.makeFolder(queue)
    try MailServers.makeFolder(queue + "/spool")
    try MailServers.makeFolder(queue + "/data", owner: ("postfix", "postfix"))
    logFile = queue + "/log"
    guard let nobody = getpwnam(MailServers.mailUser.user)?.pointee else { throw SiteError("no user nobody") }
    maps = try PostfixMaps(
      site,
      more: [
        ("compatibility_level", "3.6"), ("queue_directory", queue + "/spool"), ("data_directory", queue + "/data"),
        ("inet_interfaces", "127.0.0.1"), ("inet_protocols", "ipv4"), ("myhostname", "mail.example.org"),
        ("mydestination", ""), ("mynetworks", ""), ("local_recipient_maps", ""), ("alias_maps", ""),
        ("maillog_file", logFile), ("maillog_file_prefixes", queue), ("default_transport", "discard"),
        ("virtual_transport", "virtual"), ("virtual_mailbox_base", mailboxes),
        ("virtual_uid_maps", "static:\(nobody.pw_uid)"), ("virtual_gid_maps", "static:\(nobody.pw_gid)"),
      ])
    port = try freePort()
    try Self.services(port).write(toFile: maps.folder + "/master.cf", atomically: false, encoding: .utf8)
    let check = Outcome(of: try Program("/usr/sbin/postfix", ["-c", maps.folder, "check"]))
    guard check.status == 0 else { throw SiteError("postfix check: \(check)") }
    program = try Program(MailServers.master, ["-c", maps.folder, "-d"])
    let port = port
    guard eventually({ (try? SMTPClient(port: port)) != nil || !program.isRunning }),
      program.isRunning
    else { throw SiteError("no Postfix: \(program.written.errors) \(log)") }
  }

  deinit {
    program.signal(SIGTERM)
    _ = program.wait(atMost: .seconds(60))
  }

  /// `master.cf`: Debian's services as far as they are needed, none in a chroot.
  private static func services(_ port: UInt16) -> String {
    """
    127.0.0.1:\(port) inet n - n - - smtpd
    pickup unix n - n 60 1 pickup
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    proxymap unix - - n - - proxymap
    error unix - - n - - error
    retry unix - - n - - error
    discard unix - - n - - discard
    virtual unix - n n - - virtual
    anvil unix - - n - 1 anvil
    postlog unix-dgram n - n - 1 postlogd

    """
  }

  /// What it logged.
  public var log: String { (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "" }

  /// Sends a message over SMTP.
  ///
  /// - Returns: the reply that ended it.
  public func send(to recipient: String) throws -> String { try SMTPClient(port: port).send(to: recipient) }

  /// Sends a message and waits until nothing of it is left in the queue.
  ///
  /// - Returns: recipients and what became of each, as the log tells it: `sent (delivered to maildir)`.
  public func deliver(to recipient: String) async throws -> [String: [String]] {
    let before = log.utf8.count
    let reply = try send(to: recipient)
    guard let id = reply.split(separator: " ").last, reply.contains("queued as") else { throw SiteError(reply) }
    func lines() -> [Substring] {
      String(decoding: log.utf8.dropFirst(before), as: UTF8.self).split(separator: "\n")
        .filter { $0.contains(" \(id): ") }
    }
    guard await comesTrue({ lines().contains { $0.hasSuffix(": removed") } }) else { throw SiteError("stuck: \(log)") }
    var outcomes: [String: [String]] = [:]
    for line in lines() {
      guard let to = line.firstMatch(of: /: to=<([^>]+)>.* status=(.+)$/) else { continue }
      outcomes[String(to.1), default: []].append(String(to.2))
    }
    return outcomes
  }
}
