import CLDAP
import Glibc
import LDAP
import Support
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
    let stranger = TLSFailure.Reason.unknownAuthority("ca")
    let rows: [(String, LDAPURL, TLS, TLSFailure.Reason?)] = [
      ("no authority at all", slapd.ldaps, TLS(caFile: empty), stranger),
      ("another authority", slapd.ldaps, TLS(caFile: slapd.strangeCAFile), stranger),
      ("another authority, StartTLS", slapd.ldap, TLS(startsTLS: true, caFile: slapd.strangeCAFile), stranger),
      ("the system's authorities", slapd.ldaps, .none, stranger),
      ("the system's authorities, StartTLS", slapd.ldap, .startTLS, stranger),
      ("another name", localhost, TLS(caFile: slapd.caFile), .otherHost(["127.0.0.1"])),
      ("no TLS behind ldaps", try LDAPURL("ldaps://127.0.0.1:\(slapd.port)"), TLS(caFile: slapd.caFile), nil),
    ]
    for (name, url, tls, reason) in rows {
      let error = await ldapError { () async throws(LDAPError) in try await open(url, tls) }
      // slapd waits for the rest of what it takes for a request.
      if reason == nil, case .unavailable(let words)? = error, words.contains("no TLS handshake in time") { continue }
      // libldap 2.6 refuses such a file before it connects.
      if tls.caFile == empty, case .invalid(let words)? = error, words.contains("holds no certificate") { continue }
      guard case .tls(let failure)? = error else {
        Issue.record("\(name): not refused, \(String(describing: error))")
        continue
      }
      #expect(failure.server == url.description && failure.isOfCertificate == (reason != nil), "\(name): \(failure)")
      if let reason { #expect(failure.reason == reason, "\(name)") }
    }
  }

  /// The certificate of a server of its own is changed while it runs.
  @Test func aRefusalSaysWhatIsWrongWithTheCertificate() async throws {
    let own = try Slapd()
    let authority = try Authority(own.folder + "/authority", name: "Autoridad de prueba")
    func show(_ pair: Authority.Pair) throws {
      try Command.write(
        """
        dn: cn=config
        changetype: modify
        replace: olcTLSCertificateFile
        olcTLSCertificateFile: \(pair.certificate)
        -
        replace: olcTLSCertificateKeyFile
        olcTLSCertificateKeyFile: \(pair.key)

        """, to: own.folder + "/tls.ldif")
      try Command.run([
        "ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", own.ldapi.description, "-f", own.folder + "/tls.ldif",
      ])
    }
    let here = ["IP:127.0.0.1"]
    let rows: [(Authority.Pair, TLSFailure.Reason?)] = [
      (try authority.sign("good", for: here), nil),
      (
        try authority.sign("elsewhere", for: ["DNS:ldap.example.org", "IP:10.0.0.7"]),
        .otherHost(["ldap.example.org", "10.0.0.7"])
      ),
      (try authority.sign("nameless"), .otherHost(["nameless"])),
      (try authority.sign("old", for: here, days: -20 ... -10), .expired(Self.day(-10))),
      (try authority.sign("early", for: here, days: 10...20), .notYetValid(Self.day(10))),
      (try Authority.selfSigned(own.folder + "/self", for: here), .selfSigned),
      (
        try Authority(own.folder + "/other", name: "Otra autoridad").sign("strange", for: here),
        .unknownAuthority("Otra autoridad")
      ),
    ]
    for (pair, reason) in rows {
      try show(pair)
      for (url, tls) in [
        (own.ldaps, TLS(caFile: authority.own.certificate)),
        (own.ldap, TLS(startsTLS: true, caFile: authority.own.certificate)),
      ] {
        guard let reason else {
          try await open(url, tls)
          continue
        }
        let error = await ldapError { () async throws(LDAPError) in try await open(url, tls) }
        guard case .tls(let failure)? = error else {
          Issue.record("\(pair): \(reason): \(String(describing: error))")
          continue
        }
        #expect(failure.reason == reason && failure.isOfCertificate, "\(failure)")
      }
    }
  }

  @Test func aCertificateIsReadFromAFile() throws {
    let folder = "\(slapd.folder)/pem"
    let authority = try Authority(folder, name: "Autoridad")
    func read(_ path: String) -> Certificate? { Command.read(path).flatMap { Certificate(pem: Array($0.utf8)) } }
    let one = try read(
      authority.sign("x", for: ["DNS:a.example.org", "IP:10.0.0.7", "IP:::1"], days: -1...5).certificate)
    #expect(one?.issuer == "Autoridad" && one?.isSelfIssued == false)
    #expect(one?.names == ["a.example.org", "10.0.0.7", "0:0:0:0:0:0:0:1"])
    #expect(one?.end.hasPrefix(String(Self.day(5).filter { $0 != "-" })) == true, "\(String(describing: one))")
    #expect(read(authority.own.certificate)?.isSelfIssued == true)
    #expect(read(authority.own.key) == nil && Certificate(pem: []) == nil && Certificate([0x30, 0x80]) == nil)
  }

  private static func day(_ days: Int) -> String {
    var seconds = time(nil) + days * 86_400
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 11)
    strftime(&text, text.count, "%Y-%m-%d", &parts)
    return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test func aCertificateOfOursIsAnIdentity() async throws {
    let demanding = try Slapd(
      Slapd.Options(
        global:
          "olcTLSVerifyClient: demand\nolcAuthzRegexp: {1}\"^cn=agent$\" \"uid=agent,ou=people,dc=example,dc=org\"\n"))
    let authority = try Authority(demanding.folder + "/authority")
    let strange = try authority.sign("agent")
    let known = try demanding.clientCertificate("agent")
    func who(_ own: TLS.OwnCertificate?, _ url: LDAPURL) async throws(LDAPError) -> String {
      let connection = try await Connection.open(
        url, tls: TLS(startsTLS: true, caFile: demanding.caFile, own: own), credentials: .external)
      let identity = try await connection.whoAmI()
      await connection.close()
      return identity
    }
    for url in [demanding.ldaps, demanding.ldap] {
      #expect(try await who(known, url) == "dn:uid=agent,ou=people,dc=example,dc=org")
      let stranger = TLS.OwnCertificate(certificateFile: strange.certificate, keyFile: strange.key)
      for (own, shows) in [(nil, false), (stranger, true)] as [(TLS.OwnCertificate?, Bool)] {
        let error = await ldapError { () async throws(LDAPError) in _ = try await who(own, url) }
        guard case .tls(let failure)? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(failure.reason == .closed(showsCertificate: shows) && failure.isOfAgent && !failure.isOfCertificate)
      }
      for bad in [
        TLS.OwnCertificate(certificateFile: "/nowhere", keyFile: known.keyFile),
        TLS.OwnCertificate(certificateFile: known.certificateFile, keyFile: strange.key),
        TLS.OwnCertificate(certificateFile: known.keyFile, keyFile: known.certificateFile),
      ] {
        let error = await ldapError { () async throws(LDAPError) in _ = try await who(bad, url) }
        guard case .invalid(let words)? = error else {
          Issue.record("\(bad): \(String(describing: error))")
          continue
        }
        #expect(words.hasPrefix("the agent's certificate: "))
      }
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
        } catch LDAPError.tls {}
      }
    }
  }
}
