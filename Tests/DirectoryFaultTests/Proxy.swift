import Foundation
import Sandbox
import Support
import Synchronization

/// What lies between an agent and its directory: hands every message on, but for those that its rule has another fate for.
/// So it is known to the message what the directory was asked, and what the agent was told.
final class Proxy: Sendable {
  enum Kind: String, Sendable { case bind, search, add, modify, delete, other }

  /// A request as the agent sent it.
  struct Request: Sendable {
    var kind: Kind
    /// The entry, or the base of the search, as it was written.
    var name: String
    var message: LDAPMessage

    /// RFC 4533, of the mirror.
    var isSync: Bool { message.mentions("1.3.6.1.4.1.4203.1.9.1.1") }
    /// For what stands in the directory with addresses of a change, before it is planned.
    var isOfPlan: Bool {
      kind == .search && !isSync && name.hasPrefix("ou=people") && message.mentions("mailLocalAddress\u{04}")
    }
    /// For one entry by its name.
    var isOfEntry: Bool { kind == .search && name.hasPrefix("uid=") }

    /// The tag of the answer that ends it.
    fileprivate var answer: UInt8 {
      switch kind {
      case .bind: 0x61
      case .search: 0x65
      case .add: 0x69
      case .modify: 0x67
      case .delete: 0x6B
      case .other: 0x78
      }
    }
  }

  enum Deed: Sendable {
    case pass
    /// Answered with this code; the directory never hears of it.
    case refuse(Int, String = Proxy.words)
    /// Carried out by the directory, and answered with this code all the same.
    case applyAndRefuse(Int, String = Proxy.words)
    /// The connection ends and the directory never hears of it.
    case cutBefore
    /// The directory carries it out, and the connection ends in place of the answer.
    case cutAfter
    /// Each message of the answer becomes these; `nil` ends the connection.
    case change(@Sendable (LDAPMessage) -> [[UInt8]]?)
  }

  /// What a refusal says.
  static let words = "said by the proxy"

  typealias Rule = @Sendable (Request) -> Deed

  let uri: String
  private let target: String
  private let path: String
  private let listener: Int32
  private struct State {
    var rule: Rule = { _ in .pass }
    var pairs: [Weak] = []
    var hasEnded = false
  }
  private struct Weak { weak var pair: Pair? }
  private let state = Mutex(State())

  /// Listens in a folder, for the directory of a site.
  init(_ site: Site, _ name: String) throws {
    path = site.folder + "/" + name + ".sock"
    target = String(site.sandbox.uri.dropFirst("ldapi://".count)).removingPercentEncoding ?? ""
    uri = "ldapi://" + path.replacingOccurrences(of: "/", with: "%2F")
    listener = try Self.socket(path) { bind($0, $1, $2) }
    guard listen(listener, 64) == 0 else { throw SiteError("listen: errno \(errno)") }
    Thread.detachNewThread { [weak self, listener] in
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { break }
        guard let self else {
          close(client)
          break
        }
        self.serve(client)
      }
      close(listener)
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    unlink(path)
    cutAll()
  }

  /// From now on each request has the fate that this says; called from several threads.
  func rule(_ rule: @escaping Rule) { state.withLock { $0.rule = rule } }

  /// Every connection ends.
  func cutAll() {
    for weak in state.withLock({ $0.pairs }) { weak.pair?.cut() }
  }

  fileprivate var rule: Rule { state.withLock { $0.rule } }

  private func serve(_ client: Int32) {
    guard let server = try? Self.socket(target, { connect($0, $1, $2) }) else {
      close(client)
      return
    }
    let pair = Pair(client: client, server: server)
    state.withLock { state in
      state.pairs.removeAll { $0.pair == nil }
      state.pairs.append(Weak(pair: pair))
    }
    Thread.detachNewThread { [weak self] in
      while let message = pair.up.next() {
        guard let self, pair.forward(message, self.rule) else { break }
      }
      pair.cut()
    }
    Thread.detachNewThread {
      while let message = pair.down.next(), pair.back(message) {}
      pair.cut()
    }
  }

  private static func socket(_ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) throws
    -> Int32
  {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix($0.count - 1))) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { use(descriptor, $0, size) }
    }
    guard result == 0 else {
      close(descriptor)
      throw SiteError("\(path): errno \(errno)")
    }
    return descriptor
  }
}

/// One connection of the agent's and the one behind it.
private final class Pair: Sendable {
  let up: Reader
  let down: Reader
  private let client: Int32
  private let server: Int32
  /// What becomes of the answers to come, by message id; its lock is held while the agent is written to.
  private let fates = Mutex<[Int: (Proxy.Request, Proxy.Deed)]>([:])

  init(client: Int32, server: Int32) {
    (self.client, self.server) = (client, server)
    (up, down) = (Reader(client), Reader(server))
  }

  deinit {
    close(client)
    close(server)
  }

  func cut() {
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  /// - Returns: whether the connection goes on.
  func forward(_ message: LDAPMessage, _ rule: Proxy.Rule) -> Bool {
    let request = Proxy.Request(message)
    switch rule(request) {
    case .pass: break
    case .refuse(let code, let words):
      let answer = LDAPMessage.result(message.id, request.answer, code: code, words)
      return fates.withLock { _ in Self.send(client, answer) }
    case .cutBefore: return false
    case let deed: fates.withLock { $0[message.id] = (request, deed) }
    }
    return Self.send(server, message.bytes)
  }

  /// - Returns: whether the connection goes on.
  func back(_ message: LDAPMessage) -> Bool {
    fates.withLock { fates in
      guard let (request, deed) = fates[message.id] else { return Self.send(client, message.bytes) }
      switch deed {
      case .cutAfter: return false
      case .applyAndRefuse(let code, let words):
        guard message.tag == request.answer else { return true }
        return Self.send(client, LDAPMessage.result(message.id, request.answer, code: code, words))
      case .change(let change):
        guard let messages = change(message) else { return false }
        return messages.allSatisfy { Self.send(client, $0) }
      default: return Self.send(client, message.bytes)
      }
    }
  }

  private static func send(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      start += count
    }
    return true
  }
}

/// Reads whole messages from a socket. Used by one thread.
private final class Reader: Sendable {
  private let descriptor: Int32
  private let pending = Mutex<[UInt8]>([])

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The next message; `nil` at the end.
  func next() -> LDAPMessage? {
    pending.withLock { pending in
      while true {
        if let whole = BER.element(pending, at: 0) {
          let message = LDAPMessage(Array(pending[..<whole.content.upperBound]))
          pending.removeSubrange(..<whole.content.upperBound)
          return message
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        pending += buffer[..<count]
      }
    }
  }
}

extension Proxy.Request {
  fileprivate init(_ message: LDAPMessage) {
    kind =
      switch message.tag {
      case 0x60: .bind
      case 0x63: .search
      case 0x68: .add
      case 0x66: .modify
      case 0x4A: .delete
      default: .other
      }
    let start = message.operation.lowerBound
    let name: Range<Int>? =
      switch kind {
      // A delete is its DN.
      case .delete: message.operation
      case .search, .add, .modify: BER.element(message.bytes, at: start)?.content
      case .bind, .other: nil
      }
    self.name = name.map { String(decoding: message.bytes[$0], as: UTF8.self) } ?? ""
    self.message = message
  }
}
