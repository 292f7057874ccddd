import Glibc
import LDAP
import Support
import Synchronization

/// A private slapd in a folder of its own under /tmp: ldapi, ldap and ldaps on 127.0.0.1, a throw-away CA. It ends with
/// this object, or with the test process however that ends (a shell that holds a pipe kills it and cleans up).
final class Slapd: Sendable {
  /// What some tests need otherwise.
  struct Options {
    /// Whether the server has a certificate.
    var tls = true
    /// Lines of the global entry of cn=config.
    var global = ""
    /// Lines of the database's entry.
    var database = ""
    /// Lines of the overlay syncprov's entry; nil: there is none.
    var syncprov: String?
  }

  static let base = DN.rdn("dc", "example").under(DN.rdn("dc", "org").under(DN()))
  static let people = DN.rdn("ou", "people").under(base)
  static let admin = DN.rdn("cn", "admin").under(base)
  static let password = Secret("admin-secret")

  let folder: String
  let port: UInt16
  let tlsPort: UInt16
  private let options: Options
  private struct Running {
    var guardian: Program?
    var pipe: Int32 = -1
    var slapd: pid_t = 0
  }
  private let running = Mutex(Running())

  /// One instance for all tests that don't disturb it.
  static let shared: Result<Slapd, any Error> = Result { try Slapd() }

