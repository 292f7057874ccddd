import Glibc

/// Connects a socket without ever waiting longer than asked (but for name resolution, whose limits are resolv.conf's).
enum Socket {
  /// A connected, non-blocking, close-on-exec descriptor, owned by the caller.
  ///
  /// - Throws: ``LDAPError/unavailable(_:)`` with the system's reason.
  static func connect(
    to place: LDAPURL.Place, until deadline: MonotonicTime, options: Connection.Options, _ opening: Opening
  ) throws(LDAPError) -> Int32 {
    switch place {
    case .socket(let path): try connect(path: path, until: deadline, opening)
    case .tcp(let host, let port), .tls(let host, let port):
      try connect(host: host, port: port, until: deadline, options: options, opening)
    }
  }

  private static func connect(
    path: String, until deadline: MonotonicTime, _ opening: Opening
  ) throws(LDAPError) -> Int32 {
    let descriptor = try open(AF_UNIX)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // LDAPURL has seen to it that the path fits with its NUL.
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    while true {
      let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if code == 0 {
        opening.watch(descriptor)
        return descriptor
      }
      let reason = errno
      // EAGAIN: the listener's queue is full, and connect(2) on a Unix socket has nothing to poll for.
      guard reason == EAGAIN || reason == EINTR, MonotonicTime.now < deadline, !opening.isCancelled else {
        close(descriptor)
        throw .unavailable("connect to \(path): \(errnoText(reason))")
      }
      usleep(2000)
    }
  }

  private static func connect(
    host: String, port: UInt16, until deadline: MonotonicTime, options: Connection.Options, _ opening: Opening
  ) throws(LDAPError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else { throw .unavailable("\(host): \(String(cString: gai_strerror(code)))") }
    defer { freeaddrinfo(list) }

    var addressesLeft = 0
    var next = list
    while let address = next {
      addressesLeft += 1
      next = address.pointee.ai_next
    }
    var failure = LDAPError.unavailable("\(host): no address")
    next = list
    while let address = next, !opening.isCancelled {
      // Each address has its share of the time that is left, so that a dead first one doesn't eat it all.
      let now = MonotonicTime.now
      let left = deadline > now ? deadline.nanoseconds - now.nanoseconds : 0
      let share = MonotonicTime(nanoseconds: now.nanoseconds + left / UInt64(addressesLeft))
      do throws(LDAPError) {
        let descriptor = try open(address.pointee.ai_family)
        do throws(LDAPError) {
          setOptions(descriptor, options)
          try finish(
            descriptor, address.pointee, "\(host):\(port)", until: deadline == .never ? .never : share, opening)
          return descriptor
        } catch {
          opening.forget(descriptor)
          close(descriptor)
          throw error
        }
      } catch {
        failure = error
      }
      addressesLeft -= 1
      next = address.pointee.ai_next
    }
    throw failure
  }

  private static func open(_ family: Int32) throws(LDAPError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw .unavailable("socket: \(errnoText(errno))") }
    return descriptor
  }

  private static func finish(
    _ descriptor: Int32, _ address: addrinfo, _ name: String, until deadline: MonotonicTime, _ opening: Opening
  ) throws(LDAPError) {
    let code = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen)
    let trouble = errno
    // Not before: a descriptor that is shut down can still be connected.
    opening.watch(descriptor)
    if code == 0 { return }
    guard trouble == EINPROGRESS || trouble == EINTR else {
      throw .unavailable("connect to \(name): \(errnoText(trouble))")
    }
    guard wait(for: descriptor, Int16(POLLOUT), until: deadline) != 0 else {
      throw .unavailable("connect to \(name): no answer in time")
    }
    var reason: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size)
    guard reason == 0 else { throw .unavailable("connect to \(name): \(errnoText(reason))") }
  }

  /// Waits for events of poll(2); 0 when the time is up.
  static func wait(for descriptor: Int32, _ events: Int16, until deadline: MonotonicTime) -> Int16 {
    while true {
      var one = pollfd(fd: descriptor, events: events, revents: 0)
      let count = poll(&one, 1, deadline.pollTimeout)
      if count > 0 { return one.revents }
      if count == 0, deadline <= .now { return 0 }
    }
  }

  /// Requests aren't held back for larger packets, and a peer that vanished is noticed, busy or idle (tcp(7)).
  private static func setOptions(_ descriptor: Int32, _ options: Connection.Options) {
    set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    if let idle = options.keepalive {
      set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
      set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, Int32(clamping: max(1, idle.components.seconds)))
      set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
      set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }
    let (seconds, attoseconds) = options.operation.components
    let milliseconds = min(max(seconds, 0), 1 << 20) * 1000 + attoseconds / 1_000_000_000_000_000
    set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: max(1000, milliseconds)))
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    // None of these can fail on a fresh TCP socket; without one the connection still works.
    _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Whether the peer is this machine, so that clear text doesn't travel.
  static func isLocal(_ descriptor: Int32) -> Bool {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &size) }
    }
    guard code == 0 else { return false }
    let family = Int32(address.ss_family)
    return withUnsafeBytes(of: &address) { bytes in
      switch family {
      case AF_UNIX: true
      case AF_INET: bytes[4] == 127
      case AF_INET6:
        bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1  // ::1
          || bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18] == 0xFF && bytes[19] == 0xFF && bytes[20] == 127
      default: false
      }
    }
  }
}
