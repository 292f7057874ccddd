import Glibc
import Synchronization

/// A folder of ours for files on their way: written here, synced, then renamed to where they belong on the same file
/// system. A small folder beside crowded ones keeps creating a file cheap, and leftovers of a crash lie in one place.
public final class TemporaryFolder: Sendable {
  /// The folder itself.
  public let directory: Directory
  private let count = Atomic<UInt64>(0)

  /// Uses a folder, mode 0700, that nobody else writes in.
  public init(_ directory: Directory) { self.directory = directory }

  /// A name that no other file of this or another live process has: `PID-COUNT.tmp`.
  func nextName() -> FileName { passingName("\(getpid())-\(count.add(1, ordering: .relaxed).newValue).tmp") }

  /// Removes what a crash left here: files, and folders that never got their place. To be called at start-up by the
  /// one who holds the lock, before anything is written here.
  ///
  /// - Returns: how many leftovers were removed.
  @discardableResult
  public func clean() throws -> Int {
    var removed = 0
    for name in try directory.names() {
      if try directory.stat(name)?.kind == .directory {
        guard name.withCString({ unlinkat(directory.descriptor, $0, AT_REMOVEDIR) }) == 0 else {
          throw directory.error("rmdir", name)
        }
      } else {
        try directory.unlink(name)
      }
      removed += 1
    }
    return removed
  }
}

/// `.PID-RANDOM.tmp`: a hidden name that the spool leaves alone (``FileName/isLeftAlone``). In a folder that others may
/// search, who could guess it could open the file while it is written, and read all that comes.
func hiddenPassingName() -> FileName { passingName(".\(getpid())-\(unguessableWord()).tmp") }

private func passingName(_ text: String) -> FileName {
  guard let name = FileName(text) else { preconditionFailure("numbers make a name") }
  return name
}

extension Directory {
  /// Removes files that ``writeDurably(_:as:mode:replacing:)`` left here under their hidden passing names when their
  /// process crashed: those that nobody touched for an hour.
  ///
  /// - Returns: how many were removed.
  @discardableResult
  public func cleanPassing() throws -> Int {
    var removed = 0
    for name in try names() where isPassingName(name) {
      guard let stat = try stat(name), stat.kind == .regular else { continue }
      let age = Int64(time(nil)) - stat.changed / 1_000_000_000
      if age > 3600, try unlink(name) { removed += 1 }
    }
    return removed
  }
}

/// `.PID-RANDOM.tmp`, or `.PID-COUNT.tmp` of an earlier version.
private func isPassingName(_ name: FileName) -> Bool {
  guard name.hasSuffix(".tmp"), name.bytes.first == UInt8(ascii: ".") else { return false }
  let parts = name.bytes.dropFirst().dropLast(4).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return false }
  let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
  return parts[0].allSatisfy(isDigit)
    && (parts[1].allSatisfy(isDigit)
      || (parts[1].count == 32 && parts[1].allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }))
}
