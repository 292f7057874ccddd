internal import Crypto
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text

/// The account list's files: with the register, and with what the ledger says was published.
struct ListCheck {
  let register: Register
  let style: RecordStyle
  /// The path of the records.
  let records: String
  /// What the ledger said last of each part, by its name.
  let published: [String: [String: Commitment]]
  /// Whether an agent may be writing it.
  let isRunning: Bool

  func run() throws -> Verification.Result {
    guard try register.hasListened() else { return .unread("the directory has not been read yet, so there is no list") }
    let path = "\(records)/accounts"
    guard let folder = try? Directory(path) else { return .unread("\(path) can't be read") }
    guard let list = try register.writtenList("list"), try list.version == register.listState().version else {
      return .unread("accounts have changed since the list was written; the agent writes it again soon")
    }
    var count = 0
    for (name, commitment) in published.values.joined().sorted(by: { $0.key < $1.key }) {
      guard let file = FileName(name) else { continue }
      guard let digest = try AccountDigest.file(file, in: folder) else {
        return .differs(what: "\(path)/\(name) is missing", meaning: "the file was removed; \(rebuild)")
      }
      guard digest == commitment.value else {
        // An agent writes it again every second, and says so in the ledger a moment later.
        if isRunning, let stat = try folder.stat(file),
          Timestamp.now().milliseconds - stat.modified / 1_000_000 < 10_000
        {
          return .unread("\(path)/\(name) was written just now; verify again in a moment")
        }
        return .differs(
          what: "\(path)/\(name) is not the list that was published",
          meaning: "the file was changed after it had been written; \(rebuild)")
      }
      count += 1
    }
    guard let row = try firstDifference(in: folder) else { return .fits(count) }
    return .differs(
      what: "\(path)/\(RecordNames.accountsCSV), \(row), is not what the register says",
      meaning: "the register was changed by hand after the list had been written, or the file was; \(rebuild)")
  }

  private let rebuild = "buzon rebuild writes it again from register and directory"

  /// - Returns: `line N`; `nil`: the CSV is as the register would have it now.
  private func firstDifference(in folder: Directory) throws -> String? {
    let csv = AccountListCSV(columns: style.columns)
    guard let reader = try LineReader.open(RecordNames.accountsCSV, in: folder) else { return "line 1" }
    let comparison = Comparison(reader: reader)
    try comparison.expect { csv.begin(&$0) }
    try register.forEachAccount { account in try comparison.expect { csv.append(AccountRow(account), to: &$0) } }
    return try comparison.firstDifference().map { "line \($0)" }
  }

  /// A file that is read line by line beside what it should hold.
  private final class Comparison {
    private let reader: LineReader
    private var buffer: [UInt8] = []
    private var number = 0
    private var difference: Int?

    init(reader: LineReader) { self.reader = reader }

    func expect(_ write: (inout [UInt8]) -> Void) throws {
      if difference != nil { return }
      buffer.removeAll(keepingCapacity: true)
      write(&buffer)
      for line in buffer.split(separator: UInt8(ascii: "\n")) where difference == nil {
        number += 1
        if try reader.next()?.bytes.elementsEqual(line) != true { difference = number }
      }
    }

    func firstDifference() throws -> Int? {
      if let difference { return difference }
      return try reader.next() == nil ? nil : number + 1
    }
  }
}
