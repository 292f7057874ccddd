import CLDAP
import Glibc

/// The owner of one `LDAP *`: made over a connected descriptor, unbound when it goes. Used on its connection's thread
/// alone.
final class Handle {
  let ld: OpaquePointer
  let transport: OpaquePointer
  let descriptor: Int32
  let place: String
  /// The host's name or address; empty for a Unix socket.
  let host: String
  /// Who may shut the descriptor down, while the connection is opened.
  private var opening: Opening?

  /// Connects, and takes the descriptor.
  convenience init(
    to place: LDAPURL.Place, until deadline: MonotonicTime, options: Connection.Options, as url: LDAPURL,
    _ opening: Opening
  ) throws(LDAPError) {
    let descriptor = try Socket.connect(to: place, until: deadline, options: options, opening)
    try self.init(descriptor: descriptor, url: url, opening)
  }

  /// Takes the descriptor, also when it fails.
  private init(descriptor: Int32, url: LDAPURL, _ opening: Opening) throws(LDAPError) {
    let (text, host) =
      switch url.place {
      case .socket: ("ldapi:///", "")
      case .tcp(let host, let port): ("ldap://\(host.utf8.contains(0x3A) ? "[\(host)]" : host):\(port)", host)
      case .tls(let host, let port): ("ldaps://\(host.utf8.contains(0x3A) ? "[\(host)]" : host):\(port)", host)
      }
    guard Self.libraryVersion > 0 else {
      opening.forget(descriptor)
      close(descriptor)
      throw .invalid("libldap does not work")
    }
    var ld: OpaquePointer?
    var transport: OpaquePointer?
    // Closes the descriptor where it fails.
    opening.forget(descriptor)
    let code = cldap_open(descriptor, text, &ld, &transport)
    guard code == LDAP_SUCCESS, let ld, let transport else {
      throw .invalid("\(url): \(String(cString: ldap_err2string(code)))")
    }
    self.ld = ld
    self.transport = transport
    self.descriptor = descriptor
    (self.place, self.host) = (url.description, host)
    self.opening = opening
    opening.watch(descriptor)
    try setOptions()
  }

  /// The version of libldap that is loaded. Asking for it is the process's first call of libldap, which must not run
  /// beside another one (ldap_open(3)).
  static let libraryVersion = cldap_library_version()

  /// The connection is open: from here on its own thread ends it.
  func finishOpening() {
    opening?.forget(descriptor)
    opening = nil
  }

  deinit {
    finishOpening()
    ldap_unbind_ext(ld, nil, nil)
  }

  /// libldap's own defaults are protocol version 2, followed referrals (with the password, to whomever a server names)
  /// and a silent, anonymous reconnect; nothing is read from the environment (LDAPNOINIT, see CLDAP).
  private func setOptions() throws(LDAPError) {
    try set(LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3)
    try set(LDAP_OPT_REFERRALS, cldap_off())
    try set(LDAP_OPT_KEEPCONN, cldap_on())
    try set(LDAP_OPT_RESTART, cldap_on())
    try set(LDAP_OPT_DEREF, LDAP_DEREF_NEVER)
    // Kerberos takes the server's name as it is written, not as reverse DNS says.
    try set(LDAP_OPT_X_SASL_NOCANON, cldap_on())
    var version: Int32 = 0
    guard ldap_get_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS, version == LDAP_VERSION3 else {
      throw .invalid("libldap does not speak protocol version 3")
    }
  }

  func set(_ option: Int32, _ value: Int32) throws(LDAPError) {
    var value = value
    try check(ldap_set_option(ld, option, &value), option)
  }

  func set(_ option: Int32, _ value: UnsafeRawPointer?) throws(LDAPError) {
    try check(ldap_set_option(ld, option, value), option)
  }

  private func check(_ code: Int32, _ option: Int32) throws(LDAPError) {
    guard code == LDAP_OPT_SUCCESS else { throw .invalid("libldap refuses option 0x\(String(option, radix: 16))") }
  }

