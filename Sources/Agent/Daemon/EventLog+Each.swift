/// Events of which there is one an account.
extension EventLog {
  /// What stands for events that are only counted.
  struct Others: Sendable {
    var level: Level
    var event: StaticString
    var fields: [Field]
  }

  /// One event of many that may come at once: of more than a hundred of a kind one line has the number
  /// (``RepeatedEvents``).
  ///
  /// - Parameters:
  ///   - fields: of this one.
  ///   - kind: the fields of the line that stands for the others. They tell kinds of one event apart.
  func each(_ level: Level, _ event: StaticString, _ fields: @autoclosure () -> [Field], kind: [Field]) {
    let others = Others(level: level, event: event, fields: kind)
    if note(others, at: .now) { write(level, event, fields()) }
  }

  /// Writes the numbers of what was only counted.
  func flush() { writeCounted(isAll: true) }

  /// Writes the numbers as they come to their ends, while there are any.
  func writeCountedLater(_ end: ContinuousClock.Instant) {
    Task { [self] in
      var next: ContinuousClock.Instant? = end
      while let end = next {
        // A little later: it may have been put off, and then it is over.
        guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
        next = writeCounted(isAll: false)
      }
    }
  }
}

extension EventLog.Others {
  var kind: String { "\(event) " + fields.map(\.1).joined(separator: " ") }
}
