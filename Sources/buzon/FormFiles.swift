internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Records
internal import Text

/// Forms named on the command line.
enum FormFiles {
  enum Judged {
    case form(Request, bytes: [UInt8])
    /// One line each, beginning with `FILE:LINE:COLUMN:` where there is a place.
    case invalid([String])
    /// The file can't be read.
    case unreadable(String)
  }

  /// - Parameter path: `-`: standard input.
  static func judge(_ path: String, rules: Rules) -> Judged {
    let name = path == "-" ? StandardInput.name : displayed(path.utf8)
    let bytes: [UInt8]
    do {
      bytes =
        try path == "-" ? StandardInput.bytes(limit: rules.formSize) : readFile(path, limit: rules.formSize)
    } catch {
      guard error.isTooLarge else {
        return .unreadable("\(name): can't be read as a file (\(error.name)); name a form that is there")
      }
      return .invalid(["\(name): the form has more than \(rules.formSize) bytes; split it, or raise limits.form_size"])
    }
    switch FormReader.read(bytes, rules: rules) {
    case .request(let request): return .form(request, bytes: bytes)
    case .invalid(let findings): return .invalid(findings.map { $0.line(file: name) })
    }
  }
}

extension FileError {
  fileprivate var isTooLarge: Bool { code == 27 }
}
