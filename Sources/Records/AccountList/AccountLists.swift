import Files

/// `accounts.csv` and `accounts.json` written together, row by row, in memory that doesn't grow with them. Each appears
/// whole and durably in place of the one before when it is finished; given up before, nothing changes.
public struct AccountLists: ~Copyable {
  private var csvFile: StreamedFile
  private var jsonFile: StreamedFile
  private let csv: AccountListCSV
  private var json = AccountListJSON()

  /// Begins both lists.
  ///
  /// - Parameter folders: where they belong.
  public init(in folders: inout RecordFolders, csv: AccountListCSV = AccountListCSV()) throws {
    let folder = try folders.accounts()
    let (temporary, mode) = (folders.temporary, RecordFolders.fileMode)
    var csvFile = try StreamedFile(as: RecordNames.accountsCSV, in: folder, temporary: temporary, mode: mode)
    var jsonFile = try StreamedFile(as: RecordNames.accountsJSON, in: folder, temporary: temporary, mode: mode)
    try csvFile.append { csv.begin(&$0) }
    try jsonFile.append { AccountListJSON().begin(&$0) }
    self.csv = csv
    self.csvFile = csvFile
    self.jsonFile = jsonFile
  }

  /// Writes a row to both.
  public mutating func append(_ row: AccountRow) throws {
    try csvFile.append { csv.append(row, to: &$0) }
    try jsonFile.append { json.append(row, to: &$0) }
  }

  /// Puts both in their places.
  ///
  /// - Throws: ``FileError``; ``SyncFailure``, after which the process must end.
  public consuming func finish() throws {
    try csvFile.append { csv.end(&$0) }
    try jsonFile.append { json.end(&$0) }
    try csvFile.finish()
    try jsonFile.finish()
  }
}
