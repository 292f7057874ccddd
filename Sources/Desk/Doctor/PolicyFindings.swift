internal import Configuration
internal import LDAP

/// What of a password policy (slapo-ppolicy(5)) breaks a promise. Pure.
///
/// | attribute | must be | else |
/// |---|---|---|
/// | pwdSafeModify | not TRUE | a reset is refused: the agent does not know the old password |
/// | pwdLockout | TRUE | a suspended account can still log in |
/// | pwdMustChange | TRUE | nobody has to change a temporary password |
/// | pwdAllowUserChange | not FALSE | nobody can |
/// | pwdCheckQuality | 2 (with `yescrypt` 0 or 1) | quality isn't checked (a hash is refused) |
/// | pwdMinLength, pwdMaxLength | let our passwords pass | no account can be made |
/// | pwdInHistory | 0 | an operation that is sent again can be refused for its password |
/// | pwdMinAge | 0 | the user can't change the temporary password at once |
struct PolicyFindings {
  /// An attribute that has a wrong value, and the right one.
  struct Fault: Hashable {
    var name: String
    var attribute: String
    var value: String
    var what: String
    var isError = true

    var modification: Modification { .replace(attribute, [Value(value)]) }
  }

  let policy: Entry
  let password: Configuration.Password
  /// Whoever may change the policy, as options of ldapmodify(1).
  var administrator = "-Q -Y EXTERNAL"

  static func usualPolicy(_ base: DN) -> DN { DN.rdn("cn", "default").under(DN.rdn("ou", "policies").under(base)) }

  /// Of a temporary password: groups of five symbols with a hyphen between them.
  private var length: Int { password.length + (password.length - 1) / 5 }

  func all() -> [DoctorFinding] {
    faults.map { fault in
      DoctorFinding(
        fault.isError ? .error : .warning, fault.name, at: policy.dn.string, fault.what,
        do: "set \(fault.attribute): \(fault.value) (buzon init --yes does)",
        command: [Operation.modify(policy.dn, [fault.modification])].ldapmodify(as: administrator))
    }
  }

  var faults: [Fault] {
    var faults: [Fault] = []
    func must(_ attribute: String, be value: String, else what: String, _ name: String, isError: Bool = true) {
      faults.append(
        Fault(
          name: name, attribute: attribute, value: value,
          what: "\(attribute) is \(policy.text(attribute) ?? "not set"): \(what)", isError: isError))
    }
    if flag("pwdSafeModify") == true {
      must("pwdSafeModify", be: "FALSE", else: "the agent can't reset a password", "policy-safe-modify")
    }
    if flag("pwdLockout") != true {
      must("pwdLockout", be: "TRUE", else: "a suspended account can still log in", "policy-lockout")
    }
    if flag("pwdMustChange") != true {
      must("pwdMustChange", be: "TRUE", else: "a temporary password need not be changed", "policy-must-change")
    }
    if flag("pwdAllowUserChange") == false {
      must("pwdAllowUserChange", be: "TRUE", else: "nobody can change a temporary password", "policy-user-change")
    }
    if password.hash == .yescrypt, number("pwdCheckQuality") > 1 {
      must("pwdCheckQuality", be: "1", else: "the agent's hashes are refused (yescrypt)", "policy-quality")
    }
    if password.hash == .directory, number("pwdCheckQuality") < 2 {
      must(
        "pwdCheckQuality", be: "2", else: "a password that comes as a hash is taken unseen", "policy-quality",
        isError: false)
    }
    let long = "temporary passwords have \(length) characters (policy.password.length)"
    if number("pwdMinLength") > length { must("pwdMinLength", be: "12", else: long, "policy-length") }
    if number("pwdMaxLength") > 0, number("pwdMaxLength") < length {
      must("pwdMaxLength", be: "0", else: long, "policy-length")
    }
    if number("pwdInHistory") > 0 {
      must(
        "pwdInHistory", be: "0", else: "an operation that is sent again can be refused for its password",
        "policy-history", isError: false)
    }
    if number("pwdMinAge") > 0 {
      must("pwdMinAge", be: "0", else: "a user can't change a temporary password at once", "policy-age", isError: false)
    }
    return faults
  }

  private func flag(_ name: String) -> Bool? { policy.text(name).map { $0 == "TRUE" } }
  private func number(_ name: String) -> Int { policy.text(name).flatMap { Int($0) } ?? 0 }
}
