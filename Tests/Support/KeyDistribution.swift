internal import Foundation

/// A Kerberos realm of its own on a free port of 127.0.0.1: MIT's krb5kdc, as Debian has it. Ended when it goes; its folder
/// is the caller's.
public final class KeyDistribution: Sendable {
  /// Its realm.
  public static let realm = "EXAMPLE.ORG"
  private let folder: String
  private let program: Program

  private static let kdc = "/usr/sbin/krb5kdc"
  /// Whether Debian's krb5-kdc, krb5-admin-server, krb5-user and libsasl2-modules-gssapi-mit are here.
  public static var isInstalled: Bool {
    let plugins = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
    return [kdc, "/usr/sbin/kdb5_util", "/usr/sbin/kadmin.local", "/usr/bin/kinit"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    } && plugins.contains { FileManager.default.fileExists(atPath: "/usr/lib/\($0)/sasl2/libgssapiv2.so") }
  }

  /// What Kerberos's libraries and programs need in their environment.
  public var environment: [String: String] {
    ["KRB5_CONFIG": folder + "/krb5.conf", "KRB5_KDC_PROFILE": folder + "/kdc.conf"]
  }

  /// - Parameter folder: made here.
  public init(_ folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let port = try freePort()
    // No DNS: the name of a service is the one that its URI has.
    try """
    [libdefaults]
      default_realm = \(Self.realm)
      dns_lookup_kdc = false
      dns_lookup_realm = false
      dns_canonicalize_hostname = false
      rdns = false
    [realms]
      \(Self.realm) = {
        kdc = 127.0.0.1:\(port)
      }

    """.write(toFile: folder + "/krb5.conf", atomically: false, encoding: .utf8)
    try """
    [kdcdefaults]
      kdc_listen = 127.0.0.1:\(port)
      kdc_tcp_listen = 127.0.0.1:\(port)
    [realms]
      \(Self.realm) = {
        database_name = \(folder)/principal
        key_stash_file = \(folder)/stash
        acl_file = \(folder)/acl
      }
    [logging]
      kdc = FILE:\(folder)/kdc.log

    """.write(toFile: folder + "/kdc.conf", atomically: false, encoding: .utf8)
    let environment = ["KRB5_CONFIG": folder + "/krb5.conf", "KRB5_KDC_PROFILE": folder + "/kdc.conf"]
    try Self.run("/usr/sbin/kdb5_util", ["create", "-s", "-r", Self.realm, "-P", "master"], environment)
    program = try Program(Self.kdc, ["-n", "-P", folder + "/kdc.pid"], environment: environment)
    guard eventually({ Self.answers(port) || !program.isRunning }), program.isRunning else {
      throw SiteError("no krb5kdc: \(program.written.errors)")
    }
  }

  deinit {
    program.signal(SIGTERM)
    _ = program.wait(atMost: .seconds(60))
  }

  /// Makes a principal, and writes its key into a keytab.
  public func addPrincipal(_ name: String, keytab: String) throws {
    for command in ["addprinc -randkey \(name)", "ktadd -k \(keytab) \(name)"] {
      try Self.run("/usr/sbin/kadmin.local", ["-r", Self.realm, "-q", command], environment)
    }
  }

  private static func run(_ program: String, _ arguments: [String], _ environment: [String: String]) throws {
    let outcome = Outcome(of: try Program(program, arguments, environment: environment))
    guard outcome.status == 0 else { throw SiteError("\(program): \(outcome)") }
  }

  private static func answers(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
