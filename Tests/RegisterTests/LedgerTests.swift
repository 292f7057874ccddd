import Accounts
import Foundation
import GRDB
import LDAP
import Support
import Testing
import Text

@testable import Register

/// The chain, computed again from the file by a program that shares nothing with ours.
@Suite struct LedgerTests {
  /// Prints how many lines hold, and the last hash.
  private static let verifier = """
    import hashlib, sqlite3, sys
    tip, count = bytes(32), 0
    for sequence, line, hash in sqlite3.connect(sys.argv[1]).execute("SELECT sequence, line, hash FROM ledger ORDER BY sequence"):
        count += 1
        tip = hashlib.sha256(tip + line.encode()).digest()
        if sequence != count or tip != hash: sys.exit("broken at %d" % sequence)
    print(count, tip.hex())
    """

  private func verify(_ path: String) throws -> String {
    try output(of: "python3", ["-c", Self.verifier, path]).trimmingCharacters(in: .newlines)
  }

  @Test func eachHashIsTakenOverTheOneBeforeAndTheLine() async throws {
    let test = try TestRegister()
    var last: [UInt8] = []
    for batch in 0..<5 {
      let ids = try await test.register.accept((0..<20).map { Sample.form("\(batch)-\($0)") }).value().compactMap(\.id)
      let changes = ids.enumerated().map { index, id in
        Sample.settled(
          id, "\(batch)-\(index)",
          index % 3 == 0
            ? Sample.result(0, .failed, error: ChangeError(code: .noSuchObject, diagnostic: "ñ", remedy: "r"))
            : Sample.result())
      }
      let hashes = try await test.register.settle(changes, completed: [], at: 1).value()
      #expect(Set(hashes).count == 20)
      last = try #require(hashes.last?.hash)
      #expect(try verify(test.path) == "\((batch + 1) * 20) \(hexadecimal(last))")
    }
  }

  @Test func theChainGoesOnAfterOpeningAgain() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", "c")
    _ = try await test.register.settle([Sample.settled(ids[0], "a")], completed: [], at: 1).value()
    // As after a crash, and as after an orderly end.
    let (folder, after) = try test.image()
    _ = try await after.settle([Sample.settled(ids[1], "b")], completed: [], at: 2).value()
    try after.close()
    let path = folder.appendingPathComponent("register.sqlite").path
    let third = try Register(writing: path)
    let hashes = try await third.settle([Sample.settled(ids[2], "c")], completed: [], at: 3).value()
    #expect(try verify(path) == "3 \(hexadecimal(hashes[0].hash))")
    try third.close()
  }

  @Test func aLineSaysWhatHappenedToWhomAndUnderWhichForm() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("2026-1", changes: 2)
    let failed = Sample.result(1, .failed, error: ChangeError(code: .noSuchObject, diagnostic: "d", remedy: "r"), at: 8)
    _ = try await test.register.settle(
      [Sample.settled(ids[0], "2026-1", Sample.result(0, at: 7)), Sample.settled(ids[0], "2026-1", failed)],
      completed: [], at: 9
    ).value()
    let digest = "sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    let lines = try output(
      of: "python3",
      [
        "-c",
        "import sqlite3,sys\nfor (l,) in sqlite3.connect(sys.argv[1]).execute('SELECT line FROM ledger'): print(l)",
        test.path,
      ])
    #expect(
      lines == """
        7 2026-1#0 modify ana@example.org applied \(digest)
        8 2026-1#1 modify ana@example.org failed 32 \(digest)

        """)
  }

  @Test func aLineChangedTakenOutOrPutInBreaksTheChain() async throws {
    for spoil in [
      "UPDATE ledger SET line = replace(line, 'applied', 'failed') WHERE sequence = 2",
      "DELETE FROM ledger WHERE sequence = 2",
      "INSERT INTO ledger SELECT 4, line, hash FROM ledger WHERE sequence = 3",
    ] {
      let test = try TestRegister()
      let ids = try await test.accept("a", "b", "c")
      _ = try await test.register.settle(
        zip(ids, ["a", "b", "c"]).map { Sample.settled($0, $1) }, completed: [], at: 1
      ).value()
      #expect(try verify(test.path).hasPrefix("3 "))
      try await test.register.post { try $0.execute(sql: spoil) }.value()
      let verified = try await Program.run("/usr/bin/env", ["python3", "-c", Self.verifier, test.path])
      #expect(verified.status == 1, "\(spoil)")
    }
  }

  @Test func bytesAreWrittenAsLowerCaseHexadecimal() {
    #expect(hexadecimal([]) == "")
    #expect(hexadecimal([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
  }
}
