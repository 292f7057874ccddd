import Files
import Glibc
import Records
import Support
import Testing
import Text

@Suite("Backups of the account list", .enabled(if: Python.isThere))
struct AccountBackupsTests {
  private static let name: FileName = "accounts-2026-11-22.csv"
  private static let checksum: FileName = "accounts-2026-11-22.csv.sha256"
  private static let day = november(22)

  /// A day of November 2026.
  private static func november(_ day: Int) -> Day { Day(nearest: 20_757 + day) }

  /// A place with a list of so many accounts.
  private func place(_ accounts: Int) throws -> (Scratch, RecordFolders) {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    try write(accounts, in: &folders)
    return (scratch, folders)
  }

  private func write(_ accounts: Int, in folders: inout RecordFolders) throws {
    var lists = try AccountLists(in: &folders)
    for index in 0..<accounts { try lists.append(Specimens.row(index)) }
    try lists.finish()
  }

  private func backups(_ folders: inout RecordFolders) throws -> Directory {
    try #require(try folders.accounts().folder("backup"))
  }

  @Test("sha256sum agrees with it", arguments: [0, 1, 3000])
  func tools(accounts: Int) throws {
    var (scratch, folders) = try place(accounts)
    #expect(try AccountBackups(keep: 3).update(day: Self.day, in: &folders) == .written)
    let script = """
      import os, subprocess
      os.chdir("records/accounts/backup")
      subprocess.run(["sha256sum", "--strict", "--status", "-c", "\(Self.checksum)"], check=True)
      assert open("\(Self.name)", "rb").read() == open("../accounts.csv", "rb").read()
      assert len(os.listdir(".")) == 2
      """
    #expect(try Python.run(script, in: scratch) == 0)
    #expect(scratch.mode("records/accounts/backup") == 0o750)
    for name in [Self.name, Self.checksum] { #expect(scratch.mode("records/accounts/backup/\(name)") == 0o640) }
    #expect(try folders.temporary.directory.names() == [])
  }

  @Test("A day has one copy: left alone while the list is the same, replaced when it changed")
  func once() throws {
    var (scratch, folders) = try place(10)
    let backups = AccountBackups(keep: 3)
    #expect(try backups.update(day: Self.day, in: &folders) == .written)
    let (first, before) = (try self.backups(&folders), try scratch.read("records/accounts/backup/\(Self.name)"))
    let inode = try first.stat(Self.name)?.inode
    #expect(try backups.update(day: Self.day, in: &folders) == .unchanged)
    #expect(try first.stat(Self.name)?.inode == inode)
    try write(11, in: &folders)
    #expect(try backups.update(day: Self.day, in: &folders) == .written)
    #expect(try scratch.read("records/accounts/backup/\(Self.name)") != before)
    #expect(try first.names() == [Self.name, Self.checksum])
  }

  static let damages: [(name: String, file: FileName, damage: @Sendable ([UInt8]) -> [UInt8]?)] = [
    (
      "a byte of the copy", name,
      {
        var bytes = $0; bytes[bytes.count / 2] ^= 1; return bytes
      }
    ),
    ("the end of the copy is gone", name, { Array($0.dropLast(4)) }),
    ("something behind the copy", name, { $0 + [0] }),
    ("an empty copy", name, { _ in [] }),
    ("a copy of another list", name, { _ in Array("address,kind\r\n".utf8) }),
    ("no copy", name, { _ in nil }),
    ("another checksum", checksum, { Array("0".utf8) + $0.dropFirst() }),
    ("no checksum", checksum, { _ in nil }),
  ]

  @Test("A copy of today that was tampered with is found and written again", arguments: damages.indices)
  func tampered(index: Int) throws {
    let (name, file, damage) = Self.damages[index]
    var (scratch, folders) = try place(100)
    let backups = AccountBackups(keep: 3)
    _ = try backups.update(day: Self.day, in: &folders)
    let folder = try self.backups(&folders)
    let right = try [Self.name, Self.checksum].map { try scratch.read("records/accounts/backup/\($0)") }
    if let bytes = damage(try scratch.read("records/accounts/backup/\(file)")) {
      try folder.writeDurably(bytes, as: file, mode: 0o640)
    } else {
      try folder.unlink(file)
    }
    #expect(try backups.update(day: Self.day, in: &folders) == .written, "\(name)")
    #expect(try [Self.name, Self.checksum].map { try scratch.read("records/accounts/backup/\($0)") } == right)
    #expect(try backups.update(day: Self.day, in: &folders) == .unchanged, "\(name)")
  }

  @Test("The newest days are kept, older ones removed, and files of others left alone")
  func pruned() throws {
    var (scratch, folders) = try place(5)
    defer { withExtendedLifetime(scratch) {} }
    let backups = AccountBackups(keep: 3)
    for day in 1...6 {
      _ = try backups.update(day: Self.november(day), in: &folders)
    }
    let folder = try self.backups(&folders)
    func days() throws -> [FileName] { try folder.names().filter { $0.bytes.starts(with: "accounts-20".utf8) } }
    func files(_ days: [Int]) -> [FileName] {
      days.flatMap { day in ["", ".sha256"].compactMap { FileName("accounts-2026-11-0\(day).csv\($0)") } }
    }
    #expect(try days() == files([4, 5, 6]))
    let foreign: [FileName] = [
      "accounts-old.csv", "accounts-2020-01-01.csv.gz", "note.txt", "accounts-2020-1-01.csv",
    ]
    for name in foreign { try folder.writeDurably([0x61], as: name, mode: 0o600) }
    // A checksum whose copy is gone is ours, too.
    try folder.writeDurably([0x61], as: "accounts-2026-10-01.csv.sha256", mode: 0o600)
    // Today's stays, even where the clock went back.
    #expect(try AccountBackups(keep: 1).update(day: Self.november(3), in: &folders) == .written)
    #expect(Set(try folder.names()) == Set(files([3]) + foreign))
    #expect(try AccountBackups(keep: 0).update(day: Self.day, in: &folders) == .off)
    #expect(Set(try folder.names()) == Set(foreign))
  }

  @Test("None are kept where none are wanted: not even a folder")
  func off() throws {
    var (scratch, folders) = try place(5)
    defer { withExtendedLifetime(scratch) {} }
    #expect(try AccountBackups(keep: 0).update(day: Self.day, in: &folders) == .off)
    #expect(try folders.accounts().folder("backup") == nil)
  }

  @Test("A copy that isn't what was written is told, and the older ones are kept")
  func damaged() throws {
    var (scratch, folders) = try place(5)
    let backups = AccountBackups(keep: 1)
    _ = try backups.update(day: Self.november(21), in: &folders)
    // What is written goes to the folder that is open; what is read back is another one, put in its place.
    var other = try RecordFolders("\(scratch.path)/other")
    try write(6, in: &other)
    _ = try AccountBackups(keep: 1).update(day: Self.day, in: &other)
    try self.backups(&other).writeDurably([0x1F, 0x8B], as: Self.name, mode: 0o640)
    #expect(rename("\(scratch.path)/records", "\(scratch.path)/moved") == 0)
    #expect(rename("\(scratch.path)/other", "\(scratch.path)/records") == 0)
    let error = #expect(throws: AccountBackups.Damaged.self) { try backups.update(day: Self.day, in: &folders) }
    #expect(error?.path == "\(scratch.path)/records/accounts/backup/\(Self.name)")
    #expect(try self.backups(&folders).names().contains("accounts-2026-11-21.csv"))
  }

  @Test("Where the list can't be read, the copies stay as they are")
  func unreadable() throws {
    var (scratch, folders) = try place(5)
    defer { withExtendedLifetime(scratch) {} }
    let backups = AccountBackups(keep: 1)
    _ = try backups.update(day: Self.day, in: &folders)
    try folders.accounts().unlink(RecordNames.accountsCSV)
    #expect(throws: FileError.self) {
      try backups.update(day: Self.november(23), in: &folders)
    }
    #expect(try self.backups(&folders).names() == [Self.name, Self.checksum])
    #expect(try folders.temporary.directory.names() == [])
  }
}
