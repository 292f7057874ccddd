import CLDAP
import Synchronization

/// A request to the server.
enum Request {
  case change(Operation)
  case modifyDN(DN, newRDN: RDN, deletesOldRDN: Bool, newSuperior: DN?)
  case compare(DN, String, Value)
  case extended(oid: String, value: [UInt8]?, name: String, isWrite: Bool)

  /// The type of who-am-I (RFC 4532).
  static let whoAmIType = "1.3.6.1.4.1.4203.1.11.3"

  var name: String {
    switch self {
    case .change(let operation): operation.name
    case .modifyDN: "modifyDN"
    case .compare: "compare"
    case .extended(_, _, let name, _): name
    }
  }

  /// The type of its answer.
  var answer: ber_tag_t {
    switch self {
    case .change(.add): LDAP_RES_ADD
    case .change(.modify): LDAP_RES_MODIFY
    case .change(.delete): LDAP_RES_DELETE
    case .modifyDN: LDAP_RES_MODDN
    case .compare: LDAP_RES_COMPARE
    case .extended: LDAP_RES_EXTENDED
    }
  }

  var dn: DN? {
    switch self {
    case .change(let operation): operation.dn
    case .modifyDN(let dn, _, _, _), .compare(let dn, _, _): dn
    case .extended: nil
    }
  }

  var isWrite: Bool {
    switch self {
    case .change, .modifyDN: true
    case .compare: false
    case .extended(_, _, _, let isWrite): isWrite
    }
  }
}

