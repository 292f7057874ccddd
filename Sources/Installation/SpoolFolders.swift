package import Files

/// The spool's folders and their modes: `incoming/` (forms are dropped here), `taken/` (ours), `rejected/` (what could
/// not be a request, as it came, with its report beside it).
package struct SpoolFolders: Sendable {
  private let path: String
  package let root: Directory
  package let incoming: Directory
  package let taken: Directory
  package let rejected: Directory

  /// Opens the folders below `path`, making what is missing. Under the unit `incoming/` can't be made as it should be
  /// (its set-group-ID bit is refused, its group is not ours to give): that is the work of tmpfiles.d, and
  /// ``shortcomings()`` says so.
  package init(_ path: String) throws {
    self.path = path
    root = try Directory(path, creating: 0o755)
    incoming = try Directory(path + "/incoming", creating: 0o3730)
    taken = try Directory(path + "/taken", creating: 0o700)
    rejected = try Directory(path + "/rejected", creating: 0o750)
  }

  /// What lets more people command the agent than may be meant.
  package func openings() throws(FileError) -> [SpoolFault] {
    SpoolFault.openings(mode: try incoming.stat().mode, path: incoming.path)
  }

  /// What keeps others from dropping forms that the agent can read.
  package func shortcomings() throws(FileError) -> [SpoolFault] {
    SpoolFault.shortcomings(mode: try incoming.stat().mode, path: incoming.path)
  }

  /// Notices that a folder was moved or replaced under us: then forms are dropped where nobody looks.
  ///
  /// - Throws: ``FileError`` (ENOENT).
  package func requireInPlace() throws {
    for (folder, place) in [(incoming, "/incoming"), (taken, "/taken"), (rejected, "/rejected")] {
      try folder.requireInPlace(at: path + place)
    }
  }

  /// Removes what a crash left of reports on their way. Only for the one who holds the lock.
  package func clean() throws {
    for name in try rejected.names() where name.hasSuffix(".tmp") && name.isLeftAlone { try rejected.unlink(name) }
  }

  /// Puts a taken file back into `incoming/`: somebody began to write it after it was taken. It comes to rest there as any
  /// other.
  ///
  /// - Returns: the name it has there: its own, or with a number behind it where another file has that by now.
  package func putBack(_ name: FileName) throws -> FileName {
    for place in name.placesAmongOthers {
      switch try taken.take(name, to: incoming, as: place) {
      case .taken, .gone: return place
      case .occupied: continue
      case .fixed(let error): throw error
      }
    }
    throw FileError(call: "rename", path: incoming.shown(name), code: 17)
  }

  /// Puts a taken file among the rejected, as it came, with a report of what was wrong and what to do. Durable when it
  /// returns; the report comes first, so that no file lies there without its reason.
  ///
  /// - Returns: the name it has there: its own, or with a number behind it where that is in use, or where a report can't
  ///   be told from it.
  @discardableResult
  package func reject(_ name: FileName, report: String) throws -> FileName {
    for place in name.placesAmongRejected {
      // A report without its file is what a crash between the two left; it is written again.
      guard let beside = place.appending(".report"), try rejected.stat(place) == nil else { continue }
      try rejected.writeDurably(Array(report.utf8), as: beside, mode: 0o640)
      switch try taken.take(name, to: rejected, as: place) {
      case .taken:
        try rejected.sync()
        return place
      case .gone: return place
      case .occupied: continue
      case .fixed(let error): throw error
      }
    }
    throw FileError(call: "rename", path: rejected.shown(name), code: 17)
  }
}

extension FileName {
  /// What a file may be called among the rejected: its own name first; a few with small numbers; then any, so that the
  /// thousandth of one name costs no more than the tenth. None ends in `.report` or leaves no room for it.
  fileprivate var placesAmongRejected: some Sequence<FileName> {
    placesAmongOthers.filter { $0 != self || !(hasSuffix(".report") || appending(".report") == nil) }
  }

  /// Its own name first; a few with small numbers; then any.
  fileprivate var placesAmongOthers: some Sequence<FileName> {
    (1...40).lazy.compactMap { attempt in
      let number = attempt < 10 ? UInt64(attempt) : UInt64.random(in: 10..<UInt64.max)
      return number > 1 ? shortened(to: 200)?.appending(".\(number)") : self
    }
  }

  /// Its first bytes, ending where a character of UTF-8 does.
  private func shortened(to count: Int) -> FileName? {
    let isContinuation = { (byte: UInt8) in byte & 0xC0 == 0x80 }
    var rest = bytes.prefix(count)
    if bytes.count > count, isContinuation(bytes[rest.endIndex]) {
      while let last = rest.popLast(), isContinuation(last) {}
    }
    return FileName(rest) ?? FileName(bytes.prefix(count))
  }
}
