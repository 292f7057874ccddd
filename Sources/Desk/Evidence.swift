public import Configuration
internal import Files
internal import Forms
internal import Foundation
internal import Installation
internal import Records
public import Register
internal import Text

/// A folder that proves a request to somebody who has no Buzón: form, signature, record and page, the ledger's lines with
/// what their commitments hold, and a page that explains how to check it all.
public struct Evidence: Sendable {
  /// What was written.
  public struct Result: Sendable {
    /// Names in the folder, in the order in which the page lists them.
    public var files: [String] = []
    /// The last line of the ledger that is in it: its sequence, and its hash in hexadecimal.
    public var head: (sequence: Int64, hash: String)
  }

  /// The folder isn't empty.
  public struct NotEmpty: Error, Sendable {}

  private static let chunk = 2_048

  private let configuration: Configuration
  private let register: Register

  public init(_ configuration: Configuration, _ register: Register) {
    self.configuration = configuration
    self.register = register
  }

  /// Writes the folder (mode 0700, files 0600: it holds personal data), making it where it is missing; its parent must be
  /// there.
  ///
  /// - Throws: ``NotEmpty``; `FileError`, `SyncFailure`, `RegisterError`, and ``AgentError`` where the configuration is no good.
  public func write(_ stored: StoredRequest, to path: String) throws -> Result {
    let style = try RecordStyle(configuration)
    guard let names = RecordNames(number: stored.number), let head = try register.ledgerHead(),
      let first = try register.ledger(of: stored.id).first
    else { throw RegisterError(what: "the ledger has no line of \(stored.number)", remedy: "run buzon verify") }
    let folder = try Files.Directory(path, creating: 0o700)
    guard try folder.names().isEmpty else { throw NotEmpty() }
    let orders = try register.orders(of: stored.id)
    let record = try DeliveryRecord(stored, orders: orders, style)
    var result = Result(head: (head.sequence, hexadecimal(head.hash)))
    func write(_ bytes: [UInt8], _ name: FileName) throws {
      _ = try folder.writeDurably(bytes, as: name, mode: 0o600, replacing: .nothing)
      result.files.append("\(name)")
    }
    let signers = stored.signedKey == nil || stored.signature == nil ? [] : signers(of: stored.origin.approval.by)
    let readme = EvidenceReadme(
      record: record, hasSignature: stored.signature != nil,
      isVerified: stored.signedKey != nil && stored.signature != nil,
      isForgotten: orders.contains { $0.event == "forgotten" }, hasSigners: !signers.isEmpty,
      hasPlan: stored.plan != nil, head: result.head, made: .now())
    try write(Array(readme.text(style.pages, names).utf8), "README.md")
    try write(stored.bytes, names.form)
    if let signature = stored.signature { try write(signature, names.signature) }
    if let plan = stored.plan { try write(plan, names.plan) }
    if !signers.isEmpty { try write(signers, "allowed_signers") }
    try write(record.json(), names.delivery)
    try write(style.pages.page(record), names.page)
    try writeLedger(from: first.sequence, to: head.sequence, in: folder)
    result.files.append("\(Self.ledger)")
    try write(try openings(of: stored), "openings.json")
    try write(EvidenceReadme.program, "verify.py")
    return result
  }

  /// The lines of the allowed signers that may be about a principal; empty where the file can't be read any more.
  private func signers(of principal: String) -> [UInt8] {
    guard let path = configuration.approval.signers, let bytes = try? readFile(path, limit: 16 << 20) else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n")).filter { line in
      guard let first = line.split(separator: UInt8(ascii: " "), maxSplits: 1).first else { return false }
      return first.filter { $0 != UInt8(ascii: "\"") }.split(separator: UInt8(ascii: ",")).contains {
        $0.elementsEqual(principal.utf8) || $0.contains(UInt8(ascii: "*")) || $0.contains(UInt8(ascii: "?"))
      }
    }.flatMap { $0 + [UInt8(ascii: "\n")] }
  }

  private static let ledger: FileName = "ledger.jsonl"

  private func writeLedger(from first: Int64, to last: Int64, in folder: Files.Directory) throws {
    let file = try AppendedFile.open(Self.ledger, in: folder, creating: 0o600)
    var next = first
    while next <= last {
      let lines = try register.ledger(after: next - 1, limit: min(Self.chunk, Int(last - next + 1)))
      guard let end = lines.last else { break }
      try file.append(lines.flatMap { Array($0.text.utf8) + [UInt8(ascii: "\n")] })
      next = end.sequence + 1
    }
    try file.sync()
  }

  /// `{"17":{"address":["SALT","VALUE"]}}`
  private func openings(of stored: StoredRequest) throws -> [UInt8] {
    var json = JSONWriter()
    try json.object { json in
      for line in try register.ledger(of: stored.id) where !line.openings.isEmpty {
        json.key("\(line.sequence)")
        json.object { json in
          for (name, commitment) in line.openings.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            json.array { json in
              json.string(hexadecimal(commitment.salt))
              json.string(commitment.value)
            }
          }
        }
      }
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }
}
