package import Configuration
internal import Failpoints
package import Files
internal import Glibc
internal import Register
internal import Text

/// The state's folder where a backup is put in its place, by its path: SQLite takes no descriptors. A restore that was cut
/// off is brought to its end here, by the next start or the next restore.
package struct RestoredState {
  package let folder: Files.Directory
  private let root: String

  /// - Throws: ``AgentError`` where others may write in it.
  package init(_ path: String, folder: Files.Directory) throws {
    root = path
    self.folder = folder
    try trusting { try PathTrust.requireFolder(path, isClosed: true) }
  }

  package func path(_ name: FileName) -> String { "\(root)/\(name)" }

  /// Removes what a restore that was killed left on its way.
  package func clean() throws {
    // With what SQLite has beside it.
    for name in try folder.names() where name.bytes.starts(with: StateFiles.staged.bytes) || name.hasSuffix(".tmp") {
      try folder.unlink(name)
    }
  }

  /// Brings a restore to its end that put the register in place: the key goes from it to `slips.key`. Does nothing where
  /// there is none. For the one who holds the lock.
  package static func finish(_ configuration: Configuration) throws {
    let state = try RestoredState(configuration.state, folder: Files.Directory(configuration.state))
    try state.clean()
    try state.finish(records: configuration.records)
  }

  /// - Parameter records: where the delivery records stand.
  /// - Returns: how many requests are held.
  @discardableResult
  package func finish(records: String) throws -> Int {
    guard try folder.stat(StateFiles.register) != nil, let key = try Register.key(inBackup: path(StateFiles.register))
    else {
      return 0
    }
    if (try? folder.read(StateFiles.keyName, limit: 4_096)) != key {
      try folder.writeDurably(key, as: StateFiles.keyName, mode: 0o600)
    }
    return try failpoint("restore.finish") {
      try Register.removeKey(
        fromRestored: path(StateFiles.register),
        spent: try StateFiles.unknown(path(StateFiles.register), records: records))
    }
  }

  /// Copies the register that is there, and its key where the new one is another, to names of their own: the old state
  /// stays as it is until the new one takes its place.
  package func setAside(newKey: [UInt8]?) throws -> FileName? {
    guard try folder.stat(StateFiles.register) != nil else { return nil }
    let time = Timestamp.now().rfc3339.utf8.filter { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "-") }
    let stem = ".before-restore-" + String(decoding: time, as: UTF8.self)
    // Two restores within a second set two registers aside.
    var suffix = stem
    for count in 2... {
      guard try folder.stat(aside(StateFiles.register, suffix)) != nil else { break }
      suffix = "\(stem)-\(count)"
    }
    // One that is too damaged to be put together keeps its log.
    let gathered = try failpoint("restore.gather") { try Register.gather(path(StateFiles.register)) }
    guard gathered != .busy else {
      throw AgentError.spoolTaken(
        "another command reads the register \(path(StateFiles.register)); try again when it has ended")
    }
    for name in gathered == .whole ? [StateFiles.register] : [StateFiles.register, StateFiles.log]
    where try folder.stat(name) != nil {
      try SourceFile(path(name)).copy(to: aside(name, suffix), in: folder) { _, _ in }
    }
    if let old = try? folder.read(StateFiles.keyName, limit: 4_096), old != newKey {
      try folder.writeDurably(old, as: aside(StateFiles.keyName, suffix), mode: 0o600)
    }
    return aside(StateFiles.register, suffix)
  }

  /// `register.sqlite-wal` goes with `register.sqlite.before-restore-TIME` as SQLite wants it: `…TIME-wal`.
  private func aside(_ name: FileName, _ suffix: String) -> FileName {
    let name = name == StateFiles.log ? StateFiles.register.appending(suffix + "-wal") : name.appending(suffix)
    guard let name else { preconditionFailure("three short texts make a name") }
    return name
  }
}
