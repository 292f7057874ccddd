internal import Synchronization

/// A sleep that can be cut short. One sleeps at a time.
final class Sleeper: Sendable {
  private let sleep = Mutex<(isWoken: Bool, task: Task<Void, Never>?)>((false, nil))

  /// Sleeps; not at all where it was woken since the last time, and not longer than the task lives.
  func sleep(_ duration: Duration) async {
    let task = sleep.withLock { sleep -> Task<Void, Never>? in
      if sleep.isWoken {
        sleep.isWoken = false
        return nil
      }
      let task = Task { _ = try? await Task.sleep(for: duration) }
      sleep.task = task
      return task
    }
    guard let task else { return }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    sleep.withLock { $0 = (false, nil) }
  }

  func wake() {
    sleep.withLock { sleep in
      sleep.isWoken = sleep.task == nil
      sleep.task?.cancel()
    }
  }
}
