import Glibc

/// A password. It prints as `***`, lends its bytes to a closure only, and zeroes them when the last copy goes.
///
/// What passes through a `String` on its way here leaves copies that nobody can zero: read secrets as bytes.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let storage: Storage

  /// A secret with these bytes.
  public init(bytes: some Collection<UInt8>) {
    storage = Storage(bytes)
  }

  /// A secret with the UTF-8 of a text.
  public init(_ text: String) {
    self.init(bytes: text.utf8)
  }

  /// The other secret's bytes and a NUL, for C.
  init(terminating other: Secret) {
    storage = Storage(count: other.storage.buffer.count + 1)
    _ = storage.buffer.update(fromContentsOf: other.storage.buffer)
  }

  /// Lends the bytes for the time of the call.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(storage.buffer))
  }

  /// Whether there are no bytes at all.
  public var isEmpty: Bool { storage.buffer.isEmpty }

  /// `***`.
  public var description: String { "***" }
  /// `***`.
  public var debugDescription: String { "***" }
  /// Shows nothing, so that `dump` does not either.
  public var customMirror: Mirror { Mirror(self, children: []) }

  // Sendable: the bytes are written in the initialisers and in deinit only, when no other reference exists.
  private final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: some Collection<UInt8>) {
      buffer = .allocate(capacity: bytes.count)
      _ = buffer.initialize(fromContentsOf: bytes)
    }

    /// Zeroes.
    init(count: Int) {
      buffer = .allocate(capacity: count)
      buffer.initialize(repeating: 0)
    }

    deinit {
      if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
      buffer.deallocate()
    }
  }
}
