import Forms
import LDAP
internal import Text

/// `directory`
extension ConfigurationWalk {
  private static let keys = Keys(
    "directory",
    [
      "uris", "base", "accounts", "rdn", "bind", "tls", "timeouts", "window", "first_retry", "longest_retry",
      "lag_patience",
    ])

  private enum RDN: String, CaseIterable { case uid }

  mutating func directory(_ section: Field) -> Configuration.Directory? {
    guard walk.isMapping(section, Self.keys) else { return nil }
    walk.enter(section)
    defer { walk.leave(section) }
    let uris = walk.required(section, "uris", "write uris: ['ldapi:///']").flatMap { self.uris($0) }
    let base = walk.required(section, "base", "write base: 'dc=example,dc=org'").flatMap { walk.distinguishedName($0) }
    let container =
      walk.field(section, "accounts").map { walk.distinguishedName($0) } ?? .rdn("ou", "people").under(DN())
    let _: RDN? = walk.field(section, "rdn").flatMap { walk.word($0) }
    let tls = self.section(section, "tls") { $0.tls($1) }
    let places = uris?.map(\.place) ?? []
    let bind = bind(section, places, tls)
    let timeouts = self.section(section, "timeouts") { $0.timeouts($1) }
    let window = walk.field(section, "window").map { walk.number($0, 1...1000) } ?? 64
    let first =
      walk.field(section, "first_retry").map { walk.duration($0, .milliseconds(10)...(.seconds(1))) }
      ?? .milliseconds(500)
    let longest =
      walk.field(section, "longest_retry").map { walk.duration($0, .seconds(1)...(.seconds(3600))) } ?? .seconds(60)
    let lag =
      walk.field(section, "lag_patience").map { walk.duration($0, .seconds(1)...(.seconds(86_400))) } ?? .seconds(300)
    guard let uris, let base, let container, let tls, let bind, let timeouts, let window, let first, let longest,
      let lag
    else { return nil }
    return Configuration.Directory(
      uris: uris, base: base,
      accounts: container.isDescendant(of: base) ? container : container.under(base), bind: bind, tls: tls,
      connectTimeout: timeouts.connect, operationTimeout: timeouts.operation, window: window,
      firstRetry: first, longestRetry: longest, lagPatience: lag)
  }

  private func uris(_ field: Field) -> [LDAPURL]? {
    guard let elements = walk.list(field) else { return nil }
    if elements.isEmpty { walk.report(field, "is an empty list", "write one server or more") }
    var uris: [LDAPURL] = []
    for element in elements {
      guard let text = walk.text(element, most: 512) else { continue }
      do throws(LDAPError) {
        let uri = try LDAPURL(text)
        if uris.contains(where: { $0.place == uri.place }) {
          walk.report(element, "\(text.quoted()) is in the list twice", "delete one of the two")
        }
        uris.append(uri)
      } catch {
        walk.report(
          element, "\(text.quoted()) is not the URI of a directory", "write ldapi:///, ldap://host or ldaps://host:port"
        )
      }
    }
    return uris
  }

  // MARK: tls and timeouts

  private mutating func tls(_ section: Field?) -> Configuration.TLS? {
    judgeKeys(section, Keys("directory.tls", ["mode", "ca_file", "certificate_file", "key_file"]))
    let mode: Configuration.TLS.Mode? = field(section, "mode").map { walk.word($0) } ?? Configuration.TLS.Mode.none
    let authorities = field(section, "ca_file").flatMap { walk.path($0) }
    let certificate = field(section, "certificate_file")
    let key = field(section, "key_file")
    if let certificate, key == nil { walk.report(certificate, "has no key", "write key_file beside it") }
    if let key, certificate == nil { walk.report(key, "has no certificate", "write certificate_file beside it") }
    guard let mode else { return nil }
    return Configuration.TLS(
      mode: mode, caFile: authorities, certificateFile: certificate.flatMap { walk.path($0) },
      keyFile: key.flatMap { walk.path($0) })
  }

  private mutating func timeouts(_ section: Field?) -> (connect: Duration, operation: Duration)? {
    judgeKeys(section, Keys("directory.timeouts", ["connect", "operation"]))
    let connect =
      field(section, "connect").map { walk.duration($0, .milliseconds(100)...(.seconds(300))) } ?? .seconds(5)
    let operation =
      field(section, "operation").map { walk.duration($0, .seconds(1)...(.seconds(3600))) } ?? .seconds(30)
    guard let connect, let operation else { return nil }
    return (connect, operation)
  }

  // MARK: bind

