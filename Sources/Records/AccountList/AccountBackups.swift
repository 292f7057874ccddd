internal import Configuration
internal import Files
import Glibc
public import Text

/// Dated copies of `accounts.csv` in `accounts/backup`: `accounts-YYYY-MM-DD.csv` and beside it, for sha256sum(1),
/// the same name with `.sha256`. One for a day of the organisation's zone, replaced when the list changed since; the
/// newest are kept, older ones removed, and files that aren't of ours left alone.
public struct AccountBackups: Sendable {
  /// A copy that isn't what was written. Older ones are kept then.
  public struct Damaged: Error, Sendable, Hashable, CustomStringConvertible {
    /// The copy, safe to print.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// One line.
    public var description: String { "backup \(path) can't be read back: \(reason); the older ones were kept" }

    /// What a person can do about it.
    public var remedy: String { "check the disk (dmesg), and who writes in this folder; the next list tries again" }
  }

  /// What was done.
  public enum Outcome: Sendable, Hashable {
    /// The day's copy was written, read back and found right.
    case written
    /// The day's copy has the list as it is; it was read back and found right.
    case unchanged
    /// None are kept.
    case off
  }

  private let keep: Int

  /// - Parameter keep: copies that are kept; 0: none at all, and those that are there are removed.
  public init(keep: Int) { self.keep = keep }

  /// Copies the list as it stands now.
  ///
  /// - Parameter day: today in the organisation's zone.
  /// - Throws: ``Damaged``, ``FileError``; ``SyncFailure``, after which the process must end.
  public func update(day: Day, in folders: inout RecordFolders) throws -> Outcome {
    let accounts = try folders.accounts()
    guard keep > 0 else {
      if let folder = try accounts.folder(RecordNames.backup) { try prune(folder, today: nil) }
      return .off
    }
    let folder = try accounts.folder(
      RecordNames.backup, creating: RecordFolders.folderMode, temporary: folders.temporary)
    let copy = Copy(day)
    let path = "\(folders.path)/accounts/backup/\(copy.name)"

    var file = try StreamedFile(
      as: copy.name, in: folder, temporary: folders.temporary, mode: RecordFolders.fileMode)
    let list = try Self.fingerprint(of: "\(folders.path)/accounts/\(RecordNames.accountsCSV)", into: &file)
    let line = Array("\(hexadecimal(list.digest))  \(copy.name)\n".utf8)

    var outcome = Outcome.unchanged
    if !Self.isThere(copy, line: line, in: folder) || (try? Self.check(path, list)) == nil {
      outcome = .written
      // Between the two renames the copy is better without its checksum than with a wrong one.
      if try folder.unlink(copy.checksum) { try folder.sync() }
      try file.finish()
      var batch = DurableBatch(folders.temporary)
      try batch.add(line, as: copy.checksum, in: folder, mode: RecordFolders.fileMode)
      try batch.commit()
      try Self.check(path, list)
      guard Self.isThere(copy, line: line, in: folder) else {
        throw Damaged(path: folder.shown(copy.checksum), reason: "it is not what was written")
      }
    }
    try prune(folder, today: copy)
    return outcome
  }

  // MARK: Accounts that were forgotten

  /// Takes the rows of some accounts out of all copies, streamed. A copy that has no column of addresses is removed, for
  /// nobody can say whom it names.
  ///
  /// - Parameter areForgotten: those of some addresses whose rows go.
  /// - Returns: how many copies changed.
  /// - Throws: ``FileError``; `SyncFailure`, after which the process must end.
  public static func forget(
    in folders: inout RecordFolders, _ areForgotten: ([String]) throws -> Set<String>
  ) throws -> Int {
    guard let folder = try folders.accounts().folder(RecordNames.backup) else { return 0 }
    var changed = 0
    for copy in try folder.names().compactMap({ Copy(name: $0) }) {
      var isAbout = false
      let hasAddresses = try forEachRow(of: copy, in: folder, areForgotten) { _, isForgotten in
        isAbout = isAbout || isForgotten
      }
      if hasAddresses, !isAbout { continue }
      changed += 1
      // Between the two renames the copy is better without its checksum than with a wrong one.
      if try folder.unlink(copy.checksum) { try folder.sync() }
      guard hasAddresses else {
        if try folder.unlink(copy.name) { try folder.sync() }
        continue
      }
      var file = try StreamedFile(
        as: copy.name, in: folder, temporary: folders.temporary, mode: RecordFolders.fileMode)
      var fingerprint = FingerprintWriter()
      _ = try forEachRow(of: copy, in: folder, areForgotten) { line, isForgotten in
        if isForgotten { return }
        let bytes = line + [UInt8(ascii: "\n")]
        bytes.withUnsafeBytes { fingerprint.add($0) }
        try file.append { $0.append(contentsOf: bytes) }
      }
      try file.finish()
      var batch = DurableBatch(folders.temporary)
      try batch.add(
        Array("\(hexadecimal(fingerprint.finish().digest))  \(copy.name)\n".utf8), as: copy.checksum, in: folder,
        mode: RecordFolders.fileMode)
      try batch.commit()
    }
    return changed
  }

