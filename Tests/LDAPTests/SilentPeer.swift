import Glibc

/// A TCP listener on 127.0.0.1 that lets clients connect and says at most one thing.
struct SilentPeer: ~Copyable {
  let port: UInt16
  private let listener: Int32

  /// - Parameter answer: what the first client is told once it has said something; nil: nothing ever.
  init(answer: [UInt8]? = nil) {
    let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size)
        listen(listener, 16)
        getsockname(listener, $0, &size)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    self.listener = listener
    guard let answer else { return }
    let context = UnsafeMutablePointer<(Int32, [UInt8])>.allocate(capacity: 1)
    context.initialize(to: (listener, answer))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        guard let context = argument?.assumingMemoryBound(to: (Int32, [UInt8]).self) else { return nil }
        let (listener, answer) = context.move()
        context.deallocate()
        let client = accept(listener, nil, nil)
        var buffer = [UInt8](repeating: 0, count: 1024)
        _ = read(client, &buffer, buffer.count)
        _ = answer.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        while read(client, &buffer, buffer.count) > 0 {}
        close(client)
        return nil
      }, context)
    pthread_detach(thread)
  }

  /// Whether somebody has connected and was not accepted yet.
  var hasVisitor: Bool {
    var one = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    return poll(&one, 1, 0) > 0
  }

  deinit {
    close(listener)
  }
}
