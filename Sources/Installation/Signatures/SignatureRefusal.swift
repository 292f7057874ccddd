internal import Text

// Why a signature does not count, as its report says it.

extension KeygenAnswer {
  /// What is wrong with the signature itself, by what `-Y verify` wrote; `nil`: it is one of these bytes, or nothing is said.
  static func refusal(_ lines: [String]) -> (problem: String, remedy: String)? {
    let problem: String
    if lines.contains(where: { $0.contains("incorrect signature") }) {
      problem =
        "the signature is not of these bytes: the form was changed after it was signed, or the signature is another form's"
    } else if lines.contains(where: { $0.contains("namespace does not match") }) {
      problem = "the signature was made for another purpose (namespace) than \(namespace)"
    } else if lines.contains(where: { $0.contains("parse signature") || $0.contains("invalid format") }) {
      problem = "it is not a signature of OpenSSH"
    } else {
      return nil
    }
    return (problem, "sign the form as it is: buzon sign FILE --key KEY")
  }
}

extension SignatureCheck {
  /// Which key it is, and why it does not count.
  func refusal(of form: SignedForm, _ why: String?, _ keygen: Keygen) -> (problem: String, remedy: String) {
    let asked = keygen.run([
      .integrity(of: form.signature, over: form.bytes),
      Keygen.Call(["-Y", "find-principals", "-f", signers, "-s", Keygen.Call.file(0)], files: [form.signature]),
      verify(form, revoked: false),
    ])
    let principal = displayed(form.principal.utf8)
    let key = KeygenAnswer.key(asked[0].output).map { "key \($0)" } ?? "its key"
    if revoked != nil, asked[2].end == .exited(0) {
      return ("\(key) is revoked", "have it signed with a key that is not in the file of revoked keys")
    }
    let found = asked[1].output.split(separator: "\n").first.map { displayed($0.utf8) }
    let reason =
      why.map { displayed($0.utf8) } ?? found.map { "it is \($0)'s" } ?? "the allowed signers don't have it"
    return (
      "\(key) does not sign for \(principal): \(reason)",
      "have \(principal) sign it, with a key that the allowed signers have for \(principal) today"
    )
  }
}
