internal import Configuration
internal import Files
internal import Glibc
internal import Installation

extension StateRestore {
  /// The agent's locks: no agent starts while they are held, and none is at work.
  final class Locks {
    private var spool: LockFile?
    private var state: LockFile?

    init(_ configuration: Configuration, _ place: RestoredState) throws {
      // Whoever takes us for an agent may send us orders (``QueueOrders``).
      signal(SIGUSR1, SIG_IGN)
      do {
        // A spool that isn't there yet has no agent.
        spool = try (try? Files.Directory(configuration.spool)).map {
          try LockFile("agent.lock", in: $0, mode: AgentLock.mode)
        }
        state = try LockFile("agent.lock", in: place.folder, mode: AgentLock.mode)
      } catch let held as LockFile.Held {
        throw AgentError.spoolTaken("an agent runs: \(held); stop it first (systemctl stop buzon)")
      }
    }

    func release() {
      spool = nil
      state = nil
    }
  }
}
