internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Records
internal import Register
internal import Text

/// Forms named on the command line.
enum FormFiles {
  enum Judged {
    case form(Request, bytes: [UInt8])
    case invalid([Finding])
    /// The file can't be read.
    case unreadable(Finding)
  }

  /// What a file is called in messages.
  static func name(_ path: String) -> String { path == "-" ? StandardInput.name : displayed(path.utf8) }

  /// - Parameter path: `-`: standard input.
  static func judge(_ path: String, rules: Rules) -> Judged {
    let bytes: [UInt8]
    do {
      bytes =
        try path == "-" ? StandardInput.bytes(limit: rules.formSize) : readFile(path, limit: rules.formSize)
    } catch {
      guard error.isTooLarge else {
        return .unreadable(
          Finding(
            place: nil, key: "", problem: "can't be read: \(error.code == 22 ? "it is no regular file" : error.words)",
            remedy: error.isOfPermission ? "ask for access to it" : "name a form that is there"
          ))
      }
      return .invalid([
        Finding(
          place: nil, key: "", problem: "the form has more than \(rules.formSize) bytes",
          remedy: "split it, or raise limits.form_size")
      ])
    }
    switch FormReader.read(bytes, rules: rules) {
    case .request(let request): return .form(request, bytes: bytes)
    case .invalid(let findings): return .invalid(findings)
    }
  }
}

/// The numbers of the forms that one command is about.
struct FormNumbers {
  /// By number, the file that has it first.
  private var first: [String: (file: String, digest: [UInt8])] = [:]

  /// - Returns: what is wrong where another of the forms has the number; `nil`: nothing, or it is the same form again.
  mutating func finding(_ number: String, digest: [UInt8], file: String) -> Finding? {
    guard let other = first[number] else {
      first[number] = (file, digest)
      return nil
    }
    return other.digest == digest
      ? nil
      : Finding(
        place: nil, key: "number", problem: "\(other.file) has the number \(number) too",
        remedy: "give each form a number of its own")
  }
}

extension FileError {
  var isTooLarge: Bool { code == 27 }
}
