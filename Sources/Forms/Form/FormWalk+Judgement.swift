internal import Text

/// What the policy of the day says. Without rules nothing is judged.
extension FormWalk {
  /// What the queue commands take in the place of a number.
  static let reservedNumbers = ["ALL", "CLOCK"]

  /// A text of one line that nothing destroyed.
  func text(_ field: Field, most: Int = 128) -> String? {
    guard let text = walk.text(field, most: most) else { return nil }
    guard rules != nil, let damage = walk.document.withText(field.node, { TextDamage(in: $0) }) else { return text }
    walk.report(field, damage.problem, damage.remedy)
    return nil
  }

  /// Whether a spreadsheet rounded a number, which is reported: `5,73105E+11`.
  func isRounded(_ field: Field) -> Bool {
    guard rules != nil, walk.document.kind(field.node) == .scalar,
      walk.document.withText(field.node, { RoundedNumber.isOne($0) })
    else { return false }
    walk.report(field, "is a number in scientific notation: its last digits are lost", "write all its digits")
    return true
  }

  func judge(number: String, _ field: Field) {
    guard rules != nil, Self.reservedNumbers.contains(number) else { return }
    walk.report(
      field, "\(number.quoted()) means something else to the queue commands", "write another number")
  }

  func judge(formCode code: String, _ field: Field) {
    guard let expected = rules?.formCode, code != expected else { return }
    walk.report(field, "\(code.quoted()) is not our form", "write \(expected), or leave the key out")
  }

  func judge(approved day: Day, _ field: Field) {
    guard let rules else { return }
    let age = rules.today.days(since: day)
    if age < 0 {
      let time = rules.hostTime.map { "; this host's time is \($0)" } ?? ""
      walk.report(field, "\(day) is in the future\(time)", "write the day of the approval, up to \(rules.today)")
    } else if age > rules.approvalMaxAge {
      walk.report(field, "\(day) is more than \(rules.approvalMaxAge) days ago", "have the request approved again")
    }
  }

  func judge(approver: String, for department: String, _ field: Field) {
    guard let rules, !rules.approvers.isEmpty else { return }
    let those = rules.approvers[department] ?? rules.approvers["*"] ?? []
    guard !those.contains(approver) else { return }
    walk.report(
      field, "\(approver.quoted()) may not approve for \(department.quoted())",
      those.isEmpty
        ? "name its approvers in approval.approvers of the configuration"
        : "have it approved by \(Walk.orList(those.prefix(5).map { $0.quoted() }))")
  }

  func judge(approver: String, askedBy requester: Request.Requester, _ field: Field) {
    guard let rules, !rules.requesterMayApprove, SamePerson.areSame(approver, requester) else { return }
    walk.report(
      field, "\(approver.quoted()) also asks for it (approval.four_eyes)", "have it approved by somebody else")
  }

  func judge(ours address: Address, _ field: Field) {
    guard let rules else { return }
    if !address.isIn(rules.domains) {
      let domains = Walk.orList(rules.domains.prefix(5).map { "@\($0)" })
      walk.report(
        field, "\(address.text.quoted()) is not in a domain of ours", "write an address that ends in \(domains)")
    } else if !rules.localPart.allows(address) {
      walk.report(
        field, "\(address.text.quoted()) has a character before the @ that our addresses don't have",
        "write letters, digits\(rules.localPart.extra.isEmpty ? "" : " and \(rules.localPart.extra)")")
    }
  }

  /// A member by address is somebody else's; an account of ours says itself which lists it is on.
  func judge(member: ExternalAddress, _ field: Field) {
    guard let rules, member.isIn(rules.domains) else { return }
    walk.report(field, "\(member.text.quoted()) is an account of ours", "write the list under the account's own lists")
  }

  func judge(expires day: Day, _ field: Field) {
    guard let rules, day < rules.today else { return }
    walk.report(field, "\(day) is in the past", "write a day from \(rules.today) on")
  }
}
