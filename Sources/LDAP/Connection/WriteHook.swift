import Synchronization

/// What the programs of this package may put around the sending of each write, e.g. to be killed there by a test. Nothing
/// by default.
package enum WriteHook {
  /// Sends a write of this name (`add`, `modify`, `delete`, `modifyDN`, `passwordModify`), whose request leaves the process
  /// before this returns.
  package typealias Hook = @Sendable (_ name: String, _ send: () throws -> Void) throws -> Void

  private static let hook = Locked<Hook?>(nil)
  /// Whether there is one: each write has to leave by itself.
  static let isSet = Atomic(false)

  /// Sets what stands around each write of this process from now on.
  package static func set(_ around: @escaping Hook) {
    hook.withLock { $0 = around }
    isSet.store(true, ordering: .releasing)
  }

  /// Sends a write.
  static func around(
    _ name: String, _ send: () throws(LDAPError) -> Int32
  ) throws(LDAPError) -> Int32 {
    guard isSet.load(ordering: .acquiring), let hook = hook.withLock({ $0 }) else { return try send() }
    var result: Result<Int32, LDAPError>?
    // The hook throws nothing of its own.
    try? hook(name) {
      let sent = Result { () throws(LDAPError) in try send() }
      result = sent
      _ = try sent.get()
    }
    // A hook that sends nothing is no reason to send nothing.
    guard let result else { return try send() }
    return try result.get()
  }
}
