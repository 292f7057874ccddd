import Failpoints
import Glibc

/// Many small files written durably for the price of few syncs: all written to a temporary folder, synced together,
/// renamed to their places, and each folder they went to synced once.
///
/// Each file appears whole with exactly its mode, in place of what was there. After ``commit()`` returns, all of them
/// survive a power cut; a crash before leaves some of them in place and the rest untouched, and writing the batch
/// again is right. What a crash leaves in the temporary folder ``TemporaryFolder/clean()`` removes.
///
/// All folders must lie on the file system of the temporary one. One batch serves again after each commit.
public struct DurableBatch: ~Copyable {
  private struct Passing {
    let temporaryName: FileName
    let name: FileName
    let folder: Directory
    /// Open still, or -1.
    let descriptor: Int32
  }

  private let temporary: TemporaryFolder
  private let fewFiles: Int
  private var passing: [Passing] = []
  private var hasFailed = false

  /// - Parameter fewFiles: up to so many files are synced one by one; more by one syncfs(2), which also writes what
  ///   other programs left unwritten on the file system.
  public init(_ temporary: TemporaryFolder, fewFiles: Int = 4) {
    self.temporary = temporary
    self.fewFiles = fewFiles
  }

  deinit {
    Self.close(passing)
    for file in passing { temporary.directory.discard(file.temporaryName) }
  }

  /// How many files wait for ``commit()``.
  public var count: Int { passing.count }

  /// Writes a file to the temporary folder. Where that fails the file is not part of the batch, the others still are.
  ///
  /// - Parameters:
  ///   - name: what it will be called in `folder`; of two files with one name the later stays.
  ///   - mode: permission bits, exact whatever the umask.
  public mutating func add(
    _ bytes: UnsafeRawBufferPointer, as name: FileName, in folder: Directory, mode: UInt32 = 0o640
  ) throws(FileError) {
    precondition(!hasFailed, "a batch whose commit failed can't be used again")
    let isOneOfFew = passing.count < fewFiles
    let file = try failpoint("file.write") { () throws(FileError) in
      try write(bytes, as: name, in: folder, mode: mode, keepingOpen: isOneOfFew)
    }
    passing.append(file)
  }

  /// Writes a file to the temporary folder.
  public mutating func add(
    _ bytes: [UInt8], as name: FileName, in folder: Directory, mode: UInt32 = 0o640
  ) throws(FileError) {
    try bytes.withRawBytes { bytes throws(FileError) in try add(bytes, as: name, in: folder, mode: mode) }
  }

  /// Makes the files durable and puts them in their places.
  ///
  /// - Throws: ``SyncFailure``, after which the process must end; ``FileError`` where a rename fails: then some files
  ///   are in their places, and the whole batch is to be written again by a new one.
  public mutating func commit() throws {
    guard !passing.isEmpty else { return }
    hasFailed = true
    try syncContents()
    Self.close(passing)
    var synced: Set<ObjectIdentifier> = []
    for file in passing { try temporary.directory.replace(file.temporaryName, to: file.folder, as: file.name) }
    for file in passing where synced.insert(ObjectIdentifier(file.folder)).inserted { try file.folder.sync() }
    passing.removeAll(keepingCapacity: true)
    hasFailed = false
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, as name: FileName, in folder: Directory, mode: UInt32, keepingOpen: Bool
  ) throws(FileError) -> Passing {
    let new = try temporary.directory.createFile(mode: mode) { temporary.nextName() }
    let temporaryName = new.name
    do throws(FileError) {
      try new.descriptor.write(bytes, path: temporary.directory.shown(temporaryName))
      // The first few stay open, in case they are synced one by one: a descriptor that was open all the time can't
      // miss a write that failed.
      var open: Int32 = -1
      if keepingOpen {
        open = new.descriptor.release()
      } else {
        try new.descriptor.close(temporary.directory.shown(temporaryName))
      }
      return Passing(temporaryName: temporaryName, name: name, folder: folder, descriptor: open)
    } catch {
      temporary.directory.discard(temporaryName)
      throw error
    }
  }

  private func syncContents() throws(SyncFailure) {
    let folder = temporary.directory
    guard passing.count <= fewFiles else {
      // The folder was opened before anything of the batch was written, so it hears of every write that failed.
      return try failpoint("file.syncfs") { () throws(SyncFailure) in
        try synced("syncfs", folder.path) { syncfs(folder.descriptor) }
      }
    }
    for file in passing {
      try failpoint("file.sync") { () throws(SyncFailure) in
        try synced("fsync", folder.shown(file.temporaryName)) { fsync(file.descriptor) }
      }
    }
  }

  private static func close(_ passing: [Passing]) {
    for file in passing.prefix(while: { $0.descriptor >= 0 }) { _ = Glibc.close(file.descriptor) }
  }
}
