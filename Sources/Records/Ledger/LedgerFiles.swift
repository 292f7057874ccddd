public import Files
internal import Glibc
public import Register
public import Text

/// What is wrong with the files of the ledger: they don't say what the register says.
public struct LedgerFileFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which file, and what is wrong with it.
  public let what: String
  public let remedy =
    "put the file back as it was (buzon verify says what differs); where it can't be had any more, stop the agent, "
    + "run buzon rebuild, which keeps the files aside and writes them again, and start the agent"

  public var description: String { "\(what); \(remedy)" }

  /// - Parameters:
  ///   - file: safe to print.
  ///   - what: what is wrong with it.
  init(_ file: String, _ what: String) { self.what = "the ledger's file \(file) does not fit the register: \(what)" }
}

/// `ledger/YEAR.jsonl`: the register's ledger, line by line, the year that of the line's time.
///
/// Owns the files. They grow at their end, and what they hold is never changed: the register knows how far they were synced
/// (`LedgerFilePosition`), and only what lies behind that, which a crash may have left in any state, is written again. Files
/// that say something else are left as they are, and nothing is added to them.
public struct LedgerFiles {
  /// How the files stand to the register.
  public enum Standing: Sendable {
    /// They end with one of its lines, or are empty; more can be appended.
    case inStep
    /// They hold lines behind its last one: the register is older than they are.
    case ahead(LedgerFileFault)
    case faulty(LedgerFileFault)

    /// Why nothing can be appended; `nil`: it can.
    public var fault: LedgerFileFault? {
      switch self {
      case .inStep: nil
      case .ahead(let fault), .faulty(let fault): fault
      }
    }
  }

  /// So many lines are read from the register, and written, at once.
  private static let chunk = 2_048

  private let folder: Directory
  private var end = LedgerFilePosition(sequence: 0, year: 0, size: 0)

  public init(_ folder: Directory) { self.folder = folder }

  /// `2026.jsonl`
  public static func name(_ year: Int) -> FileName {
    guard let name = FileName("\(year).jsonl") else { preconditionFailure("digits make a name") }
    return name
  }

  /// The years that have a file, ascending.
  public static func years(in folder: Directory) throws -> [Int] {
    try folder.names().compactMap { name in
      guard let text = name.text, text.hasSuffix(".jsonl"), let year = Int(text.dropLast(6)), Self.name(year) == name
      else { return nil }
      return year
    }.sorted()
  }

  // MARK: Where they end

  /// Finds where the files end, and cuts off what a crash left behind that.
  ///
  /// - Throws: `RegisterError`, ``FileError``.
  public mutating func resume(_ register: Register) throws -> Standing {
    let years = try Self.years(in: folder)
    end = try register.ledgerFile() ?? LedgerFilePosition(sequence: 0, year: years.first ?? 0, size: 0)
    if end.sequence > 0, let fault = try faultOfEnd(register) { return .faulty(fault) }
    let head = try register.ledgerHead()
    for year in years where year >= end.year {
      var offset = year == end.year ? end.size : 0
      guard let reader = try LineReader.open(Self.name(year), in: folder, from: offset) else { continue }
      while let line = try reader.next() {
        let text = String(decoding: line.bytes, as: UTF8.self)
        guard line.isWhole, let parsed = LedgerLine(text), parsed.sequence == end.sequence + 1 else {
          return try cutOff(year, at: offset, isLast: year == years.last)
        }
        guard let head, parsed.sequence <= head.sequence else {
          return follows(parsed, head)
            ? .ahead(fault(year, "it goes on where the register ends, at line \(parsed.sequence)"))
            : .faulty(fault(year, "line \(parsed.sequence) is of another ledger"))
        }
        guard try register.ledger(after: end.sequence, limit: 1).first?.text.utf8.elementsEqual(text.utf8) == true
        else {
          return .faulty(fault(year, "line \(parsed.sequence) is not the register's"))
        }
        offset = line.end
        end = LedgerFilePosition(sequence: parsed.sequence, year: year, size: offset)
      }
    }
    return .inStep
  }

  private func follows(_ line: LedgerLine, _ head: LedgerHead?) -> Bool {
    var chain = LedgerChain(after: head)
    return chain.take(line.text) == nil
  }

  /// The line that was synced last must stand where it stood.
  private func faultOfEnd(_ register: Register) throws -> LedgerFileFault? {
    guard let line = try register.ledger(after: end.sequence - 1, limit: 1).first, line.sequence == end.sequence else {
      return fault(end.year, "the register has no line \(end.sequence) any more")
    }
    let size = Int64(line.text.utf8.count) + 1
    guard end.size >= size, let reader = try LineReader.open(Self.name(end.year), in: folder, from: end.size - size)
    else {
      return fault(end.year, "the file is missing")
    }
    guard let found = try reader.next(), found.end <= end.size || !found.isWhole else {
      return fault(end.year, "it ends before line \(end.sequence), which was written")
    }
    guard found.isWhole, found.bytes.elementsEqual(line.text.utf8) else {
      return fault(end.year, "line \(end.sequence) is not the register's, or does not stand where it stood")
    }
    return nil
  }

