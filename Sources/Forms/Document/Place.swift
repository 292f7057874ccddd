/// Where something stands in a document: as an editor shows it.
public struct Place: Sendable, Hashable, Comparable {
  /// From 1.
  public var line: Int
  /// From 1, counted in Unicode scalars, as libyaml does: a tab is one, a letter with a combining accent two.
  public var column: Int

  /// A place; both counts begin at 1.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The order of reading.
  public static func < (left: Place, right: Place) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
