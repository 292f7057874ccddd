internal import Configuration
internal import Forms
internal import Installation
internal import Register

/// What becomes of a good form where forms must be signed. Pure: what is known of form and signature goes in.
///
/// | signature | the approver dropped the form, and may not have | decision |
/// |---|---|---|
/// | any | yes | refuse the form |
/// | none | no | wait |
/// | verified | no | accept |
/// | wrong | no | reject the signature, and wait: whoever put it there must not end another's form |
/// | can't be checked | no | keep the signature, and wait: that is ours to correct |
enum ApprovalDecision: Hashable {
  case accept(key: String)
  case wait
  case waitForAnother(problem: String, remedy: String)
  case waitUnchecked(Trouble)
  case refuse(problem: String, remedy: String)

  /// - Parameters:
  ///   - approver: `approval.by`.
  ///   - submitter: who dropped the form; `nil`: not known by name.
  ///   - fourEyes: who may not be the approver. That the requester isn't is a rule of the form.
  ///   - verdict: what its signature is worth; `nil`: none is there.
  init(
    approver: String, submitter: Submitter?, fourEyes: Set<Configuration.Approval.Party>, verdict: SignatureVerdict?
  ) {
    if fourEyes.contains(.submitter), let name = submitter?.name, SamePerson.areSame(approver, name) {
      self = .refuse(
        problem: "approval.by: \(approver) also submitted it (approval.four_eyes)",
        remedy: "have another user submit it, or have it approved by somebody else")
      return
    }
    self =
      switch verdict {
      case nil: .wait
      case .verified(let key): .accept(key: key)
      case .refused(let problem, let remedy): .waitForAnother(problem: problem, remedy: remedy)
      case .unknown(let trouble): .waitUnchecked(trouble)
      }
  }
}
