import CLDAP
import Glibc
import LDAP
import Testing

@Suite struct TLSTests {
  let slapd: Slapd

  init() throws {
    slapd = try Slapd.shared.get()
  }

  private func open(_ url: LDAPURL, _ tls: TLS) async throws(LDAPError) {
    let connection = try await Connection.open(url, tls: tls, credentials: .anonymous)
    _ = try await connection.whoAmI()
    await connection.close()
  }

  @Test func aServerOfATrustedAuthorityIsBelieved() async throws {
    try await open(slapd.ldaps, TLS(caFile: slapd.caFile))
    try await open(slapd.ldap, TLS(startsTLS: true, caFile: slapd.caFile))
  }

  @Test func everyOtherServerIsRefused() async throws {
    let localhost = try LDAPURL("ldaps://localhost:\(slapd.tlsPort)")
    let empty = "\(slapd.folder)/empty.pem"
    try Command.write("nothing\n", to: empty)
    let rows: [(String, LDAPURL, TLS)] = [
      ("no authority at all", slapd.ldaps, TLS(caFile: empty)),
      ("another authority", slapd.ldaps, TLS(caFile: slapd.strangeCAFile)),
      ("another authority, StartTLS", slapd.ldap, TLS(startsTLS: true, caFile: slapd.strangeCAFile)),
      ("the system's authorities", slapd.ldaps, .none),
      ("the system's authorities, StartTLS", slapd.ldap, .startTLS),
      ("another name", localhost, TLS(caFile: slapd.caFile)),
      ("no TLS behind ldaps", try LDAPURL("ldaps://127.0.0.1:\(slapd.port)"), TLS(caFile: slapd.caFile)),
    ]
    for (name, url, tls) in rows {
      guard case .unavailable(let reason)? = await ldapError({ () async throws(LDAPError) in try await open(url, tls) })
      else {
        Issue.record("\(name): not refused")
        continue
      }
      #expect(reason.contains("TLS"), "\(name): \(reason)")
    }
  }

  @Test func anAuthorityFileThatIsNoneIsToldBeforeAnythingIsSent() async throws {
    guard
      case .invalid? = await ldapError({ () async throws(LDAPError) in
        try await open(slapd.ldaps, TLS(caFile: "/nowhere/ca.pem"))
      })
    else {
      Issue.record("a file that isn't there")
      return
    }
    guard case .invalid? = await ldapError({ () async throws(LDAPError) in try await open(slapd.ldapi, .startTLS) })
    else {
      Issue.record("StartTLS over ldapi")
      return
    }
  }

  @Test func aRefusedStartTLSIsFatal() async throws {
    let plain = try Slapd(Slapd.Options(tls: false))
    let error = await ldapError { () async throws(LDAPError) in
      try await open(plain.ldap, TLS(startsTLS: true, caFile: plain.caFile))
    }
    guard case .refused(let refusal)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.operation == "StartTLS")
    #expect(refusal.response.code != .success)
  }

  /// In a process of its own, whose CPU time is the handshake's alone.
  @Test(.timeLimit(.minutes(15)))
  func aSilentPeerEndsInTimeAndBurnsNoCPU() async throws {
    let caFile = slapd.caFile
    await #expect(processExitsWith: .success) { [caFile = caFile as String] in
      // ExtendedResponse, message 1, success: StartTLS is granted, and then nothing.
      let granted: [UInt8] = [0x30, 0x0C, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0]
      let silent = SilentPeer()
      let half = SilentPeer(answer: granted)
      // The head of a handshake record of 64 bytes, of which four come.
      let slow = SilentPeer(answer: [0x16, 3, 3, 0, 64, 2, 0, 0, 60])
      let plain = SilentPeer()
      var options = Connection.Options()
      options.connect = .milliseconds(1000)
      for (name, url, tls) in [
        ("ldaps", "ldaps://127.0.0.1:\(silent.port)", TLS(caFile: caFile)),
        ("half a ServerHello", "ldaps://127.0.0.1:\(slow.port)", TLS(caFile: caFile)),
        ("StartTLS request", "ldap://127.0.0.1:\(plain.port)", TLS(startsTLS: true, caFile: caFile)),
        ("StartTLS handshake", "ldap://127.0.0.1:\(half.port)", TLS(startsTLS: true, caFile: caFile)),
        ("bind", "ldap://127.0.0.1:\(plain.port)", TLS.none),
      ] {
        let start = ContinuousClock.now
        let used = clock()
        do {
          let dn = DN.rdn("uid", "a").under(DN())
          _ = try await Connection.open(
            LDAPURL(url), tls: tls, credentials: .simple(dn, password: Secret("x")), options: options)
          fail("\(name): opened")
        } catch LDAPError.unavailable(let reason) {
          if !reason.contains("in time") { fail("\(name): \(reason)") }
        }
        let seconds = Double((ContinuousClock.now - start) / .seconds(1))
        let cpu = Double(clock() - used) / Double(CLOCKS_PER_SEC)
        if seconds < 0.8 || seconds > 30 { fail("\(name): \(seconds) s") }
        if cpu > 0.5 { fail("\(name): \(cpu) s of CPU") }
      }
    }
  }

  /// libldap reads ./ldaprc and LDAPTLS_* at its first call; so this needs a fresh process.
  @Test(arguments: [true, false])
  func aHostileEnvironmentSwitchesNothingOff(_ libldapReadsIt: Bool) async throws {
    let folder = "\(slapd.folder)/hostile\(libldapReadsIt)"
    mkdir(folder, 0o700)
    try Command.write(
      "TLS_REQCERT never\nTLS_CACERT \(slapd.caFile)\nURI ldap://127.0.0.1:1\nSASL_MECH PLAIN\n", to: "\(folder)/ldaprc"
    )
    let (url, stranger) = (slapd.ldaps.description, slapd.strangeCAFile)
    await #expect(processExitsWith: .success) {
      [
        folder = folder as String, url = url as String, stranger = stranger as String,
        libldapReadsIt = libldapReadsIt as Bool
      ] in
      guard chdir(folder) == 0, setenv("LDAPTLS_REQCERT", "never", 1) == 0 else { fail("no hostile folder") }
      // Two walls: libldap doesn't look, and where it would, the handle's own settings win.
      cldap_ignore_ambient_configuration()
      if libldapReadsIt { unsetenv("LDAPNOINIT") } else if getenv("LDAPNOINIT") == nil { fail("LDAPNOINIT is not set") }
      for tls in [TLS.none, TLS(caFile: stranger)] {
        do {
          _ = try await Connection.open(LDAPURL(url), tls: tls, credentials: .anonymous)
          fail("an untrusted server was believed")
        } catch LDAPError.unavailable {}
      }
    }
  }
}
