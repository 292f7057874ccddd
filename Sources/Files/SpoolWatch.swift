import CSystem
import Glibc

/// Hears of files that arrive in a folder (inotify(7)). A hint, never the truth: arm it before the first scan, and
/// scan at the start, on overflow and now and then.
///
/// ``wait(timeout:)`` blocks: call it on one thread of its own. ``wake()`` may be called from any.
public final class SpoolWatch: Sendable {
  /// What was heard since the last time.
  public struct Events: Sendable, Equatable {
    /// Files renamed into the folder: whole at once.
    public var movedIn: [FileName] = []
    /// Files closed after writing: their rest begins.
    public var closed: [FileName] = []
    /// Events were lost: scan.
    public var overflowed = false
    /// The folder itself was moved, removed or unmounted: nothing more will be heard.
    public var isGone = false
    /// Somebody called ``SpoolWatch/wake()``.
    public var woken = false

    /// The time ran out.
    public var isEmpty: Bool { self == Events() }
  }

  private let inotify: Int32
  private let wakeup: Int32
  private let path: String

  /// Arms the watch; from here on nothing is missed.
  ///
  /// - Throws: EMFILE, ENOSPC where the system's limits of inotify are reached; ``FileError/remedy`` names them.
  public init(_ directory: Directory) throws(FileError) {
    path = directory.path
    inotify = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard inotify >= 0 else { throw FileError.latest("inotify_init1", path) }
    // Stored last: once all is stored, an init that throws runs deinit, which would close both a second time, whoever has
    // the numbers by then.
    let wakeup = buzon_eventfd()
    guard wakeup >= 0 else {
      let code = errno
      _ = close(inotify)
      throw FileError(call: "eventfd", path: path, code: code)
    }
    let mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF
    // Through the open descriptor, so that it is this folder and no other of its name.
    guard inotify_add_watch(inotify, "/proc/self/fd/\(directory.descriptor)", UInt32(mask | IN_ONLYDIR)) >= 0 else {
      let code = errno
      _ = close(wakeup)
      _ = close(inotify)
      throw FileError(call: "inotify_add_watch", path: path, code: code)
    }
    self.wakeup = wakeup
  }

  deinit {
    _ = close(wakeup)
    _ = close(inotify)
  }

  /// Blocks until something is heard, somebody wakes it or the time is over, and drains all that is there.
  ///
  /// - Parameter timeout: `nil` waits for ever. Rounded up to milliseconds.
  public func wait(timeout: Duration?) throws(FileError) -> Events {
    var polled = [
      pollfd(fd: inotify, events: Int16(POLLIN), revents: 0), pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
    ]
    let end = timeout.map { ContinuousClock.now + $0 }
    while true {
      let count = poll(&polled, 2, end.map { milliseconds(until: $0) } ?? -1)
      if count >= 0 { break }
      guard errno == EINTR else { throw FileError.latest("poll", path) }
    }
    var events = Events()
    if polled[1].revents != 0 {
      var count: UInt64 = 0
      _ = retrying { read(wakeup, &count, 8) }
      events.woken = true
    }
    if polled[0].revents != 0 { try drain(into: &events) }
    return events
  }

  /// Ends a ``wait(timeout:)`` on another thread, or the next one.
  public func wake() {
    var one: UInt64 = 1
    // It fails only when the counter is full: then the waiter is awake already.
    _ = retrying { write(wakeup, &one, 8) }
  }

  private func drain(into events: inout Events) throws(FileError) {
    // Room for at least 240 events of the longest names.
    let room = 65_536
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = retrying { read(inotify, buffer.baseAddress, room) }
      if count < 0 {
        if errno == EAGAIN { return }
        throw FileError.latest("read", path)
      }
      if count == 0 { return }
      events.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}

extension SpoolWatch.Events {
  /// Takes in events as inotify(7) lays them out: a header, then a name padded with NULs to the length the header says.
  fileprivate mutating func append(_ buffer: UnsafeRawBufferPointer) {
    let header = MemoryLayout<inotify_event>.size
    var rest = buffer
    while rest.count >= header {
      let event = rest.loadUnaligned(as: inotify_event.self)
      let length = header + Int(event.len)
      let padded = rest[header..<min(length, rest.count)]
      let name = FileName(UnsafeRawBufferPointer(rebasing: padded.prefix { $0 != 0 }))
      if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { overflowed = true }
      if event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT) != 0 { isGone = true }
      if let name, event.mask & UInt32(IN_MOVED_TO) != 0 { movedIn.append(name) }
      if let name, event.mask & UInt32(IN_CLOSE_WRITE) != 0 { closed.append(name) }
      rest = UnsafeRawBufferPointer(rebasing: rest[min(length, rest.count)...])
    }
  }
}

/// For poll(2), rounded up so that it never spins on a part of a millisecond.
private func milliseconds(until end: ContinuousClock.Instant) -> Int32 {
  let (seconds, attoseconds) = max(.zero, end - .now).components
  if seconds > 1_000_000 { return 1_000_000_000 }
  return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}
