public import Files

/// The folders below `records`: `forms/YEAR`, `deliveries/YEAR`, `accounts`, and a hidden one for files on their way.
/// Opened once and kept; made where they are missing.
public struct RecordFolders: Sendable {
  /// Permission bits of a record and of a list.
  public static let fileMode: UInt32 = 0o640
  /// Permission bits of the operator's page, which has no secrets and no personal data.
  public static let statusMode: UInt32 = 0o644
  /// Permission bits of a folder.
  public static let folderMode: UInt32 = 0o750

  /// The path of `records` as it was given.
  let path: String
  /// `records` itself.
  public let root: Directory
  /// For files on their way. Its owner calls ``TemporaryFolder/clean()`` at start-up.
  public let temporary: TemporaryFolder
  private var forms = Years("forms")
  private var deliveries = Years("deliveries")
  private var accountsFolder: Directory?
  private var ledgerFolder: Directory?

  /// Opens `records`, making it where it is missing; its parent must be there.
  ///
  /// - Throws: ``FileError``, ``SyncFailure``.
  public init(_ path: String) throws {
    self.path = path
    root = try Directory(path, creating: Self.folderMode)
    temporary = TemporaryFolder(try Directory(path + "/.tmp", creating: 0o700))
  }

  /// Where the forms of a year are archived as they came.
  public mutating func forms(year: Int) throws -> Directory { try forms.folder(year, in: self) }

  /// Where the delivery records of a year stand.
  public mutating func deliveries(year: Int) throws -> Directory { try deliveries.folder(year, in: self) }

  /// Where the account list stands.
  public mutating func accounts() throws -> Directory {
    if let accountsFolder { return accountsFolder }
    let folder = try root.folder("accounts", creating: Self.folderMode, temporary: temporary)
    accountsFolder = folder
    return folder
  }

  /// Where the ledger's files stand.
  public mutating func ledger() throws -> Directory {
    if let ledgerFolder { return ledgerFolder }
    let folder = try root.folder("ledger", creating: Self.folderMode, temporary: temporary)
    ledgerFolder = folder
    return folder
  }

  /// Notices that one of the folders was moved, removed or replaced: what is written there now would be found by nobody.
  ///
  /// - Throws: ``FileError``; all are to be opened anew.
  public func requireInPlace() throws(FileError) {
    try root.requireInPlace(at: path)
    try temporary.directory.requireInPlace(as: ".tmp", in: root)
    try accountsFolder?.requireInPlace(as: "accounts", in: root)
    try ledgerFolder?.requireInPlace(as: "ledger", in: root)
    try forms.requireInPlace(in: root)
    try deliveries.requireInPlace(in: root)
  }

  /// A folder with a folder for each year, one of which, the last used, is kept open.
  private struct Years {
    let name: FileName
    private var parent: Directory?
    private var last: (year: Int, folder: Directory)?

    init(_ name: FileName) { self.name = name }

    mutating func folder(_ year: Int, in folders: RecordFolders) throws -> Directory {
      if let last, last.year == year { return last.folder }
      let (mode, temporary) = (RecordFolders.folderMode, folders.temporary)
      let parent = try parent ?? folders.root.folder(name, creating: mode, temporary: temporary)
      self.parent = parent
      guard let yearName = FileName(String(year)) else { preconditionFailure("digits make a name") }
      let folder = try parent.folder(yearName, creating: mode, temporary: temporary)
      last = (year, folder)
      return folder
    }

    func requireInPlace(in root: Directory) throws(FileError) {
      try parent?.requireInPlace(as: name, in: root)
      if let parent, let last, let name = FileName(String(last.year)) {
        try last.folder.requireInPlace(as: name, in: parent)
      }
    }
  }
}
