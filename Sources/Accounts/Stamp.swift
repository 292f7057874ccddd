/// The mark that each operation leaves on its entry, `NUMBER#INDEX` in `buzonRequest`.
///
/// It is the entry's version: an operation asserts the stamp that its plan has read and writes its own, so it is applied
/// once however often it is sent. entryCSN can't serve: with lockout on, a mistyped password changes it.
public struct Stamp: Sendable, Hashable, CustomStringConvertible {
  public var number: String
  /// The change's place in its form, from 0.
  public var index: Int

  public init(number: String, index: Int) {
    self.number = number
    self.index = index
  }

  public var description: String { "\(number)#\(index)" }
}
