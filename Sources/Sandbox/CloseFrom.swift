package import Glibc

/// posix_spawn_file_actions_addclosefrom_np(3), of glibc 2.34, which Swift's module of glibc lacks.
///
/// The child closes them itself, so it also loses what another thread opens at this moment. A list of descriptors that is
/// read before would miss those: a child would keep a pipe's end, which then never comes to its end, or a file open for
/// writing, which the agent then never takes.
package enum CloseFrom {
  private typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

  private static let function: Function = {
    guard let function = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
      preconditionFailure("glibc is older than 2.34")
    }
    // The type is that of spawn.h.
    return unsafeBitCast(function, to: Function.self)
  }()

  /// The child closes all descriptors from `first` on.
  ///
  /// - Returns: an errno, or 0.
  package static func add(to actions: inout posix_spawn_file_actions_t, _ first: Int32) -> Int32 {
    function(&actions, first)
  }
}
