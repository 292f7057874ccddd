/// A number in the notation of a spreadsheet whose column is too narrow, or that takes an identity number for a quantity:
/// `1.08526E+09`, `5,73105E+11`, `1E+09`.
enum RoundedNumber {
  /// Digits, an exponent, and either a fraction or a sign of the exponent; `12E5` may be an identity number.
  static func isOne(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count <= 64 else { return false }
    let parts = bytes.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
    guard parts.count == 2 else { return false }
    let signs = "+-".utf8
    let mantissa = parts[0].first.map(signs.contains) == true ? parts[0].dropFirst() : parts[0]
    let fraction = mantissa.split(omittingEmptySubsequences: false) {
      $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",")
    }
    let exponent = parts[1].first.map(signs.contains) == true ? parts[1].dropFirst() : parts[1]
    guard fraction.count == 2 || fraction.count == 1 && parts[1].first == UInt8(ascii: "+") else { return false }
    return (fraction + [exponent]).allSatisfy { !$0.isEmpty && $0.allSatisfy(ASCIISet.digits.contains) }
  }
}