  /// libldap's own code of its last failure, with its words.
  var failure: String {
    var code: Int32 = 0
    var words: UnsafeMutablePointer<CChar>?
    ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code)
    ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words)
    defer { ldap_memfree(words) }
    let name = String(cString: ldap_err2string(code))
    guard let words, words.pointee != 0 else { return name }
    return "\(name) (\(ASCII.oneLine(String(cString: words))))"
  }

  /// Why nothing more comes once ``next()`` has reported the end. libldap's own words name each reason "Can't contact LDAP
  /// server".
  var endReason: String {
    switch cldap_ended(transport) {
    case -1: "the server closed it"
    // Bytes could still come, so it's what came that is wrong.
    case 0:
      ldap_tls_inplace(ld) == 0
        ? "the server does not speak LDAP" : "the server speaks neither LDAP nor TLS as it should"
    case let reason: errnoText(reason)
    }
  }

  /// What a Notice of Disconnection means (RFC 4511 §4.4.1).
  func disconnected(_ notice: String) -> LDAPError {
    .unavailable("\(place): the server ended the connection: \(notice)")
  }

  /// What an answer of another operation means: the server, or who is between, isn't to be believed.
  func wrongAnswer(_ type: ber_tag_t, to what: String) -> LDAPError {
    .unavailable("\(place): the server answered \(what) with \(Message.name(type)); the connection is given up")
  }

  /// Forgets an earlier failure: with LDAP_SERVER_DOWN set, ldap_result would not even hand out what it has read.
  func clearFailure() {
    var zero: Int32 = 0
    ldap_set_option(ld, LDAP_OPT_RESULT_CODE, &zero)
  }

  // MARK: Messages

  enum Next: ~Copyable {
    /// A message.
    case message(Message)
    /// Nothing more has arrived.
    case nothing
    /// The connection ended or sent what isn't LDAP.
    case ended
  }

  /// Whether libldap has seen the end: it reads nothing any more.
  private(set) var hasEnded = false

  /// The next message among what was received already.
  func next() -> Next {
    if hasEnded { return .ended }
    var none = timeval(tv_sec: 0, tv_usec: 0)
    while cldap_readable(transport) != 0 {
      var raw: OpaquePointer?
      let type = ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ONE, &none, &raw)
      if type > 0, let raw { return .message(Message(raw, of: ld)) }
      if type < 0 {
        hasEnded = true
        return .ended
      }
    }
    return .nothing
  }

  /// Whether the server answered something since the connection is encrypted: one that refuses our certificate does not.
  var hasAnswered = false

  /// Whether the server has closed the connection. What it said before that is received first: where our request could not
  /// be sent any more, TLS's alert lies there unread.
  var isPeerGone: Bool {
    if hasEnded { return true }
    var received = 0
    repeat { received = cldap_fill(transport) } while received > 0
    return received < 0
  }

  /// The answer to a request of the opening phase, when no other is outstanding.
  func answer(
    to id: Int32, _ what: String, _ type: ber_tag_t, until deadline: MonotonicTime
  ) throws(LDAPError) -> Message {
    while true {
      switch next() {
      case .message(let message):
        hasAnswered = true
        if let notice = message.noticeOfDisconnection() { throw disconnected(notice) }
        guard message.id == id else { continue }
        guard message.type == type else { throw wrongAnswer(message.type, to: what) }
        return message
      case .ended:
        throw .unavailable("\(place): connection lost during \(what): \(endReason)")
      case .nothing:
        let events = Int16(POLLIN) | (cldap_has_unsent(transport) != 0 ? Int16(POLLOUT) : 0)
        guard Socket.wait(for: descriptor, events, until: deadline) != 0 else {
          throw .unavailable("\(place): no answer to \(what) in time")
        }
        if cldap_has_unsent(transport) != 0 { _ = cldap_flush(transport) }
        _ = cldap_fill(transport)
      }
    }
  }

  /// Where sending failed in libldap itself.
  func sendFailure(_ code: Int32, _ what: String) -> LDAPError {
    switch code {
    case LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE:
      .unavailable("\(place): connection lost before \(what) was sent")
    default: .invalid("\(what): \(String(cString: ldap_err2string(code)))")
    }
  }
}
