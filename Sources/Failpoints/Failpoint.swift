#if FAILPOINTS
  import Glibc
  import Synchronization
#endif

/// Passes one numbered failpoint around a call that changes state: a file, the register or the directory.
///
/// One global counter numbers the points in the order in which the process reaches them. With
/// `BUZON_FAILPOINT=N:before` or `N:after` in the environment of a debug build the process kills itself (SIGKILL, so
/// nothing is flushed or unwound) before or after the call at point N, with `NAME#N:before` or `NAME#N:after` at the N-th
/// point of that name, whatever others come between; with `BUZON_FAILPOINT_TRACE=FILE` each point's
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
    let point = Failpoint.reach(name)
    Failpoint.killIfAsked(point, "before")
    let result = try body()
    Failpoint.killIfAsked(point, "after")
    return result
  #else
    return try body()
  #endif
}

#if FAILPOINTS
  @usableFromInline
  enum Failpoint {
    /// Its number among all points, and among those of the name that is asked for (0 for others).
    @usableFromInline
    struct Point {
      var number: Int
      var named: Int
    }

    private static let counter = Atomic<Int>(0)
    private static let namedCounter = Atomic<Int>(0)
    private static let target: String? = getenv("BUZON_FAILPOINT").map { String(cString: $0) }
    /// The name in `NAME#N:MOMENT`; `nil` where all points are counted.
    private static let targetName: Substring? = target.flatMap { target in
      target.utf8.firstIndex(of: UInt8(ascii: "#")).map { target[..<$0] }
    }
    private static let trace: Int32 =
      getenv("BUZON_FAILPOINT_TRACE").map {
        open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      } ?? -1

    @usableFromInline
    static func reach(_ name: StaticString) -> Point {
      let number = counter.add(1, ordering: .sequentiallyConsistent).newValue
      if trace >= 0 {
        let line = "\(number) \(name)\n"
        _ = line.utf8CString.withUnsafeBytes { write(trace, $0.baseAddress, $0.count - 1) }
      }
      var named = 0
      if let targetName, targetName == name.description {
        named = namedCounter.add(1, ordering: .sequentiallyConsistent).newValue
      }
      return Point(number: number, named: named)
    }

    @usableFromInline
    static func killIfAsked(_ point: Point, _ moment: StaticString) {
      guard let target else { return }
      if let targetName {
        guard point.named > 0, target == "\(targetName)#\(point.named):\(moment)" else { return }
      } else {
        guard target == "\(point.number):\(moment)" else { return }
      }
      kill(getpid(), SIGKILL)
      // The signal is delivered before the next user instruction of this thread in practice; wait where it isn't.
      while true { pause() }
    }
  }
#endif
