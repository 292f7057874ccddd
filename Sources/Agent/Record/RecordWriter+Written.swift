internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text

/// What of the account list is written together.
enum ListPart: String {
  case list, sheet, pages, copy
}

/// Whether a part of the account list stands as it would be written: a list that has not changed is not written again.
///
/// The accounts have a version (``Register/listState()``), the style a digest, the files their sizes and times. A file that
/// somebody touched, or removed, is written again.
extension RecordWriter {
  /// What a part would be made of now; `nil`: one of its files isn't there.
  mutating func made(_ part: ListPart, _ state: (version: Int64, until: Int64?)) throws -> WrittenList? {
    guard let files = try files(of: part) else { return nil }
    var style = "\(buzonVersion) \(self.style.pages.listStyle(columns: self.style.columns))"
    guard part == .copy else {
      return WrittenList(version: state.version, style: style, files: files, until: state.until)
    }
    // It is a copy of the file, on a day.
    style = "\(self.style.zone.day(at: .now())) \(self.style.backups) \(try self.files(of: .list) ?? "")"
    return WrittenList(version: 0, style: style, files: files, until: nil)
  }

  private mutating func files(of part: ListPart) throws -> String? {
    let folder = try accountsFolder()
    switch part {
    case .list: return try stated([RecordNames.accountsCSV, RecordNames.accountsJSON], in: folder)
    case .sheet: return try stated([RecordNames.accountsSheet], in: folder)
    case .pages:
      guard let index = try stated([RecordNames.accountsPage], in: folder) else { return nil }
      return try index + " " + all(in: folder.folder(RecordNames.departments))
    case .copy: return try all(in: folder.folder(RecordNames.backup))
    }
  }

  /// What the ledger is to say of the files of a part: SHA-256 by name. A copy's file was published when it was the list.
  mutating func digests(of part: ListPart) throws -> [String: String] {
    let names: [FileName] =
      switch part {
      case .list: [RecordNames.accountsCSV, RecordNames.accountsJSON]
      case .sheet: [RecordNames.accountsSheet]
      case .pages: [RecordNames.accountsPage]
      case .copy: []
      }
    let folder = try accountsFolder()
    var digests: [String: String] = [:]
    for name in names { digests["\(name)"] = try AccountDigest.file(name, in: folder) }
    return digests
  }

  private func all(in folder: Directory?) throws -> String {
    guard let folder else { return "" }
    return try stated(folder.names(), in: folder) ?? ""
  }

  private func stated(_ names: [FileName], in folder: Directory) throws -> String? {
    var text: [String] = []
    for name in names {
      guard let stat = try folder.stat(name), stat.kind == .regular else { return nil }
      text.append("\(name) \(stat.inode) \(stat.size) \(stat.modified)")
    }
    return text.joined(separator: "; ")
  }
}
