internal import Text

/// Text as a scalar of YAML that reads back as the same text, by our own reader and by everybody else's.
///
/// It stands without quotes only where nobody could take it for something else: it begins with a letter or a digit, has
/// no character that means something to YAML, is no word like `null` or `yes` and no number or day of YAML 1.1.
/// Everything else stands in double quotes. What no form may hold (a control character) is written as an escape, so that
/// the text around it stays a form, and the reader reports it at its place.
enum FormScalar {
  /// Appends a text in NFC.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    let isComposed = text.withUTF8 { NormalForm.isComposed($0) }
    if !isComposed { text = NormalForm.composed(text) }
    text.withUTF8 { text in
      if isPlain(text) { return bytes.append(contentsOf: text) }
      bytes.append(UInt8(ascii: "\""))
      appendEscaped(text, to: &bytes)
      bytes.append(UInt8(ascii: "\""))
    }
  }

  // MARK: Without quotes

  /// What may stand inside; `@`, `'` and the like mean something to YAML only at the beginning.
  private static let inside = ASCIISet.alphanumerics.union(ASCIISet(" ._-/()'@+;"))
  /// Null, booleans and numbers of YAML 1.1 and 1.2, in lower case.
  private static let words: [StaticString] = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
  ]
  /// What numbers and times are written of beside digits.
  private static let ofNumbers = ASCIISet.digits.union(ASCIISet("+-._:abcdefABCDEFxXoOtTzZ "))

  private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first, let last = text.last, last != 0x20 else { return false }
    guard first >= 0x80 || ASCIISet.alphanumerics.contains(first) else { return false }
    var position = 0
    var beforeWasSpace = false
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        guard inside.contains(byte), !(byte == 0x20 && beforeWasSpace) else { return false }
        beforeWasSpace = byte == 0x20
        position += 1
        continue
      }
      let (scalar, length) = text.scalar(at: position)
      // White space beyond ASCII is better seen between quotes.
      guard ForbiddenScalar(scalar) == nil, !scalar.properties.isWhitespace else { return false }
      beforeWasSpace = false
      position += length
    }
    if ASCIISet.digits.contains(first) { return !isNumberOrDay(text) }
    return !words.contains { $0.utf8CodeUnitCount == text.count && $0.bytes.elementsEqual(text.lazy.map { $0 | 0x20 }) }
  }

  /// - Parameter text: begins with a digit.
  private static func isNumberOrDay(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.allSatisfy(ofNumbers.contains) else { return false }
    let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(ASCIISet.digits.contains) }
    // `2026-0142` is neither a number nor a day; `2026-1-4` is a day, to some.
    if areDigits, parts.count == 2 { return false }
    return true
  }

  // MARK: Escapes

  private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    var position = 0
    while position < text.count {
      let (scalar, length) = text.scalar(at: position)
      switch scalar {
      case "\"": bytes.append(contentsOf: "\\\"".utf8)
      case "\\": bytes.append(contentsOf: "\\\\".utf8)
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      default:
        if ForbiddenScalar(scalar) == nil {
          bytes.append(contentsOf: text[position..<position + length])
        } else {
          appendCode(scalar, to: &bytes)
        }
      }
      position += length
    }
  }

  /// `\U0000202E`
  private static func appendCode(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    bytes.append(contentsOf: "\\U".utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 8 - digits.utf8.count))
    bytes.append(contentsOf: digits.utf8)
  }
}
