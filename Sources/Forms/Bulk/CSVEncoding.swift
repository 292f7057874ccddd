internal import Text

/// How the bytes of an exported spreadsheet stand for letters.
public enum CSVEncoding: Sendable, Hashable {
  /// With a byte order mark or without.
  case utf8
  /// What Excel writes under "CSV" where Spanish is spoken; Latin-1's letters are the same.
  case windows1252

  private static let saveAsUTF8 =
    "save it as 'CSV UTF-8' (Excel), or with the character set Unicode (UTF-8) in the export's filter settings (LibreOffice)"

  /// The file as UTF-8 without a byte order mark; `nil` where it can't be, which has been reported.
  func decoded(_ bytes: [UInt8], _ findings: Findings) -> [UInt8]? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4096).contains(0) {
      findings.report(Place(line: 1, column: 1), "", "the file is UTF-16 or no text at all", Self.saveAsUTF8)
      return nil
    }
    let fault = bytes.withUnsafeBufferPointer { Self.firstFault(in: $0) }
    switch self {
    case .utf8:
      guard let fault else { return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes }
      findings.report(
        bytes.withUnsafeBufferPointer { SourceText.place(of: fault, in: $0, endsWithCR: true) }, "",
        "the byte 0x\(String(bytes[fault], radix: 16, uppercase: true)) is not UTF-8",
        "\(Self.saveAsUTF8); or name what it is: --encoding windows-1252")
      return nil
    case .windows1252:
      if fault == nil, bytes.contains(where: { $0 >= 0x80 }) {
        findings.report(Place(line: 1, column: 1), "", "the file is UTF-8 already", "leave --encoding out")
        return nil
      }
      return fromWindows1252(bytes, findings)
    }
  }

  /// The offset of the first byte that is no UTF-8.
  private static func firstFault(in text: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    while position < text.count {
      if text[position] < 0x80 {
        position += 1
        continue
      }
      guard let (_, length) = text.decodeScalar(at: position) else { return position }
      position += length
    }
    return nil
  }

  /// 0x80 to 0x9F (the Unicode Consortium's CP1252.TXT); 0: not assigned.
  private static let c1: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
    0x0178,
  ]

  private func fromWindows1252(_ bytes: [UInt8], _ findings: Findings) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 16)
    for byte in bytes {
      if byte < 0x80 {
        text.append(byte)
        continue
      }
      let value = byte < 0xA0 ? Self.c1[Int(byte - 0x80)] : UInt16(byte)
      guard value != 0, let scalar = Unicode.Scalar(value) else {
        findings.report(
          text.withUnsafeBufferPointer { SourceText.place(of: $0.count, in: $0, endsWithCR: true) }, "",
          "the byte 0x\(String(byte, radix: 16, uppercase: true)) is not a character of Windows-1252", Self.saveAsUTF8)
        return nil
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return text
  }
}
