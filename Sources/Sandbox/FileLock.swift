import Glibc

/// An advisory lock (flock(2)) on a file, held until `unlock` or, by a child that inherited it, until that ends.
struct FileLock: ~Copyable {
  let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Parameter patience: how long to wait for another holder.
  /// - Returns: `nil` where another still holds it.
  static func take(_ path: String, patience: Duration) throws(SandboxError) -> FileLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw SandboxError(.file, "\(printable(path)): \(systemError())", remedy: "run as the user who made the sandbox")
    }
    let deadline = ContinuousClock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        let message = systemError()
        Glibc.close(descriptor)
        throw SandboxError(.file, "\(printable(path)): \(message)", remedy: "use a file system that has locks")
      }
      if ContinuousClock.now >= deadline {
        Glibc.close(descriptor)
        return nil
      }
      usleep(2000)
    }
    return FileLock(descriptor: descriptor)
  }

  /// Whether somebody holds the lock now.
  static func isHeld(_ path: String) throws(SandboxError) -> Bool {
    if let lock = try take(path, patience: .zero) {
      lock.close()
      return false
    }
    return true
  }

  /// Ends our hold; a child that inherited the lock goes on holding it.
  consuming func close() {}

  deinit { Glibc.close(descriptor) }
}
