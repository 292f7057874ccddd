import Glibc
import Synchronization

/// A server on 127.0.0.1 that answers each request with what the test says, right or wrong. It ends with this object.
final class ScriptedServer: Sendable {
  /// A request as it came (RFC 4511 §4.1.1).
  struct Request: Sendable {
    let id: Int
    /// The tag of the protocolOp.
    let tag: UInt8
    let content: [UInt8]
    /// The whole message.
    let bytes: [UInt8]

    var isSearch: Bool { tag == 0x63 }
    var isAbandon: Bool { tag == 0x50 }
    var isWhoAmI: Bool { tag == 0x77 && String(decoding: content, as: UTF8.self).contains("1.3.6.1.4.1.4203.1.11.3") }
    var isUnbind: Bool { tag == 0x42 }
  }

  /// The bytes that answer a request; nil ends the connection.
  typealias Script = @Sendable (Request) -> [UInt8]?

  let port: UInt16
  private let core: Core

  private final class Core: Sendable {
    struct State {
      var requests: [Request] = []
      var clients: [Int32] = []
      var hasEnded = false
    }
    let state = Mutex(State())
    let listener: Int32
    let script: Script

    init(_ listener: Int32, _ script: @escaping Script) { (self.listener, self.script) = (listener, script) }

    func accept() {
      while true {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { break }
        let isWanted = state.withLock { state in
          if !state.hasEnded { state.clients.append(client) }
          return !state.hasEnded
        }
        guard isWanted else {
          close(client)
          break
        }
        startThread { self.serve(client) }
      }
      close(listener)
    }

    private func serve(_ client: Int32) {
      var pending: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      reading: while true {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        pending += buffer[..<count]
        while let (request, size) = Self.request(pending) {
          pending.removeFirst(size)
          state.withLock { $0.requests.append(request) }
          guard let answer = script(request), send(answer, to: client) else { break reading }
        }
      }
      state.withLock { state in
        state.clients.removeAll { $0 == client }
        close(client)
      }
    }

    @discardableResult func send(_ bytes: [UInt8], to client: Int32) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }

    /// The first message of what was received, and its size; nil where it isn't whole.
    private static func request(_ bytes: [UInt8]) -> (Request, Int)? {
      guard let whole = element(bytes[...]), let id = element(bytes[whole]),
        let operation = element(bytes[id.upperBound...])
      else { return nil }
      let request = Request(
        id: bytes[id].reduce(0) { $0 << 8 | Int($1) }, tag: bytes[id.upperBound], content: Array(bytes[operation]),
        bytes: Array(bytes[..<whole.upperBound]))
      return (request, whole.upperBound)
    }

    /// Where the contents of the first element stand.
    private static func element(_ bytes: ArraySlice<UInt8>) -> Range<Int>? {
      var start = bytes.startIndex + 2
      guard start <= bytes.endIndex else { return nil }
      var length = Int(bytes[start - 1])
      if length > 0x80 {
        let count = length & 0x7F
        guard bytes.endIndex - start >= count else { return nil }
        length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
        start += count
      }
      return bytes.endIndex - start >= length ? start..<start + length : nil
    }
  }

  init(_ script: @escaping Script) throws {
    let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isListening else { throw Command.Failed(description: "listen: \(String(cString: strerror(errno)))") }
    port = UInt16(bigEndian: address.sin_port)
    core = Core(listener, script)
    startThread { [core] in core.accept() }
  }

  deinit {
    core.state.withLock { state in
      state.hasEnded = true
      for client in state.clients { shutdown(client, Int32(SHUT_RDWR)) }
    }
    shutdown(core.listener, Int32(SHUT_RDWR))
  }

  var url: String { "ldap://127.0.0.1:\(port)" }

  /// All that came, in its order.
  var requests: [Request] { core.state.withLock { $0.requests } }

  /// Sends bytes that no request asked for to every client.
  func send(_ bytes: [UInt8]) {
    for client in core.state.withLock({ $0.clients }) { core.send(bytes, to: client) }
  }
}

/// Runs the body on a thread of its own: it blocks.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      // By this name those who count what threads do know it.
      try? Command.write("server", to: "/proc/thread-self/comm")
      Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, Unmanaged.passRetained(Body(body)).toOpaque())
  pthread_detach(thread)
}

/// Answers as they go over the wire, by code of the tests' own.
enum Answer {
  static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
    let contents = parts.flatMap { $0 }
    let length: [UInt8] =
      contents.count < 0x80
      ? [UInt8(contents.count)] : [0x83] + [16, 8, 0].map { UInt8(truncatingIfNeeded: contents.count >> $0) }
    return [tag] + length + contents
  }

  static func text(_ text: String, tag: UInt8 = 0x04) -> [UInt8] { element(tag, Array(text.utf8)) }

  static func message(_ id: Int, _ operation: [UInt8], controls: [UInt8] = []) -> [UInt8] {
    let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> $0) }
    return element(0x30, element(0x02, number), operation, controls.isEmpty ? [] : element(0xA0, controls))
  }

  /// An answer that ends an operation; `tag` says which.
  static func result(
    _ id: Int, _ tag: UInt8, code: UInt8 = 0, _ words: String = "", more: [UInt8] = [], controls: [UInt8] = []
  ) -> [UInt8] {
    message(id, element(tag, [0x0A, 1, code], text(""), text(words), more), controls: controls)
  }

  static func searchDone(_ id: Int, code: UInt8 = 0) -> [UInt8] { result(id, 0x65, code: code) }

  /// The answer to who-am-I, or to any other extended operation.
  static func extended(_ id: Int) -> [UInt8] { result(id, 0x78) }

  static func entry(_ id: Int, _ uid: String) -> [UInt8] {
    message(
      id,
      element(
        0x64, text("uid=\(uid),ou=people,dc=example,dc=org"),
        element(0x30, element(0x30, text("uid"), element(0x31, text(uid))))))
  }
}
