package import Files
internal import Register

/// The files of the state's folder.
package enum StateFiles {
  /// Held by an agent that waits for another one to end.
  package static let standby: FileName = "standby.lock"
  package static let register: FileName = "register.sqlite"
  package static let log: FileName = "register.sqlite-wal"
  package static let index: FileName = "register.sqlite-shm"
  /// A backup on its way into the register's place.
  package static let staged: FileName = "register.sqlite.new"
  package static let keyName: FileName = "slips.key"

  /// The key of the temporary passwords: the one in the register, where a restore was cut off; else `slips.key`.
  ///
  /// - Throws: ``AgentError`` where it is missing or damaged.
  package static func key(_ path: String) throws -> [UInt8] {
    let folder = try Files.Directory(path)
    if try folder.stat(register) != nil, let key = try Register.key(inBackup: path + "/\(register)") { return key }
    guard try folder.stat(keyName) != nil else {
      throw AgentError.state(
        "\(path)/\(keyName) is missing, and with it the open temporary passwords; \(Self.keyRemedy)")
    }
    let key = try folder.read(keyName, limit: 4_096)
    guard key.count == 32 else {
      throw AgentError.state(
        "\(path)/\(keyName) has \(key.count) bytes instead of 32; \(Self.keyRemedy)")
    }
    return key
  }

  /// A backup of `buzon backup` has the key in it, not as a file.
  private static let keyRemedy =
    "copy that file back (owner buzon, mode 0600), or run `buzon restore BACKUP`, which has the key in it"

  /// Numbers of delivery records on the disk that the register at a path doesn't know, sorted.
  package static func unknown(_ path: String, records: String) throws -> [String] {
    guard let deliveries = try? Files.Directory(records + "/deliveries") else { return [] }
    return try Register.asking(path) { knows in
      var unknown: [String] = []
      for year in try deliveries.names() {
        guard let folder = try? deliveries.folder(year) else { continue }
        try folder.forEachName { name throws in
          guard name.hasSuffix(".json"), let number = FileName(name.bytes.dropLast(5))?.text else { return }
          if try !knows(number) { unknown.append(number) }
        }
      }
      return unknown.sorted()
    }
  }
}
