import Forms

/// `approval`
extension ConfigurationWalk {
  private static let keys = Keys(
    "approval", ["mode", "signers", "revoked", "four_eyes", "max_age", "patience", "approvers"])

  mutating func approval(_ section: Field?) -> Configuration.Approval? {
    judgeKeys(section, Self.keys)
    let mode: Configuration.Approval.Mode? = field(section, "mode").map { walk.word($0) } ?? .recorded
    let signers = field(section, "signers").flatMap { walk.path($0) }
    let revoked = field(section, "revoked").flatMap { walk.path($0) }
    let fourEyes = field(section, "four_eyes").map { self.fourEyes($0) } ?? [.requester]
    if mode == .signed, let section, field(section, "signers") == nil, walk.document.kind(section.node) == .mapping {
      _ = walk.required(section, "signers", "write the path of OpenSSH's allowed-signers file")
    }
    let maxAge =
      field(section, "max_age").map { walk.duration($0, .days(1)...(.days(3650)), daysOnly: true) } ?? .days(90)
    let patience = field(section, "patience").map { walk.duration($0, .seconds(60)...(.days(365))) } ?? .days(1)
    let approvers = field(section, "approvers").map { self.approvers($0) } ?? [:]
    guard let mode, let maxAge, let patience, let approvers, let fourEyes else { return nil }
    return Configuration.Approval(
      mode: mode, signers: signers, revoked: revoked, fourEyes: fourEyes, maxAge: maxAge, patience: patience,
      approvers: approvers)
  }

  private func fourEyes(_ field: Field) -> Set<Configuration.Approval.Party>? {
    guard let elements = walk.list(field) else { return nil }
    let parties: [Configuration.Approval.Party?] = elements.map { walk.word($0) }
    return parties.contains(nil) ? nil : Set(parties.compactMap(\.self))
  }

  private func approvers(_ field: Field) -> [String: [String]]? {
    guard walk.document.kind(field.node) == .mapping else {
      walk.report(field, "has no departments", "write DEPARTMENT: [principal, …] for each; '*' for the others")
      return nil
    }
    var approvers: [String: [String]] = [:]
    walk.document.forEachPair(field.node) { name, value in
      guard let department = walk.text(Field(node: name, key: field.key)),
        let elements = walk.list(Field(node: value, key: field.key))
      else { return }
      if elements.isEmpty {
        walk.report(
          Field(node: value, key: field.key), "nobody is named", "write the principals, or delete the department")
      }
      approvers[department] = elements.compactMap { walk.text($0) }
    }
    return approvers
  }
}
