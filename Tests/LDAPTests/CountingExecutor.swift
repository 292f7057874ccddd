import Dispatch
import Synchronization

/// A task executor of a thread of its own that counts the jobs it is given.
final class CountingExecutor: TaskExecutor {
  private let jobs = Atomic(0)
  private let queue = DispatchQueue(label: "counting")

  /// Jobs that it was given so far.
  var count: Int { jobs.load(ordering: .sequentiallyConsistent) }

  func enqueue(_ job: consuming ExecutorJob) {
    jobs.add(1, ordering: .sequentiallyConsistent)
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