extension Connection {
  /// Sends a request when its turn comes and waits for the answer, whatever its code.
  func exchange(
    _ request: Request, _ controls: [Control], _ deadline: Duration?
  ) async throws(LDAPError) -> Response {
    let deadline = MonotonicTime.now + (deadline ?? options.operation)
    try await takePlace(until: deadline)
    // Sending and noting who waits is one step, for an `await` between them could let the answer in first. Resumed once:
    // by who takes it out of `outstanding`.
    let result = await withUnsafeContinuation { continuation in
      do throws(LDAPError) {
        let id = try send(request, controls)
        outstanding[id] = Outstanding(
          reply: .single(continuation), name: request.name, answer: request.answer, isWrite: request.isWrite,
          number: lastRequest, endOffset: handle.map { cldap_accepted($0.transport) } ?? 0, deadline: deadline)
        nearestDeadline = min(nearestDeadline, deadline)
      } catch {
        window.leave()
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  /// Waits for a place in the window.
  func takePlace(until deadline: MonotonicTime) async throws(LDAPError) {
    if !window.enter() {
      // Resumed once: by who takes it out of the window's queue.
      let refusal = await withUnsafeContinuation { (waiter: Window.Waiter) in
        if ending != nil || window.enter() {
          waiter.resume(returning: nil)
        } else {
          nearestDeadline = min(nearestDeadline, deadline)
          window.wait(waiter, until: deadline)
        }
      }
      if let refusal { throw refusal }
    }
    if let ending {
      window.leave()
      throw .unavailable(ending.reason)
    }
    if Task.isCancelled {
      window.leave()
      throw .unavailable("cancelled before it was sent")
    }
  }

  private func send(_ request: Request, _ controls: [Control]) throws(LDAPError) -> Int32 {
    guard ending == nil, let handle else { throw .unavailable(ending?.reason ?? "\(url): not connected") }
    if request.dn?.isDamaged == true {
      throw .invalid("\(request.name): the DN has an attribute type that can't be one")
    }
    // libldap has copied it, and what is copied may be a password.
    defer { arena.reset(capacity: 0) }
    switch request {
    case .change(.add(let dn, let attributes)):
      arena.reset(
        capacity: RequestArena.size(dn.string) + RequestArena.size(attributes) + RequestArena.size(controls))
      let mods = try arena.mods(attributes)
      let controls = try arena.controls(controls)
      let name = try arena.string(dn.string, "the DN")
      return try WriteHook.around("add") { () throws(LDAPError) in
        try sent(handle, "add") { ldap_add_ext(handle.ld, name, mods, controls, nil, &$0) }
      }
    case .change(.modify(let dn, let modifications)):
      arena.reset(
        capacity: RequestArena.size(dn.string) + RequestArena.size(modifications) + RequestArena.size(controls))
      let mods = try arena.mods(modifications)
      let controls = try arena.controls(controls)
      let name = try arena.string(dn.string, "the DN")
      return try WriteHook.around("modify") { () throws(LDAPError) in
        try sent(handle, "modify") { ldap_modify_ext(handle.ld, name, mods, controls, nil, &$0) }
      }
    case .change(.delete(let dn)):
      arena.reset(capacity: RequestArena.size(dn.string) + RequestArena.size(controls))
      let controls = try arena.controls(controls)
      let name = try arena.string(dn.string, "the DN")
      return try WriteHook.around("delete") { () throws(LDAPError) in
        try sent(handle, "delete") { ldap_delete_ext(handle.ld, name, controls, nil, &$0) }
      }
    case .modifyDN(let dn, let rdn, let deletesOld, let superior):
      guard rdn.isSound, superior?.isDamaged != true else { throw .invalid("modifyDN: an attribute type can't be one") }
      let newName = rdn.description
      let texts = [dn.string, newName, superior?.string ?? ""]
      arena.reset(capacity: RequestArena.size(texts) + RequestArena.size(controls))
      let controls = try arena.controls(controls)
      let name = try arena.string(dn.string, "the DN")
      let newRDN = try arena.string(newName, "the new RDN")
      let parent = try superior.map { superior throws(LDAPError) in
        try arena.string(superior.string, "the new superior")
      }
      return try WriteHook.around("modifyDN") { () throws(LDAPError) in
        try sent(handle, "modifyDN") {
          ldap_rename(handle.ld, name, newRDN, parent, deletesOld ? 1 : 0, controls, nil, &$0)
        }
      }
    case .compare(let dn, let attribute, let value):
      guard ASCII.isAttributeDescription(attribute) else {
        throw .invalid("\"\(attribute)\" is not an attribute's name")
      }
      arena.reset(
        capacity: RequestArena.size([dn.string, attribute]) + value.bytes.count + 1 + RequestArena.size(controls))
      let controls = try arena.controls(controls)
      let name = try arena.string(dn.string, "the DN")
      let type = try arena.string(attribute, "an attribute's name")
      var assertion = arena.octets(value.bytes)
      return try sent(handle, "compare") { ldap_compare_ext(handle.ld, name, type, &assertion, controls, nil, &$0) }
    case .extended(let oid, let value, let name, let isWrite):
      arena.reset(capacity: RequestArena.size([oid]) + (value?.count ?? 0) + 1 + RequestArena.size(controls))
      let controls = try arena.controls(controls)
      let type = try arena.string(oid, "the operation's type")
      var data = arena.octets(value ?? [])
      func send() throws(LDAPError) -> Int32 {
        try sent(handle, name) { (id: inout Int32) in
          value == nil
            ? ldap_extended_operation(handle.ld, type, nil, controls, nil, &id)
            : ldap_extended_operation(handle.ld, type, &data, controls, nil, &id)
        }
      }
      return isWrite ? try WriteHook.around("passwordModify", send) : try send()
    }
  }

  /// The message id of a request, once libldap has taken it. It leaves with the others of this turn in one system call;
  /// under a hook (``WriteHook``) at once, for that stands around the sending.
  func sent(
    _ handle: Handle, _ what: String, _ call: (inout Int32) -> Int32
  ) throws(LDAPError) -> Int32 {
    var id: Int32 = 0
    let code = call(&id)
    guard code == LDAP_SUCCESS else {
      let failure = handle.sendFailure(code, what)
      if case .unavailable = failure { end(because: failure) }
      throw failure
    }
    lastRequest += 1
    if WriteHook.isSet.load(ordering: .acquiring) { _ = cldap_flush(handle.transport) }
    return id
  }
}
