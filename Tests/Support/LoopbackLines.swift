internal import Glibc
internal import Synchronization

/// A conversation in lines with a server on 127.0.0.1: what IMAP (RFC 9051) and SMTP (RFC 5321) are made of.
final class LoopbackLines {
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// Connects; no answer may take longer than two minutes.
  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SiteError("socket: errno \(errno)") }
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = Self.loopback(port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // The descriptor is closed by deinit: every stored property has its value by now.
    guard result == 0 else { throw SiteError("connect to port \(port): errno \(errno)") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  fileprivate static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return address
  }

  /// Sends a line and its CR LF.
  func send(_ line: String) throws {
    var bytes = Array(line.utf8 + [13, 10])[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw SiteError("send: errno \(errno)") }
      bytes = bytes.dropFirst(count)
    }
  }

  /// The next line, without its CR LF.
  func receive() throws -> String {
    while true {
      if let end = pending.firstIndex(of: 10) {
        var line = pending[..<end]
        if line.last == 13 { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        pending.removeSubrange(...end)
        return text
      }
      var buffer = [UInt8](repeating: 0, count: 4_096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw SiteError(count == 0 ? "the server hung up" : "recv: errno \(errno)") }
      pending += buffer[..<count]
    }
  }
}

/// A TCP port of 127.0.0.1 that nobody listens on, and that is given to nobody else.
///
/// Not one of the kernel's choice: those are the ports of outgoing connections too, of which the tests have thousands, and
/// a server that starts a second later found its port taken. Each call of this process goes on from the one before.
public func freePort() throws -> UInt16 {
  // net.ipv4.ip_local_port_range begins at 32768.
  for _ in 0..<20_000 {
    let port = nextPort.withLock { next in
      next = next == 31_999 ? 12_000 : next + 1
      return next
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = LoopbackLines.loopback(port)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return port }
  }
  throw SiteError("no free port: errno \(errno)")
}

private let nextPort = Mutex(UInt16.random(in: 12_000..<32_000))
