internal import Accounts
internal import Register

extension EventLog {
  /// Logs changes outside Buzón, and which hand-overs ended.
  func report(_ news: [MirrorNews]) { for one in news { report(one) } }

  /// The names of persons stand in `buzon drift` and `history`, and never in the log.
  private static func shown(_ values: [String], of attribute: String) -> String {
    Schema.namesOfPersons.contains(attribute) && !values.isEmpty ? "***" : values.joined(separator: " ")
  }

  private func report(_ one: MirrorNews) {
    let all: [Field] = [("do", "buzon drift has them all; --repair writes the form, --accept takes note")]
    switch one {
    case .drifted(let address, let difference, let by, let request):
      each(
        .warning, "drift.found",
        [
          ("address", address), ("attribute", difference.attribute),
          ("expected", Self.shown(difference.expected, of: difference.attribute)),
          ("present", Self.shown(difference.present, of: difference.attribute)),
          ("by", by ?? "unknown"), ("request", request ?? "-"), ("do", "buzon drift; --repair writes the form"),
        ], kind: [("attribute", difference.attribute)] + all)
    case .mended(let address, let attribute):
      each(
        .info, "drift.over", [("address", address), ("attribute", attribute)], kind: [("attribute", attribute)])
    case .appeared(let address, let by, let request):
      each(
        .warning, "drift.found",
        [
          ("address", address), ("attribute", "entry"), ("expected", "none"), ("present", "made"),
          ("by", by ?? "unknown"), ("request", request ?? "-"),
          (
            "do",
            "release its request where that is held after a restore (buzon queue); else adopt the account by a form "
              + "(buzon drift --repair), accept it (--accept), or remove it"
          ),
        ], kind: [("attribute", "entry"), ("present", "appeared")] + all)
    case .vanished(let address, let fields, let request):
      let expected = fields.map { "\($0.attribute)=\(Self.shown($0.expected, of: $0.attribute))" }
      each(
        .warning, "drift.found",
        [
          ("address", address), ("attribute", "entry"), ("expected", expected.joined(separator: "; ")),
          ("present", "gone"), ("by", "unknown"), ("request", request ?? "-"),
          ("do", "buzon drift; --repair writes the form, --accept takes note"),
        ], kind: [("attribute", "entry"), ("present", "gone")] + all)
    case .closed(let address, let number, let isCertain, let portal):
      each(
        .info, "handover.closed",
        [
          ("address", address), ("request", number),
          (
            "by",
            portal.map { "the user, through \($0)" }
              ?? (isCertain ? "the user" : "not seen: before the agent listened")
          ),
        ], kind: [("do", "buzon handover --all has them all")])
    case .overridden(let address, let number, let by):
      each(
        .warning, "handover.overridden",
        [
          ("address", address), ("request", number), ("by", by ?? "unknown"),
          ("do", "somebody other than the user set the password; a form (reset: password) grants a new one"),
        ], kind: [("do", "buzon handover --all has them all; a form (reset: password) grants new passwords")])
    case .released(let address, let number, let by):
      each(
        .warning, "handover.released",
        [
          ("address", address), ("request", number), ("by", by ?? "unknown"),
          (
            "do",
            "pwdReset went without a new password: the temporary one serves; a form (reset: password) grants a new one"
          ),
        ], kind: [("do", "buzon handover --all has them all; a form (reset: password) grants new passwords")])
    }
  }
}
