public import Forms
import Glibc

/// A configuration that can't be used.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  /// The file it stands in.
  public var file: String
  /// All that is wrong, in the order of its text; never empty.
  public var findings: [Finding]
  /// Whether the file may well be right, and could not be read just now: a disk or a moment that fails.
  public var isPassing = false

  /// `FILE:LINE:COLUMN: KEY: what is wrong; what to write instead`, for each finding.
  public var lines: [String] { findings.map { $0.line(file: file) } }

  /// The lines.
  public var description: String { lines.joined(separator: "\n") }
}

extension Configuration {
  /// The most that a configuration may have: 1 MiB.
  public static let largestFile = 1 << 20

  /// Reads a configuration. All that is wrong is reported at once.
  /// - Parameter file: its name, for messages.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> Configuration {
    let findings = Findings()
    guard let document = Document.read(bytes, limit: largestFile, findings: findings) else {
      throw ConfigurationError(file: file, findings: findings.all)
    }
    var walk = ConfigurationWalk(walk: Walk(document, findings))
    let configuration = walk.configuration()
    guard let configuration, findings.isEmpty else {
      throw ConfigurationError(file: file, findings: findings.all)
    }
    return configuration
  }

  /// Reads the configuration of a file.
  public static func load(_ file: String) throws(ConfigurationError) -> Configuration {
    try read(bytes(of: file), file: file)
  }

  /// A regular file's bytes. A FIFO or a device is not waited for.
  private static func bytes(of file: String) throws(ConfigurationError) -> [UInt8] {
    var descriptor: Int32
    repeat {
      descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw unreadable(file, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(file, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable(file, "it is not a regular file") }
    guard status.st_size <= largestFile else { throw unreadable(file, "it has more than \(largestFile) bytes") }
    // One byte more than is allowed, so that a file that grows meanwhile is seen to be too large.
    var bytes = [UInt8](repeating: 0, count: largestFile + 1)
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw unreadable(file, code: errno)
      }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }

  private static func unreadable(_ file: String, code: Int32) -> ConfigurationError {
    let remedy: String? =
      switch code {
      case EMFILE: "raise the limit of open files (LimitNOFILE, ulimit -n)"
      case ENFILE: "raise the system's limit of open files (fs.file-max)"
      case ENOMEM: "free memory"
      case EIO: "look for errors of the disk in the kernel's log (dmesg)"
      case EACCES, EPERM: "ask for access to it, or name another with --config or BUZON_CONFIG"
      default: nil
      }
    let text = String(cString: strerror(code))
    var error = unreadable(file, text.prefix(1).lowercased() + text.dropFirst(), remedy)
    error.isPassing = [EIO, EINTR, EMFILE, ENFILE, ENOMEM, ESTALE].contains(code)
    return error
  }

  private static func unreadable(_ file: String, _ reason: String, _ remedy: String? = nil) -> ConfigurationError {
    ConfigurationError(
      file: file,
      findings: [
        Finding(
          place: nil, key: "", problem: "the configuration can't be read: \(reason)",
          remedy: remedy ?? "name it with --config or BUZON_CONFIG; `buzon init` writes one")
      ])
  }
}
