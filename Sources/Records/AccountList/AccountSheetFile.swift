public import Configuration
internal import Files

/// `accounts.xlsx`, written row by row. It appears whole and durably in place of the one before when it is finished; given up
/// before, nothing changes.
public struct AccountSheetFile: ~Copyable {
  private var sheet: AccountSheet
  private let file: StreamedFile

  /// Begins the list.
  ///
  /// - Parameters:
  ///   - columns: which, in which order.
  ///   - folders: where it belongs.
  public init(_ pages: Pages, columns: [AccountColumn], in folders: inout RecordFolders) throws {
    let (folder, temporary) = (try folders.accounts(), folders.temporary)
    let file = try StreamedFile(
      as: RecordNames.accountsSheet, in: folder, temporary: temporary, mode: RecordFolders.fileMode)
    let sheet = try AccountSheet(
      pages, columns: columns, path: file.passingPath, folder: temporary.directory.descriptorPath,
      shown: folder.shown(RecordNames.accountsSheet))
    self.sheet = sheet
    self.file = file
  }

  /// Writes a row.
  public mutating func append(_ row: AccountRow) throws { try sheet.append(row) }

  /// Puts it in its place.
  ///
  /// - Throws: `FileError`; `SyncFailure`, after which the process must end.
  public consuming func finish() throws {
    try sheet.finish()
    try file.finish()
  }
}
