internal import Dispatch

/// Runs one actor's jobs on a dispatch queue of their own, so that what blocks there (a folder watch, a disk) never takes
/// a thread of Swift's shared pool.
final class ThreadExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
