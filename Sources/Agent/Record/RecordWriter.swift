internal import Files
internal import Forms
internal import Installation
internal import LDAP
internal import Records
internal import Register
internal import Text

/// Turns finished requests and the mirror into files below `records/`.
struct RecordWriter {
  private let path: String
  private var folders: RecordFolders
  private var ledger: LedgerFiles
  var style: RecordStyle

  /// Opens `records`, making what is missing, and removes what a crash left there on its way. Only for the one who holds
  /// the lock.
  init(_ path: String, style: RecordStyle) throws {
    self.path = path
    self.style = style
    folders = try RecordFolders(path)
    try folders.temporary.clean()
    ledger = LedgerFiles(try folders.ledger())
  }

  /// Opens the folders anew: they may have been replaced under us.
  mutating func reopen() throws {
    folders = try RecordFolders(path)
    try folders.temporary.clean()
    ledger = LedgerFiles(try folders.ledger())
  }

  /// Notices that what is written would be found by nobody (``RecordFolders/requireInPlace()``).
  func requireInPlace() throws(FileError) { try folders.requireInPlace() }

  /// Finds where the ledger's files end.
  mutating func resumeLedger(_ register: Register) throws -> LedgerFiles.Standing { try ledger.resume(register) }

  /// Appends to the ledger's files what the register has more, durably.
  ///
  /// - Returns: where they end now; `nil`: there was nothing to append.
  /// - Throws: `LedgerFileFault`, where somebody else changed them; else as ``write(_:)``.
  mutating func appendLedger(_ register: Register) throws -> LedgerFilePosition? {
    try ledger.append(from: register, zone: style.zone)
  }

  /// Moves the ledger's files aside where they say anything else than the register does.
  ///
  /// - Returns: their new names.
  mutating func setLedgerAside(_ register: Register) throws -> [FileName] {
    var comparison = LedgerComparison(try folders.ledger(), register)
    return try comparison.firstDifference() == nil ? [] : ledger.setAside(at: .now())
  }

  /// Archives the forms as received and writes the delivery records, durably, all of a batch together.
  ///
  /// - Throws: ``SyncFailure``, after which the process must end; ``FileError``.
  mutating func write(_ requests: [FinishedRequest]) throws {
    var batch = DurableBatch(folders.temporary)
    for request in requests {
      let names = try names(request)
      let year = style.zone.year(at: Timestamp(milliseconds: request.received))
      try batch.add(request.bytes, as: names.form, in: try folders.forms(year: year))
      if let signature = request.signature {
        try batch.add(signature, as: names.signature, in: try folders.forms(year: year))
      }
      try batch.add(
        DeliveryRecord(request, style).json(), as: names.delivery,
        in: try folders.deliveries(year: year))
    }
    try batch.commit()
    for request in requests where request.isForgotten { try removeForgotten(request) }
  }

  /// Removes what stood of a request before it was forgotten and isn't replaced: the signature, the page (written again
  /// later), and all that an earlier time zone put into another year.
  private func removeForgotten(_ request: FinishedRequest) throws {
    let names = try names(request)
    let year = style.zone.year(at: Timestamp(milliseconds: request.received))
    let parts: [(parent: FileName, all: [FileName], gone: [FileName])] = [
      ("forms", [names.form, names.signature], request.signature == nil ? [names.signature] : []),
      ("deliveries", [names.delivery, names.page], [names.page]),
    ]
    for part in parts {
      guard let parent = try folders.root.folder(part.parent) else { continue }
      for other in year - 1...year + 1 {
        guard let name = FileName("\(other)"), let folder = try parent.folder(name) else { continue }
        let removed = try (other == year ? part.gone : part.all).filter { try folder.unlink($0) }
        if !removed.isEmpty { try folder.sync() }
      }
    }
  }

  /// Takes the rows of forgotten accounts out of the dated copies of the list.
  ///
  /// - Returns: how many copies changed.
  mutating func forgetInCopies(_ register: Register) throws -> Int {
    try AccountBackups.forget(in: &folders) { try register.areForgotten($0) }
  }

  /// Writes the printable pages of delivery records, durably, beside them.
  ///
  /// - Parameter orders: those of people about a request, by its id.
  /// - Throws: as ``write(_:)``.
  mutating func writePages(_ requests: [FinishedRequest], orders: (Int64) throws -> [RequestEvent]) throws {
    var batch = DurableBatch(folders.temporary)
    for request in requests {
      let year = style.zone.year(at: Timestamp(milliseconds: request.received))
      try batch.add(
        style.pages.page(DeliveryRecord(request, orders: try orders(request.id), style)), as: try names(request).page,
        in: try folders.deliveries(year: year))
    }
    try batch.commit()
  }

  private func names(_ request: FinishedRequest) throws -> RecordNames {
    guard let names = RecordNames(number: request.request.number) else {
      throw FileError(call: "open", path: request.request.number, code: 22)
    }
    return names
  }

  /// Where the account list stands.
  mutating func accountsFolder() throws -> Directory { try folders.accounts() }

  /// Writes the corporate account list anew, streamed.
  ///
  /// - Parameter accounts: calls its argument with each account, in the order of the list.
  /// - Returns: how many accounts it has.
  mutating func writeLists(_ accounts: ((MirroredAccount) throws -> Void) throws -> Void) throws -> Int {
    var count = 0
    var lists = try AccountLists(in: &folders, csv: AccountListCSV(columns: style.columns))
    try accounts { account in
      try lists.append(AccountRow(account))
      count += 1
    }
    try lists.finish()
    return count
  }

  /// Writes the list as a spreadsheet anew, streamed.
  ///
  /// - Parameter accounts: as in ``writeLists(_:)``.
  /// - Returns: how many accounts it has.
  mutating func writeSheet(_ accounts: ((MirroredAccount) throws -> Void) throws -> Void) throws -> Int {
    var count = 0
    var sheet = try AccountSheetFile(style.pages, columns: style.columns, in: &folders)
    try accounts { account in
      try sheet.append(AccountRow(account))
      count += 1
    }
    try sheet.finish()
    return count
  }

  /// Writes the list's printable pages anew, streamed.
  ///
  /// - Returns: how many accounts there were a moment before.
  mutating func writeListPages(of register: Register) throws -> Int {
    let count = try register.accountCount()
    try AccountPages(style.pages, columns: style.columns).write(
      count: count, updated: .now(), ledger: try register.ledgerHead().map { hexadecimal($0.hash) }, in: &folders
    ) {
      order, row in
      try register.forEachAccount(byDepartment: order == .department) { try row(AccountRow($0)) }
    }
    return count
  }

  /// Writes the operator's page and the metrics anew, durably.
  ///
  /// - Throws: as ``write(_:)``.
  mutating func writeStatus(_ report: StatusReport, _ totals: StatusTotals) throws {
    let list = try folders.accounts().stat(RecordNames.accountsCSV)
    try folders.writeStatus(
      style.pages.page(report),
      metrics: report.metrics(
        totals, listWritten: list.map { Timestamp(milliseconds: $0.modified / 1_000_000) }))
  }

  /// Keeps a dated copy of the list as it stands.
  ///
  /// - Throws: `AccountBackups.Damaged`; else as ``write(_:)``.
  mutating func backUpList() throws {
    _ = try AccountBackups(keep: style.backups).update(day: style.zone.day(at: .now()), in: &folders)
  }
}
