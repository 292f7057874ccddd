internal import Glibc

/// Whether the process can hardly open a file any more. SQLite doesn't say why it could not open one (SQLITE_CANTOPEN), and
/// has closed by then what it had opened meanwhile.
enum DescriptorShortage {
  /// Files that SQLite may want at once: the database, its log, the log's index, and those of a second connection.
  private static let wanted = 8

  /// `EMFILE` or `ENFILE`; `nil` where files can be opened.
  static func found() -> Int32? {
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    for _ in 0..<wanted {
      let descriptor = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if descriptor < 0 { return errno == EMFILE || errno == ENFILE ? errno : nil }
      opened.append(descriptor)
    }
    return nil
  }
}
