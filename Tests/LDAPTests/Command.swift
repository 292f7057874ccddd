import Glibc
import Support

/// Runs the commands that the fixture needs.
enum Command {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a command to its end; its output goes to `log`, behind what is there.
  static func run(_ arguments: [String], log: String = "/dev/null") throws {
    let program = try start(arguments)
    let status = program.wait()
    try write(program.written.output + program.written.errors, to: log, O_APPEND)
    guard status == 0 else {
      throw Failed(description: "\(arguments.joined(separator: " ")): status \(status), \(log)")
    }
  }

  /// Starts a command with this descriptor (or nothing) as its input.
  static func start(_ arguments: [String], descriptor: Int32? = nil) throws -> Program {
    let places: [String] = ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"]
    let path = places.map { $0 + arguments[0] }.first { access($0, X_OK) == 0 }
    guard let path else { throw Failed(description: "\(arguments[0]) is not installed") }
    return try Program(path, Array(arguments.dropFirst()), descriptor: descriptor)
  }

  static func write(_ text: String, to path: String, _ flag: Int32 = O_TRUNC) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o600)
    guard file >= 0 else { throw Failed(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failed(description: "\(path): \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
  }

  static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
