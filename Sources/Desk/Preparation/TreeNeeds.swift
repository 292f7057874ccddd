internal import Configuration
internal import LDAP
internal import SlapdFiles

/// What the database itself lacks of `tree.ldif`: containers, services, the password policy. Pure.
struct TreeNeeds {
  /// By name; what isn't there is missing.
  let present: [DN: Entry]
  let values: SlapdFile.Values
  /// Of the root entry, where it is made too.
  let organization: String
  let password: Configuration.Password

  /// The entries of `tree.ldif`, and the root entry before them.
  static func names(_ values: SlapdFile.Values) throws(LDAPError) -> [DN] {
    try [DN(parsing: values.suffix)] + LDIF.changes(SlapdFile.tree.text(values)).map(\.operation.dn)
  }

  func steps() throws(LDAPError) -> [PreparationStep] {
    let base = try DN(parsing: values.suffix)
    var steps: [PreparationStep] = []
    if present[base] == nil {
      steps.append(PreparationStep(.suffix, "the database is empty", [try root()]))
    }
    for change in try LDIF.changes(SlapdFile.tree.text(values)) where present[change.operation.dn] == nil {
      steps.append(
        PreparationStep(subject(change.operation.dn, base), "\(change.operation.dn) is not there", [change.operation]))
    }
    if let policy = present[PolicyFindings.usualPolicy(base)] {
      steps += PolicyFindings(policy: policy, password: password).faults.map { fault in
        PreparationStep(.policy, fault.what, [.modify(policy.dn, [fault.modification])], replaces: true)
      }
    }
    return steps
  }

  private func subject(_ dn: DN, _ base: DN) -> PreparationStep.Subject {
    if dn.matches(DN.rdn("ou", "people").under(base)) { return .container }
    return dn.isDescendant(of: DN.rdn("ou", "policies").under(base)) ? .policy : .entry
  }

  /// The add of the root entry.
  func root() throws(LDAPError) -> Operation {
    let base = try DN(parsing: values.suffix)
    guard let part = base.rdn?.parts.first else { throw .invalid("the base is empty") }
    let organization = Attribute("o", [Value(organization)])
    switch part.type.lowercased() {
    case "dc":
      return .add(
        base, [Attribute("objectClass", ["dcObject", "organization"]), Attribute("dc", [part.value]), organization])
    case "o": return .add(base, [Attribute("objectClass", ["organization"]), Attribute("o", [part.value])])
    default: throw .invalid("\(base) is not there, and only entries of dc= and o= are made; make it by hand")
    }
  }
}
