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
    SpoolFault.shortcomings(
      mode: try incoming.stat().mode, path: incoming.path, hasGroup: hasGroup(SpoolFault.submitters))
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

  /// Takes a dropped file, and its plan and its signature with it. These go first: after a crash in between the form is
  /// taken later, and finds them. Where the plan can't be taken the form isn't either: it would be carried out without it.
  package func take(_ name: FileName) throws(FileError) -> Taking {
    let hasPlan: Bool
    switch try move(.plan, of: name, from: incoming, to: taken, as: name) {
    case .taken: hasPlan = true
    case .gone: hasPlan = false
    case .occupied: return .occupied
    case .fixed(let error): return .fixed(error)
    }
    let signature = try move(.signature, of: name, from: incoming, to: taken, as: name)
    let taking = try incoming.take(name, to: taken, as: name)
    if case .taken = taking { return taking }
    if signature == .taken { _ = try move(.signature, of: name, from: taken, to: incoming, as: name) }
    if hasPlan { _ = try move(.plan, of: name, from: taken, to: incoming, as: name) }
    return taking
  }

  /// What lies beside a form under its name, and goes where it goes.
  private enum Companion: String, CaseIterable {
    case plan = ".plan"
    case signature = ".sig"

    /// The form that a file of this name lies beside; `nil`: it is none.
    func form(of name: FileName) -> FileName? {
      guard name.bytes.count > rawValue.utf8.count, name.bytes.suffix(rawValue.utf8.count).elementsEqual(rawValue.utf8)
      else { return nil }
      return FileName(name.bytes.dropLast(rawValue.utf8.count))
    }
  }

  /// - Returns: `.gone`: there was none.
  private func move(
    _ companion: Companion, of name: FileName, from: Directory, to: Directory, as place: FileName
  ) throws(FileError) -> Taking {
    guard let file = name.appending(companion.rawValue), let target = place.appending(companion.rawValue),
      try from.stat(file) != nil
    else { return .gone }
    return try from.take(file, to: to, as: target)
  }

  /// Plan and signature of a file go where the file goes, under the file's name there.
  private func moveCompanions(of name: FileName, from: Directory, to: Directory, as place: FileName) throws(FileError) {
    for companion in Companion.allCases { _ = try move(companion, of: name, from: from, to: to, as: place) }
  }

  /// Puts plans and signatures that lie in `taken/` without their form back into `incoming/`: an earlier run ended between the
  /// two.
  package func putBackLoneCompanions() throws {
    for name in try taken.names() {
      for companion in Companion.allCases {
        guard let form = companion.form(of: name), try taken.stat(form) == nil else { continue }
        _ = try taken.take(name, to: incoming, as: name)
      }
    }
  }

  /// Removes a taken file that is settled, and its plan and signature. These go first: alone they would be nobody's.
  package func remove(_ name: FileName) throws {
    for companion in Companion.allCases {
      if let file = name.appending(companion.rawValue), try taken.stat(file) != nil { try taken.unlink(file) }
    }
    try taken.unlink(name)
  }

  /// Puts a taken file back into `incoming/`: somebody began to write it after it was taken. It comes to rest there as any
  /// other.
  ///
  /// - Returns: the name it has there: its own, or with a number behind it where another file has that by now.
  package func putBack(_ name: FileName) throws -> FileName {
    for place in name.placesAmongOthers {
      switch try taken.take(name, to: incoming, as: place) {
      case .taken, .gone:
        try moveCompanions(of: name, from: taken, to: incoming, as: place)
        return place
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
        try moveCompanions(of: name, from: taken, to: rejected, as: place)
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

extension SpoolFolders {
  /// Puts bytes that are no file any more among the rejected, with a report. Durable when it returns. Done twice, as after a
  /// crash, it leaves one.
  ///
  /// - Parameter plan: that the form is bound to, to lie beside it.
  /// - Returns: the name it has there.
  @discardableResult
  package func reject(_ bytes: [UInt8], plan: [UInt8]? = nil, as name: FileName, report: String) throws -> FileName {
    for place in name.placesAmongRejected {
      guard let beside = place.appending(".report") else { continue }
      let reported = Array(report.utf8)
      if try rejected.stat(place) != nil {
        let isOurs =
          (try? rejected.read(beside, limit: reported.count)) == reported
          && (try? rejected.read(place, limit: bytes.count)) == bytes
        if isOurs { return place }
        continue
      }
      try rejected.writeDurably(reported, as: beside, mode: 0o640)
      // Dropped once more without it, the form would not be bound any more.
      if let plan, let beside = place.appending(Companion.plan.rawValue) {
        try rejected.writeDurably(plan, as: beside, mode: 0o640)
      }
      if try rejected.writeDurably(bytes, as: place, mode: 0o640, replacing: .nothing) { return place }
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
