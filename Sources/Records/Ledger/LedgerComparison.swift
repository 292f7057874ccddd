public import Files
public import Register

/// The whole of the ledger's files against the register, line by line.
public struct LedgerComparison {
  private let folder: Directory
  private let register: Register

  public init(_ folder: Directory, _ register: Register) {
    self.folder = folder
    self.register = register
  }

  /// How many lines the files have; known once ``firstDifference(progress:)`` has found none.
  public private(set) var count: Int64 = 0

  /// The first place where the files say something else than the register; `nil`: there is none. Lines that the agent hasn't
  /// written yet are none, nor is one that it is writing.
  ///
  /// - Parameter progress: gets how many lines were compared.
  public mutating func firstDifference(progress: (Int64) -> Void = { _ in }) throws -> LedgerFileFault? {
    let known = try register.ledgerFile()
    var lines: ArraySlice<StoredLedgerLine> = []
    count = 0
    let years = try LedgerFiles.years(in: folder)
    for year in years {
      func fault(_ what: String) -> LedgerFileFault { LedgerFileFault(folder.shown(LedgerFiles.name(year)), what) }
      guard let reader = try LineReader.open(LedgerFiles.name(year), in: folder) else { continue }
      while let line = try reader.next() {
        if !line.isWhole, year == years.last, count >= known?.sequence ?? 0 { break }
        if lines.isEmpty { lines = try register.ledger(after: count, limit: 2_048)[...] }
        guard let expected = lines.popFirst() else {
          return fault(
            "line \(count + 1) is not in the register: the register is older than the file, or the line was added")
        }
        guard line.isWhole, line.bytes.elementsEqual(expected.text.utf8) else {
          return fault(
            "line \(expected.sequence) is not the register's: it was changed, or lines were taken out or moved")
        }
        count += 1
        progress(count)
      }
    }
    guard let known, count < known.sequence else { return nil }
    return LedgerFileFault(
      folder.shown(LedgerFiles.name(known.year)),
      "the files end with line \(count), and line \(known.sequence) was written: they were cut, or one is missing")
  }
}
