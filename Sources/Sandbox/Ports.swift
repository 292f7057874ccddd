import Glibc

/// A port of 127.0.0.1 that was free a moment ago: another may take it first, so whoever uses it must be ready to ask again.
func freePort() throws(SandboxError) -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw SandboxError(.directory, "socket: \(systemError())", remedy: "check the network") }
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let found = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
    }
  }
  guard found else { throw SandboxError(.directory, "127.0.0.1: \(systemError())", remedy: "bring the loopback up") }
  return UInt16(bigEndian: address.sin_port)
}
