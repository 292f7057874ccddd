internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Records

/// Forms named on the command line.
enum FormFiles {
  enum Judged {
    case form(Request, bytes: [UInt8])
    /// One line each, beginning with `FILE:LINE:COLUMN:` where there is a place.
    case invalid([String])
    /// The file can't be read.
    case unreadable(String)
  }

  static func judge(_ path: String, rules: Rules) -> Judged {
    let bytes: [UInt8]
    do {
      bytes = try readFile(path, limit: rules.formSize)
    } catch {
      guard error.isTooLarge else {
        return .unreadable(
          "\(displayed(path.utf8)): can't be read as a file (\(error.name)); name a form that is there")
      }
      return .invalid([
        "\(displayed(path.utf8)): the form has more than \(rules.formSize) bytes; split it, or raise limits.form_size"
      ])
    }
    switch FormReader.read(bytes, rules: rules) {
    case .request(let request): return .form(request, bytes: bytes)
    case .invalid(let findings): return .invalid(findings.map { $0.line(file: displayed(path.utf8)) })
    }
  }
}

extension FileError {
  fileprivate var isTooLarge: Bool { code == 27 }
}
