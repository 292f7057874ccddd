import CSystem
import Glibc

/// Starts another program with a clean slate (posix_spawn(3)): no descriptor of ours but those that it is given, also none that
/// another thread opens at this moment, and no signal blocked or ignored, as the threads of Swift's pool have them.
public enum Spawn {
  /// - Parameters:
  ///   - path: of the program; it is its first argument too.
  ///   - environment: `NAME=VALUE`.
  ///   - descriptors: what it has as its 0, 1, 2, …
  ///   - leadsGroup: whether it leads a process group of its own, so that what the terminal sends doesn't come to it.
  /// - Returns: its process id, which the caller waits for.
  /// - Throws: ``FileError``: it can't be started.
  public static func start(
    _ path: String, _ arguments: [String], environment: [String], descriptors: [Int32], leadsGroup: Bool = false
  ) throws(FileError) -> Int32 {
    // Copies from 64 up: the child's 0, 1, 2… are made one after the other, and none may overwrite one still needed.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
    defer { for copy in copies where copy >= 0 { close(copy) } }
    guard copies.allSatisfy({ $0 >= 0 }) else { throw FileError.latest("fcntl", path) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    let closing = buzon_spawn_close_from(&actions, Int32(copies.count))
    guard closing == 0 else { throw FileError(call: "posix_spawn", path: path, code: closing) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (leadsGroup ? POSIX_SPAWN_SETPGROUP : 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw FileError(call: "posix_spawn", path: path, code: code) }
    return process
  }
}
