import Glibc
internal import Text

/// One name in a folder: 1 to 255 bytes without `/` and NUL, neither `.` nor `..`. It need not be UTF-8.
///
/// Names compare by their bytes.
public struct FileName: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The name with the NUL that system calls want at its end.
  private let terminated: [UInt8]

  /// `nil` where the bytes can't name a file.
  public init?(_ bytes: some Collection<UInt8>) {
    guard (1...255).contains(bytes.count), !bytes.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else {
      return nil
    }
    var terminated: [UInt8] = []
    terminated.reserveCapacity(bytes.count + 1)
    terminated.append(contentsOf: bytes)
    terminated.append(0)
    guard terminated != [0x2E, 0], terminated != [0x2E, 0x2E, 0] else { return nil }
    self.terminated = terminated
  }

  /// `nil` where the text's UTF-8 can't name a file.
  public init?(_ text: some StringProtocol) { self.init(text.utf8) }

  /// A name written in the source. One that can't be a name stops the process.
  public init(stringLiteral text: StaticString) {
    guard let name = text.withUTF8Buffer({ FileName($0) }) else { preconditionFailure("\(text) can't name a file") }
    self = name
  }

  /// The name's bytes, without the NUL.
  public var bytes: ArraySlice<UInt8> { terminated.dropLast() }

  /// The name's length in bytes.
  public var count: Int { terminated.count - 1 }

  /// The name as text, safe to print; see ``displayed(_:)``.
  public var description: String { displayed(bytes) }

  /// The name as a word of a command that somebody may copy into a shell: quoted where it must be; `FILE` where it could
  /// not be shown as it is.
  public var shellWord: String {
    let isPlain = bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard let text, !text.unicodeScalars.contains(where: { ScalarClass($0).isUnsafeToPrint }) else { return "FILE" }
    if isPlain, bytes.first != UInt8(ascii: "-") { return text }
    return "./\(text)".shellQuoted
  }

  /// The name as it is, where it is UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The name followed by more, e.g. `.report`; `nil` where that is too long.
  public func appending(_ suffix: String) -> FileName? { FileName(Array(bytes) + Array(suffix.utf8)) }

  /// Whether the name ends with the suffix's bytes.
  public func hasSuffix(_ suffix: StaticString) -> Bool {
    suffix.withUTF8Buffer { suffix in bytes.count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix) }
  }

  /// A file on its way: hidden (`.…`), an office program's lock (`~$…`), or the temporary name of an editor, a browser
  /// or a copier, in either case. The spool leaves it alone.
  public var isLeftAlone: Bool {
    if terminated[0] == UInt8(ascii: ".") || bytes.starts(with: "~$".utf8) { return true }
    let lowered = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return Self.temporarySuffixes.contains { lowered.suffix($0.count).elementsEqual($0) }
  }

  private static let temporarySuffixes = [
    "~", ".tmp", ".part", ".swp", ".bak", ".filepart", ".crdownload",
  ].map { Array($0.utf8) }

  /// Compares the bytes.
  public static func < (left: FileName, right: FileName) -> Bool {
    left.withCString { left in right.withCString { right in strcmp(left, right) < 0 } }
  }

  /// Lends the name to a system call.
  @inline(__always)
  func withCString<Result, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try terminated.withUnsafeBufferPointer { bytes throws(Failure) in
      // Never empty: the NUL is there. CChar and UInt8 have one layout.
      guard let base = UnsafeRawPointer(bytes.baseAddress) else { preconditionFailure("a name without its NUL") }
      return try body(base.assumingMemoryBound(to: CChar.self))
    }
  }
}
