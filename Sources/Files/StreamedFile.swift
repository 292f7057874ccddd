import Failpoints
import Glibc

/// A large file written piece by piece in bounded memory, that appears whole and durably under its name when it is
/// finished, in place of what was there. One that isn't finished leaves nothing behind.
public struct StreamedFile: ~Copyable {
  private let name: FileName
  private let folder: Directory
  private let temporary: TemporaryFolder
  private let temporaryName: FileName
  private var writer: BufferedWriter
  private var isPlaced = false

  /// - Parameters:
  ///   - folder: on the file system of `temporary`.
  ///   - mode: permission bits, exact whatever the umask.
  ///   - bufferSize: bytes that are written at once.
  public init(
    as name: FileName, in folder: Directory, temporary: TemporaryFolder, mode: UInt32 = 0o640,
    bufferSize: Int = 131_072
  ) throws(FileError) {
    let new = try failpoint("file.create") { () throws(FileError) in
      try temporary.directory.createFile(mode: mode) { temporary.nextName() }
    }
    self.name = name
    self.folder = folder
    self.temporary = temporary
    temporaryName = new.name
    writer = BufferedWriter(
      owning: new.descriptor, path: temporary.directory.shown(temporaryName), bufferSize: bufferSize)
  }

  deinit { if !isPlaced { temporary.directory.discard(temporaryName) } }

  /// How many bytes were appended.
  public var count: Int { writer.count }

  /// Its path while it is on its way, for a library that writes by a path, instead of ``append(_:)``. ``finish()`` syncs what
  /// was written there: it is the same file.
  public var passingPath: String { "\(temporary.directory.descriptorPath)/\(temporaryName)" }

  /// Lends the buffer: `body` appends to it and must not remove anything. It is written when it is full.
  public mutating func append<Failure: Error>(_ body: (inout [UInt8]) throws(Failure) -> Void) throws {
    try writer.append(body)
  }

  /// Makes the file durable and puts it in its place.
  ///
  /// - Throws: ``FileError``; then nothing of it is left and what was there stands. ``SyncFailure``, after which the
  ///   process must end.
  public consuming func finish() throws {
    try writer.flush()
    try failpoint("file.sync") { () throws(SyncFailure) in try writer.sync() }
    try temporary.directory.replace(temporaryName, to: folder, as: name)
    isPlaced = true
    try folder.sync()
  }
}
