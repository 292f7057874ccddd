import CLDAP
import Glibc
import Synchronization

/// A connection to a directory: authenticated once, used by many tasks at a time.
///
/// Operations are pipelined: up to ``Options/window`` of them are outstanding, further callers wait in the order they
/// came. What only reads is abandoned when its deadline passes, and the connection goes on. A write never is: its passed
/// deadline ends the connection, and it is ``LDAPError/outcomeUnknown(_:)``. A connection that ended, for whatever reason,
/// stays ended: open a new one.
///
/// Cancelling a task that waits for the answer of a write has no effect; one that has not been sent is not sent.
public actor Connection {
  /// Limits of a connection.
  public struct Options: Sendable {
    /// For connecting, TLS and bind together. (Resolving a host's name keeps to resolv.conf's own limits.)
    public var connect: Duration
    /// For the answer of an operation, waiting for its turn included; of a search, between one message and the next.
    public var operation: Duration
    /// Operations outstanding at a time, at least 1, abandoned ones included. slapd closes a connection with more than
    /// 1,000.
    public var window: Int
    /// Idle time after which TCP asks whether the peer is still there (whole seconds); nil: never.
    public var keepalive: Duration?
    /// Entries of one search that wait to be taken. When there are that many and nothing but such searches is
    /// outstanding, reading stops and TCP slows the server down. While other operations are outstanding, or wait for a
    /// place, reading goes on, for their answers stand behind the entries; a search that has 16 times as many waiting
    /// fails with ``LDAPError/unavailable(_:)``. A task that changes entries while it reads them
    /// searches in pages.
    public var searchBuffer: Int

    /// Limits; each has a default.
    public init(
      connect: Duration = .seconds(10), operation: Duration = .seconds(30), window: Int = 64,
      keepalive: Duration? = .seconds(60), searchBuffer: Int = 1024
    ) {
      self.connect = connect
      self.operation = operation
      self.window = max(1, window)
      self.keepalive = keepalive
      self.searchBuffer = max(1, searchBuffer)
    }
  }

  /// The connection's thread, for tasks that send many operations: ``ConnectionExecutor``.
  public nonisolated let executor: ConnectionExecutor
  /// Where it leads.
  public nonisolated let url: LDAPURL
  /// Its limits.
  public nonisolated let options: Options
  /// Whether operations are still accepted.
  public nonisolated var isUsable: Bool { usable.load(ordering: .acquiring) }
  /// The server's answer to the bind, e.g. with ``Response/passwordPolicy``; nil where none was sent.
  public private(set) var bindResponse: Response?

  /// Whom the server takes us for, once it was asked: ``identifying(_:)``.
  var authorizationID: String?

  nonisolated let usable = Atomic(true)
  var handle: Handle?
  var arena = RequestArena()
  /// What was sent and isn't answered, by message id.
  var outstanding: [Int32: Outstanding] = [:]
  /// Message ids of searches that nobody reads any more, from any thread; and whether there are some.
  nonisolated let dropped = Locked<[Int32]>([])
  nonisolated let hasDropped = Atomic(false)
  /// What is to be abandoned in this turn.
  var abandons: [Int32] = []
  /// Places of what was abandoned, until the server is known to have taken note.
  var abandonedPlaces = AbandonedPlaces()
  /// A request of our own whose answer frees abandoned places, while it is outstanding: its message id and number.
  var probe: (id: Int32, number: UInt64)?
  /// The number of the last request that was sent.
  var lastRequest: UInt64 = 0
  var window: Window
  /// No deadline of `outstanding` or `window` is earlier.
  var nearestDeadline = MonotonicTime.never
  /// Why the connection can't go on, by what the server sent: a notice of disconnection, or an answer of a wrong type.
  var breach: LDAPError?
  /// Why the connection ended.
  var ending: LDAPError?
  private var endWaiters: [Int: UnsafeContinuation<LDAPError?, Never>] = [:]
  private var nextWaiter = 0
  private var drainWaiters: [UnsafeContinuation<Void, Never>] = []

  /// The thread that everything of this actor runs on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private init(_ url: LDAPURL, _ options: Options) throws(LDAPError) {
    self.url = url
    self.options = options
    window = Window(size: options.window)
    executor = try ConnectionExecutor()
    executor.attach { [weak self] events in
      self?.assumeIsolated { $0.turn(events) }
    }
  }

  deinit {
    // The thread sees that the connection is gone and ends.
    executor.wake()
  }

  /// Connects, encrypts and authenticates. A task that is cancelled stops waiting, but not while a host's name is resolved
  /// or a ticket of Kerberos is fetched.
  ///
  /// - Throws: ``LDAPError/unavailable(_:)`` where the server can't be reached or stays silent; ``LDAPError/tls(_:)`` where
  ///   it isn't who it should be, or no TLS comes about; ``LDAPError/refused(_:)`` where it refuses StartTLS or the bind;
  ///   ``LDAPError/invalid(_:)`` where an argument can't work.
  public static func open(
    _ url: LDAPURL, tls: TLS = .none, credentials: Credentials, options: Options = Options()
  ) async throws(LDAPError) -> Connection {
    let connection = try Connection(url, options)
    let opening = Opening()
    let result = await withTaskCancellationHandler {
      await connection.established(tls, credentials, opening)
    } onCancel: {
      opening.cancel()
    }
    try result.get()
    return connection
  }

  private func established(
    _ tls: TLS, _ credentials: Credentials, _ opening: Opening
  ) -> Result<Void, LDAPError> {
    Result { () throws(LDAPError) in try establish(tls, credentials, opening) }
  }

  private func establish(_ tls: TLS, _ credentials: Credentials, _ opening: Opening) throws(LDAPError) {
    let deadline = MonotonicTime.now + options.connect
    do throws(LDAPError) {
      let handle = try Handle(to: url.place, until: deadline, options: options, as: url, opening)
      var isEncrypted = true
      switch url.place {
      case .tls: try encrypt(handle, tls, until: deadline, opening)
      case .tcp where tls.startsTLS: try encrypt(handle, tls, until: deadline, opening)
      case .socket where tls.startsTLS: throw .invalid("\(url): a Unix socket takes no StartTLS")
      default: isEncrypted = false
      }
      bindResponse = try bind(handle, credentials, isEncrypted ? tls : nil, until: deadline)
      handle.finishOpening()
      if opening.isCancelled { throw .unavailable("\(url): cancelled while it was opened") }
      cldap_cork(handle.transport, 1)
      self.handle = handle
    } catch {
      let error = opening.isCancelled ? .unavailable("\(url): cancelled while it was opened") : error
      usable.store(false, ordering: .releasing)
      ending = error
      throw error
    }
  }

  private func encrypt(
    _ handle: Handle, _ tls: TLS, until deadline: MonotonicTime, _ opening: Opening
  ) throws(LDAPError) {
    let isLater = if case .tcp = url.place { true } else { false }
    do throws(LDAPError) {
      try handle.encrypt(tls, startTLS: isLater, until: deadline)
    } catch {
      guard case .tls(let failure) = error, let probe = probe(tls, until: deadline, opening),
        let shown = probe.serverCertificate.flatMap({ Certificate($0) })
      else { throw error }
      let name = shown.names.first.map { $0.utf8.first == UInt8(ascii: "*") ? "x" + $0.dropFirst() : $0 }
      let isBelieved = name.map { self.probe(tls, as: $0, until: deadline, opening) != nil } ?? false
      throw .tls(failure.explained(by: shown, isBelieved: isBelieved, now: TLSFailure.now()))
    }
  }

  /// A handshake more, to learn what is wrong: libldap says nothing of a certificate that it refused. Nothing is sent over
  /// it, and no certificate of ours is shown.
  ///
  /// - Parameter name: the host that the certificate has to name; `nil`: nothing is verified.
  /// - Returns: `nil` where the server is refused again.
  private func probe(
    _ tls: TLS, as name: String? = nil, until deadline: MonotonicTime, _ opening: Opening
  ) -> Handle? {
    var (stranger, url) = (tls, url)
    stranger.own = nil
    let isLater = if case .tcp = url.place { true } else { false }
    if let name {
      let isSixth = name.utf8.contains(UInt8(ascii: ":"))
      guard let named = try? LDAPURL("\(isLater ? "ldap" : "ldaps")://\(isSixth ? "[\(name)]" : name)") else {
        return nil
      }
      url = named
    }
    guard let handle = try? Handle(to: self.url.place, until: deadline, options: options, as: url, opening),
      (try? handle.encrypt(stranger, startTLS: isLater, verifies: name != nil, until: deadline)) != nil
    else { return nil }
    return handle
  }

  /// - Parameter tls: what the handle is encrypted by; `nil`: it is not.
  private func bind(
    _ handle: Handle, _ credentials: Credentials, _ tls: TLS?, until deadline: MonotonicTime
  ) throws(LDAPError) -> Response? {
    do throws(LDAPError) {
      return try handle.bind(credentials, until: deadline)
    } catch {
      // With TLS 1.3 the server judges our certificate behind a handshake that is done for us (RFC 8446 §4.4.2.4).
      guard case .unavailable = error, let tls, !handle.hasAnswered, handle.isPeerGone else { throw error }
      throw .tls(handle.tlsFailure(tls, .closed(showsCertificate: tls.own != nil)))
    }
  }

  // MARK: The end

  /// Ends the connection: new operations are refused, searches end, writes that were sent are waited for (until their
  /// deadlines), then the server is told.
  public func close() async {
    guard ending == nil else { return }
    let reason = LDAPError.unavailable("\(url): the connection was closed")
    ending = reason
    usable.store(false, ordering: .releasing)
    refuseWaiters(reason)
    for id in outstanding.keys { cancelSearch(id, because: reason) }
    await withUnsafeContinuation { waiter in
      drainWaiters.append(waiter)
      resumeDrainWaiters()
    }
    end(because: reason)
  }

  /// Waits until the connection has ended and tells why; nil when the waiting task was cancelled first.
  public func closed() async -> LDAPError? {
    let number = nextWaiter
    nextWaiter += 1
    return await withTaskCancellationHandler {
      // Each waiter is resumed once: by whoever takes it out of the dictionary.
      await withUnsafeContinuation { continuation in
        if handle == nil, let ending {
          continuation.resume(returning: ending)
        } else if Task.isCancelled {
          continuation.resume(returning: nil)
        } else {
          endWaiters[number] = continuation
        }
      }
    } onCancel: {
      Task { await self.stopWaiting(number) }
    }
  }

  private func stopWaiting(_ number: Int) {
    endWaiters.removeValue(forKey: number)?.resume(returning: nil)
  }

  /// The end of everything: answers that were received are delivered, the rest has an unknown outcome, or, where not all
  /// of the request had left, a certain one.
  func end(because reason: LDAPError) {
    guard let handle else { return }
    usable.store(false, ordering: .releasing)
    handle.clearFailure()
    salvage(handle)
    let reason = ending ?? breach ?? reason
    ending = reason
    let sent = cldap_sent(handle.transport)
    self.handle = nil
    let unanswered = outstanding
    outstanding = [:]
    for (_, operation) in unanswered {
      switch operation.reply {
      case .search(let stream): stream.finish(.failure(.unavailable(reason.reason)))
      case .single(let continuation):
        let isCertain = !operation.isWrite || operation.endOffset > sent
        continuation.resume(
          returning: .failure(isCertain ? .unavailable(reason.reason) : .outcomeUnknown(reason.reason)))
      }
    }
    refuseWaiters(reason)
    for waiter in endWaiters.values { waiter.resume(returning: reason) }
    endWaiters = [:]
    resumeDrainWaiters()
  }

  func resumeDrainWaiters() {
    guard outstanding.isEmpty, !drainWaiters.isEmpty else { return }
    let waiters = drainWaiters
    drainWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  private func refuseWaiters(_ reason: LDAPError) {
    for waiter in window.removeAll() { waiter.resume(returning: .unavailable(reason.reason)) }
  }
}

extension LDAPError {
  /// The reason's words alone, to be told again in another case.
  var reason: String {
    switch self {
    case .unavailable(let reason), .outcomeUnknown(let reason), .invalid(let reason): reason
    case .refused, .tls: description
    }
  }
}
