import Glibc
internal import Text

/// A file without a name, for what a command makes and then prints: in a folder of its own in `TMPDIR` (else `/tmp`), mode
/// 0700, where a library may make more files. Nothing of it can be opened by others, and nothing but an empty folder stays
/// where the process is killed.
public struct PrivateFile: ~Copyable {
  private let descriptor: Descriptor
  /// The folder's path.
  public let folder: String

  /// - Throws: ``FileError``.
  public init() throws(FileError) {
    let made = try Self.make()
    descriptor = Descriptor(made.descriptor)
    folder = made.folder
  }

  private static func make() throws(FileError) -> (folder: String, descriptor: Int32) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var template = Array("\(parent.isEmpty ? "/tmp" : parent)/buzon-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError.latest("mkdtemp", displayed(parent.utf8)) }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let name = "\(folder)/file"
    let descriptor = retrying { open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
    guard descriptor >= 0 else {
      let error = FileError.latest("open", displayed(name.utf8))
      rmdir(folder)
      throw error
    }
    unlink(name)
    return (folder, descriptor)
  }

  deinit { rmdir(folder) }

  /// A path that leads to the file in this process alone (proc(5)), for a library that writes by a path.
  public var path: String { "/proc/self/fd/\(descriptor.raw)" }

  /// Reads it from the beginning, in pieces of bounded size.
  ///
  /// - Throws: ``FileError``, and what `body` throws.
  public func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var offset: off_t = 0
    while true {
      let got = buffer.withUnsafeMutableBytes { piece in
        retrying { pread(descriptor.raw, piece.baseAddress, piece.count, offset) }
      }
      guard got >= 0 else { throw FileError.latest("read", displayed(folder.utf8)) }
      if got == 0 { return }
      offset += off_t(got)
      try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
    }
  }
}
