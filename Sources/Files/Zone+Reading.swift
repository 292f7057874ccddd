internal import Glibc
public import Text

/// Reading a zone of the tz database.
extension Zone {
  /// Why a zone can't be used.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such zone, or it can't be read.
    case unknown(name: String, cause: FileError?)
    /// It could not be read just now, or the caller may not read it.
    case unreadable(name: String, cause: FileError)
    /// Its file isn't what it should be.
    case damaged(name: String, reason: String)

    /// One line.
    public var description: String {
      switch self {
      case .unknown(let name, let cause):
        "time zone \(displayed(name.utf8)) is not known" + (cause.map { ": \($0)" } ?? "")
      case .unreadable(let name, let cause): "time zone \(displayed(name.utf8)) can't be read: \(cause)"
      case .damaged(let name, let reason): "time zone \(displayed(name.utf8)): \(reason)"
      }
    }

    /// What a person can do about it.
    public var remedy: String {
      if case .unreadable(_, let cause) = self { return cause.remedy ?? "see the error" }
      return "use a name from /usr/share/zoneinfo (package tzdata), e.g. America/Bogota"
    }
  }

  /// Reads a zone. `UTC` needs no file.
  ///
  /// - Throws: ``Failure``.
  public init(_ name: String, database: String = "/usr/share/zoneinfo") throws(Failure) {
    guard name != "UTC" else {
      self = .utc
      return
    }
    let bytes = try Self.read(name, database: database)
    do throws(TZifError) {
      try self.init(name, tzif: bytes)
    } catch {
      throw .damaged(name: name, reason: error.reason)
    }
  }

  private static func read(_ name: String, database: String) throws(Failure) -> [UInt8] {
    // Only names within the database: each part is a plain file name.
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).compactMap { FileName($0) }
    guard let last = parts.last, name.utf8.count == parts.reduce(parts.count - 1, { $0 + $1.count }) else {
      throw .unknown(name: name, cause: nil)
    }
    do throws(FileError) {
      var folder = try Directory(database)
      for part in parts.dropLast() {
        guard let next = try folder.folder(part) else {
          throw FileError(call: "open", path: folder.shown(part), code: ENOENT)
        }
        folder = next
      }
      return try folder.read(last, limit: 1 << 20)
    } catch {
      throw error.isOfName ? .unknown(name: name, cause: error) : .unreadable(name: name, cause: error)
    }
  }
}