  /// Makes and starts a server; comes back when it answers.
  init(_ options: Options = Options()) throws {
    self.options = options
    var template = Array("/tmp/ldaptests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Command.Failed(description: "mkdtemp") }
    folder = template.withUnsafeBufferPointer {
      String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    (port, tlsPort) = (try freePort(), try freePort())
    mkdir("\(folder)/slapd.d", 0o700)
    mkdir("\(folder)/data", 0o700)
    try makeCertificates()
    try Command.write(configuration, to: "\(folder)/config.ldif")
    try Command.run(
      ["slapadd", "-n", "0", "-F", "\(folder)/slapd.d", "-l", "\(folder)/config.ldif"], log: "\(folder)/slapadd.log")
    try Command.write(Self.content, to: "\(folder)/content.ldif")
    try Command.run(
      ["slapadd", "-n", "1", "-F", "\(folder)/slapd.d", "-l", "\(folder)/content.ldif"], log: "\(folder)/slapadd.log")
    try start()
  }

  deinit {
    stop(SIGKILL, keepingData: false)
  }

  // MARK: Addresses

  var socket: String { "\(folder)/ldapi" }
  var ldapi: LDAPURL { Self.url("ldapi://" + socket.split(separator: "/").map { "%2F" + $0 }.joined()) }
  var ldap: LDAPURL { Self.url("ldap://127.0.0.1:\(port)") }
  var ldaps: LDAPURL { Self.url("ldaps://127.0.0.1:\(tlsPort)") }
  var caFile: String { "\(folder)/ca.pem" }
  /// A CA that signed nothing here.
  var strangeCAFile: String { "\(folder)/strange.pem" }

  /// A connection over ldapi as the test's own user, who may do everything.
  func connect(_ options: Connection.Options = Connection.Options()) async throws(LDAPError) -> Connection {
    try await Connection.open(ldapi, credentials: .external, options: options)
  }

  private static func url(_ text: String) -> LDAPURL {
    guard let url = try? LDAPURL(text) else { preconditionFailure("the fixture wrote \(text)") }
    return url
  }

  // MARK: The process

  var pid: pid_t { running.withLock { $0.slapd } }

  func start() throws {
    unlink(socket)
    unlink("\(folder)/pid")
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Command.Failed(description: "socketpair")
    }
    defer { close(ends[0]) }
    let urls = "\(ldapi) \(ldap)\(options.tls ? " \(ldaps)" : "")"
    let script = """
      exec >>'\(folder)/slapd.log' 2>&1
      slapd -d 0 -F '\(folder)/slapd.d' -h '\(urls)' & echo $! > '\(folder)/pid.new'; mv '\(folder)/pid.new' '\(folder)/pid'
      word=$(cat); kill -9 $!; wait; [ -n "$word" ] || rm -rf '\(folder)'
      """
    let guardian = try Command.start(["sh", "-c", script], descriptor: ends[0])
    let pipe = ends[1]
    var slapd: pid_t?
    try blockUntil("slapd answers, see \(folder)/slapd.log") {
      slapd = Command.read("\(folder)/pid").flatMap { pid_t($0.dropLast()) }
      return slapd != nil && self.answers
    }
    guard let slapd else { throw Command.Failed(description: "no pid") }
    running.withLock { $0 = Running(guardian: guardian, pipe: pipe, slapd: slapd) }
  }

  /// Ends the process with this signal and waits until it is gone.
  func stop(_ signal: Int32, keepingData: Bool = true) {
    let old = running.withLock { running in
      defer { running = Running() }
      return running
    }
    guard old.slapd > 0 else { return }
    kill(old.slapd, SIGCONT)
    kill(old.slapd, signal)
    if signal != SIGKILL { _ = try? blockUntil("slapd ends") { !self.answers } }
    // The guardian deletes the folder when its pipe ends without a word: also when the test process is killed.
    if keepingData { _ = write(old.pipe, "keep", 4) }
    close(old.pipe)
    _ = old.guardian?.wait()
  }

  /// Stops the process in its tracks, or lets it go on.
  func freeze() throws {
    let pid = pid
    kill(pid, SIGSTOP)
    try blockUntil("slapd stands still") { Command.read("/proc/\(pid)/stat")?.contains(") T ") == true }
  }
  func thaw() { kill(pid, SIGCONT) }

  private var answers: Bool {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  // MARK: What is in it

  private func makeCertificates() throws {
    func openssl(_ arguments: String...) throws {
      try Command.run(["openssl"] + arguments, log: "\(folder)/openssl.log")
    }
    for name in ["ca", "strange"] {
      try openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=\(name)", "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem")
    }
    try openssl(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server", "-keyout",
      "\(folder)/server.key", "-out", "\(folder)/server.csr")
    try Command.write("subjectAltName=IP:127.0.0.1\n", to: "\(folder)/server.ext")
    try openssl(
      "x509", "-req", "-in", "\(folder)/server.csr", "-CA", caFile, "-CAkey", "\(folder)/ca.key", "-CAcreateserial",
      "-days", "2", "-extfile", "\(folder)/server.ext", "-out", "\(folder)/server.pem")
  }

  /// A certificate that the server's own authority signs for somebody.
  func clientCertificate(_ name: String) throws -> TLS.OwnCertificate {
    let stem = "\(folder)/\(name)"
    try Command.run([
      "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
      "-keyout", stem + ".key", "-out", stem + ".csr",
    ])
    try Command.run([
      "openssl", "x509", "-req", "-in", stem + ".csr", "-CA", caFile, "-CAkey", "\(folder)/ca.key", "-CAcreateserial",
      "-days", "2", "-out", stem + ".pem",
    ])
    return TLS.OwnCertificate(certificateFile: stem + ".pem", keyFile: stem + ".key")
  }

  private var configuration: String {
    let tls =
      options.tls
      ? """
      olcTLSCACertificateFile: \(caFile)
      olcTLSCertificateFile: \(folder)/server.pem
      olcTLSCertificateKeyFile: \(folder)/server.key

      """ : ""
    let syncprov =
      options.syncprov.map { lines in
        """

        dn: olcOverlay={2}syncprov,olcDatabase={1}mdb,cn=config
        objectClass: olcSyncProvConfig
        olcOverlay: {2}syncprov
        \(lines)

        """
      } ?? ""
    let user = "gidNumber=\(getgid())+uidNumber=\(getuid()),cn=peercred,cn=external,cn=auth"
    return """
      dn: cn=config
      objectClass: olcGlobal
      cn: config
      olcPidFile: \(folder)/slapd.pid
      olcAuthzRegexp: {0}"uid=([^,]*),cn=scram[^,]*,cn=auth" "uid=$1,ou=people,dc=example,dc=org"
      olcSizeLimit: unlimited
      \(tls)\(options.global)
      dn: cn=module{0},cn=config
      objectClass: olcModuleList
      cn: module{0}
      olcModulePath: /usr/lib/ldap
      olcModuleLoad: back_mdb
      olcModuleLoad: ppolicy
      olcModuleLoad: unique\(options.syncprov == nil ? "" : "\nolcModuleLoad: syncprov")

      dn: cn=schema,cn=config
      objectClass: olcSchemaConfig
      cn: schema

      include: file:///etc/ldap/schema/core.ldif
      include: file:///etc/ldap/schema/cosine.ldif
      include: file:///etc/ldap/schema/inetorgperson.ldif
      include: file:///etc/ldap/schema/nis.ldif

      dn: olcDatabase={0}config,cn=config
      objectClass: olcDatabaseConfig
      olcDatabase: {0}config
      olcAccess: to * by dn.exact=\(user) manage

      dn: olcDatabase={1}mdb,cn=config
      objectClass: olcMdbConfig
      olcDatabase: {1}mdb
      olcSuffix: dc=example,dc=org
      olcDbDirectory: \(folder)/data
      olcDbMaxSize: 1073741824
      olcDbNoSync: TRUE
      olcDbIndex: objectClass,uid,mail eq
      olcRootDN: cn=admin,dc=example,dc=org
      olcRootPW: admin-secret
      olcAccess: to attrs=userPassword by dn.exact=\(user) manage by self write by anonymous auth
      olcAccess: to * by dn.exact=\(user) manage by * read
      \(options.database)
      dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config
      objectClass: olcPPolicyConfig
      olcOverlay: {0}ppolicy
      olcPPolicyDefault: cn=policy,dc=example,dc=org
      olcPPolicyUseLockout: TRUE

      dn: olcOverlay={1}unique,olcDatabase={1}mdb,cn=config
      objectClass: olcUniqueConfig
      olcOverlay: {1}unique
      olcUniqueURI: ldap:///?mail?sub
      \(syncprov)
      """
  }

  // Every attribute that a no-op add of the tests carries stands here in some entry: see Control.noOp.
  private static let content = """
    dn: dc=example,dc=org
    objectClass: dcObject
    objectClass: organization
    dc: example
    o: Example

    dn: ou=people,dc=example,dc=org
    objectClass: organizationalUnit
    ou: people

    dn: cn=policy,dc=example,dc=org
    objectClass: person
    objectClass: pwdPolicy
    cn: policy
    sn: policy
    pwdAttribute: userPassword
    pwdMustChange: TRUE
    pwdLockout: TRUE

    dn: uid=agent,ou=people,dc=example,dc=org
    objectClass: inetOrgPerson
    uid: agent
    cn: Agent
    sn: Agent
    mail: agent@example.org
    userPassword: agent-secret

    dn: ou=elsewhere,dc=example,dc=org
    objectClass: referral
    objectClass: extensibleObject
    ou: elsewhere
    ref: ldap://127.0.0.1:1/ou=elsewhere,dc=example,dc=org

    """
}

/// Holds this thread until a condition holds; throws after two minutes.
func blockUntil(_ what: String, _ condition: () throws -> Bool) throws {
  if try eventually(condition) { return }
  throw Command.Failed(description: "waited in vain: \(what)")
}

/// Waits until a condition holds without holding a thread; throws after two minutes.
func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
  if try await comesTrue(condition) { return }
  throw Command.Failed(description: "waited in vain: \(what)")
}
