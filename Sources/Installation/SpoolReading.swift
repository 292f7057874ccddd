internal import Files
package import Records
internal import Text

/// What lies in the spool, as whoever asks finds it. A folder that can't be read is never taken for an empty one.
package enum SpoolReading {
  /// Files that are named, at most.
  private static let most = 10

  /// Looks at `incoming/`, `taken/` and `rejected/`.
  ///
  /// - Parameters:
  ///   - spool: the spool's folder.
  ///   - state: the agent's own folder; its owner is the agent's user.
  ///   - hasRun: whether an agent has run here: before that, a folder that isn't there is none that was lost.
  package static func read(_ spool: String, state: String, hasRun: Bool) -> StatusReport.Spool {
    var report = StatusReport.Spool()
    func looking<Value>(at folder: String, missing: Value, _ body: (Directory) throws -> Value) -> Value? {
      do {
        return try body(Directory("\(spool)/\(folder)"))
      } catch let error as FileError {
        if error.isOfName, !hasRun { return missing }
        report.problems.append(
          .init(
            reason: "\(displayed(spool.utf8))/\(folder) could not be read: \(error)",
            remedy: error.isOfName
              ? "put it back, or start the agent, which makes it anew"
              : error.remedy ?? "see that \(error.path) can be read"))
      } catch {
        report.problems.append(.init(reason: "\(error)", remedy: "see that the spool can be read"))
      }
      return nil
    }
    let waiting = looking(at: "incoming", missing: [ScanEntry]()) { folder in
      let entries = try folder.scan().entries
      report.oldestFiles = entries.sorted { $0.changed < $1.changed }.prefix(most).map { entry in
        StatusReport.Spool.File(
          path: "\(folder.path)/\(entry.name.shellWord)", since: Timestamp(milliseconds: entry.changed / 1_000_000),
          isOpen: entry.kind == .regular && folder.writers(of: entry.name) == .somebody)
      }
      return entries
    }
    report.incoming = waiting?.count
    report.oldest = waiting?.map(\.changed).min().map { Timestamp(milliseconds: $0 / 1_000_000) }
    report.taken = looking(at: "taken", missing: 0) { try $0.names().count { !$0.isLeftAlone } }
    report.rejected = looking(at: "rejected", missing: 0) { try Self.rejected(in: $0) }
    if let incoming = try? Directory(spool + "/incoming"), let stat = try? incoming.stat() {
      let agent = try? Directory(state).stat().owner
      let faults =
        SpoolFault.strangers(mode: stat.mode, owner: stat.owner, agent: agent ?? stat.owner, path: incoming.path)
        + SpoolFault.shortcomings(
          mode: stat.mode, path: incoming.path, hasGroup: hasGroup(SpoolFault.submitters))
        + SpoolFault.openings(mode: stat.mode, path: incoming.path)
      report.modes = faults.map { .init(reason: $0.what, remedy: $0.remedy) }
    }
    return report
  }

  /// Files that came to `rejected/` after a moment, milliseconds since 1970 UTC, and the reports of the first few by name;
  /// `nil`: it can't be read.
  package static func rejected(_ spool: String, since: Int64) -> (count: Int, reports: [String])? {
    guard let folder = try? Directory(spool + "/rejected") else { return nil }
    var few: [FileName] = []
    let count = try? rejected(in: folder, since: since) { name in
      few.append(name)
      few.sort()
      if few.count > 3 { few.removeLast() }
    }
    return count.map { ($0, few.map { "\(folder.path)/\($0.shellWord)" }) }
  }

  /// Files among the rejected, each with its report.
  ///
  /// - Parameters:
  ///   - since: those that came later, milliseconds since 1970 UTC.
  ///   - report: takes the name of each report.
  /// - Throws: `FileError` where the folder can't be read.
  static func rejected(in folder: Directory, since: Int64 = .min, report: (FileName) -> Void = { _ in }) throws -> Int {
    var count = 0
    try folder.forEachName { name throws(FileError) in
      guard name.hasSuffix(".report") else { return }
      if since > .min {
        guard let file = try folder.stat(name), file.modified / 1_000_000 > since else { return }
      }
      count += 1
      report(name)
    }
    return count
  }
}