  /// Rows that are asked about at once.
  private static let chunk = 1_000

  /// Lends the lines of a copy in their order, each without its end, and whether it is of a forgotten account.
  ///
  /// - Returns: whether the copy has a column of addresses; without one nothing is lent.
  private static func forEachRow(
    of copy: Copy, in folder: Directory, _ areForgotten: ([String]) throws -> Set<String>,
    _ body: ([UInt8], Bool) throws -> Void
  ) throws -> Bool {
    guard let reader = try LineReader.open(copy.name, in: folder), let header = try reader.next() else { return false }
    let columns = cells(header.bytes)
    guard let column = columns.firstIndex(where: { $0.hasSuffix(AccountColumn.address.rawValue) }) else { return false }
    try body(header.bytes, false)
    var lines: [[UInt8]] = []
    func lend() throws {
      let addresses = lines.map { line in cells(line).dropFirst(column).first ?? "" }
      let forgotten = try areForgotten(addresses)
      for (line, address) in zip(lines, addresses) { try body(line, forgotten.contains(address)) }
      lines = []
    }
    while let line = try reader.next() {
      lines.append(line.bytes)
      if lines.count == chunk { try lend() }
    }
    try lend()
    return true
  }

  /// The cells of a row (RFC 4180); no cell of a list has a line's end.
  private static func cells(_ line: [UInt8]) -> [String] {
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in line where byte != 0x0D {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: cells.append([])
      default: cells[cells.count - 1].append(byte)
      }
    }
    return cells.map { String(decoding: $0, as: UTF8.self) }
  }

  /// What a list is, which is copied on the way.
  private static func fingerprint(of path: String, into file: inout StreamedFile) throws -> Fingerprint {
    var writer = FingerprintWriter()
    try readPieces(path) { piece in
      writer.add(piece)
      try file.append { $0.append(contentsOf: piece) }
    }
    return writer.finish()
  }

  /// Reads a copy back.
  private static func check(_ path: String, _ list: Fingerprint) throws {
    var writer = FingerprintWriter()
    try readPieces(path) { writer.add($0) }
    guard writer.finish() == list else {
      throw Damaged(path: displayed(path.utf8), reason: "its length or checksum is not that of what was written")
    }
  }

  private static func isThere(_ copy: Copy, line: [UInt8], in folder: Directory) -> Bool {
    (try? folder.read(copy.checksum, limit: 4096)) == line
  }

  /// Removes all but the newest copies. Today's stays, even where others bear a later date.
  private func prune(_ folder: Directory, today: Copy?) throws {
    let names = try folder.names()
    let copies = names.compactMap { Copy(name: $0) }.filter { $0.name != today?.name }.sorted { $0.name > $1.name }
    let kept = Set(copies.prefix(today == nil ? 0 : keep - 1).map(\.name) + [today?.name].compactMap { $0 })
    var removed = 0
    for name in names {
      guard let copy = Copy(name: name) ?? Copy(checksum: name), !kept.contains(copy.name) else { continue }
      if try folder.unlink(name) { removed += 1 }
    }
    if removed > 0 { try folder.sync() }
  }
}

/// The files of a day's copy.
private struct Copy {
  let name: FileName
  let checksum: FileName

  private static let end = ".csv"

  init(_ day: Day) {
    var bytes = Array("accounts-".utf8)
    bytes.append(day)
    bytes.append(contentsOf: Self.end.utf8)
    guard let name = FileName(bytes), let checksum = name.appending(".sha256") else {
      preconditionFailure("letters and digits make a name")
    }
    self.name = name
    self.checksum = checksum
  }

  /// `nil` where a file isn't one of ours.
  init?(name: FileName) {
    let digits = name.bytes.map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
    guard digits.elementsEqual("accounts-0000-00-00\(Self.end)".utf8), let checksum = name.appending(".sha256") else {
      return nil
    }
    self.name = name
    self.checksum = checksum
  }

  init?(checksum: FileName) {
    guard checksum.hasSuffix(".sha256"), let name = FileName(checksum.bytes.dropLast(7)) else { return nil }
    self.init(name: name)
  }
}
