#if FAILPOINTS
  import Glibc
  import Synchronization
#endif

/// Passes one numbered failpoint around a call that changes state: a file, the register or the directory.
///
/// One global counter numbers the points in the order in which the process reaches them. With
/// `BUZON_FAILPOINT=N:before` or `N:after` in the environment of a debug build the process kills itself (SIGKILL, so
/// nothing is flushed or unwound) before or after the call at point N; with `BUZON_FAILPOINT_TRACE=FILE` each point's
/// number and name is appended to FILE. A release build contains nothing of this.
///
/// - Parameters:
///   - name: what the call does, e.g. `register.commit`; it shows in the trace.
///   - body: the call.
@inlinable
public func failpoint<Result: ~Copyable, Failure: Error>(
  _ name: StaticString, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  #if FAILPOINTS
    let number = Failpoint.reach(name)
    Failpoint.killIfAsked(number, "before")
    let result = try body()
    Failpoint.killIfAsked(number, "after")
    return result
  #else
    return try body()
  #endif
}

#if FAILPOINTS
  @usableFromInline
  enum Failpoint {
    private static let counter = Atomic<Int>(0)
    private static let target: String? = getenv("BUZON_FAILPOINT").map { String(cString: $0) }
    private static let trace: Int32 =
      getenv("BUZON_FAILPOINT_TRACE").map {
        open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      } ?? -1

    @usableFromInline
    static func reach(_ name: StaticString) -> Int {
      let number = counter.add(1, ordering: .sequentiallyConsistent).newValue
      if trace >= 0 {
        let line = "\(number) \(name)\n"
        _ = line.utf8CString.withUnsafeBytes { write(trace, $0.baseAddress, $0.count - 1) }
      }
      return number
    }

    @usableFromInline
    static func killIfAsked(_ number: Int, _ moment: StaticString) {
      guard let target, target == "\(number):\(moment)" else { return }
      kill(getpid(), SIGKILL)
      // The signal is delivered before the next user instruction of this thread in practice; wait where it isn't.
      while true { pause() }
    }
  }
#endif
