/// The mark that each operation leaves on its entry, `NUMBER#INDEX` in `buzonRequest`.
///
/// It is the entry's version: an operation asserts the stamp that its plan has read and writes its own, so it is applied
/// once however often it is sent. entryCSN can't serve: with lockout on, a mistyped password changes it.
///
/// What undoes an operation leaves `NUMBER#INDEX-undone`, for with the stamp of before the operation itself, were it sent
/// once more, would be applied once more.
public struct Stamp: Sendable, Hashable, CustomStringConvertible {
  public var number: String
  /// The change's index in its form, from 0.
  public var index: Int
  /// Whether it is the mark of what undid the change.
  public var isUndone: Bool

  public init(number: String, index: Int, isUndone: Bool = false) {
    self.number = number
    self.index = index
    self.isUndone = isUndone
  }

  /// Reads one; `nil` where it is none of ours.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    let undone = Array("-undone".utf8)
    let isUndone = parts[1].suffix(undone.count).elementsEqual(undone)
    let digits = isUndone ? parts[1].dropLast(undone.count) : parts[1]
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let index = Int(Substring(digits)) else { return nil }
    self.init(number: String(Substring(parts[0])), index: index, isUndone: isUndone)
  }

  /// The stamp of what undoes the operation with this one.
  public var undone: Stamp { Stamp(number: number, index: index, isUndone: true) }

  public var description: String { "\(number)#\(index)\(isUndone ? "-undone" : "")" }
}
