internal import Foundation
internal import Sandbox

/// The programs of Postfix and Dovecot, and our files for them with the places filled in.
public enum MailServers {
  static let dovecot = "/usr/sbin/dovecot"
  static let master = "/usr/lib/postfix/sbin/master"

  /// Whether both are there, with LDAP. `scripts/install-deps.sh test` doesn't install Postfix beside another mail server.
  public static var areInstalled: Bool {
    [
      "/usr/sbin/postmap", "/usr/lib/postfix/postfix-ldap.so", dovecot, "/usr/lib/dovecot/imap",
      "/usr/lib/dovecot/modules/auth/libauthdb_ldap.so",
    ].allSatisfy(FileManager.default.fileExists)
  }

  /// The project's own folder.
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Who owns the mailboxes: an ordinary user as he is; where root runs the tests, one who is nobody.
  static var mailUser: (user: String, group: String) {
    geteuid() == 0 ? ("nobody", "nogroup") : ("\(geteuid())", "\(getegid())")
  }

  /// Copies `config/NAME` into a folder, as a sysadmin does.
  ///
  /// - Parameter changes: beside those that the site knows.
  static func fill(_ name: String, into folder: String, site: Site, mode: Int, changes: [String: String]) throws {
    var text = try String(contentsOfFile: root + "/config/" + name, encoding: .utf8)
    let values = [
      "@URI@": site.sandbox.uri, "@SUFFIX@": site.sandbox.base,
      "@MAIL_PASSWORD@": try String(contentsOfFile: site.sandbox.mailPasswordFile, encoding: .utf8),
    ]
    // The longer ones first: one may stand in another.
    let all = values.merging(changes, uniquingKeysWith: { $1 }).sorted { $0.key.utf8.count > $1.key.utf8.count }
    for (place, value) in all {
      text = text.replacingOccurrences(of: place, with: value)
    }
    let path = folder + "/" + URL(fileURLWithPath: name).lastPathComponent
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  /// The names in `config/NAME`.
  static func names(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root + "/config/" + name).sorted()
  }

  /// A folder that others may look into, for the servers' processes are others.
  static func makeFolder(_ path: String, owner: (user: String, group: String)? = nil) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    guard let owner, geteuid() == 0 else { return }
    try FileManager.default.setAttributes(
      [.ownerAccountName: owner.user, .groupOwnerAccountName: owner.group], ofItemAtPath: path)
  }
}
