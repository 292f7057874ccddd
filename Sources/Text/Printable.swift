/// Bytes of a file name or a message as one safe line of text: printable UTF-8 stays as it is; scalars that are unsafe to
/// print (``ScalarClass``) are written `\u{N}`, bytes that are not UTF-8 `\xNN`, and a backslash is doubled, so that two
/// names never look alike.
public func displayed(_ bytes: some Sequence<UInt8>) -> String {
  let bytes = Array(bytes)
  var text = ""
  bytes.withUnsafeBufferPointer { buffer in
    var index = 0
    while index < buffer.count {
      guard let (scalar, length) = buffer.decodeScalar(at: index) else {
        text += "\\x" + hexadecimal(CollectionOfOne(buffer[index])).uppercased()
        index += 1
        continue
      }
      if scalar == "\\" { text += "\\\\" } else { text.appendPrintable(scalar) }
      index += length
    }
  }
  return text
}

extension String {
  /// The text with every scalar that is unsafe to print written as `\u{N}`: one line for a terminal, a log, a report.
  public func neutralized() -> String {
    let harmless = utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if harmless { return self }
    var text = ""
    for scalar in unicodeScalars { text.appendPrintable(scalar) }
    return text
  }

  /// The text in quotation marks for a message: neutralised, and shortened to 40 scalars.
  public func quoted() -> String {
    let most = 40
    let head = unicodeScalars.prefix(most)
    let cut = head.endIndex != unicodeScalars.endIndex
    return "'\(String(head).neutralized())\(cut ? "…" : "")'"
  }

  fileprivate mutating func appendPrintable(_ scalar: Unicode.Scalar) {
    if ScalarClass(scalar).isUnsafeToPrint { self += scalar.codePoint } else { unicodeScalars.append(scalar) }
  }
}

extension Unicode.Scalar {
  /// `\u{202E}`
  public var codePoint: String { "\\u{\(String(value, radix: 16, uppercase: true))}" }
}
