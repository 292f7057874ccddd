import Foundation

/// A socket that hears datagrams, as a service manager or the journal does.
public final class DatagramReceiver: Sendable {
  public let path: String
  private let scratch: Scratch
  private let descriptor: Int32

  public init() throws {
    scratch = try Scratch()
    path = scratch.path + "/s"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw SiteError("bind \(path): \(errno)") }
  }

  deinit { close(descriptor) }

  /// What has come and wasn't read yet.
  public func heard() -> [String] {
    var all: [String] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
      all.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
    return all
  }
}