  /// What isn't whole behind the known end was never synced.
  private mutating func cutOff(_ year: Int, at offset: Int64, isLast: Bool) throws -> Standing {
    guard isLast else { return .faulty(fault(year, "what follows line \(end.sequence) is no line")) }
    let file = try AppendedFile.open(Self.name(year), in: folder, creating: RecordFolders.fileMode)
    try file.truncate(to: offset)
    try file.sync()
    return .inStep
  }

  private func fault(_ year: Int, _ what: String) -> LedgerFileFault {
    LedgerFileFault(folder.shown(Self.name(year)), what)
  }

  /// Calls `body` with the lines behind ``resume(_:)``'s end, some at a time.
  ///
  public func forEachLineBehind(_ body: ([LedgerLine]) async throws -> Void) async throws {
    var lines: [LedgerLine] = []
    for year in try Self.years(in: folder) where year >= end.year {
      guard let reader = try LineReader.open(Self.name(year), in: folder, from: year == end.year ? end.size : 0) else {
        continue
      }
      while let line = try reader.next(), line.isWhole,
        let parsed = LedgerLine(String(decoding: line.bytes, as: UTF8.self))
      {
        lines.append(parsed)
        if lines.count < Self.chunk { continue }
        try await body(lines)
        lines = []
      }
    }
    if !lines.isEmpty { try await body(lines) }
  }

  // MARK: Appending

  /// Appends the lines that the register has and the files haven't, and syncs them.
  ///
  /// - Parameter zone: whose years the files have.
  /// - Returns: where they end now; `nil`: there was nothing to append.
  /// - Throws: ``LedgerFileFault`` where somebody else changed, moved or replaced the file; nothing was added to it then.
  ///   ``FileError``. After both ``resume(_:)`` is to be called. ``SyncFailure``, after which the process must end.
  public mutating func append(from register: Register, zone: Zone) throws -> LedgerFilePosition? {
    if end.sequence > 0 {
      if let fault = try faultOfEnd(register) { throw fault }
      if let size = try folder.stat(Self.name(end.year))?.size { try requireEnd(size, end.year, end.size) }
    }
    var isAny = false
    while true {
      let lines = try register.ledger(after: end.sequence, limit: Self.chunk)
      guard !lines.isEmpty else { break }
      isAny = true
      var rest = lines[...]
      while let first = rest.first {
        // A clock that was set back doesn't put a line before those that it follows.
        let year = max(end.year, zone.year(at: Timestamp(milliseconds: first.at)))
        let same = rest.prefix { max(year, zone.year(at: Timestamp(milliseconds: $0.at))) == year }
        try append(same, year: year)
        rest = rest[same.endIndex...]
      }
      if lines.count < Self.chunk { break }
    }
    return isAny ? end : nil
  }

  private mutating func append(_ lines: ArraySlice<StoredLedgerLine>, year: Int) throws {
    guard let last = lines.last else { return }
    // Opened each time, by its name: it is the file that stands there now.
    let file = try AppendedFile.open(Self.name(year), in: folder, creating: RecordFolders.fileMode)
    let size = year == end.year ? end.size : 0
    try requireEnd(try file.size(), year, size)
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.text.utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    try file.append(bytes)
    try file.sync()
    end = LedgerFilePosition(sequence: last.sequence, year: year, size: size + Int64(bytes.count))
  }

  private func requireEnd(_ found: Int64, _ year: Int, _ size: Int64) throws(LedgerFileFault) {
    guard found == size else {
      throw fault(
        year, "it has \(found) bytes, and the agent wrote \(size): something else writes into it, or it was cut")
    }
  }

  // MARK: Writing anew

  /// Moves the files aside, under their names and `.replaced-TIME`.
  ///
  /// - Returns: their new names.
  public mutating func setAside(at time: Timestamp) throws -> [FileName] {
    end = LedgerFilePosition(sequence: 0, year: 0, size: 0)
    let suffix = ".replaced-" + String(decoding: time.rfc3339.utf8.filter { !":-".utf8.contains($0) }, as: UTF8.self)
    let names = try Self.years(in: folder).compactMap { year -> FileName? in
      guard let aside = Self.name(year).appending(suffix) else { return nil }
      return try folder.move(Self.name(year), to: folder, as: aside) ? aside : nil
    }
    try folder.sync()
    return names
  }
}
