internal import Dispatch
internal import Glibc
internal import Synchronization

/// The signals that the agent answers: SIGTERM and SIGINT (stop), SIGHUP (read the
/// configuration again), SIGUSR1 (there are orders in the register).
///
/// Delivered by dispatch sources, so that no code runs in a signal handler.
final class Signals: Sendable {
  enum Signal: Sendable {
    case stop, reread
  }

  let stream: AsyncStream<Signal>
  private let continuation: AsyncStream<Signal>.Continuation
  /// Orders are in the register (SIGUSR1). Apart, so that however many come, none pushes a stop aside.
  let orders: AsyncStream<Void>
  private let order: AsyncStream<Void>.Continuation
  /// Kept, for a source that is let go hears nothing.
  private let sources: Mutex<[any DispatchSourceSignal]>

  /// Comes back when every signal is listened to: what comes after that isn't lost.
  ///
  /// SIGTERM, SIGINT and SIGHUP keep their default action until then and end the process, as a kill would, which nothing
  /// is lost by. Ignored, a stop in that moment would be dropped, and whoever sent it would wait for ever. The source
  /// replaces the action itself.
  init() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(8))
    self.stream = stream
    self.continuation = continuation
    let (orders, order) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.orders = orders
    self.order = order
    let queue = DispatchQueue(label: "signals")
    let meanings: [(Int32, Signal?)] = [(SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reread), (SIGUSR1, nil)]
    var sources: [any DispatchSourceSignal] = []
    for (number, meaning) in meanings {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if let meaning { continuation.yield(meaning) } else { order.yield() }
      }
      sources.append(source)
      await withCheckedContinuation { isListening in
        source.setRegistrationHandler { isListening.resume() }
        source.resume()
      }
    }
    self.sources = Mutex(sources)
  }

  deinit { sources.withLock { for source in $0 { source.cancel() } } }

  func finish() {
    continuation.finish()
    order.finish()
  }
}
