internal import Foundation

/// Unicode's Normalization Form C (UAX #15), by Foundation. A megabyte that is in the form costs 25 to 35 ms, one that has
/// to be composed throughout 2.4 s (release build).
///
/// A letter has at most 128 marks, as many as a text of a form has letters. Foundation sorts the marks of a letter in
/// quadratic time: 256 KiB of them took 48 s. With at most 128 a megabyte takes 0.1 s. Text with more is not in the form,
/// and is left as it is.
///
/// Foundation does not compose a syllable of Hangul with the trailing consonant behind it.
public enum NormalForm {
  /// UTF-8 lead bytes below this one begin scalars below U+0300: text of these alone is in the form.
  public static let firstLeadToJudge: UInt8 = 0xCC

  /// - Parameter bytes: good UTF-8.
  public static func isComposed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var isComposed = true
    faults(in: bytes) { _ in
      isComposed = false
      return false
    }
    return isComposed
  }

  /// Calls `body` with the offset of the first letter of each line that is not in the form, until it returns false.
  ///
  /// - Parameter bytes: good UTF-8.
  public static func faults(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Bool) {
    var position = 0
    while position < bytes.count {
      let end = endOfPiece(from: position, in: bytes)
      guard let fault = firstFault(in: UnsafeBufferPointer(rebasing: bytes[position..<end])) else {
        position = end
        continue
      }
      position += fault
      guard body(position) else { return }
      while position < bytes.count, bytes[position] != 0x0A { position += 1 }
    }
  }

  /// A piece is a line, or 4 KiB of a long one: no ASCII character combines with what stands before it.
  private static func endOfPiece(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start + 1
    while end < bytes.count, bytes[end - 1] != 0x0A, end - start < 4096 || bytes[end] >= 0x80 { end += 1 }
    return end
  }

  private static func firstFault(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard bytes.contains(where: { $0 >= firstLeadToJudge }) else { return nil }
    if let letter = firstWithTooManyMarks(in: bytes) { return letter }
    let composed = String(decoding: bytes, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8
    var offset = zip(bytes, composed).prefix { $0 == $1 }.count
    if offset == bytes.count, offset == composed.count { return nil }
    // Back to the letter that the mark belongs to.
    offset = min(offset, bytes.count - 1)
    while offset > 0,
      bytes[offset] & 0xC0 == 0x80 || bytes.scalar(at: offset).0.properties.canonicalCombiningClass != .notReordered
    {
      offset -= 1
    }
    return offset
  }

  /// The text in the form, or as it is where a letter has too many marks.
  public static func composed(_ text: String) -> String {
    var text = text
    let isSafe = text.withUTF8 { firstWithTooManyMarks(in: $0) == nil }
    return isSafe ? text.precomposedStringWithCanonicalMapping : text
  }

  /// Marks of one letter, in the form or out of it.
  private static let mostMarks = 128

  private static func firstWithTooManyMarks(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var (letter, marks, position) = (0, 0, 0)
    while position < bytes.count {
      guard bytes[position] >= firstLeadToJudge else {
        if bytes[position] & 0xC0 != 0x80 { (letter, marks) = (position, 0) }
        position += 1
        continue
      }
      let (scalar, length) = bytes.scalar(at: position)
      if scalar.properties.canonicalCombiningClass == .notReordered {
        (letter, marks) = (position, 0)
      } else {
        marks += 1
        if marks > mostMarks { return letter }
      }
      position += length
    }
    return nil
  }

  /// The text without the marks that combine with its letters: `Teléfono` to `Telefono`. To compare, never to show.
  public static func withoutMarks(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars
    where scalar.properties.canonicalCombiningClass == .notReordered {
      scalars.append(scalar)
    }
    return String(scalars)
  }
}
