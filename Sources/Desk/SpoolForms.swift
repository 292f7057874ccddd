public import Configuration
internal import Files
internal import Forms
public import Register
internal import Text

/// Forms that lie in the spool and are no requests yet.
public enum SpoolForms {
  /// So many files are read at most: who asks for a number waits for the answer.
  private static let most = 1_000

  /// What to say of a number that no request has yet; `nil` where no form with it lies in the spool.
  public static func note(of number: String, _ configuration: Configuration) -> String? {
    file(of: number, configuration).map {
      "it is no request yet: its form waits in the spool (\($0)); try again when the agent has taken it (buzon queue)"
    }
  }

  /// What to say of a number that no request has: its form waits in the spool or for its signature, it was carried out after
  /// the backup that the register was restored from, or nothing is known of it.
  ///
  /// - Throws: `RegisterError`.
  public static func absence(
    of number: String, _ register: Register, _ configuration: Configuration
  ) throws -> String {
    let shown = displayed(number.utf8)
    if let note = note(of: number, configuration) { return "\(shown): \(note)" }
    if try !register.unsigned(number: number).isEmpty {
      return "\(shown): its form waits for a signature; try again when it is accepted (buzon queue)"
    }
    if try !register.spent([number]).isEmpty {
      return "\(shown) was carried out after the backup that the register was restored from; what is known of it "
        + "stands in its delivery record and its form (deliveries/ and forms/ in \(displayed(configuration.records.utf8)))"
    }
    return "there is no request \(shown) (buzon requests lists them); a form that was rejected used up no number: see "
      + "rejected/ in the spool"
  }

  /// The file whose form has this number, safe to print; `nil` where none is found, or the caller may not look.
  static func file(of number: String, _ configuration: Configuration) -> String? {
    var left = most
    for name in ["incoming", "taken"] {
      guard let folder = try? Directory("\(configuration.spool)/\(name)"), let files = try? folder.scan().entries else {
        continue
      }
      for file in files.prefix(left) where file.kind == .regular {
        left -= 1
        guard let bytes = try? folder.read(file.name, limit: Int(configuration.limits.formSize.bytes)),
          let request = try? FormReader.reread(bytes), request.number == number
        else { continue }
        return folder.shown(file.name)
      }
    }
    return nil
  }
}
