internal import Failpoints
internal import Files
internal import Glibc
internal import Records
internal import Register
internal import Text

extension StateRestore {
  /// The state's folder, by its path: SQLite takes no descriptors.
  struct State {
    let folder: Files.Directory
    private let root: String

    /// - Throws: ``AgentError`` where others may write in it.
    init(_ path: String, folder: Files.Directory) throws {
      root = path
      self.folder = folder
      try trusting { try PathTrust.requireFolder(path, isClosed: true) }
    }

    func path(_ name: FileName) -> String { "\(root)/\(name)" }

    /// Removes what a restore that was killed left on its way.
    func clean() throws {
      // With what SQLite has beside it.
      for name in try folder.names() where name.bytes.starts(with: staged.bytes) || name.hasSuffix(".tmp") {
        try folder.unlink(name)
      }
    }

    /// - Parameter records: where the delivery records stand.
    /// - Returns: how many requests are held.
    @discardableResult
    func finish(records: String) throws -> Int {
      guard try folder.stat(register) != nil, let key = try Register.key(inBackup: path(register)) else {
        return 0
      }
      if (try? folder.read(keyName, limit: 4_096)) != key {
        try folder.writeDurably(key, as: keyName, mode: 0o600)
      }
      return try failpoint("restore.finish") {
        try Register.removeKey(
          fromRestored: path(register), spent: try StateRestore.unknown(path(register), records: records))
      }
    }

    /// Copies the register that is there, and its key where the new one is another, to names of their own: the old state
    /// stays as it is until the new one takes its place.
    func setAside(newKey: [UInt8]?) throws -> FileName? {
      guard try folder.stat(register) != nil else { return nil }
      let time = Timestamp.now().rfc3339.utf8.filter { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "-") }
      let stem = ".before-restore-" + String(decoding: time, as: UTF8.self)
      // Two restores within a second set two registers aside.
      var suffix = stem
      for count in 2... {
        guard try folder.stat(aside(register, suffix)) != nil else { break }
        suffix = "\(stem)-\(count)"
      }
      // One that is too damaged to be put together keeps its log.
      let gathered = try failpoint("restore.gather") { try Register.gather(path(register)) }
      guard gathered != .busy else {
        throw AgentError.spoolTaken(
          "another command reads the register \(path(register)); try again when it has ended")
      }
      for name in gathered == .whole ? [register] : [register, log] where try folder.stat(name) != nil {
        try Source(path(name)).copy(to: aside(name, suffix), in: folder) { _, _ in }
      }
      if let old = try? folder.read(keyName, limit: 4_096), old != newKey {
        try folder.writeDurably(old, as: aside(keyName, suffix), mode: 0o600)
      }
      return aside(register, suffix)
    }

    /// `register.sqlite-wal` goes with `register.sqlite.before-restore-TIME` as SQLite wants it: `…TIME-wal`.
    private func aside(_ name: FileName, _ suffix: String) -> FileName {
      let name = name == log ? register.appending(suffix + "-wal") : name.appending(suffix)
      guard let name else { preconditionFailure("three short texts make a name") }
      return name
    }
  }
}