  private enum Method: String, CaseIterable { case external, simple, scram, gssapi }

  private mutating func bind(
    _ directory: Field, _ places: [LDAPURL.Place], _ tls: Configuration.TLS?
  ) -> Configuration.Bind? {
    guard let section = walk.field(directory, "bind"), !isEmpty(section) else {
      if !places.allSatisfy(\.isSocket) {
        _ = walk.required(directory, "bind", "write bind: {method: simple, dn: …, password_file: …}")
      }
      return .external
    }
    guard walk.isMapping(section, Keys("directory.bind", ["method", "dn", "user", "password_file", "mechanism"]))
    else { return nil }
    walk.enter(section)
    defer { walk.leave(section) }
    let field = walk.required(section, "method", "write \(Walk.orList(Method.allCases.map(\.rawValue)))")
    guard let field, let method: Method = walk.word(field) else { return nil }
    judgeProtection(of: method, field, places, tls)
    judgeMeaning(of: section, method)
    switch method {
    case .external: return .external
    case .gssapi: return .gssapi
    case .simple:
      let dn = walk.required(section, "dn", "write the agent's DN").flatMap { walk.distinguishedName($0) }
      guard let password = passwordFile(section), let dn else { return nil }
      return .simple(dn: dn, password: password)
    case .scram:
      let user = walk.required(section, "user", "write the agent's SASL user").flatMap { walk.text($0) }
      let mechanism: Configuration.ScramMechanism? =
        walk.field(section, "mechanism").map { walk.word($0) } ?? .sha256
      guard let password = passwordFile(section), let user, let mechanism else { return nil }
      return .scram(mechanism, user: user, password: password)
    }
  }

  /// No password crosses a wire in the clear, neither the agent's own nor one that it grants, and nobody on the wire can
  /// act in our name. A configuration with a plain ldap:// and no TLS is no good, whichever the method.
  private func judgeProtection(
    of method: Method, _ field: Field, _ places: [LDAPURL.Place], _ tls: Configuration.TLS?
  ) {
    let isOpen = places.contains(where: \.isClear) && tls?.mode == Configuration.TLS.Mode.none
    switch method {
    case .simple, .scram:
      if isOpen {
        walk.report(
          field, "\(method.rawValue) over ldap:// without TLS shows or exposes the password",
          "write tls: {mode: starttls}, or an ldaps:// or ldapi:// URI")
      }
    case .external:
      if !places.allSatisfy(\.isSocket), isOpen || tls?.certificateFile == nil {
        walk.report(
          field, "external over a network needs TLS and a certificate of ours",
          "write tls: {certificate_file: …, key_file: …}, or an ldapi:// URI")
      }
    case .gssapi:
      if isOpen {
        walk.report(
          field, "over ldap:// without TLS the temporary passwords of accounts would be open to the network",
          "write tls: {mode: starttls}, or an ldaps:// or ldapi:// URI")
      }
    }
  }

  private func judgeMeaning(of section: Field, _ method: Method) {
    let meaningful: [String] =
      switch method {
      case .external, .gssapi: []
      case .simple: ["dn", "password_file"]
      case .scram: ["user", "password_file", "mechanism"]
      }
    for key in ["dn", "user", "password_file", "mechanism"] as [StaticString] where !meaningful.contains("\(key)") {
      guard let field = walk.field(section, key) else { continue }
      walk.report(field, "is not used by the method \(method.rawValue)", "delete the key")
    }
  }

  private mutating func passwordFile(_ section: Field) -> Configuration.PasswordFile? {
    guard
      let field = walk.required(
        section, "password_file", "write the path of the file that holds it, or credential:NAME")
    else { return nil }
    guard let text = walk.text(field, most: 1024) else { return nil }
    let prefix = "credential:"
    guard text.hasPrefix(prefix) else { return walk.path(field).map { .path($0) } }
    let name = String(text.dropFirst(prefix.count))
    let characters = ASCIISet.alphanumerics.union(ASCIISet("._-"))
    if characters.isAll(of: name), name.utf8.first != UInt8(ascii: ".") { return .credential(name) }
    walk.report(
      field, "\(text.quoted()) names no credential", "write credential:NAME, of letters, digits, '.', '_', '-'")
    return nil
  }
}

extension LDAPURL.Place {
  /// Of this machine: the kernel says who is at the other end.
  fileprivate var isSocket: Bool { if case .socket = self { true } else { false } }
  /// Without TLS from the first byte.
  fileprivate var isClear: Bool { if case .tcp = self { true } else { false } }
}
