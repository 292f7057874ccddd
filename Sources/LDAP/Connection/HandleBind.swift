import CLDAP

extension Handle {
  /// Authenticates. The connection carries nothing else meanwhile (RFC 4511 §4.2.1).
  ///
  /// - Returns: the server's answer; nil where no bind was sent.
  func bind(_ credentials: Credentials, until deadline: MonotonicTime) throws(LDAPError) -> Response? {
    switch credentials {
    case .anonymous:
      return nil
    case .external:
      return try bind(nil, "EXTERNAL", Secret(""), until: deadline)
    case .simple(let dn, let password):
      guard !password.isEmpty else { throw .invalid("an empty password would be an anonymous bind (RFC 4513 §5.1.2)") }
      guard !dn.isEmpty, !dn.isDamaged else { throw .invalid("a simple bind needs a name") }
      guard ldap_tls_inplace(ld) != 0 || Socket.isLocal(descriptor) else {
        throw .invalid("\(place): a simple bind without TLS would show the password to the network")
      }
      return try bind(dn, nil, password, until: deadline)
    case .scram(let mechanism, let user, let password):
      guard ASCII.hasPrefixIgnoringCase(mechanism, "SCRAM-") else {
        throw .invalid("\(mechanism) is not a SCRAM mechanism")
      }
      guard !password.isEmpty, !user.utf8.isEmpty else { throw .invalid("SCRAM needs a user and a password") }
      return try bind(mechanism, SASLAnswers(user: user, password: password), until: deadline)
    case .gssapi:
      return try bind("GSSAPI", SASLAnswers(user: "", password: Secret("")), until: deadline)
    }
  }

  private func refusal(_ mechanism: String, _ dn: DN?, _ response: Response) -> LDAPError {
    .refused(LDAPError.Refusal(operation: "\(mechanism) bind", dn: dn, response: response))
  }

  /// A bind of one step: simple, or EXTERNAL.
  private func bind(
    _ dn: DN?, _ mechanism: String?, _ password: Secret, until deadline: MonotonicTime
  ) throws(LDAPError) -> Response {
    var arena = RequestArena()
    let controls = mechanism == nil ? [Control.passwordPolicy] : []
    arena.reset(capacity: RequestArena.size(controls) + RequestArena.size(dn?.string ?? ""))
    let pointers = try arena.controls(controls)
    let name = try dn.map { dn throws(LDAPError) in try arena.string(dn.string, "the DN") }
    var id: Int32 = 0
    let code = password.withBytes { bytes in
      // libldap only reads the password, though its type says otherwise. EXTERNAL's empty one is no null pointer.
      withUnsafePointer(to: CChar(0)) { empty in
        let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) } ?? empty
        var credentials = berval(bv_len: ber_len_t(bytes.count), bv_val: UnsafeMutablePointer(mutating: start))
        return ldap_sasl_bind(ld, name, mechanism, &credentials, pointers, nil, &id)
      }
    }
    guard code == LDAP_SUCCESS else { throw sendFailure(code, "bind") }
    guard let response = try answer(to: id, "bind", LDAP_RES_BIND, until: deadline).response() else {
      throw .unavailable("\(place): the answer to the bind is not LDAP")
    }
    guard response.code == .success else { throw refusal(mechanism ?? "simple", dn, response) }
    return response
  }

  /// A bind of several steps by Cyrus SASL.
  private func bind(
    _ mechanism: String, _ answers: SASLAnswers, until deadline: MonotonicTime
  ) throws(LDAPError) -> Response {
    var id: Int32 = 0
    var chosen: UnsafePointer<CChar>?
    var last: Message?
    let context = Unmanaged.passUnretained(answers).toOpaque()
    while true {
      let raw = last?.pointer
      let code = withExtendedLifetime(answers) {
        ldap_sasl_interactive_bind(
          ld, nil, mechanism, nil, nil, UInt32(LDAP_SASL_QUIET), SASLAnswers.interact, context, raw, &chosen, &id)
      }
      if code == LDAP_SUCCESS {
        guard let response = last?.response() else {
          throw .unavailable("\(place): the answer to the bind is not LDAP")
        }
        return response
      }
      guard code == LDAP_SASL_BIND_IN_PROGRESS else { throw saslFailure(code, mechanism) }
      last = try answer(to: id, "\(mechanism) bind", LDAP_RES_BIND, until: deadline)
    }
  }

  /// What a step of SASL failed with: the server's code, or the library's.
  private func saslFailure(_ code: Int32, _ mechanism: String) -> LDAPError {
    switch code {
    case LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR: return .unavailable("\(place): connection lost during \(mechanism) bind")
    case LDAP_AUTH_UNKNOWN:
      return .invalid(
        "\(mechanism) bind: \(failure); is the SASL mechanism installed (libsasl2-modules, for GSSAPI "
          + "libsasl2-modules-gssapi-mit)?")
    // No ticket, or no KDC that gives one.
    case ..<0 where mechanism == "GSSAPI": return .unavailable("\(place): GSSAPI bind: \(failure)")
    case ..<0: return .invalid("\(mechanism) bind: \(failure)")
    default: return refusal(mechanism, nil, Response(code: ResultCode(rawValue: code), diagnostic: failure))
    }
  }
}

/// What Cyrus SASL asks during a bind, and our answers; they live as long as this object.
final class SASLAnswers {
  // C strings: SASL is told a length too, and looks for the NUL all the same.
  private let user: Secret
  private let password: Secret
  private let nothing = Secret(bytes: CollectionOfOne(0))

  init(user: String, password: Secret) {
    self.user = Secret(bytes: Array(user.utf8) + [0])
    self.password = Secret(terminating: password)
  }

  static let interact:
    @convention(c) (OpaquePointer?, UInt32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32 = {
      _, _, context, questions in
      guard let context, let questions else { return LDAP_PARAM_ERROR }
      let answers = Unmanaged<SASLAnswers>.fromOpaque(context).takeUnretainedValue()
      var question = questions.assumingMemoryBound(to: sasl_interact_t.self)
      while question.pointee.id != UInt(SASL_CB_LIST_END) {
        switch Int32(question.pointee.id) {
        case SASL_CB_AUTHNAME: answers.give(answers.user, to: question)
        case SASL_CB_PASS: answers.give(answers.password, to: question)
        default: answers.give(answers.nothing, to: question)  // authorization identity, realm: as the mechanism likes
        }
        question += 1
      }
      return LDAP_SUCCESS
    }

  private func give(_ text: Secret, to question: UnsafeMutablePointer<sasl_interact_t>) {
    text.withBytes { bytes in
      // The storage is this object's, so the pointer holds until the bind is done.
      question.pointee.result = UnsafeRawPointer(bytes.baseAddress)
      question.pointee.len = UInt32(bytes.count - 1)
    }
  }
}
