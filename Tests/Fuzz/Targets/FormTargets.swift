import Glibc
import Text

@testable import Forms

/// Forms in YAML and JSON, and spreadsheets that become forms.
enum FormTargets {
  /// The day of the seeds.
  static let rules: Rules = {
    guard let today = Day(year: 2026, month: 11, day: 23) else { preconditionFailure("2026-11-23 is a day") }
    return Rules(
      formCode: "FT-GTI-006", domains: ["putumayo.gov.co", "example.org"], today: today,
      approvers: ["Archivo": ["jefe.archivo"], "*": ["jefe.sistemas", "ana"]])
  }()

  /// What is accepted can be written again as the same request; what isn't is told with places inside the text.
  @Sendable static func form(_ input: [UInt8]) throws {
    switch try withinTime(input.count, { FormReader.read(input, rules: rules) }) {
    case .request(let request):
      try isWrittenAsItself(request, rules)
      try promise((try? FormReader.reread(input)) == request, "an accepted form is another one when it is read again")
    case .invalid(let findings): try areTold(findings, of: Text(input))
    }
  }

  /// A form that was accepted once is read by its shape alone.
  @Sendable static func storedForm(_ input: [UInt8]) throws {
    switch Result(catching: { () throws(FormReader.Unreadable) in try FormReader.reread(input) }) {
    case .success(let request):
      let written = FormWriter.write(request)
      try promise((try? FormReader.reread(written)) == request, "a stored form is another one when it is written again")
    case .failure(let unreadable): try areTold(unreadable.findings, of: Text(input))
    }
  }

  /// A spreadsheet's request is a form's request; all that is wrong is told with cells of the file.
  @Sendable static func spreadsheet(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let shape = choices.byte()
    let encoding = shape & 1 == 0 ? CSVEncoding.utf8 : CSVEncoding.allCases[1 + Int(shape >> 2) % 4]
    let delimiter: UInt8? = shape & 2 == 0 ? nil : UInt8(ascii: ";")
    let csv = choices.all()
    let header = FormHeader(
      number: "2026-0142", department: "Archivo", requesterName: "Ana Rosero", approvedBy: "ana",
      approvedOn: "2026-11-21")
    var rules = rules
    rules.approvers = [:]
    let outcome = try withinTime(csv.count) {
      BulkForm.creates(csv: csv, encoding: encoding, delimiter: delimiter, header: header, rules: rules)
    }
    switch outcome {
    case .request(let request): try isWrittenAsItself(request, rules)
    case .invalid(let findings): try areTold(findings, of: Text(csv, endsWithCR: true, isUTF8: encoding == .utf8))
    }
    try isDecoded(csv)
  }

  private static func isWrittenAsItself(_ request: Request, _ rules: Rules) throws {
    let written = FormWriter.write(request)
    guard case .request(let again) = FormReader.read(written, rules: rules) else {
      throw Broken(description: "an accepted request is refused when it is written as a form")
    }
    try promise(again == request, "an accepted request is another one when it is written as a form")
    try promise(FormWriter.write(again) == written, "the same request is written in two ways")
  }

  /// iconv(3) is asked what the bytes of Windows-1252 mean.
  private static func isDecoded(_ bytes: [UInt8]) throws {
    guard let decoded = CSVEncoding.windows1252.decoded(bytes, Findings()) else { return }
    guard let converter = iconv_open("UTF-8", "WINDOWS-1252"), Int(bitPattern: converter) != -1 else { return }
    defer { iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: bytes.count * 3 + 1)
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        var (from, fromLeft) = (input.baseAddress, input.count)
        var (to, toLeft) = (output.baseAddress, output.count)
        return iconv(converter, &from, &fromLeft, &to, &toLeft) == -1 ? nil : output.count - toLeft
      }
    }
    guard let written else { throw Broken(description: "iconv refuses what was taken for Windows-1252") }
    try promise(
      output.prefix(written).map { UInt8(bitPattern: $0) } == decoded, "iconv reads this Windows-1252 in another way")
  }
}

// MARK: Findings

extension FormTargets {
  /// A text as an editor counts it.
  struct Text {
    /// Columns of each line.
    let columns: [Int]

    /// - Parameters:
    ///   - endsWithCR: a CR alone ends a line too.
    ///   - isUTF8: a letter is a scalar, where the text is good UTF-8; else a byte.
    init(_ bytes: [UInt8], endsWithCR: Bool = false, isUTF8: Bool = true) {
      let bytes = isUTF8 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
      let countsScalars = isUTF8 && String(validating: bytes, as: UTF8.self) != nil
      var columns = [0]
      var last: UInt8 = 0
      for byte in bytes {
        if byte == 0x0A, last == 0x0D, endsWithCR {
          // The line was ended by the CR before it.
        } else if byte == 0x0A || (byte == 0x0D && endsWithCR) {
          columns.append(0)
        } else if !countsScalars || byte & 0xC0 != 0x80 {
          columns[columns.count - 1] += 1
        }
        last = byte
      }
      self.columns = columns
    }

    /// Inside, or right behind a line's last column.
    func has(_ place: Place) -> Bool {
      (1...columns.count).contains(place.line) && (1...columns[place.line - 1] + 1).contains(place.column)
    }
  }

  /// Findings that an operator can use and no terminal or log is hurt by.
  static func areTold(_ findings: [Finding], of text: Text) throws {
    try promise(!findings.isEmpty, "refused without a finding")
    try promise(findings.count <= Findings.most + 1 + 32, "\(findings.count) findings")
    for finding in findings {
      let line = finding.line(file: "form.yaml")
      try promise(line.isOneSafeLine, "no safe line: \(line.debugDescription)")
      try promise(line.utf8.count < 2_000, "a finding of \(line.utf8.count) bytes: \(line)")
      try promise(!finding.problem.isEmpty, "a finding that says nothing: \(line)")
      if let place = finding.place { try promise(text.has(place), "a place outside of the text: \(line)") }
    }
  }
}
