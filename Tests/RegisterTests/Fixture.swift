import Accounts
import Forms
import Foundation
import GRDB
import LDAP
import Support
import Synchronization
import Testing
import Text

@testable import Register

/// A register in a folder of its own, which goes with it.
final class TestRegister: Sendable {
  let folder: URL
  let register: Register

  var path: String { folder.appendingPathComponent("register.sqlite").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("register-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    register = try Register(writing: folder.appendingPathComponent("register.sqlite").path)
  }

  deinit {
    try? register.close()
    try? FileManager.default.removeItem(at: folder)
  }

  /// The register as a power cut would leave it now: its files copied while it is open, opened again.
  func image() throws -> (folder: URL, register: Register) {
    let copy = folder.appendingPathComponent("image-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    for name in ["register.sqlite", "register.sqlite-wal"] {
      let source = folder.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: source.path) {
        try FileManager.default.copyItem(at: source, to: copy.appendingPathComponent(name))
      }
    }
    return (copy, try Register(writing: copy.appendingPathComponent("register.sqlite").path))
  }

  /// Accepts one form for each of these numbers, with so many changes, and returns the identities.
  func accept(_ numbers: String..., changes: Int = 1) async throws -> [Int64] {
    try await register.accept(numbers.map { Sample.form($0, changes: changes) }).value().map { try #require($0.id) }
  }
}

extension SettledChange.Mirror {
  static func put(_ account: Account) -> Self { .put(Sample.sighting(account), claims: .all) }
}

extension Register {
  /// As a first reading of the directory takes them in.
  func mirror(_ accounts: [Account]) async throws {
    var batch = MirrorUpdate(isLive: false, isFirst: true)
    batch.items = accounts.map { .seen(Sample.sighting($0)) }
    _ = try await observe(batch, what: "test", at: Sample.time, addressMemory: 0).value()
  }
}

extension Acceptance {
  var id: Int64? { if case .accepted(let id) = self { id } else { nil } }
}

enum Sample {
  static let digest = [UInt8](0..<32)
  static let time: Int64 = 1_795_345_523_000

  static func form(_ number: String, _ bytes: [UInt8] = Array("form".utf8), changes: Int = 1, received: Int64 = time)
    -> ReceivedForm
  {
    let address = Address("ana@example.org").map { Change.delete(.init(address: $0)) }
    return ReceivedForm(
      Request(
        number: number, department: "Salud", requester: .init(name: "Ana"),
        approval: .init(by: "jefe", date: .init(nearest: 20_779)),
        changes: [address].compactMap { $0 }.flatMap { Array(repeating: $0, count: changes) }),
      bytes: bytes, digest: Register.digest(of: bytes), file: "\(number).yaml", received: received)
  }

  static func account(_ address: String, uuid: String? = nil, aliases: [String] = [], lists: [String] = []) -> Account {
    Account(
      entryUUID: uuid ?? "uuid-of-\(address)", dn: "uid=\(address),ou=people,dc=example,dc=org", address: address,
      aliases: aliases, kind: "person", name: "María", department: "Salud", position: nil, status: "active",
      quota: 1 << 40, owner: nil, lists: lists, created: 1_767_225_600, changed: nil, entryCSN: "csn")
  }

  /// As an entry of this account shows it.
  static func sighting(_ account: Account, stamp: String? = nil, title: String? = nil, mustChange: Bool = false)
    -> EntrySnapshot
  {
    var attributes = [
      Attribute("mail", [Value(account.address)]), Attribute("buzonStatus", [Value(account.status)]),
      Attribute("mailLocalAddress", ([account.address] + account.aliases).map { Value($0) }),
    ]
    if let title { attributes.append(Attribute("title", [Value(title)])) }
    if let stamp { attributes.append(Attribute("buzonRequest", [Value(stamp)])) }
    return EntrySnapshot(
      account: account, image: ManagedImage(Entry(dn: DN(), attributes: attributes)), mustChange: mustChange)
  }

  static let modify = Operation.modify(DN.rdn("uid", "ana").under(DN()), [.replace("title", ["Jefa"])])

  static func intended(_ request: Int64, _ index: Int = 0, _ intent: Intent? = nil, salt: [UInt8]? = nil)
    -> IntendedChange
  {
    IntendedChange(
      id: ChangeID(request: request, index: index), address: "ana@example.org", operation: "modify",
      stored: StoredIntent(intent: intent ?? Intent(operation: modify, entryUUID: "uuid", stampRead: "1#0"), salt: salt)
    )
  }

  static func result(
    _ index: Int = 0, _ outcome: ChangeOutcome = .applied, error: ChangeError? = nil, handover: HandoverState = .none,
    address: String = "ana@example.org", at: Int64 = time + 5
  ) -> ChangeResult {
    ChangeResult(
      index: index, operation: "modify", address: address, outcome: outcome, dn: "uid=ana,dc=example,dc=org",
      entryUUID: "uuid", error: error, handover: handover, at: at)
  }

  static func settled(
    _ request: Int64, _ number: String, _ result: ChangeResult = result(), mirror: SettledChange.Mirror = .keep
  ) -> SettledChange {
    SettledChange(request: request, number: number, digest: digest, result: result, mirror: mirror)
  }
}

/// Counts the transactions that a register commits, from now on.
final class CommitCounter: TransactionObserver, Sendable {
  private let count = Mutex(0)

  var commits: Int { count.withLock { $0 } }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidCommit(_ db: Database) { count.withLock { $0 += 1 } }
  func databaseDidRollback(_ db: Database) {}

  static func of(_ register: Register) async throws -> CommitCounter {
    let counter = CommitCounter()
    try await register.post { $0.add(transactionObserver: counter) }.value()
    counter.count.withLock { $0 = 0 }
    return counter
  }
}

/// Keeps a register's writer busy until it is opened, so that what is posted meanwhile is one commit.
final class Gate: Sendable {
  private let isOpen = DispatchSemaphore(value: 0)
  private let commit: Register.Commit<Void>

  /// Returns when the writer has begun to wait.
  init(_ register: Register) {
    let hasBegun = DispatchSemaphore(value: 0)
    let isOpen = isOpen
    commit = register.post { _ in
      hasBegun.signal()
      isOpen.wait()
    }
    hasBegun.wait()
  }

  func release() { isOpen.signal() }

  func open() async throws {
    release()
    try await commit.value()
  }
}

/// Runs a program; its standard output.
func output(of program: String, _ arguments: [String]) throws -> String {
  let outcome = Outcome(of: try Program("/usr/bin/env", [program] + arguments))
  #expect(outcome.status == 0, "\(outcome.errors)")
  return outcome.output
}
