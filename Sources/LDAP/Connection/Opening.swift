import Glibc

/// A connection while it is opened, for who may have to end that from another thread: it waits in poll(2), in libldap or in
/// connect(2), on one descriptor, and a descriptor that is shut down ends each of these.
final class Opening: Sendable {
  private struct State {
    var descriptor: Int32 = -1
    var isCancelled = false
  }
  private let state = Locked(State())

  /// Whether nobody waits for the connection any more.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// From now on ``cancel()`` ends what waits for this descriptor.
  func watch(_ descriptor: Int32) {
    state.withLock { state in
      state.descriptor = descriptor
      if state.isCancelled { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// The descriptor is about to be closed, and its number to be another's.
  func forget(_ descriptor: Int32) {
    state.withLock { state in
      if state.descriptor == descriptor { state.descriptor = -1 }
    }
  }

  /// Ends the opening.
  func cancel() {
    // Under the lock, so that the descriptor isn't closed meanwhile.
    state.withLock { state in
      state.isCancelled = true
      if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
    }
  }
}
