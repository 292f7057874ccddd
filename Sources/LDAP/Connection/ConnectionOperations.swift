extension Connection {
  /// Carries out a change of one entry: what a dispatcher of stored operations calls.
  ///
  /// - Parameters:
  ///   - operation: what is changed.
  ///   - controls: controls of the request; with ``Control/noOp`` the answer ``ResultCode/noOperation`` is a success.
  ///   - deadline: for waiting and answer together; ``Options/operation`` by default.
  /// - Returns: the answer; its code is `success`, or `noOperation` under that control.
  /// - Throws: ``LDAPError``: refused with any other code, not sent, or of unknown outcome.
  @discardableResult
  public func perform(
    _ operation: Operation, controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(.change(operation), controls, deadline)
  }

  /// Adds an entry (RFC 4511 §4.7): ``perform(_:controls:deadline:)``.
  @discardableResult
  public func add(
    _ dn: DN, _ attributes: [Attribute], controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(.change(.add(dn, attributes)), controls, deadline)
  }

  /// Modifies an entry (RFC 4511 §4.6): ``perform(_:controls:deadline:)``.
  @discardableResult
  public func modify(
    _ dn: DN, _ modifications: [Modification], controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(.change(.modify(dn, modifications)), controls, deadline)
  }

  /// Deletes an entry without children (RFC 4511 §4.8): ``perform(_:controls:deadline:)``.
  @discardableResult
  public func delete(
    _ dn: DN, controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(.change(.delete(dn)), controls, deadline)
  }

  /// Renames or moves an entry (RFC 4511 §4.9).
  ///
  /// - Parameters:
  ///   - dn: the entry.
  ///   - newRDN: its new first component.
  ///   - deletesOldRDN: whether the old component's values leave the entry.
  ///   - newSuperior: the entry it goes below; nil: it stays where it is.
  ///   - controls: controls of the request.
  ///   - deadline: for waiting and answer together.
  @discardableResult
  public func modifyDN(
    _ dn: DN, newRDN: RDN, deletesOldRDN: Bool = true, newSuperior: DN? = nil, controls: [Control] = [],
    deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(
      .modifyDN(dn, newRDN: newRDN, deletesOldRDN: deletesOldRDN, newSuperior: newSuperior), controls, deadline)
  }

  /// Whether an entry's attribute has a value (RFC 4511 §4.10).
  public func compare(
    _ dn: DN, _ attribute: String, _ value: Value, controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Bool {
    let request = Request.compare(dn, attribute, value)
    let response = try await exchange(request, controls, deadline)
    switch response.code {
    case .compareTrue: return true
    case .compareFalse: return false
    default: throw refusal(request, response)
    }
  }

  /// Who the server takes us for (RFC 4532): `dn:…`, `u:…`, or empty for nobody.
  public func whoAmI(deadline: Duration? = nil) async throws(LDAPError) -> String {
    let request = Request.extended(oid: Request.whoAmIType, value: nil, name: "whoAmI", isWrite: false)
    let response = try await succeed(request, [], deadline)
    return String(decoding: response.value ?? [], as: UTF8.self)
  }

  /// Changes a password (RFC 3062).
  ///
  /// - Parameters:
  ///   - dn: whose; nil: our own.
  ///   - old: the present password, where the server wants it.
  ///   - new: the new one; nil: the server makes one (OpenLDAP's has 48 bits only).
  ///   - controls: controls of the request.
  ///   - deadline: for waiting and answer together.
  /// - Returns: the server's answer, and the password it made.
  @discardableResult
  public func passwordModify(
    _ dn: DN? = nil, old: Secret? = nil, new: Secret?, controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> (response: Response, generated: Secret?) {
    if new?.isEmpty == true { throw .invalid("an empty password") }
    if dn?.isDamaged == true { throw .invalid("passwordModify: the DN has an attribute type that can't be one") }
    // PasswdModifyRequestValue ::= SEQUENCE { userIdentity [0], oldPasswd [1], newPasswd [2] }, all OPTIONAL
    var writer = BERWriter()
    new?.withBytes { writer.octets($0, tag: 0x82) }
    old?.withBytes { writer.octets($0, tag: 0x81) }
    if let dn { writer.octets(dn.string.utf8, tag: 0x80) }
    writer.close(0x30, since: 0)
    let request = Request.extended(
      oid: "1.3.6.1.4.1.4203.1.11.1", value: writer.bytes, name: "passwordModify", isWrite: true)
    var response = try await succeed(request, controls, deadline)
    var reader = BERReader((response.value ?? [])[...])
    var sequence = reader.constructed(0x30)
    let generated = sequence?.octets(0x80).map { Secret(bytes: $0) }
    response.value = nil
    return (response, generated)
  }

  /// Any extended operation (RFC 4511 §4.12) that changes nothing.
  public func extended(
    _ oid: String, value: [UInt8]? = nil, controls: [Control] = [], deadline: Duration? = nil
  ) async throws(LDAPError) -> Response {
    try await succeed(.extended(oid: oid, value: value, name: "extended \(oid)", isWrite: false), controls, deadline)
  }

  private func succeed(
    _ request: Request, _ controls: [Control], _ deadline: Duration?
  ) async throws(LDAPError) -> Response {
    let response = try await exchange(request, controls, deadline)
    if response.code == .success { return response }
    if response.code == .noOperation, controls.contains(where: { $0.oid == Control.OID.noOp }) { return response }
    throw refusal(request, response)
  }

  private func refusal(_ request: Request, _ response: Response) -> LDAPError {
    .refused(LDAPError.Refusal(operation: request.name, dn: request.dn, response: response))
  }
}
