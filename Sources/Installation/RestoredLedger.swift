package import Configuration
internal import Files
internal import Records
package import Register

/// The ledger of a register that may have been restored: what was written since the backup stands in the files below
/// `records/ledger`, and the chain goes on from there.
package struct RestoredLedger {
  private let configuration: Configuration

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Takes into a restored register what its files have more, and notes the restore. Does nothing where the register wasn't
  /// restored. For the one who holds the lock; may be done again where it was cut off.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  /// - Throws: ``AgentError`` where the files hold more than a register that wasn't restored: going on would do again what was
  ///   done, and use numbers a second time.
  package func settle(_ register: Register, at: Int64) async throws {
    let made = try register.ledgerRestored()
    // What was never written has nothing to go on from.
    var files: LedgerFiles?
    if try hasFiles() {
      var folders = try RecordFolders(configuration.records)
      files = LedgerFiles(try folders.ledger())
    }
    if case .ahead(let fault) = try files?.resume(register) {
      guard made != nil else { throw AgentError.state("\(fault.what); \(Self.remedy)") }
      try await files?.forEachLineBehind { try await register.continueLedger($0).value() }
    }
    if let made { try await register.endContinuation(made: made, at: at).value() }
  }

  private func hasFiles() throws -> Bool {
    do {
      return try Directory(configuration.records).folder("ledger") != nil
    } catch  where error.isOfName {
      return false
    }
  }

  private static let remedy =
    "an older register was put in its place; put the right one back (buzon restore keeps the one it replaces as "
    + "register.sqlite.before-restore-TIME). Where it is lost, restore this one properly, which notes what was done since: "
    + "buzon backup FILE, then buzon restore FILE, then buzon rebuild"
}
