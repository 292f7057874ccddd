internal import Synchronization

/// Whether the agent is asked to stop, for work on other executors that is long and may be left between two steps.
final class Stopping: Sendable {
  private let flag = Atomic<Bool>(false)

  var isAsked: Bool { flag.load(ordering: .relaxed) }

  func ask() { flag.store(true, ordering: .relaxed) }
}
