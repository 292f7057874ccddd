internal import Glibc

/// Sends datagrams to a socket of this host (unix(7)), which its owner may make anew at any time: each is sent to the name.
final class DatagramSocket: Sendable {
  private let descriptor: Int32
  private let address: sockaddr_un
  private let length: socklen_t

  /// - Parameter path: absolute, or `@NAME` of the abstract namespace, as sd_notify(3) has it.
  /// - Returns: `nil` where there can be no such name, or no socket can be made.
  init?(_ path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    guard let first = name.first, name.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    switch first {
    case UInt8(ascii: "/"): break
    case UInt8(ascii: "@"): name[0] = 0
    default: return nil
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
    self.address = address
    // The name in the abstract namespace is as long as it says, without a NUL.
    length = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (first == UInt8(ascii: "/") ? 1 : 0))
  }

  deinit { close(descriptor) }

  /// - Returns: whether it was taken whole.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var address = address
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        while true {
          let sent = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
          if sent < 0, errno == EINTR { continue }
          return sent == bytes.count
        }
      }
    }
  }
}
