import CLDAP
import Glibc

/// What was sent and has no answer yet.
struct Outstanding {
  enum Reply {
    case single(UnsafeContinuation<Result<Response, LDAPError>, Never>)
    case search(SearchStream)
  }

  /// Whose answer it is.
  let reply: Reply
  /// Its name, for people.
  let name: String
  /// The type of the answer that ends it: LDAP_RES_….
  let answer: ber_tag_t
  /// Whether it may have changed something when no answer comes.
  let isWrite: Bool
  /// Its number among the requests of the connection.
  let number: UInt64
  /// Bytes written to the transport when the request was complete; it left this process when that many were sent.
  let endOffset: UInt64
  /// When it's too late.
  var deadline: MonotonicTime

  /// Whether a message of this type may come before the answer.
  func takes(_ type: ber_tag_t) -> Bool {
    if case .search = reply { type == LDAP_RES_SEARCH_ENTRY || type == LDAP_RES_SEARCH_REFERENCE } else { false }
  }
}

extension Connection {
  /// One turn of the thread: send what waits, take what has come, end what is late; then say what to wait for.
  func turn(_ events: Int16) -> ConnectionExecutor.Interest? {
    guard let handle else { return nil }
    cancelDroppedSearches()
    if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive(handle) }
    if self.handle != nil, cldap_flush(handle.transport) < 0 {
      end(because: .unavailable("\(url): connection lost: \(errnoText(errno))"))
    }
    if self.handle != nil, nearestDeadline != .never, nearestDeadline <= .now {
      // An answer that waits in the socket is in time, however late we come to look.
      if !isReadingPaused { receive(handle) }
      if self.handle != nil { expire() }
    }
    sendAbandons()
    guard self.handle != nil else { return nil }

    let isPaused = isReadingPaused
    var wanted = isPaused ? 0 : Int16(POLLIN)
    if cldap_has_unsent(handle.transport) != 0 { wanted |= Int16(POLLOUT) }
    // With no event wanted, poll(2) would still report a hang-up, again and again.
    return ConnectionExecutor.Interest(
      descriptor: wanted == 0 ? -1 : handle.descriptor, events: wanted, deadline: nearestDeadline)
  }

  /// Takes one buffer full of answers. More than that waits for the next turn, so that jobs have theirs.
  private func receive(_ handle: Handle) {
    _ = cldap_fill(handle.transport)
    deliver(handle)
  }

  private func deliver(_ handle: Handle) {
    let now = MonotonicTime.now
    while true {
      switch handle.next() {
      case .message(let message):
        dispatch(message, now)
        if let breach { return end(because: breach) }
      case .nothing: return
      case .ended:
        end(because: .unavailable("\(url): connection lost: \(handle.endReason)"))
        return
      }
    }
  }

  /// Delivers what had arrived when the connection broke, in the transport's buffer and in the kernel's.
  func salvage(_ handle: Handle) {
    let now = MonotonicTime.now
    // Nothing follows a notice, and nothing behind a wrong answer is to be believed.
    while breach == nil {
      switch handle.next() {
      case .message(let message): dispatch(message, now)
      case .ended: return
      case .nothing: if cldap_fill(handle.transport) <= 0, cldap_readable(handle.transport) == 0 { return }
      }
    }
  }

  private func dispatch(_ message: borrowing Message, _ now: MonotonicTime) {
    let id = message.id
    let type = message.type
    if let notice = message.noticeOfDisconnection() {
      breach = handle?.disconnected(notice)
      return
    }
    if let probe, probe.id == id {
      self.probe = nil
      return releasePlaces(by: probe.number)
    }
    guard let operation = outstanding[id] else { return }  // abandoned
    releasePlaces(by: operation.number)
    guard type == operation.answer || type == LDAP_RES_INTERMEDIATE || operation.takes(type) else {
      breach = handle?.wrongAnswer(type, to: operation.name)
      return
    }
    if case .search(let stream) = operation.reply, type != LDAP_RES_SEARCH_RESULT {
      stream.receive(message, type)
      outstanding[id]?.deadline = stream.deadline(from: now)
      if stream.isOverfull {
        cancelSearch(id, because: .unavailable("\(url): the search's reader is too slow beside other operations"))
      }
      return
    }
    guard type != LDAP_RES_INTERMEDIATE else { return }  // no operation of ours expects one
    outstanding[id] = nil
    window.leave()
    let result: Result<Response, LDAPError> =
      if let response = message.response() {
        .success(response)
      } else if operation.isWrite {
        .failure(.outcomeUnknown("\(url): the answer is not LDAP"))
      } else {
        .failure(.unavailable("\(url): the answer is not LDAP"))
      }
    switch operation.reply {
    case .single(let continuation): continuation.resume(returning: result)
    case .search(let stream): stream.finish(result)
    }
    resumeDrainWaiters()
  }

  /// Ends what is late: who only waits for a place leaves the queue, what reads is abandoned, a write ends the connection,
  /// for its answer could come at any time and nobody would know whose request the server works at.
  private func expire() {
    let now = MonotonicTime.now
    let (expired, nearest) = window.removeExpired(now)
    for waiter in expired {
      waiter.resume(returning: .unavailable("\(url): no place among the outstanding operations in time"))
    }
    nearestDeadline = nearest
    for (id, operation) in outstanding {
      switch operation.reply {
      case .search(let stream) where stream.isFull && operation.deadline <= now:
        // It is the reader who is late, not the server.
        outstanding[id]?.deadline = stream.deadline(from: now)
      case .search where operation.deadline <= now:
        cancelSearch(id, because: .unavailable("\(url): no answer to the search in time"))
      case .single(let continuation) where operation.deadline <= now && !operation.isWrite:
        abandon(id)
        continuation.resume(returning: .failure(.unavailable("\(url): no answer to \(operation.name) in time")))
      case .single where operation.deadline <= now:
        return end(because: .unavailable("\(url): no answer in time; the connection is given up"))
      default: break
      }
      if let deadline = outstanding[id]?.deadline { nearestDeadline = min(nearestDeadline, deadline) }
    }
  }
}
