internal import Text

/// Checks lines one after the other: that each is a line, follows the one before, and names it. Pure.
public struct LedgerChain: Sendable {
  /// The last line that fitted; `nil`: none yet.
  public private(set) var head: LedgerHead?

  /// Why a line doesn't fit.
  public enum Fault: Sendable, Hashable {
    /// It isn't a line as Buzón writes them.
    case unreadable
    /// Another sequence was expected: lines were taken out, put in or moved.
    case misplaced(expected: Int64, found: Int64)
    /// It names another line before it than the one that stands there: that line was changed, or this one is of another ledger.
    case broken
  }

  /// - Parameter head: the line that the first one must follow; `nil`: it is the first of all.
  public init(after head: LedgerHead? = nil) { self.head = head }

  /// Takes the next line, where it fits.
  ///
  /// - Returns: why it doesn't; `nil`: it does.
  public mutating func take(_ text: String) -> Fault? {
    guard let line = LedgerLine(text) else { return .unreadable }
    let expected = (head?.sequence ?? 0) + 1
    guard line.sequence == expected else { return .misplaced(expected: expected, found: line.sequence) }
    guard line.previous == hexadecimal(head?.hash ?? Ledger.beginning) else { return .broken }
    head = LedgerHead(sequence: line.sequence, hash: line.hash)
    return nil
  }
}
