import Foundation
import Support

/// A system call that is to fail, and with what: the words of `BUZON_FAULTS` (Tests/CFaults/include/faults.h).
struct Fault: Sendable, Hashable, CustomStringConvertible {
  /// Names of calls; empty: all.
  var calls: [String] = []
  /// Paths that begin so alone; `nil`: the whole place.
  var below: String?
  /// `errno`'s name, or `SHORT`, or `SHORT+ENOSPC`.
  var error: String
  /// Which of them, from 1, fails once; `nil`: all, as long as the file at `gate` exists.
  var at: Int?
  var gate: String?

  /// What people read of an error: errno(3)'s text.
  static func text(_ name: String) -> String {
    [
      "EIO": "input/output error", "ENOSPC": "no space left on device", "EMFILE": "too many open files",
      "EROFS": "read-only file system", "ENOLCK": "no locks available", "ENOMEM": "cannot allocate memory",
      "EINTR": "interrupted system call", "EPIPE": "broken pipe",
    ][name] ?? name
  }

  var words: [String] {
    var words = ["error=\(error)"]
    if !calls.isEmpty { words.append("calls=" + calls.joined(separator: ",")) }
    if let below { words.append("below=\(below)") }
    if let at { words.append("at=\(at)") }
    if let gate { words.append("while=\(gate)") }
    return words
  }

  var description: String { words.joined(separator: ";") }

  /// What each call may fail with, by its manual page (and POSIX's, where Linux's leaves EIO out, which file systems give
  /// all the same). `SHORT` is no error.
  static let table: [(call: String, errors: [String])] = [
    ("open", ["EIO", "EMFILE", "EINTR"]), ("open-write", ["EIO", "EMFILE", "EINTR"]),
    ("create", ["EIO", "ENOSPC", "EMFILE", "EINTR"]), ("read", ["EIO", "EINTR", "SHORT"]),
    ("write", ["EIO", "ENOSPC", "EINTR", "SHORT", "SHORT+ENOSPC"]), ("fsync", ["EIO", "ENOSPC", "EINTR"]),
    ("fdatasync", ["EIO", "ENOSPC", "EINTR"]), ("syncfs", ["EIO", "ENOSPC"]), ("rename", ["EIO", "ENOSPC"]),
    ("unlink", ["EIO"]), ("mkdir", ["EIO", "ENOSPC"]), ("truncate", ["EIO", "EINTR"]),
    ("close", ["EIO", "ENOSPC", "EINTR"]), ("chmod", ["EIO"]), ("stat", ["EIO"]), ("lock", ["EINTR", "ENOLCK"]),
    ("map", ["ENOMEM"]), ("readdir", ["EIO"]), ("inotify", ["EMFILE"]), ("watch", ["ENOSPC"]),
    ("socket", ["EMFILE"]), ("connect", ["EINTR"]), ("send", ["EINTR", "EPIPE", "SHORT"]),
    ("receive", ["EINTR", "ECONNRESET", "SHORT"]), ("poll", ["EINTR"]),
  ]

  /// Those after which the caller tries again, as if nothing had been. Only SQLite, whose calls fdatasync and fcntl's
  /// locks are, takes EINTR for a failure, which is safe.
  var isRetried: Bool { error == "SHORT" || (error == "EINTR" && calls != ["fdatasync"] && calls != ["lock"]) }

  /// Calls after whose failure nobody knows what is on the disk.
  static let syncs: Set<String> = ["fsync", "fdatasync", "syncfs"]
}

/// A call that a program made on the place's files.
struct MetCall: Sendable, Hashable {
  var call: String
  var path: String
  /// What it was made to fail with.
  var error: String?

  /// Reads a trace: `NUMBER CALL PATH[ !ERROR]`.
  static func trace(_ file: String) throws -> [MetCall] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count >= 2 else { throw SiteError("no trace: \(line)") }
      let error = words.count > 3 && words.last?.first == "!" ? words.last.map { String($0.dropFirst()) } : nil
      let path = words.dropFirst(2).prefix(words.count - 2 - (error == nil ? 0 : 1)).joined(separator: " ")
      return MetCall(call: String(words[1]), path: path, error: error)
    }
  }
}

extension Workplace {
  /// The environment in which `buzon` meets a fault in this place, or is only traced.
  func faults(_ fault: Fault?, trace: String) -> [String: String] {
    let words = ["root=\(folder)/", "trace=\(trace)"] + (fault?.words ?? [])
    return ["LD_PRELOAD": Program.built("libFaults.so"), "BUZON_FAULTS": words.joined(separator: ";")]
  }
}
