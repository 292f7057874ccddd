internal import Accounts
internal import Register

extension EventLog {
  /// Logs changes outside Buzón, and which hand-overs ended.
  func report(_ news: [MirrorNews]) {
    for one in news {
      switch one {
      case .drifted(let address, let difference, let by, let request):
        warning(
          "drift.found",
          [
            ("address", address), ("attribute", difference.attribute),
            ("expected", difference.expected.joined(separator: " ")),
            ("present", difference.present.joined(separator: " ")),
            ("by", by ?? "unknown"), ("request", request ?? "-"), ("do", "buzon drift; --repair writes the form"),
          ])
      case .mended(let address, let attribute):
        info("drift.over", [("address", address), ("attribute", attribute)])
      case .appeared(let address, let by):
        warning(
          "drift.found",
          [
            ("address", address), ("attribute", "entry"), ("by", by ?? "unknown"),
            ("do", "adopt the account by a form (buzon drift --repair), accept it (--accept), or remove it"),
          ])
      case .vanished(let address, let fields, let request):
        let expected = fields.map { "\($0.attribute)=\($0.expected.joined(separator: " "))" }
        warning(
          "drift.found",
          [
            ("address", address), ("attribute", "entry"), ("expected", expected.joined(separator: "; ")),
            ("present", "gone"), ("by", "unknown"), ("request", request ?? "-"),
            ("do", "buzon drift; --repair writes the form, --accept takes note"),
          ])
      case .closed(let address, let number, let isCertain):
        info(
          "handover.closed",
          [
            ("address", address), ("request", number),
            ("by", isCertain ? "the user" : "not seen: before the agent listened"),
          ])
      case .overridden(let address, let number, let by):
        warning(
          "handover.overridden",
          [
            ("address", address), ("request", number), ("by", by ?? "unknown"),
            ("do", "somebody other than the user set the password; a form (reset: password) grants a new one"),
          ])
      case .released(let address, let number, let by):
        warning(
          "handover.released",
          [
            ("address", address), ("request", number), ("by", by ?? "unknown"),
            (
              "do",
              "pwdReset went without a new password: the temporary one serves; a form (reset: password) grants a new one"
            ),
          ])
      }
    }
  }
}
