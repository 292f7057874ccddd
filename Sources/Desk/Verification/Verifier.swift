public import Configuration
internal import Files
internal import Installation
internal import Records
public import Register
internal import Text

/// Checks that the ledger, the register, the records, the account list and the directory say the same. It changes nothing.
public struct Verifier: Sendable {
  private let configuration: Configuration
  private let register: Register

  public init(_ configuration: Configuration, _ register: Register) {
    self.configuration = configuration
    self.register = register
  }

  /// That the ledger has no line with a hash that was written down elsewhere.
  public struct UnknownHash: Error, Sendable {}

  /// - Parameters:
  ///   - since: a hash that was written down elsewhere, 64 hexadecimal digits: the ledger must have the line that it is of.
  ///   - progress: what is checked, and how much of it was.
  /// - Throws: ``UnknownHash``, `RegisterError`, `FileError`, and ``AgentError`` where the configuration is no good.
  public func run(since: String? = nil, progress: @escaping @Sendable (Verification.Check, Int) -> Void) async throws
    -> Verification
  {
    var verification = Verification()
    let style = try RecordStyle(configuration)
    if let since {
      guard let hash = bytes(hexadecimal: since), let line = try register.ledgerLine(hash: hash) else {
        throw UnknownHash()
      }
      verification.since = (line.sequence, Timestamp(milliseconds: line.at))
    }
    let ledger = try LedgerCheck(register) { progress(.chain, $0) }
    verification.results.append((.chain, ledger.result))
    if let head = try register.ledgerHead() { verification.head = (head.sequence, hexadecimal(head.hash)) }
    verification.results.append((.files, try files { progress(.files, $0) }))
    let requests = RequestCheck(
      register: register, style: style, isRestored: ledger.isRestored,
      path: "\(configuration.state)/\(StateFiles.register)",
      records: configuration.records)
    let found = try requests.run { progress(.requests, $0) }
    verification.results += [(.requests, found.requests), (.records, found.records)]
    verification.results.append((.lists, try await lists(ledger, style)))
    let directory = DirectoryCheck(register: register, configuration: configuration)
    verification.results.append((.directory, try await directory.run { progress(.directory, $0) }))
    return verification
  }

  private func lists(_ ledger: LedgerCheck, _ style: RecordStyle) async throws -> Verification.Result {
    var ledger = ledger
    func check() throws -> Verification.Result {
      try ListCheck(
        register: register, style: style, records: configuration.records, published: ledger.published,
        isRunning: (try? LockFile.holder("agent.lock", in: Directory(configuration.spool))) != nil
      ).run()
    }
    let first = try check()
    guard case .differs = first else { return first }
    // An agent may just have written it, and says so in the ledger a moment later.
    try await Task.sleep(for: .seconds(2))
    try ledger.hearMore(register)
    return try check()
  }

  private func files(progress: (Int) -> Void) throws -> Verification.Result {
    let path = "\(configuration.records)/ledger"
    guard let folder = try Directory(configuration.records).folder("ledger") else {
      return try register.ledgerFile() == nil
        ? .fits(0)
        : .differs(what: "\(path) is missing", meaning: "the files were removed; buzon rebuild writes them again")
    }
    var comparison = LedgerComparison(folder, register)
    if let fault = try comparison.firstDifference(progress: { progress(Int($0)) }) {
      return .differs(
        what: fault.what,
        meaning:
          "compare the two with a backup, or with a hash that was written down; where the files are right: buzon "
          + "backup FILE, then buzon restore FILE; where the register is: buzon rebuild, which keeps these files aside")
    }
    let head = try register.ledgerHead()?.sequence ?? 0
    return .fits(Int(comparison.count), pending: Int(head - comparison.count))
  }
}
