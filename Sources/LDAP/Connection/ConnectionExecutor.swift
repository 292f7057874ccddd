import CLDAP
import Glibc
import Synchronization

/// The thread of one connection: the serial executor of the ``Connection`` and, for who wants it, a task executor.
///
/// libldap may block for moments and keeps its handle behind locks, so it must not run on Swift's shared pool. All work
/// of a connection runs on one thread of its own, which sleeps in poll(2) on the connection's descriptor and on an
/// eventfd. A task that sends many operations saves two thread changes per operation (32 µs of CPU were measured) when
/// it prefers this executor:
///
/// ```swift
/// await withTaskExecutorPreference(connection.executor) { … }
/// ```
///
/// Such a task must not compute for long, for the answers of its connection wait meanwhile, and must not block.
///
/// The thread begins with the first job and ends when no connection and no job is left. A job that comes later (a task
/// that still prefers this executor, a call of a closed connection) begins a new one, so none is ever lost and no thread
/// outlives its use.
public final class ConnectionExecutor: SerialExecutor, TaskExecutor {
  /// What the connection waits for.
  struct Interest: Sendable {
    /// The descriptor; -1 for none.
    var descriptor: Int32
    /// Events of poll(2).
    var events: Int16
    /// When to come back without an event.
    var deadline: MonotonicTime
  }

  /// One turn of the connection's I/O, called on the thread with the events that poll(2) reported; nil: nothing left.
  typealias Turn = @Sendable (_ events: Int16) -> Interest?

  private struct State {
    var jobs: [UnownedJob] = []
    var isRunning = false
    var isSleeping = false
    var turn: Turn?
  }

  private let state = Locked(State())
  /// pthread_t of the running thread, 0 for none.
  private let thread = Atomic<UInt>(0)
  private let wakeup: Int32

  /// - Throws: ``LDAPError/unavailable(_:)`` where the process has no descriptor left.
  init() throws(LDAPError) {
    wakeup = cldap_eventfd()
    guard wakeup >= 0 else { throw .unavailable("eventfd: \(errnoText(errno))") }
  }

  deinit {
    close(wakeup)
  }

  /// Sets what is called between jobs and sleep.
  func attach(_ turn: @escaping Turn) {
    state.withLock { $0.turn = turn }
  }

  /// Lets a sleeping thread look again, e.g. because the connection is gone.
  func wake() {
    var one: UInt64 = 1
    // The only error is a counter that is full, and then the thread is awake anyway.
    _ = write(wakeup, &one, 8)
  }

  // MARK: SerialExecutor, TaskExecutor

  /// Runs a job on this connection's thread, after those that came before.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let mustStart = state.withLock { state in
      state.jobs.append(job)
      // Under the lock, for nobody holds this object for us: once the job can run, it may let go of the last reference,
      // and the wakeup's number then be another connection's socket.
      if state.isSleeping { wake() }
      state.isSleeping = false
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if mustStart { start() }
  }

  /// Itself, as a serial executor.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  /// Stops the process unless it runs on this connection's thread.
  public func checkIsolated() {
    precondition(isCurrent, "not on the connection's thread")
  }

  /// Whether the caller runs on this connection's thread.
  public func isIsolatingCurrentContext() -> Bool? {
    isCurrent
  }

  /// Whether the caller runs on this connection's thread.
  var isCurrent: Bool {
    thread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  // MARK: The thread

  private func start() {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    let retained = Unmanaged.passRetained(self).toOpaque()
    let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
      // The argument is `retained` below, never nil.
      guard let argument else { return nil }
      Unmanaged<ConnectionExecutor>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }
    // EAGAIN: the system has no thread to give at this moment. A job can't be refused, so wait for one.
    while true {
      let code = pthread_create(&thread, &attributes, body, retained)
      if code == 0 { return }
      precondition(code == EAGAIN, "pthread_create: \(errnoText(code))")
      usleep(10_000)
    }
  }

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    cldap_name_thread()
    let serial = asUnownedSerialExecutor()
    let task = asUnownedTaskExecutor()
    let turn = state.withLock { $0.turn }
    var batch: [UnownedJob] = []
    var events: Int16 = 0
    while true {
      state.withLock { swap(&$0.jobs, &batch) }
      for job in batch { job.runSynchronously(isolatedTo: serial, taskExecutor: task) }
      batch.removeAll(keepingCapacity: true)

      let interest = turn?(events)
      enum Next { case poll, sleep, end }
      let next: Next = state.withLock { state in
        if !state.jobs.isEmpty { return .poll }
        if interest == nil {
          // From here on a new job begins a new thread; this one touches nothing any more.
          thread.store(0, ordering: .relaxed)
          state.isRunning = false
          return .end
        }
        state.isSleeping = true
        return .sleep
      }
      if next == .end { return }
      events = wait(for: interest, sleeping: next == .sleep)
    }
  }

  private func wait(for interest: Interest?, sleeping: Bool) -> Int16 {
    var descriptors = (
      pollfd(fd: interest?.descriptor ?? -1, events: interest?.events ?? 0, revents: 0),
      pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0)
    )
    let timeout = sleeping ? (interest?.deadline.pollTimeout ?? -1) : 0
    let count = withUnsafeMutableBytes(of: &descriptors) { bytes in
      // Two pollfd lie side by side in the tuple.
      poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, timeout)
    }
    if sleeping { state.withLock { $0.isSleeping = false } }
    guard count > 0 else { return 0 }  // time is up, or a signal: look around again
    if descriptors.1.revents != 0 {
      var counter: UInt64 = 0
      _ = read(wakeup, &counter, 8)
    }
    return descriptors.0.revents
  }
}

/// The words of strerror(3).
func errnoText(_ code: Int32) -> String {
  let text = String(cString: strerror(code))
  return text.prefix(1).lowercased() + text.dropFirst()
}
