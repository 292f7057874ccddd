import LDAP
import Text

/// What a directory does with an operation, as RFC 4511 §4.6 and slapo-ppolicy(5) tell it and a real slapd was seen to do
/// it: written from those, not from the plans it is to judge.
enum SmallDirectory {
  enum Refusal: Int, Error {
    case noSuchAttribute = 16
    case constraintViolation = 19
    case attributeOrValueExists = 20
    case objectClassViolation = 65
    case notAllowedOnRDN = 67
  }

  private static let anyCase: Set<String> = [
    "objectClass", "uid", "mail", "mailLocalAddress", "buzonForward", "buzonList", "buzonMember", "buzonOwner",
    "buzonKind",
    "buzonStatus",
  ]
  private static let single: Set<String> = [
    "buzonKind", "buzonStatus", "buzonQuota", "buzonKeepCopy", "buzonOwner", "buzonExpires", "buzonRetainedSince",
    "buzonRequest", "employeeNumber", "displayName", "pwdReset", "pwdEndTime", "pwdAccountLockedTime",
  ]
  private static let required = ["cn", "sn", "mail", "mailLocalAddress", "buzonKind", "buzonStatus"]

  /// The entry after a modify that is sent with the permissive modify control.
  static func apply(_ operation: Operation, to entry: Entry) -> Result<Entry, Refusal> {
    guard case .modify(let dn, let modifications) = operation, dn == entry.dn else {
      return .failure(.constraintViolation)
    }
    var state: [String: [Value]] = [:]
    for attribute in entry.attributes { state[attribute.name] = attribute.values }
    for modification in modifications {
      let name = modification.attribute
      var values = state[name] ?? []
      let named = modification.values
      if hasDuplicates(named, name) { return .failure(.attributeOrValueExists) }
      switch modification.kind {
      case .add:
        if named.isEmpty { return .failure(.constraintViolation) }
        values += named.filter { value in !values.contains { isSame($0, value, name) } }
      case .delete:
        values = named.isEmpty ? [] : values.filter { value in !named.contains { isSame($0, value, name) } }
      case .replace: values = named
      case .increment: return .failure(.constraintViolation)
      }
      state[name] = values.isEmpty ? nil : values
    }
    if modifications.contains(where: { $0.attribute == "userPassword" }) {
      if !modifications.contains(where: { $0.attribute == "pwdReset" && $0.kind != .delete }) {
        state["pwdReset"] = nil
      }
      let lock = "pwdAccountLockedTime"
      if !entry[lock].isEmpty, !modifications.contains(where: { $0.attribute == lock && $0.kind == .delete }) {
        state[lock] = nil
      }
    }
    for (name, values) in state where single.contains(name) && values.count > 1 {
      return .failure(.constraintViolation)
    }
    if !isSound(state) { return .failure(.objectClassViolation) }
    for part in entry.dn.rdn?.parts ?? []
    where !(state[part.type] ?? []).contains(where: { isSame($0, part.value, part.type) }) {
      return .failure(.notAllowedOnRDN)
    }
    // The server keeps no order.
    return .success(
      Entry(dn: dn, attributes: state.sorted { $0.key < $1.key }.map { Attribute($0.key, $0.value) }))
  }

  /// The class asks for attributes, and without it there can be none of ours.
  private static func isSound(_ state: [String: [Value]]) -> Bool {
    if (state["objectClass"] ?? []).contains(where: { isSame($0, "buzonAccount", "objectClass") }) {
      return required.allSatisfy { state[$0] != nil }
    }
    return state["cn"] != nil && state["sn"] != nil && !state.keys.contains { $0.hasPrefix("buzon") }
  }

  private static func isSame(_ a: Value, _ b: Value, _ name: String) -> Bool {
    guard anyCase.contains(name) else { return a.bytes == b.bytes }
    return a.bytes.map(lower) == b.bytes.map(lower)
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

  private static func hasDuplicates(_ values: [Value], _ name: String) -> Bool {
    values.indices.contains { index in values[..<index].contains { isSame($0, values[index], name) } }
  }
}
